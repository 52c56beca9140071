from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionmail.cli.lookup.commands import lookup
from actionmail.cli.roster.datasets import data
from actionmail.db.engine import Database
from actionmail.settings import Settings, bundled
from tests.people import path_of, people_zip, person
from tests.samples import sample_legislator


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("legislators.csv", "zip_districts.csv.gz"):
        shutil.copyfile(bundled("data") / name, folder / name)
    return replace(settings, data_dir=folder)


def run(settings: Settings, *arguments: str) -> Result:
    command = lookup if arguments[0] == "lookup" else data
    return CliRunner().invoke(command, arguments[1:] if command is lookup else arguments, obj=settings)


def in_office_about(today: date) -> set[int]:
    """How many of the roster that is shipped are in office: some leave as time goes on, by the day of their state."""
    with (bundled("data") / "legislators.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "sitting"]
    days = [(today + timedelta(days=step)).isoformat() for step in (-1, 0, 1)]
    return {sum(not row["ends"] or day <= row["ends"] for row in rows) for day in days}


def test_load_check_and_lookup(here: Settings) -> None:
    pattern = r"([\d,]+) legislators and (\d+) vacant seats as of 2026-08-05: 7,481 added"
    said = re.match(pattern, run(here, "load").output)
    assert said is not None
    sitting = int(said[1].replace(",", ""))
    assert sitting + int(said[2]) == 7_481
    assert sitting in in_office_about(datetime.now(UTC).date())
    assert "0 added, 0 changed, 0 gone" in run(here, "load").output
    checked = run(here, "check")
    assert checked.exit_code == 0, checked.output
    assert "0 districts of the ZIP table without a legislator" in checked.output
    found = run(here, "lookup", "53703", "--state", "wi")
    answer = json.loads(found.output)
    assert answer["certain"] is False
    assert [(one["district"], len(one["legislators"])) for one in answer["candidates"]["lower"]] == [
        ("76", 1),
        ("77", 1),
    ]
    assert {"method", "data_version", "as_of"} <= set(answer)
    refused = run(here, "lookup", "94103", "--state", "WI")
    assert (refused.exit_code, "California" in refused.output) == (1, True)


def test_import_people_twice(here: Settings, tmp_path: Path) -> None:
    path = people_zip(tmp_path, {path_of(n): person(n, district=str(n)) for n in range(1, 4)})
    out = tmp_path / "out.csv"
    dry = run(here, "import", "people", str(path), "--out", str(out), "--dry-run")
    assert (dry.exit_code, out.exists(), "3 would be added" in dry.output) == (0, False, True)
    first = run(here, "import", "people", str(path), "--out", str(out))
    assert first.exit_code == 0, first.output
    written = out.read_bytes()
    second = run(here, "import", "people", str(path), "--out", str(out))
    assert "The same as before: nothing changed." in second.output
    assert out.read_bytes() == written
    assert not [name for name in tmp_path.iterdir() if name.name.startswith(".")]


def test_a_malformed_row_changes_nothing(here: Settings, tmp_path: Path) -> None:
    path = people_zip(tmp_path, {path_of(1): person(1), path_of(2): "id: [\n"})
    before = (here.data_dir / "legislators.csv").read_bytes()
    result = run(here, "import", "people", str(path))
    assert result.exit_code == 1
    assert "Sample-Person-00000002.yml, line 2, column 1: not readable as YAML" in result.output
    assert (here.data_dir / "legislators.csv").read_bytes() == before
    csv = here.data_dir / "legislators.csv"
    csv.write_bytes(before.replace(b",WI,upper,2,", b",WX,upper,2,"))
    result = run(here, "load")
    assert result.exit_code == 1
    assert "legislators.csv, line " in result.output
    assert ", column state: 'WX'" in result.output
    assert "no legislator in the database" in run(here, "check").output


def test_a_folder_that_cannot_be_written_changes_nothing(here: Settings, tmp_path: Path) -> None:
    path = people_zip(tmp_path, {path_of(1): person(1)})
    result = run(here, "import", "people", str(path), "--out", str(path / "out.csv"))
    assert (result.exit_code, "cannot be written" in result.output) == (1, True)
    assert "no legislator in the database" in run(here, "check").output


def test_a_zip_table_is_imported_once_and_undone(here: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "of its own"
    folder.mkdir()
    here = replace(here, data_dir=folder)
    source, target = tmp_path / "zips.csv", folder / "zip_districts.csv.gz"
    columns = "zip,state,chamber,district,share,method\n"

    def table(zips: Iterable[int], district: int = 26) -> None:
        rows = (f"{zip5},WI,upper,{district},1,pop\n" for zip5 in zips)
        source.write_text(columns + "".join(rows), encoding="utf-8")

    def brought_in(*options: str) -> Result:
        return run(here, "import", "zips", str(source), "--as-of", "2026-01-01", *options)

    table(range(53700, 53720))
    assert "20 ZIP codes added" in brought_in("--dry-run").output
    assert not target.exists()
    assert "Written: zip_districts.csv.gz." in brought_in().output
    first = target.read_bytes()
    assert "The same as before: nothing changed." in brought_in().output
    table(range(53700, 53710), 27)
    refused = brought_in()
    assert (refused.exit_code, target.read_bytes()) == (1, first)
    assert "10 ZIP codes with other districts or shares\n  53700\n" in refused.output
    assert "WI: 10 of 20 ZIP codes would be gone (50 %). If it is right, say so with --yes." in refused.output
    assert brought_in("--yes").exit_code == 0
    assert target.read_bytes() != first
    assert [line.split()[1] for line in run(here, "versions").output.splitlines()] == ["zips", "zips"]
    assert "10 ZIP codes added" in run(here, "undo", "zips", "--by", "Rita Sample").output
    assert target.read_bytes() == first
    source.write_text("zip,state\n", encoding="utf-8")
    assert brought_in().exit_code == 1


def test_a_zip_table_of_districts_that_nobody_holds_needs_a_second_look(
    here: Settings, database: Database, tmp_path: Path
) -> None:
    with database.write() as session:
        sample_legislator(session, chamber="upper", district="26")
    source = tmp_path / "zips.csv"
    source.write_text("zip,state,chamber,district,share,method\n53703,WI,upper,27,1,pop\n", encoding="utf-8")
    here = replace(here, data_dir=tmp_path)
    refused = run(here, "import", "zips", str(source), "--as-of", "2026-01-01")
    assert refused.exit_code == 1
    assert "WI upper 27: neither a legislator nor a known vacancy is in the roster." in refused.output


def test_the_list_of_congress_is_a_version_of_its_own(here: Settings, tmp_path: Path) -> None:
    here = replace(here, data_dir=tmp_path)
    source, target = tmp_path / "congress.csv", tmp_path / "zip_congress.csv.gz"
    written = []
    for district in (2, 3):
        source.write_text(f"state_fips,state_abbr,zcta,cd\n55,WI,53703,{district}\n", encoding="utf-8")
        assert run(here, "import", "congress-zips", str(source), "--as-of", "2026-11-03").exit_code == 0
        written.append(target.read_bytes())
    assert "1 ZIP codes with other districts" in run(here, "undo", "congress-zips", "--by", "Rita Sample").output
    assert target.read_bytes() == written[0] != written[1]
    again = run(here, "import", "congress-zips", str(source), "--as-of", "2028-11-07")
    assert "1 ZIP codes with other districts" in again.output
    source.write_text("state_fips,state_abbr,zcta,cd\n55,WI,53703,3\n", encoding="utf-8")
    dated = run(here, "import", "congress-zips", str(source), "--as-of", "2030-11-05")
    assert "The same districts as before; only the source or the day of the data is another.\nWritten:" in dated.output
    assert run(here, "versions").output.startswith("   4  congress-zips  as of 2030-11-05  imported")


def test_a_state_of_which_the_roster_has_nobody_is_said_in_a_line(here: Settings, database: Database) -> None:
    with database.write() as session:
        sample_legislator(session, state="WI", district="76")
    checked = run(here, "check")
    assert checked.exit_code == 1
    assert "131 districts of the ZIP table without a legislator or a known vacancy\n  WI lower 1\n" in checked.output
    assert "of which the roster has nobody: AK, AL, AR," in checked.output
    assert "AK lower 1" not in checked.output
    assert "There is no list of ZIP codes for Congress.\nBoundaries are there for no state;" in checked.output
