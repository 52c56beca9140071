"""The page that staff begin from: what is live, what needs attention, today's letters."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.delivery.pauses import pause
from actionmail.flows.review.dashboard import dashboard
from actionmail.flows.staff import Role
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import RETURNED_MAIL, Actor, PauseCause, PauseReason
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings
from tests.executed import executed
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.web.staff_pages import StaffBrowser, hire, staff_app, words


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    app = staff_app(settings, tmp_path)
    app.extensions["actionmail"] = replace(app.extensions["actionmail"], clock=lambda: NOW)
    return app


def home(app: Flask, database: Database, role: Role) -> tuple[str, str]:
    """Words and HTML of the page as somebody of this role sees it."""
    hire(database, f"{role.value}@example.org", role)
    browser = StaffBrowser(app)
    browser.sign_in(f"{role.value}@example.org")
    page = browser.get("/staff/")
    assert page.status_code == 200
    return words(page), page.text


def test_a_new_installation_says_what_to_do_first(app: Flask, database: Database) -> None:
    text, page = home(app, database, Role.ADMIN)
    assert "What to do first" in text
    assert "Load the roster." in text
    assert 'href="/staff/drafts">Write your first campaign</a>' in page
    assert "No campaign is live or scheduled." in text
    assert "No supporter has sent a letter today." in text
    assert "What needs attention" not in text


def test_a_reviewer_is_not_asked_to_write(app: Flask, database: Database) -> None:
    text, page = home(app, database, Role.REVIEWER)
    assert "Wait for the first campaign." in text
    assert "/staff/drafts" not in page


def write_some(database: Database) -> None:
    """A live campaign with letters of today and before, a scheduled one that did not open, and a draft."""
    with database.write() as session:
        live = sample_campaign(session)
        sample_campaign(session, slug="draft", status="draft")
        sample_campaign(
            session,
            slug="waits",
            title="It waits",
            status="scheduled",
            opens_at=NOW - timedelta(hours=1),
            not_opened="You cannot publish waits: its page has no text yet.",
        )
        sample_campaign(session, slug="over", title="It is over", status="closed")
        target = sample_legislator(session, name="Uma Pattern", email="", email_note="missing", state="WI")
        for days, state in (
            (0, "accepted"),
            (0, "held"),
            (1, "deferred"),
            (3, "bounced"),
            (3, "deferred"),
            (9, "bounced"),
        ):
            at = NOW - timedelta(days=days)
            action = sample_action(session, live, created_at=at, email=f"{state}{days}@example.org")
            sample_message(session, action, target, live.letters[0], state=state, created_at=at)
        sample_action(session, live, cancelled_at=NOW)
        on_hold = PauseCause(reason=PauseReason.ADDRESS_ON_HOLD)
        pause(session, Scope.TARGET, str(target.id), on_hold, actor=RETURNED_MAIL, now=NOW)
        pause(session, Scope.DOMAIN, "office.example", PauseCause(words="Their wish."), actor=Actor.staff(1), now=NOW)
        letter = session.scalars(select(Message.id).limit(1)).one()
        complaint = PauseCause(reason=PauseReason.COMPLAINT, words="abuse", message=letter)
        pause(session, Scope.CAMPAIGN, str(live.id), complaint, actor=RETURNED_MAIL, now=NOW)


def test_it_says_what_is_live_and_what_needs_attention(app: Flask, database: Database) -> None:
    write_some(database)
    text, page = home(app, database, Role.ADMIN)
    assert "Today 2 In all 6" in text, "who took it back is not counted"
    assert "scheduled, opens" in text
    assert "It waits did not open at its time. You cannot publish waits: its page has no text yet." in text
    assert "It is over" not in text
    assert "1 draft that nobody sees yet." in text
    for path, said in (
        ("/staff/messages?state=held", "1 letter"),
        ("/staff/messages?state=bounced&amp;since=2026-02-25", "1 letter"),
        ("/staff/messages?state=deferred&amp;until=2026-03-02", "1 letter"),
        ("/staff/messages?state=accepted&amp;since=2026-03-04", "1 accepted by the mail server"),
        ("/staff/roster?state=WI&amp;show=problems", "1 address of Wisconsin"),
    ):
        assert f'href="{path}">{said}</a>' in page
    assert (
        "Nothing is sent to Uma Pattern : Two different supporters' letters met an address that does not exist." in text
    )
    assert "Nothing is sent to addresses at office.example: Their wish." in text
    assert re.search(r"Nothing is sent for [^:]+: [\w.]+ reports letter \d+ as abuse\.", text)


def test_each_number_is_what_its_link_shows(app: Flask, database: Database) -> None:
    write_some(database)
    home(app, database, Role.ADMIN)
    browser = StaffBrowser(app)
    browser.sign_in("admin@example.org")
    for query in ("state=bounced&since=2026-02-25", "state=deferred&until=2026-03-02", "state=held"):
        assert browser.get(f"/staff/messages?{query}").text.count('role="rowheader"') == 1


def test_an_author_sees_numbers_and_no_way_to_the_letters(app: Flask, database: Database) -> None:
    write_some(database)
    text, page = home(app, database, Role.AUTHOR)
    assert "1 letter: held until staff decide" in text
    assert "/staff/messages" not in page
    assert 'href="/staff/campaigns/ab969"' in page


def test_a_reviewer_comes_from_a_campaign_to_its_letters(app: Flask, database: Database) -> None:
    write_some(database)
    _, page = home(app, database, Role.REVIEWER)
    assert 'href="/staff/messages?campaign=ab969"' in page
    assert "/staff/campaigns" not in page


def test_it_takes_the_same_few_statements_however_many_campaigns_there_are(any_database: Database) -> None:
    write_some(any_database)
    with any_database.write() as session:
        for number in range(20):
            sample_campaign(session, slug=f"more-{number}")
    with executed(any_database.engine) as said, any_database.read() as session:
        found = dashboard(session, now=NOW)
    assert len(found.running) == 22
    assert len([statement for statement, _parameters in said if statement.startswith("SELECT")]) <= 8


def test_a_crowd_leads_to_its_letters(app: Flask, database: Database) -> None:
    with database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        for number in range(20):
            action = sample_action(session, campaign, name=f"Person {number}", paragraph_bucket=5)
            sample_message(session, action, legislator, campaign.letters[0], supporter_key=str(number))
        sample_message(session, sample_action(session, campaign), legislator, campaign.letters[0], supporter_key="x")
    text, page = home(app, database, Role.REVIEWER)
    assert "20 supporters wrote the same paragraph within a day, the last at" in text
    link = re.search(r'href="(/staff/messages\?[^"]*alike=20[^"]*)">Look at them', page)
    assert link is not None
    browser = StaffBrowser(app)
    browser.sign_in("reviewer@example.org")
    log = browser.get(link[1].replace("&amp;", "&"))
    assert log.status_code == 200
    assert "All 20" in words(log)


def test_every_supporter_and_letter_is_counted(app: Flask, database: Database) -> None:
    with database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        for number in range(5):
            action = sample_action(session, campaign)
            key = {"supporter_key": str(number), "created_at": NOW, "state": "failed" if number == 0 else "queued"}
            sample_message(session, action, legislator, campaign.letters[0], **key)
        failed = {"supporter_key": "old", "created_at": NOW - timedelta(days=8), "state": "failed"}
        old = sample_action(session, campaign, created_at=NOW - timedelta(days=8))
        sample_message(session, old, legislator, campaign.letters[0], **failed)
    text, _ = home(app, database, Role.REVIEWER)
    assert "Today 5 In all 6" in text
    assert re.search(r"1 letter ?: not accepted by the mail server", text)
    assert "4 waiting to be sent" in text


def test_the_numbers_of_letters_are_told_without_reading_any(any_database: Database) -> None:
    with any_database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        action = sample_action(session, campaign)
        sample_message(session, action, legislator, campaign.letters[0], created_at=NOW, state="failed")
    with any_database.read() as session, executed(any_database.engine) as said:
        found = dashboard(session, now=NOW)
    assert found.letters == {State.FAILED: 1}
    assert [one.count for one in found.troubled] == [1]
    assert [statement for statement, _ in said if "FROM messages" in statement] == []
