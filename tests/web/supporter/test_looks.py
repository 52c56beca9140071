"""Pages have the look of their organisation, in a style sheet that anybody may fetch and no page can be harmed by."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

import pytest
from sqlalchemy import update

from actionmail.db.brands import BrandRow
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from tests.pictures import keep_picture
from tests.web.supporter_pages import BASE, SupporterBrowser


def dress(database: Database, organisation: str, now: datetime) -> None:
    with database.write() as session:
        session.add(
            BrandRow(organisation=organisation, colours=["#7a1030", "#ffd98a"], font="serif", updated_at=now)
        )  # fmt: skip


def theme_of(browser: SupporterBrowser, path: str) -> str:
    """The address of the page's own style sheet, "" where it has none."""
    found = re.search(r'href="(/look\.css[^"]*)"', browser.get(path).text)
    return unescape(found[1]) if found else ""


def test_a_campaigns_pages_have_its_organisations_look_from_the_next_request_on(
    supporter: SupporterBrowser, database: Database, now: datetime
) -> None:
    assert theme_of(supporter, "/campaigns/ab969") == ""
    dress(database, "Example Org", now)
    address = theme_of(supporter, "/campaigns/ab969")
    sheet = supporter.client.get(address, base_url=BASE)
    assert sheet.mimetype == "text/css"
    assert "--field: #7a1030;" in sheet.text
    assert "immutable" in sheet.headers["Cache-Control"]


@pytest.mark.parametrize(
    "query",
    [
        "colours=ffffff-000000",
        "colours=7a1030",
        "colours=7a1030-ffd98a;x",
        "colours=%7D*%7B",
        "font=comic",
        "font=serif%3B%7D",
    ],
)
def test_no_address_makes_a_style_sheet_of_anything_else(supporter: SupporterBrowser, query: str) -> None:
    assert supporter.client.get(f"/look.css?{query}", base_url=BASE).status_code == 404


@pytest.mark.parametrize("organisation", ["Example Org", "Somebody Else"])
def test_a_logo_stands_once_beside_its_organisations_name(
    supporter: SupporterBrowser, database: Database, now: datetime, organisation: str
) -> None:
    """In the head of the page where that names the same organisation, else with whose campaign it is."""
    dress(database, organisation, now)
    with database.write() as session:
        session.execute(update(BrandRow).values(logo_id=keep_picture(session, now)))
        session.execute(update(Campaign).values(organisation=organisation))
    page = supporter.get("/campaigns/ab969").text
    head, _, main = page.partition("<main")
    is_ours = organisation == "Example Org"
    assert ('class="logo"' in head, 'class="logo"' in main) == (is_ours, not is_ours)
    assert page.count('class="logo"') == 1


def test_pages_of_no_campaign_have_the_installations_look_and_those_of_staff_none(
    supporter: SupporterBrowser, database: Database, now: datetime
) -> None:
    dress(database, "Example Org", now)
    assert theme_of(supporter, "/privacy") != ""
    assert theme_of(supporter, "/") != ""
    assert theme_of(supporter, "/staff/sign-in") == ""
