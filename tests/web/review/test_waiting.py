"""Waiting says why: on the letter's page, the staff home, the receipt, and to the machinery that asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.throttles import WorkerPulse
from actionmail.flows.delivery.pauses import pause
from actionmail.flows.staff import Role
from actionmail.rules.delivery.rates import Limits, Scope
from actionmail.rules.delivery.reasons import Actor, PauseCause
from actionmail.rules.delivery.waiting import Reason, Why
from actionmail.settings import Settings
from actionmail.web.review.waiting_words import waiting_words
from actionmail.web.supporter.receipt_words import WAITING_WORDS
from tests.flows.delivery.test_delivery import fill
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.web.staff_pages import StaffBrowser, at, hire, signed_in, staff_app, words

LATER = NOW + timedelta(minutes=30)


class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path, clock: Clock) -> Flask:
    hire(database, "rita@example.org", Role.REVIEWER)
    return at(staff_app(settings, tmp_path), clock)


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    return signed_in(app, "rita@example.org")


def seen(database: Database, now: datetime, trouble: str = "", **columns: object) -> None:
    with database.write() as session:
        since = now if trouble else None
        row = {
            "name": "host:1",
            "started_at": NOW,
            "seen_at": now,
            "trouble": trouble,
            "trouble_since": since,
            **columns,
        }
        session.merge(WorkerPulse(**row))


def receipt_of(database: Database) -> str:
    with database.read() as session:
        return f"/receipts/{session.scalars(select(Action.receipt_token)).one()}"


def test_without_a_worker_everybody_is_told(browser: StaffBrowser, database: Database, clock: Clock) -> None:
    (letter,) = fill(database, 1)
    seen(database, NOW)
    assert browser.get("/readyz").json == {"status": "ok"}
    clock.now = LATER
    assert browser.get("/readyz").json == {"status": "ok", "worker": "letters are due, and no worker is at work"}
    assert browser.get("/readyz").status_code == 200
    last = "the last was seen at 2026-03-04 15:12 UTC"
    assert f"Letters are due, and no worker is at work: {last}." in words(browser.get("/staff/"))
    assert f"No worker is at work: {last}." in words(browser.get(f"/staff/messages/{letter}"))
    assert WAITING_WORDS[Why.NO_WORKER] in words(browser.get(receipt_of(database)))
    seen(database, LATER)
    assert browser.get("/readyz").json == {"status": "ok"}
    assert "no worker is at work" not in words(browser.get("/staff/"))
    assert "A worker was last seen at 2026-03-04 15:42 UTC" in words(browser.get("/staff/"))
    assert "a worker takes it within moments" in words(browser.get(f"/staff/messages/{letter}"))
    assert WAITING_WORDS[Why.NO_WORKER] not in words(browser.get(receipt_of(database)))


def test_a_mail_server_out_of_order_is_told(browser: StaffBrowser, database: Database) -> None:
    (letter,) = fill(database, 1)
    seen(database, NOW, "unreachable (Connection refused)")
    assert browser.get("/readyz").json == {"status": "ok", "worker": "the mail server is out of order"}
    home = words(browser.get("/staff/"))
    assert "The mail server cannot be reached: Connection refused. Since 2026-03-04 15:12 UTC." in home
    assert "The mail server is out of order since 2026-03-04 15:12 UTC." in words(
        browser.get(f"/staff/messages/{letter}")
    )
    assert WAITING_WORDS[Why.RELAY_AWAY] in words(browser.get(receipt_of(database)))


def test_a_stop_is_told_with_the_way_to_it(browser: StaffBrowser, database: Database) -> None:
    (letter,) = fill(database, 1)
    seen(database, NOW, hours="18-20")
    with database.write() as session:
        pause(session, Scope.CAMPAIGN, "1", PauseCause(words="They asked"), actor=Actor.staff(1), now=NOW)
    page = words(browser.get(f"/staff/messages/{letter}"))
    assert "Stopped: nothing is sent for Keep armed police out of Wisconsin's schools. See why, and lift it" in page
    assert "Letters are sent from 18:00 to 20:00 only, by the clocks of the campaign's place." in page
    receipt = words(browser.get(receipt_of(database)))
    assert WAITING_WORDS[Why.STOPPED] in receipt
    assert "They asked" not in receipt


@pytest.mark.parametrize("why", list(Why))
@pytest.mark.parametrize("scope", [None, *Scope])
def test_every_reason_has_a_sentence(why: Why, scope: Scope | None) -> None:
    for reason in (Reason(why=why, scope=scope), Reason(why=why, scope=scope, at=NOW, hours=(8, 18), before=2_000)):
        sentence = waiting_words(reason, Limits(target_hour=30, campaign_hour=500))
        assert sentence.endswith(".")
        assert "None" not in sentence


def test_a_line_that_is_too_long_and_time_that_runs_out_are_told_on_the_home_page(
    browser: StaffBrowser, database: Database, clock: Clock
) -> None:
    ids = fill(database, 6)
    seen(database, NOW, target_hour=2)
    with database.write() as session:
        for number in ids:
            session.get_one(Message, number).expires_at = NOW + timedelta(hours=3)
    clock.now = NOW + timedelta(hours=1, minutes=30)
    page = words(browser.get("/staff/"))
    assert (
        "Lara Sample : 6 letters wait, and at 2 an hour the last goes at about 2026-03-04 17:42 UTC; 4 run out of time "
        "before their turn, the first at 2026-03-04 18:12 UTC." in page
    )
    assert "6 letters that wait run out of time within a day , the first at 2026-03-04 18:12 UTC" in page


def test_the_page_before_letters_go_out_reckons_with_the_pace(app: Flask, database: Database) -> None:
    hire(database, "anna@example.org", Role.AUTHOR)
    author = signed_in(app, "anna@example.org")
    with database.write() as session:
        campaign = sample_campaign(session, deadline_at=NOW + timedelta(hours=10), goal=165)
    assert "Pace of the letters" not in words(author.get("/staff/preflight"))
    seen(database, NOW, target_hour=30)
    assert "Pace of the letters: well. At 30 letters an hour one legislator can get 165 letters" in words(
        author.get("/staff/preflight")
    )
    with database.write() as session:
        session.merge(campaign).goal = 2_930
    page = words(author.get("/staff/preflight"))
    assert "Pace of the letters: amiss. One legislator gets at most 30 letters an hour, half of them at once." in page
    assert "that makes 165, and the goal is 2,930 supporters" in page


def test_each_trouble_of_the_home_page_has_its_next_step(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        for state in ("held", "bounced", "failed", "ambiguous"):
            action = sample_action(session, campaign, email=f"{state}@example.org")
            sample_message(session, action, legislator, campaign.letters[0], state=state)
    page = browser.get("/staff/").text
    for link in (
        "/staff/messages/many?state=held",
        "/staff/messages/many/retries?state=failed&amp;since=2026-02-25",
        "/staff/roster?show=problems",
    ):
        assert f'href="{link}"' in page
        assert browser.get(unescape(link)).status_code == 200
