"""Special elections: a table like those of first days and new maps, said wherever a seat is vacant."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionmail.cli.lookup.commands import lookup
from actionmail.cli.roster.datasets import data
from actionmail.db.engine import Database
from actionmail.flows.roster.calendar_files import read_special_elections
from actionmail.flows.staff import Role
from actionmail.rules.roster.holders import vacancy
from actionmail.settings import Settings, bundled
from tests.datasets import bring_people, unusable
from tests.people import seat_row
from tests.web.staff_pages import hire, signed_in, staff_app, words

TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(days=9)
FIRST = TODAY + timedelta(days=30)
HEADER = "state,chamber,district,election,first_day,source\n"
ROW = f"WI,lower,76,{SOON},{FIRST},Wisconsin Elections Commission\n"
ZIPS = f"zip,state,chamber,district,share,method,as_of\n53703,WI,lower,76,1,pop,{TODAY.isoformat()}\n"


@pytest.fixture
def here(settings: Settings, database: Database, tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "zip_districts.csv").write_text(ZIPS)
    with database.write() as session:
        bring_people(session, [vacancy(seat_row(76)), seat_row(77)])
    return replace(settings, data_dir=folder)


def run(settings: Settings, *arguments: str | Path) -> Result:
    return CliRunner().invoke(data, [str(argument) for argument in arguments], obj=settings)


def imported(here: Settings, rows: str, *options: str) -> Result:
    file = here.data_dir.parent / "special.csv"
    file.write_text(HEADER + rows)
    return run(here, "import", "special-elections", file, "--as-of", TODAY.isoformat(), *options)


def test_it_is_imported_shown_and_gone_back_on(here: Settings) -> None:
    done = imported(here, ROW)
    assert done.exit_code == 0, done.output
    shown = run(here, "calendar", "--state", "WI").output
    assert f"WI lower 76: a special election is on {SOON}; whoever is elected takes office on {FIRST}.\n" in shown
    assert "special" not in run(here, "calendar", "--state", "CA").output
    assert imported(here, ROW.replace(str(FIRST), "")).exit_code == 0
    assert f"WI lower 76: a special election is on {SOON}.\n" in run(here, "calendar").output
    assert run(here, "undo", "special-elections", "--by", "Rita Sample").exit_code == 0
    assert f"takes office on {FIRST}" in run(here, "calendar").output


def test_the_lookup_names_it(here: Settings) -> None:
    assert imported(here, ROW).exit_code == 0
    answer = json.loads(CliRunner().invoke(lookup, ["53703"], obj=here).stdout)
    (seat,) = answer["candidates"]["lower"]
    assert seat["legislators"][0]["name"] == "(vacant)"
    assert seat["special_election"] == {
        "election": str(SOON),
        "first_day": str(FIRST),
        "source": "Wisconsin Elections Commission",
    }


def test_what_is_odd_needs_yes(here: Settings) -> None:
    unknown = imported(here, ROW.replace(",76,", ",760,"))
    assert (unknown.exit_code, "WI lower 760: neither a legislator nor a known vacancy" in unknown.output) == (1, True)
    assert imported(here, ROW).exit_code == 0
    lost = imported(here, ROW.replace(",76,", ",77,"))
    assert (lost.exit_code, f"WI lower 76: the special election of {SOON} is not in it any more" in lost.output) == (
        1,
        True,
    )
    assert imported(here, ROW.replace(",76,", ",77,"), "--yes").exit_code == 0


@pytest.mark.parametrize(
    ("row", "pattern"),
    [
        ("WI,lower,76,,,x\n", "line 2, column election.*not a date"),
        ("WI,lower,76,soon,,x\n", "line 2, column election.*not a date"),
        ("WI,lower,76,2026-12-08,2026-12-07,x\n", "first day"),
        ("WI,lower,,2026-12-08,,x\n", "the district is missing"),
        ("WI,lower,76,2026-12-08,,\n", "source is missing"),
        ("US,us_lower,1,2026-12-08,,x\n", "no state"),
        ("WI,middle,76,2026-12-08,,x\n", "no chamber of WI"),
        ("WI,lower,76,2026-12-08,,x\nWI,lower,76,2026-12-08,,x\n", "line 3.*WI lower 76 2026-12-08 is there twice"),
    ],
)
def test_a_table_that_cannot_be_used_gets_a_sentence(row: str, pattern: str) -> None:
    with unusable(pattern):
        read_special_elections((HEADER + row).encode(), "special.csv")


def test_the_shipped_table_can_be_read() -> None:
    raw = (bundled("data") / "special_elections.csv").read_bytes()
    for special in read_special_elections(raw, "special_elections.csv"):
        assert special.source


def test_staff_see_it_on_the_calendar_and_at_the_seat(here: Settings, database: Database) -> None:
    assert imported(here, ROW).exit_code == 0
    hire(database, "rita@example.org", Role.REVIEWER)
    browser = signed_in(staff_app(here, here.data_dir), "rita@example.org")
    said = f"special election is on {SOON}; whoever is elected takes office on {FIRST}."
    assert f"WI lower house, 76: a {said}" in words(browser.get("/staff/roster/calendar"))
    assert f"A {said}" in words(browser.get("/staff/roster?show=vacant"))


def test_one_that_is_over_is_said_no_more(here: Settings) -> None:
    past = TODAY - timedelta(days=2)
    assert imported(here, f"WI,lower,76,{past},{FIRST},x\n").exit_code == 0
    assert (
        f"a special election was on {past}; whoever was elected takes office on {FIRST}."
        in run(here, "calendar").output
    )
    assert imported(here, f"WI,lower,76,{past},,x\n").exit_code == 0
    assert "special" not in run(here, "calendar").output
