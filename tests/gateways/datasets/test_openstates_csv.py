"""Open States' bulk CSV, with the columns of its downloads."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from actionmail.cli.roster.datasets import data
from actionmail.gateways.datasets.openstates_csv import read_openstates_csv
from actionmail.settings import Settings
from actionmail.web.roster.words import doubt_sentence
from tests.datasets import unusable

_TEXT = """
    id,name,current_party,current_district,current_chamber,given_name,family_name,gender,email,biography,birth_date,
    death_date,image,links,sources,capitol_address,capitol_voice,capitol_fax,district_address,district_voice,
    district_fax,twitter,youtube,instagram,facebook,wikidata
"""
COLUMNS = "".join(_TEXT.split()).split(",")
LARA = {
    "id": "ocd-person/00000001",
    "name": "Lara Sample",
    "current_party": "Independent",
    "current_district": "76",
    "current_chamber": "lower",
    "given_name": "Lara",
    "family_name": "Sample",
    "email": "lara@legis.example.org",
    "links": "ftp://nowhere;https://legis.example.org/lara;https://elsewhere.example.org",
    "capitol_voice": "",
    "district_voice": "555-0100",
}


def written(folder: Path, *rows: dict[str, str], name: str = "wi-2026-08-05.csv", drop: str = "") -> Path:
    out = io.StringIO(newline="")
    columns = [column for column in COLUMNS if column != drop]
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / name
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def test_a_state_is_read(tmp_path: Path) -> None:
    governor = {**LARA, "id": "ocd-person/2", "current_chamber": "executive"}
    broken = {**LARA, "id": "ocd-person/3", "current_district": "77", "email": "nobody at example"}
    found = read_openstates_csv(written(tmp_path, LARA, governor, broken))
    lara, other = found.rows
    assert (found.as_of, lara.key, lara.state, lara.chamber, lara.district) == (
        date(2026, 8, 5),
        "ocd-person/00000001",
        "WI",
        "lower",
        "76",
    )
    assert (lara.party, lara.phone, lara.website) == ("Independent", "555-0100", "https://legis.example.org/lara")
    assert lara.district_phone == "555-0100"
    both = {**LARA, "capitol_voice": "555-0200"}
    (row,) = read_openstates_csv(written(tmp_path, both)).rows
    assert (row.phone, row.district_phone) == ("555-0200", "555-0100")
    assert (other.email, other.email_note) == ("", "malformed")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": ""}, "line 2, column id"),
        ({"name": ""}, "line 2, column name"),
        ({"current_district": ""}, "line 2, column current_district"),
        ({"current_chamber": "mayor"}, "no legislator in it"),
    ],
)
def test_wrong_rows_are_named(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    with unusable(sentence):
        read_openstates_csv(written(tmp_path, {**LARA, **change}))


def test_wrong_files_are_named(tmp_path: Path) -> None:
    for path, sentence in (
        (written(tmp_path, LARA, name="wi-1.csv", drop="current_chamber"), "line 1: .*current_chamber is not"),
        (written(tmp_path, LARA, LARA), "line 3, column id: the same id as in line 2"),
        (written(tmp_path, LARA, name="people-2026-08-05.csv"), "give --state"),
    ):
        with unusable(sentence):
            read_openstates_csv(path)
    latin = tmp_path / "wi.csv"
    latin.write_bytes(written(tmp_path, LARA).read_bytes().replace(b"Lara", b"L\xe4ra"))
    with unusable("line 2: not UTF-8"):
        read_openstates_csv(latin)


def test_the_command_knows_it_by_its_first_line(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    path = written(tmp_path, LARA)
    for arguments, expected in (
        (["--dry-run"], "As of 2026-08-05, WI: 1 legislators."),
        ([], "The roster is in the database and in legislators.csv."),
        ([], "The same as before"),
    ):
        result = CliRunner().invoke(
            data, ["import", "csv", str(path), *arguments], obj=replace(settings, data_dir=folder)
        )
        assert (result.exit_code, expected in result.output) == (0, True), result.output
    assert b"ocd-person/00000001,WI,lower,76,sitting,Lara Sample" in (folder / "legislators.csv").read_bytes()


def test_a_name_that_cannot_be_greeted_is_a_doubt(tmp_path: Path) -> None:
    suffix = {**LARA, "family_name": "Jr."}
    backwards = {**LARA, "id": "ocd-person/2", "current_district": "77", "name": "Mould, Tomas", "family_name": "Mould"}
    found = read_openstates_csv(written(tmp_path, suffix, backwards))
    assert [(row.name, row.family_name) for row in found.rows] == [("Lara Sample", ""), ("Tomas Mould", "Mould")]
    assert [doubt_sentence(reason) for reason in found.doubts] == [
        "wi-2026-08-05.csv, line 2: 'Jr.' is no name to greet by; a letter would say 'Lara Sample'.",
        "wi-2026-08-05.csv, line 3: 'Mould, Tomas' is no name to greet by; a letter would say 'Mould'.",
    ]


def test_two_in_a_seat_of_one_are_a_doubt(tmp_path: Path) -> None:
    other = {**LARA, "id": "ocd-person/2", "name": "Tomas Mould", "family_name": "Mould"}
    found = read_openstates_csv(written(tmp_path, LARA, other))
    assert len(found.rows) == 2
    (sentence,) = [doubt_sentence(reason) for reason in found.doubts]
    assert (
        "wi-2026-08-05.csv, line 2, wi-2026-08-05.csv, line 3: Lara Sample, Tomas Mould are all in WI lower 76"
        in sentence
    )
    assert read_openstates_csv(written(tmp_path, LARA, other, name="nh-2026-08-05.csv")).doubts == ()  # of several


def test_the_doubts_of_a_file_need_yes(settings: Settings, tmp_path: Path) -> None:
    here = replace(settings, data_dir=tmp_path / "data")
    file = str(written(tmp_path, {**LARA, "family_name": "Jr."}))
    refused = CliRunner().invoke(data, ["import", "csv", file], obj=here)
    assert (refused.exit_code, "no name to greet by" in refused.output) == (1, True)
    assert CliRunner().invoke(data, ["import", "csv", file, "--yes"], obj=here).exit_code == 0
