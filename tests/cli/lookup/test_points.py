from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionmail.cli.lookup.commands import lookup
from actionmail.cli.platform.doctor import doctor
from actionmail.cli.roster.datasets import data
from actionmail.db.engine import Database
from actionmail.flows.lookup.atlas import Atlas
from actionmail.settings import Settings, bundled
from tests.gateways.census_server import census, document, finds, madison, says
from tests.gateways.point_answers import STATUS, collection, feature, result
from tests.samples import sample_legislators

CSV = "number,street,city,state,zip,longitude,latitude\n2,E Main St,Madison,WI,53703,-89.3841,43.0747\n"
PROVENANCE = ("--as-of", "2026-10-01", "--source", "Dane County", "--licence", "CC0-1.0")
ADDRESS = "2 E Main St Apt 4B, Madison, WI 53703"


@pytest.fixture
def here(settings: Settings, database: Database, tmp_path: Path) -> Settings:
    with database.write() as session:
        sample_legislators(session)
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("boundaries", "zip_districts.csv.gz", "zip_congress.csv.gz", "district_codes.csv"):
        (folder / name).symlink_to(bundled("data") / name)
    for name in ("first_days.csv", "new_maps.csv"):
        (folder / name).symlink_to(bundled("data") / name)
    return replace(settings, data_dir=folder, geocoder_url="points")


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(lookup, arguments, obj=settings)


def imported(settings: Settings, text: str, *options: str) -> Result:
    source = settings.data_dir.parent / "dane.csv"
    source.write_text(text, encoding="utf-8")
    return CliRunner().invoke(data, ["import", "points", str(source), *PROVENANCE, *options], obj=settings)


def test_a_file_of_points_settles_a_street_on_this_machine(here: Settings) -> None:
    result = imported(here, CSV)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("1 points of 1 lines (WI 1).\npoints.sqlite3 has them now: ")
    answer = json.loads(run(here, ADDRESS).stdout)
    assert answer["explanation"].startswith("Your address is in Senate District 26, Assembly District 76")
    assert (answer["confidence"], answer["certain"]) == ("medium", True)  # our boundaries alone could tell
    assert {chamber: answer["basis"][chamber]["method"] for chamber in ("upper", "lower")} == {
        "upper": "boundary",
        "lower": "boundary",
    }
    assert answer["trail"]["found_by"] == "points"
    assert answer["trail"]["exactness"] == "house"
    assert answer["trail"]["point_version"] == "2026-10-01 dane.csv"


def test_too_many_lines_without_a_house_ask_first(here: Settings) -> None:
    text = CSV + "".join(f",Main St {number},Madison,WI,53703,-89.38,43.07\n" for number in range(5))
    result = imported(here, text)
    assert result.exit_code == 1
    assert "5 left out without a house number and a street, such as line 3, 4, 5." in result.output
    assert "5 of 6 lines hold no house that can be used" in result.output
    assert not (here.data_dir / "points.sqlite3").exists()
    assert "Nothing was changed (--dry-run)." in imported(here, text, "--dry-run").output
    assert not (here.data_dir / "points.sqlite3").exists()
    assert imported(here, text, "--yes").exit_code == 0


def test_a_state_that_is_none_and_a_wrong_column_are_sentences(here: Settings) -> None:
    assert "'XX' is no state" in imported(here, CSV, "--state", "xx").output
    assert "the first line names no column for: longitude" in imported(here, "number,street,zip,lat\n").output


def test_doctor_says_of_each_geocoder_whether_it_answers_and_what_it_has(here: Settings) -> None:
    imported(here, CSV)
    with census(says(STATUS)) as nominatim, census(says(collection())) as pelias, census(says({}, 500)) as away:
        words = f"points nominatim+{nominatim.url} pelias+{pelias.url} nominatim+{away.url}"
        output = CliRunner().invoke(doctor, obj=replace(here, geocoder_url=words)).output
    assert (
        "well: the file of points answers: it has 1 points, in WI, as of 2026-10-01, from Dane County, licence: "
        "CC0-1.0.\n" in output.replace("its version is 2026-10-01 dane.csv, ", "")
    )
    host = nominatim.url.split("/")[2]
    assert f"well: the Nominatim at {host} answers: its data are of 2026-11-20, its version is 5.1.0-0.\n" in output
    assert "answers: it is a Pelias 1.0.\n" in output
    assert f"LOOK: The Nominatim at {away.url.split('/')[2]} gave no answer. It answered with status 500." in output
    (here.data_dir / "points.sqlite3").unlink()
    assert "LOOK: The file of points gave no answer. There is no file of points: import one" in (
        CliRunner().invoke(doctor, obj=here).output
    )


@pytest.mark.parametrize(
    ("kind", "answer", "sentence"),
    [
        (
            "nominatim",
            [result(address={"house_number": None}, place_rank=26, addresstype="road")],
            "OpenStreetMap knows the street, but not the house",
        ),
        (
            "nominatim",
            [result(category="place", type="house")],
            "OpenStreetMap knows the house only by the numbers around it",
        ),
        ("pelias", collection(feature(confidence=0.5)), "the address finder is not sure that it found this address"),
    ],
)
def test_a_rough_point_asks(here: Settings, kind: str, answer: object, sentence: str) -> None:
    with census(says(answer)) as server:
        located = json.loads(run(replace(here, geocoder_url=f"{kind}+{server.url}"), ADDRESS).stdout)
    assert located["confidence"] == "low"
    assert located["certain"] is False
    assert f"but this is not certain: {sentence}. Please choose." in located["explanation"]
    assert located["candidates"]["lower"][0]["district"] == "76"
    assert len(located["candidates"]["lower"]) > 1  # the ZIP code's stand beside it
    assert server.asked[0][1].get("q", server.asked[0][1].get("street", "2 E Main St")) == "2 E Main St"


def test_a_rough_point_leaves_no_doubt_where_the_zip_code_settles_it(here: Settings) -> None:
    """Where the ZIP code lies in one district, and the point says the same, there is nothing to choose."""
    street = result((46.01, -91.48), address={"house_number": None, "postcode": "54843"}, addresstype="road")
    with census(says([street])) as server:
        settings = replace(here, geocoder_url=f"nominatim+{server.url}")
        answer = json.loads(run(settings, "12 Example Rd, Hayward, WI 54843").stdout)
    assert [one["district"] for one in answer["candidates"]["lower"]] == ["74"]
    assert answer["basis"]["lower"]["confidence"] == "medium"
    assert answer["trail"]["exactness"] == "street"


def test_a_house_near_a_border_asks_whoever_found_it(here: Settings) -> None:
    boundaries = Atlas(here.data_dir / "boundaries").get("WI", "lower")
    assert boundaries is not None
    longitude = -89.3841
    while boundaries.near(43.0747, longitude) == ():
        longitude -= 0.0005
    imported(here, CSV.replace("-89.3841", f"{longitude:.6f}"))
    output = run(here, ADDRESS)
    located = json.loads(output.stdout)
    assert located["basis"]["lower"]["confidence"] == "low"
    assert "border_metres" in located["trail"]["chambers"]["lower"]


def test_a_result_in_another_state_or_zip_code_is_said(here: Settings) -> None:
    ohio = result((39.96, -83.0), address={"ISO3166-2-lvl4": "US-OH", "postcode": "43215"})
    with census(says([ohio])) as server:
        refused = run(replace(here, geocoder_url=f"nominatim+{server.url}"), "--state", "WI", ADDRESS)
    assert refused.exit_code == 1
    assert "This address is in Ohio, not in Wisconsin" in refused.output
    other = result(address={"postcode": "53704"})
    with census(says([other])) as server:
        located = json.loads(run(replace(here, geocoder_url=f"nominatim+{server.url}"), ADDRESS).stdout)
    assert "OpenStreetMap has this address in the ZIP code 53704, not in 53703" in located["explanation"]


def test_who_answered_is_told_where_the_first_is_away(here: Settings) -> None:
    with census(says(b"<html>")) as away, census(says([result()])) as own:
        words = f"{away.url} nominatim+{own.url}"
        located = json.loads(run(replace(here, geocoder_url=words), ADDRESS).stdout)
    assert (located["trail"]["found_by"], located["confidence"]) == ("nominatim", "medium")
    with census(madison) as bureau:
        located = json.loads(run(replace(here, geocoder_url=bureau.url), ADDRESS).stdout)
    assert (located["trail"]["found_by"], located["trail"]["exactness"]) == ("census", "range")


# The batch


def batch(settings: Settings, text: str, **options: str) -> tuple[Result, list[list[str]]]:
    source, out = settings.data_dir.parent / "batch.csv", settings.data_dir.parent / "answers.csv"
    out.unlink(missing_ok=True)
    source.write_text(text, encoding="utf-8")
    outcome = run(settings, "--batch", str(source), "--out", str(out))
    return outcome, list(csv.reader(out.open(newline=""))) if out.exists() else []


def test_a_batch_is_answered_line_by_line_in_the_service_s_columns(here: Settings) -> None:
    text = '1,2 E Main St,Madison,WI,53703\n"=2","9 Nowhere St",Madison,WI,53703\n3,PO Box 12,Madison,WI,53703\n'
    with census(finds("2 E Main St")) as bureau:
        outcome, rows = batch(replace(here, geocoder_url=bureau.url), text)
    assert outcome.exit_code == 0, outcome.output
    assert rows[0][:8] == ["1", "2 E Main St, Madison, WI 53703", "Match", "Exact", "", "-89.384100,43.074700", "", ""]
    assert rows[0][8:] == ["WI", "26", "76", "", "2", "high", "census", ""]
    assert rows[1][:3] == ["'=2", "9 Nowhere St, Madison, WI 53703", "No_Match"]  # no formula to a spreadsheet
    assert rows[1][-1].startswith("We could not find this address.")
    assert rows[2][-1].startswith("A post office box does not tell where you live.")
    assert (here.data_dir.parent / "answers.csv").stat().st_mode & 0o777 == 0o600
    assert "3 addresses, by confidence: 1 high, 2 low." in outcome.output


def test_the_answer_of_the_bureau_s_batch_is_settled_without_asking(here: Settings) -> None:
    text = (
        '"1","2 E Main St, Madison, WI, 53703","Match","Exact","2 E MAIN ST, MADISON, WI, 53703",'
        '"-89.3841,43.0747","112356","L","55","025","001704","1001"\n'
        '"2","2 E Main, Madison, WI, 53703","Match","Non_Exact","2 E MAIN ST, MADISON, WI, 53703",'
        '"-89.3841,43.0747","112356","L"\n'
        '"3","9 Nowhere St, Madison, WI, 53703","No_Match"\n"4","2 Main St, Madison, WI, 53703","Tie"\n'
    )
    with census(says(document())) as bureau:
        outcome, rows = batch(replace(here, geocoder_url=bureau.url), text)
    assert bureau.asked == []
    assert outcome.exit_code == 0, outcome.output
    assert rows[0][8:15] == ["WI", "26", "76", "", "2", "medium", "census"]
    assert rows[1][13] == "low"
    assert [row[2] for row in rows] == ["Match", "Match", "No_Match", "No_Match"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is no address in it"),
        ("1,2 E Main St,Madison\n", "batch.csv, line 1: there are 3 cells"),
        (
            "1,2 E Main St,Madison,WI,53703\n2,3 E Main St,Apt 4,Madison,WI,53703\n",
            "batch.csv, line 2: there are 6 cells",
        ),
        ("1,2 E Main St,Madison,WI,53703\n" * 10_001, "more than 10000 addresses"),
        ('1,"' + "x" * 200_000, "batch.csv, line 1: this is no CSV"),
    ],
)
def test_a_batch_that_cannot_be_read_is_a_sentence(here: Settings, text: str, sentence: str) -> None:
    outcome, rows = batch(here, text)
    assert outcome.exit_code == 1
    assert sentence in outcome.output
    assert rows == []


def test_what_has_no_end_is_no_batch(here: Settings, tmp_path: Path) -> None:
    outcome = run(here, "--batch", "/dev/zero", "--out", str(tmp_path / "out.csv"))
    assert (outcome.exit_code, "zero: larger than 32 MB" in outcome.output) == (1, True), outcome.output


def test_a_file_that_is_there_is_not_written_over(here: Settings, tmp_path: Path) -> None:
    source, out = tmp_path / "batch.csv", tmp_path / "mine.csv"
    source.write_text("1,2 E Main St,Madison,WI,53703\n")
    out.write_text("mine")
    outcome = run(here, "--batch", str(source), "--out", str(out))
    assert (outcome.exit_code, out.read_text()) == (1, "mine")
    assert "mine.csv: cannot be written (File exists)" in outcome.output
    assert run(here, "--batch", str(source)).exit_code == 2
    assert run(here).exit_code == 2
