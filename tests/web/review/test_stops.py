"""Stops over HTTP: listed, set, lifted; the banner; and how many clicks it takes from the home page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.throttles import Switch
from actionmail.flows.delivery.pauses import pause
from actionmail.flows.staff import Role
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import RETURNED_MAIL, PauseCause, PauseReason
from actionmail.settings import Settings
from tests.executed import executed
from tests.flows.delivery.test_delivery import fill
from tests.samples import NOW
from tests.web.staff_pages import StaffBrowser, at, hire, signed_in, staff_app, words


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, "rita@example.org", Role.REVIEWER)
    return at(staff_app(settings, tmp_path), lambda: NOW)


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    return signed_in(app, "rita@example.org")


def stopped(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(row.scope, row.key) for row in session.scalars(select(Switch))]


def refuse(database: Database, domain: str = "legis.example") -> None:
    """A domain is stopped by a worker."""
    with database.write() as session:
        cause = PauseCause(reason=PauseReason.REFUSED, words="550 5.7.1 Blocked by policy")
        pause(session, Scope.DOMAIN, domain, cause, actor=RETURNED_MAIL, now=NOW)


def test_nothing_is_stopped(browser: StaffBrowser) -> None:
    assert "Nothing is stopped." in words(browser.get("/staff/stops"))
    assert "See why, and lift it" not in words(browser.get("/staff/"))


def test_a_stopped_domain_is_lifted_from_the_home_page_in_two_clicks(browser: StaffBrowser, database: Database) -> None:
    fill(database, 2)
    refuse(database)
    home = browser.get("/staff/")
    assert "Nothing is sent to addresses at legis.example: 550 5.7.1 Blocked by policy" in words(home)
    link = re.search(r'href="(/staff/stops#lift-1)"', home.text)
    assert link is not None
    page = browser.get(link[1])  # the first click
    said = words(page)
    assert "Nothing is sent to addresses at legis.example" in said
    assert "Behind it wait 2 letters." in said
    assert "by returned mail" in said
    assert '<textarea id="lift-1"' in page.text  # a link to a field gives it the focus
    done = browser.post(
        "/staff/stops/lifts", what="domain", name="legis.example", reason="They said sorry"
    )  # the second
    assert done.status_code == 303
    said = words(browser.get(done.location))
    assert "Lifted. What waited behind it goes as its turn comes." in said
    assert "Nothing is stopped." in said
    assert stopped(database) == []


def test_a_lift_wants_a_reason_and_keeps_the_stop_without(browser: StaffBrowser, database: Database) -> None:
    refuse(database)
    browser.get("/staff/stops")
    page = browser.post("/staff/stops/lifts", what="domain", name="legis.example", reason=" ")
    assert page.status_code == 422
    assert "Say why, in a few words" in words(page)
    assert stopped(database) == [("domain", "legis.example")]


@pytest.mark.parametrize(("what", "name"), [("domain", "other.example"), ("all", "")])
def test_a_lift_of_what_is_not_stopped_says_so(browser: StaffBrowser, what: str, name: str) -> None:
    browser.get("/staff/stops")
    done = browser.post("/staff/stops/lifts", what=what, name=name, reason="x")
    assert "Nothing stopped it any more." in words(browser.get(done.location))


@pytest.mark.parametrize(("what", "name"), [("nothing", ""), ("campaign", "none"), ("target", "x"), ("target", "²")])
def test_a_lift_of_what_is_no_stop_is_a_sentence(browser: StaffBrowser, what: str, name: str) -> None:
    browser.get("/staff/stops")
    assert browser.post("/staff/stops/lifts", what=what, name=name, reason="x").status_code == 422


@pytest.mark.parametrize(
    ("values", "key", "said"),
    [
        ({"what": "all"}, ("all", ""), "Nothing is sent at all"),
        ({"what": "domain", "domain": " Legis.Example "}, ("domain", "legis.example"), "addresses at legis.example"),
        ({"what": "campaign", "campaign": "ab969"}, ("campaign", "1"), "Nothing is sent for Keep armed police"),
        ({"what": "target", "legislator": "lara"}, ("target", "1"), "Nothing is sent to Lara Sample"),
    ],
)
def test_staff_stop_letters_and_every_page_says_so(
    browser: StaffBrowser, database: Database, values: dict[str, str], key: tuple[str, str], said: str
) -> None:
    (letter,) = fill(database, 1)
    browser.get("/staff/stops")
    done = browser.post("/staff/stops", reason="They asked", **values)
    assert done.status_code == 303
    assert stopped(database) == [key]
    for path in ("/staff/stops", "/staff/", "/staff/messages", f"/staff/messages/{letter}", "/staff/roster"):
        page = words(browser.get(path))
        assert said in page
        assert "See why, and lift it" in page
    again = browser.post("/staff/stops", reason="Another", **values)
    assert "It was stopped already; the first reason stands." in words(browser.get(again.location))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"what": "domain", "domain": ""}, "Say what is to be stopped."),
        ({"what": "domain", "domain": "mai@example.org"}, "Write the part of an address behind the @"),
        ({"what": "campaign", "campaign": "none"}, "Choose one of the campaigns."),
        ({"what": "target", "legislator": "nobody"}, "No legislator in office has this in their name."),
        ({"what": "all", "reason": ""}, "Say why, in a few words"),
        ({"what": "all", "reason": "x" * 501}, "at most 500 characters; this has 501"),
        ({"what": "the weather"}, "Choose one of these."),
    ],
)
def test_what_cannot_be_stopped_is_told_at_its_field(
    browser: StaffBrowser, database: Database, values: dict[str, str], sentence: str
) -> None:
    fill(database, 1)
    browser.get("/staff/stops")
    page = browser.post("/staff/stops", **{"reason": "They asked", **values})
    assert page.status_code == 422
    assert sentence in words(page)
    assert "<title>Error: Stops" in page.text
    assert stopped(database) == []


def test_a_stop_that_is_lifted_without_a_reason_is_told_at_its_field(browser: StaffBrowser, database: Database) -> None:
    for domain in ("a.example", "b.example"):
        refuse(database, domain)
    browser.get("/staff/stops")
    page = browser.post("/staff/stops/lifts", what="domain", name="b.example", reason=" ")
    assert page.status_code == 422
    (field,) = re.findall(r'<textarea id="(lift-\d)"[^>]*aria-describedby="\1-error" aria-invalid="true">', page.text)
    assert f'id="{field}-error"' in page.text
    assert len(stopped(database)) == 2


def test_the_banner_costs_one_statement(browser: StaffBrowser, database: Database, app: Flask) -> None:
    with executed(app.extensions["actionmail"].database.engine) as said:
        browser.get("/staff/password")
    assert len([statement for statement, _parameters in said if "switches" in statement]) == 1


def test_an_author_sees_the_banner_and_no_link(app: Flask, database: Database) -> None:
    refuse(database)
    hire(database, "anna@example.org", Role.AUTHOR)
    page = signed_in(app, "anna@example.org").get("/staff/")
    assert "Nothing is sent to addresses at legis.example" in words(page)
    assert "/staff/stops" not in page.text


def test_many_stops_are_one_line(browser: StaffBrowser, database: Database) -> None:
    for number in range(5):
        refuse(database, f"d{number}.example")
    assert "4 more stops are on." in words(browser.get("/staff/messages"))
    assert len(re.findall(r'class="stop"', browser.get("/staff/stops").text)) == 5


def test_the_letter_that_a_complaint_is_about_is_a_link(browser: StaffBrowser, database: Database) -> None:
    (letter,) = fill(database, 1)
    with database.write() as session:
        cause = PauseCause(reason=PauseReason.COMPLAINT, words="abuse", message=letter)
        campaign = session.get_one(Message, letter).campaign_id
        pause(session, Scope.CAMPAIGN, str(campaign), cause, actor=RETURNED_MAIL, now=NOW)
    page = browser.get("/staff/stops")
    assert f'href="/staff/messages/{letter}"' in page.text
    assert f"reports letter {letter} as abuse" in words(page)
