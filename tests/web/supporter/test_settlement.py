"""How each chamber's answer was settled, said in the steps and on the receipt; and what is said where it was not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.rules.districts.settlement import NOT_SURE_ANSWER
from actionmail.settings import Settings
from tests.gateways.census_server import CensusServer, census
from tests.samples import sample_campaign, sample_legislator, sample_legislators
from tests.web.application import open_app
from tests.web.supporter_pages import SupporterBrowser, words


@pytest.fixture
def geocoder() -> Iterator[CensusServer]:
    with census() as server:
        yield server


@pytest.fixture
def with_streets(site_settings: Settings, database: Database, geocoder: CensusServer) -> SupporterBrowser:
    """Where a street can be looked up."""
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    return SupporterBrowser(open_app(replace(site_settings, geocoder_url=geocoder.url)))


def in_maryland(settings: Settings, database: Database, geocoder_url: str) -> SupporterBrowser:
    """A campaign of Maryland's, on the shipped tables."""
    with database.write() as session:
        sample_campaign(session, state="MD")
        for chamber, district, name in (("upper", "26", "Uma Pattern"), ("lower", "26", "Lara Sample")):
            sample_legislator(session, state="MD", chamber=chamber, district=district, name=name)
    return SupporterBrowser(open_app(replace(settings, geocoder_url=geocoder_url)))


def test_no_street_is_said_to_decide_where_none_can_be_looked_up(supporter: SupporterBrowser) -> None:
    page = supporter.begin()
    assert "your street decides" not in words(page)
    assert "53703 lies in one Senate district and two Assembly districts: please choose." in words(page)


def test_what_is_answered_is_not_asked_once_more(with_streets: SupporterBrowser) -> None:
    assert "two Assembly districts: your street decides." in words(with_streets.begin())
    page = with_streets.submit(lower="77", go="")
    assert with_streets.path.endswith("/letter")
    assert "53703 lies in one Senate district and two Assembly districts. " in words(page)


def test_whoever_is_not_sure_is_not_said_to_have_told(supporter: SupporterBrowser, database: Database) -> None:
    supporter.begin()
    page = supporter.submit(lower="unsure")
    assert "You told us" not in words(page)
    assert (
        "You were not sure who represents you in the Wisconsin State Assembly, so nobody there gets a letter from you."
        in words(page)
    )
    page = supporter.send(personal="My two children go to school here.")
    assert "Wisconsin State Assembly: you were not sure, so nobody there was written to as yours." in words(page)
    assert "Wisconsin State Senate, District 26: your ZIP code settles it." in words(page)


def test_each_chamber_says_how_it_was_settled(with_streets: SupporterBrowser, database: Database) -> None:
    page = with_streets.begin()
    assert "Wisconsin State Senate, District 26: your ZIP code settles it." in words(page)
    assert "Wisconsin State Assembly: your street decides." in words(page)
    page = with_streets.submit(street="2 E Main St", go="address")
    assert "Settled by your street." in words(page)
    with_streets.submit()
    page = with_streets.send(personal="My two children go to school here.")
    assert "Wisconsin State Assembly, District 76: settled by your street." in words(page)


def test_what_was_chosen_by_name_says_so(supporter: SupporterBrowser) -> None:
    supporter.begin()
    page = supporter.submit(lower="77")
    assert "Your ZIP code settles it." in words(page)
    assert "You chose." in words(page)
    page = supporter.send(personal="My two children go to school here.")
    assert "Wisconsin State Assembly, District 77: you chose." in words(page)


def test_a_receipt_of_an_older_version_says_what_it_knows(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    supporter.send(personal="My two children go to school here.")
    path = supporter.path
    with database.write() as session:
        action = session.scalars(select(Action)).one()
        action.lookup = {"method": "zip-guess+choice", "data_version": "1", "districts": ["upper/26", "lower/76"]}
    assert "Wisconsin State Assembly, District 76: you chose." in words(supporter.get(path))


def test_an_erased_receipt_says_nothing_of_it(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    page = supporter.send(personal="My two children go to school here.")
    assert "your ZIP code settles it" in words(page)
    path = supporter.path
    supporter.post(f"{path}/erasure")
    with database.read() as session:
        assert session.scalars(select(Action)).one().erased_at
    assert "your ZIP code settles it" not in words(supporter.get(path))


def test_a_guess_beyond_the_states_line_is_asked_and_not_refused(
    settings: Settings, database: Database, geocoder: CensusServer
) -> None:
    """20233, the Census Bureau's own: the table has it as a guess in the District, and it lies in Maryland."""
    supporter = in_maryland(settings, database, geocoder.url)
    page = supporter.begin(zip="20233")
    assert supporter.path.endswith("/legislators"), words(page)
    assert "We know only roughly where 20233 lies" in words(page)
    assert "Find them by your street" in words(page)
    page = supporter.submit(upper="26", lower="26")
    assert supporter.path.endswith("/letter"), words(page)
    assert "Senator Uma Pattern" in words(page)


def test_a_guess_far_from_the_state_is_refused_as_before(
    settings: Settings, database: Database, geocoder: CensusServer
) -> None:
    supporter = in_maryland(settings, database, geocoder.url)
    page = supporter.begin(zip="82073")
    assert "The ZIP code 82073 is in Wyoming, not in Maryland" in words(page)


def test_a_zip_code_that_is_no_guess_is_refused_beyond_the_line(
    settings: Settings, database: Database, geocoder: CensusServer
) -> None:
    supporter = in_maryland(settings, database, geocoder.url)
    assert "The ZIP code 20001 is in the District of Columbia" in words(supporter.begin(zip="20001"))


def test_the_first_answer_chooses_nobody(supporter: SupporterBrowser) -> None:
    page = supporter.begin()
    answers = re.findall(r'<input type="radio" id="lower-0"[^>]*value="([^"]*)"', page.text)
    assert answers == [NOT_SURE_ANSWER]
    assert "checked" not in page.text
