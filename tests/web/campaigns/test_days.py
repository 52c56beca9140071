"""Staff write days of action: rows are added, moved and taken out without scripts, and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.staff import Role
from tests.samples import action_day, sample_action, sample_days
from tests.web.staff_pages import StaffBrowser, hire, revision, save, signed_in, words

PATH = "/staff/campaigns/week/kind"
DRAFT = {
    "kind": "days",
    "slug": "week",
    "title": "Week of action",
    "state": "",
    "organisation": "Example Org",
    "timezone": "America/Chicago",
}
DAY = {
    "day-0-date": "2027-03-09",
    "day-0-region": "Great Lakes",
    "day-0-states": "wi, MI OH",
    "day-0-sessions-0-from": "3 pm",
    "day-0-sessions-0-to": "4:30 pm",
    "day-0-sessions-0-timezone": "America/Chicago",
    "reminders": "y",
}


class _Values(HTMLParser):
    """What stands in the fields of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or ""
        if tag == "textarea":
            self._area = name
            self.values[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in found:
            self.values[self._select] = found.get("value") or ""
        elif tag == "input" and (found.get("type") not in ("checkbox", "radio") or "checked" in found):
            self.values[name] = found.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def values(page: Any) -> dict[str, str]:
    reader = _Values()
    reader.feed(page.text)
    return {name: value for name, value in reader.values.items() if name != "csrf_token"}


def press(browser: StaffBrowser, page: Any, button: str, **typed: str) -> Any:
    """A button of the rows, which has to stand on the page."""
    assert f'value="{button}"' in page.text
    return browser.post(PATH, **{**values(page), **typed, "go": button})


def regions(page: Any) -> list[str]:
    return [value for name, value in values(page).items() if re.fullmatch(r"day-\d+-region", name)]


def campaign_of(database: Database) -> Campaign:
    with database.read() as session:
        return session.scalars(select(Campaign).where(Campaign.slug == "week")).one()


def problems(page: Any) -> str:
    found = re.search(r'class="error-summary".*?</div>', page.text, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", found[0])) if found else ""


@pytest.fixture
def week(database: Database) -> None:
    with database.write() as session:
        sample_days(session)


def test_a_week_is_drafted_filled_in_row_by_row_and_published(browser: StaffBrowser, database: Database) -> None:
    browser.get("/staff/drafts")
    assert browser.post("/staff/drafts", **DRAFT).location == "/staff/campaigns/week"
    assert "There is no day; add one." in words(browser.get("/staff/campaigns/week"))
    page = browser.get(PATH)
    page = press(browser, page, "add:day", reminders="y")
    page = press(browser, page, "add:day-0-sessions", **{"day-0-region": "Great Lakes"})
    assert regions(page) == ["Great Lakes"]
    assert campaign_of(database).details == {}
    saved = browser.post(PATH, **{**values(page), **DAY, "go": "save"})
    assert saved.status_code == 303
    (day,) = campaign_of(database).details["day"]
    assert (day["key"], day["date"], day["states"]) == ("great-lakes", "2027-03-09", ["WI", "MI", "OH"])
    assert day["sessions"][0]["from"] == "15:00"
    overview = words(browser.get("/staff/campaigns/week"))
    assert "2027-03-09: Great Lakes" in overview
    assert "states have no day of their own: " in overview
    save(browser, "/staff/campaigns/week/page", summary="Why.", privacy_line="For reminders.")
    browser.get("/staff/campaigns/week/changes/publish")
    assert browser.post("/staff/campaigns/week/changes/publish").status_code == 303
    assert campaign_of(database).status == "live"


def test_rows_are_moved_and_taken_out_and_saved_as_they_stand(
    week: None, browser: StaffBrowser, database: Database
) -> None:
    page = browser.get(PATH)
    assert regions(page) == ["East", "Midwest", "West"]
    page = press(browser, page, "down:day-0", **{"day-2-host": "Typed meanwhile"})
    assert regions(page) == ["Midwest", "East", "West"]
    page = press(browser, page, "up:day-2")
    assert regions(page) == ["Midwest", "West", "East"]
    page = press(browser, page, "remove:day-2")
    assert regions(page) == ["Midwest", "West"]
    page = press(browser, page, "add:day-0-sessions")
    assert values(page)["day-0-sessions-1-timezone"] == "America/Chicago"
    page = press(browser, page, "up:day-0-sessions-1")
    page = press(browser, page, "remove:day-0-sessions-0")
    assert values(page)["day-0-sessions-0-title"] == "Teach-in"
    assert browser.post(PATH, **{**values(page), "go": "save"}).status_code == 303
    days = campaign_of(database).details["day"]
    assert [(day["key"], day["host"]) for day in days] == [
        ("midwest", "Example Group"),
        ("west", "Typed meanwhile"),
    ]


@pytest.mark.parametrize(
    "button",
    ["remove:day-9", "up:nothing-0", "add:reminders", "add:day-x-sessions", "remove:day", "down:day-0-key", ":"],
)
def test_a_button_of_no_row_changes_nothing(week: None, browser: StaffBrowser, database: Database, button: str) -> None:
    page = browser.get(PATH)
    before = campaign_of(database).details
    again = browser.post(PATH, **{**values(page), "go": button})
    assert again.status_code in (200, 303)
    if again.status_code == 200:
        assert regions(again) == ["East", "Midwest", "West"]
    assert campaign_of(database).details == before


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"day-1-states": ""}, "day-1-states", "Its states: A region covers at least one state."),
        ({"day-1-states": "WI, WI"}, "day-1-states", "Its states: It names WI twice."),
        ({"day-1-states": "NY"}, "day-1-states", "Its states: NY is in the region “East” already."),
        ({"day-1-states": "Wisconsin"}, "day-1-states", "Its states: It must be the two capital letters"),
        ({"day-1-date": "March 9"}, "day-1-date", "Date: It must be a date such as 2022-02-18."),
        ({"day-1-date": ""}, "day-1-date", "Date: It must be a date such as 2022-02-18."),
        ({"day-1-region": ""}, "day-1-region", "Region: It is empty."),
        ({"day-1-key": "east"}, "day-1-key", "Its name in addresses: Another day has the name “east” already."),
        ({"day-1-sessions-0-to": "11:00"}, "day-1-sessions-0-to", "To: It ends before it begins; do you mean 23:00?"),
        ({"day-1-sessions-0-to": "1"}, "day-1-sessions-0-to", "To: It must be a time such as 15:00 or 3 pm."),
        ({"day-1-sessions-0-timezone": ""}, "day-1-sessions-0-timezone", "Time zone: Choose one."),
        ({"day-1-link": "javascript:alert(1)"}, "day-1-link", "A link to join the day: It must be an address"),
        (
            {"day-1-date": "2026-03-08", "day-1-sessions-0-from": "2:30"},
            "day-1-sessions-0-from",
            "From: There is no 02:30 on that day in America/Chicago: the clocks go forward.",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(
    week: None, browser: StaffBrowser, typed: dict[str, str], field: str, said: str
) -> None:
    page = browser.get(PATH)
    sent = {**values(page), **typed, "day-2-host": "Typed meanwhile"}
    refused = browser.post(PATH, **{**sent, "go": "save"})
    assert refused.status_code == 422
    assert "<title>Error: " in refused.text
    assert said in problems(refused)
    assert f'href="#{field}"' in refused.text
    assert f'id="{field}-error"' in refused.text
    shown = values(refused)
    assert {name: shown.get(name, "") for name in sent} == sent


def test_the_last_day_cannot_be_taken_out(week: None, browser: StaffBrowser, database: Database) -> None:
    page = browser.get(PATH)
    for _ in range(3):
        page = press(browser, page, "remove:day-0")
    refused = browser.post(PATH, **{**values(page), "go": "save"})
    assert refused.status_code == 422
    assert "<title>Error: " in refused.text
    assert "Days: There is no day; add one." in problems(refused)
    assert len(campaign_of(database).details["day"]) == 3


def test_no_more_days_are_added_than_are_taken(browser: StaffBrowser, database: Database) -> None:
    days = [action_day(f"d{number}", date(2026, 3, 6), ["WI"], sessions=[]) for number in range(60)]
    with database.write() as session:
        sample_days(session, *days, status="draft")
    page = press(browser, browser.get(PATH), "add:day")
    assert len(regions(page)) == 60


def test_a_colleague_who_was_quicker_is_shown_and_not_overwritten(
    week: None, browser: StaffBrowser, database: Database, app: Flask
) -> None:
    hire(database, "kim@example.org", Role.AUTHOR)
    kim = signed_in(app, "kim@example.org")
    page = browser.get(PATH)
    theirs = values(kim.get(PATH))
    assert kim.post(PATH, **{**theirs, "day-1-host": "Kim's neighbors", "go": "save"}).status_code == 303
    late = browser.post(PATH, **{**values(page), "day-1-host": "Anna's neighbors", "go": "save"})
    assert late.status_code == 409
    said = words(late)
    assert "Kim's neighbors" in said
    assert values(late)["day-1-host"] == "Anna's neighbors"
    assert revision(late) != revision(page)


def test_what_is_typed_into_rows_is_kept_as_a_draft(week: None, browser: StaffBrowser) -> None:
    page = browser.get(PATH)
    kept = browser.post(PATH, **{**values(page), "day-1-host": "Not saved yet", "go": "keep"})
    assert "Draft kept" in words(kept)
    assert values(browser.get(PATH))["day-1-host"] == "Not saved yet"
    same = browser.post(PATH, **{**values(page), "go": "keep"})
    assert "Nothing here is unsaved." in words(same)


def test_the_words_for_after_the_week_are_translated(week: None, browser: StaffBrowser, database: Database) -> None:
    typed = {**values(browser.get(PATH)), "after": "Write a letter.", "go": "save"}
    assert browser.post(PATH, **typed).status_code == 303
    page = browser.get("/staff/campaigns/week/translations/es")
    assert "Write a letter." in words(page)
    assert save(browser, "/staff/campaigns/week/translations/es", after="Escriba una carta.").status_code == 303
    assert campaign_of(database).translations == {"es": {"after": "Escriba una carta."}}


def test_a_copy_has_the_days_and_calendars_of_its_own(week: None, browser: StaffBrowser, database: Database) -> None:
    browser.get("/staff/campaigns/week/copies")
    assert browser.post("/staff/campaigns/week/copies", slug="again", title="Another week").status_code == 303
    with database.read() as session:
        copy = session.scalars(select(Campaign).where(Campaign.slug == "again")).one()
    assert [day["key"] for day in copy.details["day"]] == ["east", "midwest", "west"]
    assert [entry["sequence"] for entry in copy.details["listed"]] == [0, 0, 0]


def test_reviewers_see_which_days_were_ticked(app: Flask, database: Database) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    with database.write() as session:
        sample_action(session, sample_days(session), details={"days": ["midwest", "west"]})
    page = words(signed_in(app, "rita@example.org").get("/staff/campaigns/week/actions"))
    assert "midwest, west" in page


def test_what_a_day_says_is_translated_and_goes_with_it(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        midwest = action_day("midwest", date(2027, 3, 9), ["WI"], after="Write it down.")
        west = action_day("west", date(2027, 3, 10), ["CA"], text="")
        sample_days(session, midwest, west, status="draft")
    path = "/staff/campaigns/week/translations/es"
    page = browser.get(path)
    assert "Midwest: what the day is about" in words(page)
    assert "West: what the day is about" not in words(page).replace("Midwest", "")
    long = save(browser, path, **{"day-midwest-text": "x" * 20_001})
    assert long.status_code == 422
    assert 'id="day-midwest-text-error"' in long.text
    saved = save(browser, path, **{"day-midwest-text": "Traiga a su vecina.", "day-midwest-after": "Escriba."})
    assert saved.status_code == 303
    assert campaign_of(database).translations == {
        "es": {"day-midwest-text": "Traiga a su vecina.", "day-midwest-after": "Escriba."}
    }
    assert "day-midwest-text" in browser.get("/staff/campaigns/week/file").text
    changed = {**values(browser.get(PATH)), "day-0-text": "Bring two.", "go": "save"}
    assert browser.post(PATH, **changed).status_code == 303
    assert "what “midwest” is about" in words(browser.get("/staff/campaigns/week/translations"))
    assert "The campaign's own words changed" in unescape(browser.get(path).text)
    emptied = press(browser, browser.get(PATH), "remove:day-0")
    assert browser.post(PATH, **{**values(emptied), "go": "save"}).status_code == 303
    assert campaign_of(database).translations == {}
