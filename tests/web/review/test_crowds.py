"""A crowd on its page: from what needs attention to taking it out, undoing that, and letting it go."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.review.crowd_cleaning import Grasp, Standing
from actionmail.flows.review.crowds import CROWDS, CrowdKind
from actionmail.flows.staff import Role
from actionmail.rules.actions.pressure import TRAP, Scope
from actionmail.settings import Settings
from actionmail.web.review.crowds import GRASP_WORDS, HELD_WORDS, STANDING_WORDS
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.web.application import on
from tests.web.staff_pages import StaffBrowser, at, hire, signed_in, staff_app, words

MOST = CROWDS[CrowdKind.NETWORK][0]


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, "rita@example.org", Role.REVIEWER)
    hire(database, "anna@example.org", Role.AUTHOR)
    with database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        for number in range(MOST + 2):
            held = {"review": "waiting", "held_for": "address"} if number >= MOST else {}
            action = sample_action(
                session, campaign, email=f"n{number}@example.org", consent_address="192.0.2.7", **held
            )
            state = "review" if held else "queued"
            sample_message(session, action, legislator, campaign.letters[0], state=state, supporter_key=str(number))
    return at(on(database, staff_app(settings, tmp_path)), lambda: NOW)


@pytest.fixture
def reviewer(app: Flask) -> StaffBrowser:
    return signed_in(app, "rita@example.org")


def link(text: str, label: str) -> str:
    (path,) = re.findall(rf'<a href="([^"]+)">{label}', text)
    return str(path)


def press(browser: StaffBrowser, page: str, noun: str, **more: str) -> TestResponse:
    found = re.search(rf'action="(/staff/crowds/[a-z]+/\d+/{noun})".*?</form>', page, re.S)
    assert found, noun
    fields = dict(re.findall(r'name="(seen|out|reason)" value="([^"]*)"', found[0]))
    return browser.post(found[1], **{**fields, **more})


def states(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Message.state)))


def test_every_code_has_words() -> None:
    assert set(GRASP_WORDS) == set(Grasp)
    assert set(STANDING_WORDS) == set(Standing)
    assert set(HELD_WORDS) == {*(scope.value for scope in Scope), TRAP}


def test_in_two_presses_from_the_first_page_it_is_taken_out_and_in_one_put_back(
    reviewer: StaffBrowser, database: Database
) -> None:
    home = reviewer.get("/staff/").text
    page = reviewer.get(link(home, "take them all out"))
    assert f"Many at once: {MOST + 2} actions" in words(page)
    done = reviewer.get(press(reviewer, page.text, "removals").location)
    assert f"Done. {MOST + 2} taken out of the count." in words(done)
    assert states(database) == {"review"}
    assert "take them all out" not in reviewer.get("/staff/").text
    again = reviewer.get(press(reviewer, done.text, "returns").location)
    assert f"{MOST + 2} put back." in words(again)
    assert states(database) == {"queued", "review"}
    twice = reviewer.get(press(reviewer, done.text, "returns").location)
    assert "Nothing was changed: they are back already." in words(twice)


def test_what_waits_is_let_go(reviewer: StaffBrowser, database: Database) -> None:
    home = reviewer.get("/staff/").text
    assert "2 actions wait for you" in re.sub(r"<[^>]+>", "", home)
    page = reviewer.get(link(home, "Look, then let them go"))
    assert "many from one network address" in words(page)
    done = reviewer.get(press(reviewer, page.text, "approvals").location)
    assert "Done. 2 let go: they count, and their letters go." in words(done)
    assert states(database) == {"queued"}


def test_where_others_came_meanwhile_nothing_is_changed(reviewer: StaffBrowser, database: Database) -> None:
    page = reviewer.get(link(reviewer.get("/staff/").text, "take them all out")).text
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        sample_action(session, campaign, consent_address="192.0.2.7")
    answer = press(reviewer, page, "removals")
    assert answer.status_code == 409
    assert f"Nothing was changed: {MOST + 3} fit now" in words(answer)


@pytest.mark.parametrize("reason", ["", " ", "x" * 201])
def test_a_reason_is_asked_for(reviewer: StaffBrowser, database: Database, reason: str) -> None:
    page = reviewer.get(link(reviewer.get("/staff/").text, "take them all out")).text
    answer = press(reviewer, page, "removals", reason=reason)
    assert answer.status_code == 422
    assert "Say why, in at most 200 characters" in words(answer)
    assert "queued" in states(database)


@pytest.mark.parametrize(
    "path", ["network/999", "nothing/1", "source/1", "paragraph/1", "network/0", "network/99999999999999999999"]
)
def test_what_is_no_crowd_is_not_found(reviewer: StaffBrowser, path: str) -> None:
    assert reviewer.get(f"/staff/crowds/{path}").status_code == 404
    for noun in ("removals", "approvals"):
        assert reviewer.post(f"/staff/crowds/{path}/{noun}", seen="1", reason="x").status_code == 404


def test_an_author_changes_nothing(app: Flask, database: Database) -> None:
    author = signed_in(app, "anna@example.org")
    for noun in ("removals", "approvals", "returns"):
        assert author.post(f"/staff/crowds/network/1/{noun}", seen="32", reason="x", out="1").status_code == 403
    assert states(database) == {"queued", "review"}
