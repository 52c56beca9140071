"""The calendar at the command line, and the import of its tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionmail.cli.platform.doctor import doctor
from actionmail.cli.roster.datasets import data
from actionmail.db.engine import Database
from actionmail.settings import Settings, bundled
from tests.datasets import bring_people
from tests.people import seat_row

TODAY = datetime.now(UTC).date()
HEADER = "state,chamber,election,first_day,rule,note,source\n"
ZIPS = f"zip,state,chamber,district,share,method,as_of\n53703,WI,lower,76,1,pop,{TODAY.isoformat()}\n"


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "zip_districts.csv").write_text(ZIPS)
    (folder / "first_days.csv").write_bytes((bundled("data") / "first_days.csv").read_bytes())
    (folder / "new_maps.csv").write_bytes((bundled("data") / "new_maps.csv").read_bytes())
    return replace(settings, data_dir=folder)


def run(settings: Settings, *arguments: str | Path) -> Result:
    return CliRunner().invoke(data, [str(argument) for argument in arguments], obj=settings)


def test_the_calendar_of_all_states_is_printed(here: Settings, database: Database) -> None:
    with database.write() as session:
        bring_people(session, [seat_row(1)])
    printed = run(here, "calendar")
    assert printed.exit_code == 0, printed.output
    lines = printed.output.splitlines()
    assert len({line.split()[0] for line in lines[1:]}) == 53  # 50 states, DC, Puerto Rico, Congress
    (wisconsin,) = [line for line in run(here, "calendar", "--state", "wi").output.splitlines() if " lower " in line]
    assert wisconsin.split()[:5] == ["WI", "lower", "2027-01-04", "2026-08-05", TODAY.isoformat()]


def test_first_days_are_imported_and_gone_back_on(here: Settings, database: Database, tmp_path: Path) -> None:
    file = here.data_dir / "first_days.csv"
    before = file.read_bytes()
    newer = tmp_path / "newer.csv"
    newer.write_bytes(before.replace(b"WI,lower,2026-11-03,2027-01-04", b"WI,lower,2028-11-07,2029-01-01"))
    done = run(here, "import", "first-days", newer, "--as-of", "2028-11-08")
    assert done.exit_code == 0, done.output
    assert file.read_bytes() == newer.read_bytes()
    assert run(here, "undo", "first-days", "--by", "Rita Sample").exit_code == 0
    assert file.read_bytes() == before
    fewer = tmp_path / "fewer.csv"
    fewer.write_text(HEADER + "WI,lower,2028-11-07,2029-01-01,rule,,source\n")
    refused = run(here, "import", "first-days", fewer, "--as-of", "2028-11-08")
    assert (refused.exit_code, "AK lower: the table in force has this house" in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("XX,lower,,,,,", "line 2, column state"),
        ("WI,middle,,,,,", "line 2, column chamber"),
        ("WI,lower,2028-11-07,,,,", "line 2, column first_day"),
        ("WI,lower,2028-11-07,2028-11-06,,,", "line 2, column first_day"),
        ("WI,lower,soon,,,,", "line 2, column election"),
        ("WI,lower,,", "line 2: 4 cells"),
        ("WI,lower,,,,,\nWI,lower,,,,,", "line 3: WI lower is there twice"),
    ],
)
def test_a_bad_table_is_named(here: Settings, database: Database, tmp_path: Path, row: str, said: str) -> None:
    file = tmp_path / "days.csv"
    file.write_text(f"{HEADER}{row}\n")
    refused = run(here, "import", "first-days", file, "--as-of", "2026-11-28")
    assert (refused.exit_code, said in refused.output) == (1, True), refused.output
    (here.data_dir / "first_days.csv").write_bytes(file.read_bytes())
    assert said in CliRunner().invoke(doctor, obj=here).output


def test_doctor_tells_a_roster_of_before_the_turnover_and_the_age_of_congress(
    here: Settings, database: Database
) -> None:
    took_office = TODAY - timedelta(days=3)
    table = HEADER + f"WI,lower,{(TODAY - timedelta(days=10)).isoformat()},{took_office.isoformat()},rule,,source\n"
    (here.data_dir / "first_days.csv").write_text(table)
    member = seat_row(2, chamber="us_lower", email="", as_of=TODAY - timedelta(days=166))
    lately = TODAY - timedelta(days=20)
    with database.write() as session:
        bring_people(session, [seat_row(1, as_of=lately)], as_of=lately, confirmed=True)
        bring_people(session, [member], as_of=member.as_of, kind="congress", confirmed=True)
    (here.data_dir / "zip_congress.csv.gz").write_bytes((bundled("data") / "zip_congress.csv.gz").read_bytes())
    said = CliRunner().invoke(doctor, obj=here).output
    assert f"LOOK: Those elected took office on {took_office.isoformat()} in Wisconsin" in said
    assert "fresh enough" not in said
    assert "166 days old" in said
    assert "LOOK: The list of ZIP codes for Congress is of the 119th" in said
