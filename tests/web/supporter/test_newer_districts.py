"""Where a chamber's districts are newer than our lines, every seat of it can be chosen, and no street is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, select

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.settings import Settings
from tests.executed import executed
from tests.gateways.census_server import CensusServer, census, document, match, says
from tests.samples import sample_campaign, sample_legislator
from tests.web.application import open_app
from tests.web.supporter_pages import SupporterBrowser, problems, words

SENATE, HOUSE = 52, 122
NEW_AUGUSTA = (31.2027, -89.0267)


@pytest.fixture
def geocoder() -> Iterator[CensusServer]:
    with census() as server:
        yield server


@pytest.fixture
def supporter(settings: Settings, database: Database, geocoder: CensusServer) -> SupporterBrowser:
    """Before a campaign of Mississippi's, on the shipped tables, with a roster of the Senate elected in 2025."""
    with database.write() as session:
        sample_campaign(session, state="MS")
        for chamber, seats in (("upper", SENATE), ("lower", HOUSE)):
            for number in range(1, seats + 1):
                name = f"Sample {chamber.title()} {number}"
                district, as_of = str(number), date(2026, 8, 5)
                sample_legislator(session, state="MS", chamber=chamber, district=district, name=name, as_of=as_of)
    return SupporterBrowser(open_app(replace(settings, geocoder_url=geocoder.url)))


def answers(page: str, chamber: str) -> list[str]:
    """The values that one question offers, in order."""
    return re.findall(rf'<input type="radio"[^>]*name="{chamber}" value="([^"]*)"', page)


def test_every_seat_of_the_chamber_is_offered_the_likely_one_first(supporter: SupporterBrowser) -> None:
    page = supporter.begin(zip="39462")
    others = [str(number) for number in range(1, SENATE + 1) if number != 45]
    assert answers(page.text, "upper") == ["unsure", "45", *others]
    assert answers(page.text, "lower") == ["unsure", "105", "104"]  # whose lines are the ones in force
    assert "Every other district (51)" in words(page)
    assert "District 37: Senator Sample Upper 37" in words(page)
    assert "Your voter registration card, or the election office of your county" in words(page)
    assert "Map of District 45" not in page.text  # its lines are not those that its Senator was elected by


def test_whoever_chose_another_seat_writes_to_who_holds_it(supporter: SupporterBrowser, database: Database) -> None:
    supporter.begin(zip="39462")
    page = supporter.submit(upper="37", lower="105")
    assert "Senator Sample Upper 37" in words(page)
    supporter.send(personal="My two children go to school here.")
    with database.read() as session:
        assert session.scalars(select(Message.target_name).order_by(Message.id)).first() == "Senator Sample Upper 37"
        lookup = session.scalars(select(Action)).one().lookup
    assert lookup["districts"] == ["upper/37", "lower/105"]
    assert lookup["basis"]["upper"] == {"method": "zip+choice", "data_version": lookup["data_version"]} | {
        "confidence": "low"
    }


@pytest.mark.parametrize("seat", ["53", "0", "lower/1", ""])
def test_no_seat_that_the_chamber_has_not_can_be_chosen(supporter: SupporterBrowser, seat: str) -> None:
    supporter.begin(zip="39462")
    page = supporter.submit(upper=seat, lower="105")
    assert "Choose one of these answers." in problems(page)
    assert supporter.path.partition("?")[0].endswith("/legislators")


def test_what_was_chosen_among_all_stands_open_when_one_comes_back(supporter: SupporterBrowser) -> None:
    assert '<details class="rest">' in supporter.begin(zip="39462").text
    page = supporter.submit(upper="37")  # and nothing for the House
    assert '<details class="rest" open>' in page.text
    assert re.search(r'value="37" checked', page.text)


def test_a_street_leads_to_the_whole_chamber_too(supporter: SupporterBrowser, geocoder: CensusServer) -> None:
    place = match(NEW_AUGUSTA, upper="045", lower="105", state="MS", zip5="39462", congress=119, district="04")
    geocoder.answers = [says(document(place))]
    supporter.begin(zip="39462")
    page = supporter.submit(street="101 Main St", go="address")
    assert len(answers(page.text, "upper")) == SENATE + 1
    assert answers(page.text, "upper")[:2] == ["unsure", "45"]
    assert problems(page) == ""
    assert "Your address is in House District 105." in words(page)
    assert "neither ZIP code nor street tells yours" in words(page)
    page = supporter.submit(upper="37")
    assert "Senator Sample Upper 37" in words(page)
    assert "please choose" not in words(page)


def test_no_street_is_asked_for_where_none_can_settle_it(supporter: SupporterBrowser) -> None:
    page = supporter.begin(zip="39423")
    assert "Find my district" not in words(page)
    assert "your street decides" not in words(page)
    assert "39423 lies in one House district. The districts of the Mississippi Senate were redrawn" in words(page)
    assert "neither ZIP code nor street tells yours, so please choose" in words(page)
    assert answers(page.text, "upper")[:4] == ["unsure", "45", "43", "1"]


def test_a_street_is_asked_for_where_it_settles_the_other_house(supporter: SupporterBrowser) -> None:
    page = supporter.begin(zip="39462")
    assert "Find my district" in words(page)
    assert "39462 lies in two House districts: your street decides. The districts of the Mississippi Senate" in words(
        page
    )


def test_a_whole_chamber_costs_as_many_statements_as_one_seat_more(
    supporter: SupporterBrowser, database: Database
) -> None:
    def statements() -> int:
        with executed(database.engine) as said:
            supporter.get("/campaigns/ab969/legislators")
        return len(said)

    supporter.begin(zip="39462")
    whole = statements()
    with database.write() as session:
        session.execute(
            delete(Legislator).where(Legislator.chamber == "upper", Legislator.district.not_in(["45", "1"]))
        )
    assert statements() == whole


def test_the_new_districts_of_congress_are_all_offered_once_its_members_sit(
    settings: Settings, database: Database
) -> None:
    with database.write() as session:
        sample_campaign(session, state="TX", chambers=["us_lower"])
        for number in range(1, 39):
            sample_legislator(
                session,
                state="TX",
                chamber="us_lower",
                district=str(number),
                name=f"Sample House {number}",
                as_of=date(2027, 1, 3),
            )
    supporter = SupporterBrowser(open_app(settings))
    page = supporter.begin(zip="78701")
    offered = answers(page.text, "us_lower")
    assert offered[0] == "unsure"
    assert sorted(offered[1:], key=int) == [str(number) for number in range(1, 39)]
    assert "Representative Sample House 10" in words(supporter.submit(us_lower="10"))
