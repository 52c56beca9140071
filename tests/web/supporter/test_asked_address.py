"""A campaign that asks everybody for street and city, since its offices heed only letters with an address."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from tests.web.supporter_pages import WHO, SupporterBrowser, problems, words


@pytest.fixture
def asking(supporter: SupporterBrowser, database: Database) -> SupporterBrowser:
    with database.write() as session:
        session.execute(update(Campaign).values(asks_street=True))
    return supporter


def test_street_and_city_stand_open_and_are_not_optional(asking: SupporterBrowser, database: Database) -> None:
    said = words(asking.get("/campaigns/ab969"))
    assert "Street address Offices like to see" in said
    assert "City Phone number (optional)" in said
    assert "Add street, city or phone" not in said
    with database.write() as session:
        session.execute(update(Campaign).values(asks_street=False))
    assert "Add street, city or phone (optional) Street address (optional)" in words(asking.get("/campaigns/ab969"))


@pytest.mark.parametrize("empty", ["", " \u200b", "-"])
def test_without_them_nobody_goes_on_and_nothing_is_lost(
    asking: SupporterBrowser, database: Database, empty: str
) -> None:
    asking.get("/campaigns/ab969")
    page = asking.submit(**{**WHO, "street": empty, "city": empty})
    assert (page.status_code, asking.path) == (400, "/campaigns/ab969")
    assert "Enter your house number and street, such as 2 E Main St. Enter your city." in problems(page)
    assert f'value="{WHO["name"]}"' in page.text
    page = asking.submit(**{**WHO, "street": "2 Sample Street", "city": "Madison"})
    assert (page.status_code, asking.path) == (200, "/campaigns/ab969/legislators")


def test_a_campaign_that_asks_from_now_on_asks_whoever_has_its_page_open(
    supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get("/campaigns/ab969")
    with database.write() as session:
        session.execute(update(Campaign).values(asks_street=True))
    page = supporter.submit(**{**WHO, "street": "", "city": ""})
    assert (page.status_code, "Enter your city." in words(page)) == (400, True)
