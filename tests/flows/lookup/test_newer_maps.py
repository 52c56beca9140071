"""Nothing is sure where a map is newer than the rows."""

from __future__ import annotations

from datetime import date

import pytest

from actionmail.db.engine import Database
from actionmail.flows.lookup.by_zip import Found, find_seats, home_of
from actionmail.flows.lookup.congress_age import home_today, with_doubt_of_age
from actionmail.flows.lookup.settling import settlements
from actionmail.rules.districts.basis import SURE, UNSURE
from actionmail.rules.districts.settlement import Settlement
from actionmail.rules.districts.states import STATES
from actionmail.web.platform.doubt_words import doubt_words
from actionmail.web.platform.lookup_words import explanation
from tests.datasets import bring_people
from tests.people import seat_row
from tests.shipped import shipped_table


def aged(database: Database, zip5: str, state: str, chamber: str, *, roster_of: date) -> Found:
    """What is said where the roster of the house is of this day."""
    kind = "congress" if chamber == "us_lower" else "people"
    row = seat_row(1, state=state, chamber=chamber, as_of=roster_of, email="")
    with database.write() as session:
        bring_people(session, [row], as_of=roster_of, kind=kind, confirmed=True)
    with database.read() as session:
        return with_doubt_of_age(
            session, shipped_table(), find_seats(shipped_table(), zip5, state=state, chambers=[chamber])
        )


@pytest.mark.parametrize("zip5", ["39462", "39423", "39425", "39428"])
def test_mississippis_senate_is_asked_about_since_2025(database: Database, zip5: str) -> None:
    found = aged(database, zip5, "MS", "upper", roster_of=date(2026, 8, 5))
    assert found.basis["upper"].confidence == UNSURE
    assert not found.is_certain
    words = "the districts of the Mississippi Senate were redrawn for the election of November 4, 2025"
    assert doubt_words(found.doubts[0]) == f"{words}, and we have only those from before"
    assert settlements(found)["upper"] is Settlement.NEWER_DISTRICTS
    assert "We know only roughly" not in explanation(found, asks_streets=True)
    assert "The districts of the Mississippi Senate were redrawn" in explanation(found, asks_streets=True)


def test_whoever_signs_there_is_counted_in_no_district_of_the_older_lines(database: Database) -> None:
    aged(database, "39425", "MS", "upper", roster_of=date(2026, 8, 5))
    for zip5 in ("39423", "39462"):
        older = home_of(shipped_table(), zip5, preferred="MS").districts
        with database.read() as session:
            today = home_today(session, shipped_table(), zip5, preferred="MS").districts
        assert today == tuple(seat for seat in older if not seat.startswith("upper/"))
        assert "upper/45" in older or len(older) == len(today)
    with database.read() as session:
        home = home_today(session, shipped_table(), "53704")
    assert home == home_of(shipped_table(), "53704")


@pytest.mark.parametrize(("zip5", "state"), [("78701", "TX"), ("84101", "UT"), ("90001", "CA")])
def test_a_house_with_a_new_map_is_asked_about_once_its_members_sit(database: Database, zip5: str, state: str) -> None:
    found = aged(database, zip5, state, "us_lower", roster_of=date(2027, 1, 3))
    assert (found.basis["us_lower"].confidence, found.is_certain) == (UNSURE, False)
    assert any(
        f"{STATES[state]}'s districts of the United States House" in doubt_words(doubt) for doubt in found.doubts
    )


def test_until_then_the_older_map_is_theirs(database: Database) -> None:
    found = aged(database, "78701", "TX", "us_lower", roster_of=date(2026, 12, 1))
    assert (found.basis["us_lower"].confidence, found.doubts) == (SURE, ())
