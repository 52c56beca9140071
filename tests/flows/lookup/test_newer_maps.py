"""Nothing is sure where a map is newer than the rows."""

from __future__ import annotations

import pytest

from actionmail.db.engine import Database
from actionmail.flows.lookup.by_zip import Found, find_seats
from actionmail.flows.lookup.congress_age import with_doubt_of_age
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.rules.districts.basis import SURE, UNSURE
from actionmail.settings import bundled
from actionmail.web.platform.lookup_words import doubt_words

TABLE = load_district_table(bundled("data"))


def aged(database: Database, zip5: str, state: str, chamber: str) -> Found:
    with database.read() as session:
        return with_doubt_of_age(session, TABLE, find_seats(TABLE, zip5, state=state, chambers=[chamber]))


@pytest.mark.parametrize("zip5", ["39462", "39423", "39425", "39428"])
def test_mississippis_senate_is_asked_about_since_2025(database: Database, zip5: str) -> None:
    found = aged(database, zip5, "MS", "upper")
    assert found.basis["upper"].confidence == UNSURE
    assert not found.is_certain
    assert "since the election of 2025-11-04" in doubt_words(found.doubts[0])


@pytest.mark.parametrize(("zip5", "state"), [("78701", "TX"), ("84101", "UT"), ("90001", "CA")])
def test_a_house_of_representatives_with_a_new_map_is_asked_about(database: Database, zip5: str, state: str) -> None:
    found = aged(database, zip5, state, "us_lower")
    assert (found.basis["us_lower"].confidence, found.is_certain) == (UNSURE, False)


def test_where_the_map_is_the_same_the_answer_stays_sure(database: Database) -> None:
    certain = 0
    for zip5 in ("53703", "53715", "53711", "54601", "53202"):
        certain += aged(database, zip5, "WI", "us_lower").basis["us_lower"].confidence == SURE
    assert certain > 0
