"""The staff's pages of each kind of action, as they stand over the samples; and days that are moved about."""

from __future__ import annotations

import re
from datetime import date
from secrets import token_hex

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in
from tests.samples import action_day, sample_action, sample_days, sample_petition

pytestmark = pytest.mark.browser

PAGES = {
    "staff-campaigns": "campaigns",
    "staff-petition": "campaigns/clemency",
    "staff-petition-kind": "campaigns/clemency/kind",
    "staff-petition-post": "campaigns/clemency/post",
    "staff-petition-translation": "campaigns/clemency/translations/es",
    "staff-call": "campaigns/comment-line",
    "staff-call-kind": "campaigns/comment-line/kind",
    "staff-call-counts": "campaigns/comment-line/calls",
    "staff-call-whole-page": "campaigns/comment-line/whole-page",
    "staff-toolkit": "campaigns/ride-safe-toolkit",
    "staff-toolkit-kind": "campaigns/ride-safe-toolkit/kind",
    "staff-toolkit-whole-page": "campaigns/ride-safe-toolkit/whole-page",
    "staff-week": "campaigns/week-of-action",
    "staff-week-translations": "campaigns/week-of-action/translations",
    "staff-week-translation": "campaigns/week-of-action/translations/es",
    "staff-week-whole-page": "campaigns/week-of-action/whole-page",
    "staff-statement-whole-page": "campaigns/together/whole-page",
    "staff-news": "campaigns/sb1161-law",
    "staff-news-details": "campaigns/sb1161-law/details",
    "staff-pictures": "pictures",
    "staff-picture": "pictures/1",
    "staff-picture-deletion": "pictures/1/deletion",
}


def test_every_page_of_every_kind_is_within_reach_of_everyone(page: Page, house: House, look: Look) -> None:
    sign_in(page, house)
    for name, path in PAGES.items():
        answer = page.goto(f"{house.site}/staff/{path}")
        assert answer is not None
        assert answer.status == 200, path
        look(page, name)


def test_signatures_are_looked_through_counted_by_place_and_taken_out(page: Page, house: House, look: Look) -> None:
    slug = f"petition-{token_hex(4)}"
    with house.database.write() as session:
        campaign = sample_petition(session, slug=slug, state="")
        for name in ("Mai Example", "Kou Example"):
            sample_action(
                session, campaign, name=name, state="WI", details={"comment": "My cousin waits.", "show_name": True}
            )
    sign_in(page, house)
    page.goto(f"{house.site}/staff/campaigns/{slug}")
    page.get_by_role("link", name="By state and district").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("By state and district")
    look(page, "staff-petition-places")
    page.goto(f"{house.site}/staff/campaigns/{slug}/actions")
    expect(page.locator("main")).to_contain_text("Kou Example")
    look(page, "staff-petition-actions")
    page.goto(f"{house.site}/staff/campaigns/{slug}/delivery")
    look(page, "staff-petition-delivery")


def test_staff_add_move_and_remove_days_and_everybody_sees_it(page: Page, house: House, look: Look) -> None:
    slug = f"week-{token_hex(4)}"
    with house.database.write() as session:
        east = action_day("east", date(2031, 3, 10), ["NY", "MA"])
        west = action_day("west", date(2031, 3, 12), ["CA"])
        sample_days(session, east, west, slug=slug, title=f"Week {slug}")
    sign_in(page, house)
    page.goto(f"{house.site}/staff/campaigns/{slug}/kind")
    look(page, "staff-days")
    page.get_by_role("button", name="Add a day").click()
    new = page.get_by_role("group", name="Day 3", exact=True)
    new.get_by_label("Date").fill("2031-03-11")
    new.get_by_label("Region", exact=True).fill("South")
    new.get_by_label("Its states").fill("TX, CA")
    new.get_by_role("button", name="Add a session").click()
    session_of_new = page.get_by_role("group", name="Day 3", exact=True).get_by_role("group", name="Session 1")
    session_of_new.get_by_label("From").fill("3 pm")
    session_of_new.get_by_label("To", exact=True).fill("2 pm")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_role("group", name="Day 3", exact=True).get_by_label("Its states")).to_have_value("TX, CA")
    look(page, "staff-days-error")
    session_of_new.get_by_label("Time zone").select_option("America/Chicago")
    session_of_new.get_by_label("To", exact=True).fill("4 pm")
    page.get_by_role("button", name=re.compile("^Move up ?: Day 3$")).click()
    expect(_regions(page, 1)).to_have_value("South")
    page.get_by_role("group", name="Day 2", exact=True).get_by_label("Its states").fill("TX")
    page.get_by_role("button", name=re.compile("^Remove ?: Day 1$")).click()
    expect(_regions(page, 0)).to_have_value("South")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/staff/campaigns/{slug}$"))
    with house.database.read() as session:
        saved = session.scalars(select(Campaign.details).where(Campaign.slug == slug)).one()["day"]
    assert [(day["key"], day["region"], day["states"]) for day in saved] == [
        ("south", "South", ["TX"]),
        ("west", "West", ["CA"]),
    ]
    page.goto(f"{house.site}/campaigns/{slug}")
    expect(page.locator(".days > li")).to_have_count(2)
    expect(page.locator("#south")).to_contain_text("3:00 PM to 4:00 PM")


def _regions(page: Page, number: int) -> Locator:
    return page.locator(f"#day-{number}-region")
