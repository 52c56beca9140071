"""Answers of offices on the staff pages: counts, times, and words only where a supporter gave them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from actionmail.db.answers import AnswerQuestion, SaidAnswer
from actionmail.db.engine import Database
from actionmail.db.messages import Event
from actionmail.db.returns import Return
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.audit import audited
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.web.staff_pages import StaffBrowser, hire, signed_in, staff_app, words


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, "rita@example.org", Role.REVIEWER)
    return staff_app(settings, tmp_path)


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    return signed_in(app, "rita@example.org")


@pytest.fixture
def letter(database: Database) -> int:
    with database.write() as session:
        campaign = sample_campaign(session)
        legislator = sample_legislator(session, id=7, name="Uma Pattern")
        message = sample_message(session, sample_action(session, campaign), legislator, campaign.letters[0])
        return message.id


def test_a_letter_of_which_nothing_is_known_says_nothing(browser: StaffBrowser, letter: int) -> None:
    assert "<dt>Answer</dt>" not in browser.get(f"/staff/messages/{letter}").text
    assert "Answers of" not in words(browser.get("/staff/roster/7"))


def test_a_letters_page_tells_what_came_and_what_is_said(
    browser: StaffBrowser, letter: int, database: Database
) -> None:
    with database.write() as session:
        at = NOW + timedelta(days=3)
        session.add(Event(message_id=letter, at=NOW, from_state="sending", to_state="accepted", actor_kind="worker"))
        session.add(Return(message_id=letter, at=at, kind="reply", sha256="1" * 64, forwarded=True))
        session.add(Return(message_id=letter, at=NOW, kind="auto reply", sha256="2" * 64, forwarded=True))
    page = words(browser.get(f"/staff/messages/{letter}"))
    assert "One by a person came to us at 2026-03-07 15:12 UTC" in page
    assert "One by a machine came at 2026-03-04 15:12 UTC" in page
    with database.write() as session:
        session.add(SaidAnswer(message_id=letter, is_answered=True, said_at=NOW, words="Dear <b>Mai</b>"))
    page = browser.get(f"/staff/messages/{letter}")
    assert "the office answered" in words(page)
    assert "Dear &lt;b&gt;Mai&lt;/b&gt;" in page.text
    with database.read() as session:
        assert [entry[2] for entry in audited(session, "message_viewed")][-1] == f"message {letter}"
    page_of_legislator = words(browser.get("/staff/roster/7"))
    assert "Letters with an answer 1, of which 1 came to us as well" in page_of_legislator
    assert "1 say that the office answered, 0 that nothing came" in page_of_legislator
    assert "Usual wait for an answer 3 days" in page_of_legislator
    assert "Dear" not in page_of_legislator


def test_who_was_asked_and_has_not_said_is_told(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        campaign = sample_campaign(session)
        legislator, action = sample_legislator(session, id=7), sample_action(session, campaign)
        message = sample_message(session, action, legislator, campaign.letters[0], state="settled")
        session.add(AnswerQuestion(action_id=action.id, token="t", agreed_at=NOW, ask_at=None, asked_at=NOW))
        session.add(Return(message_id=message.id, at=NOW, kind="auto reply", sha256="2" * 64, forwarded=True))
        number = message.id
    assert "The supporter was asked at 2026-03-04 15:12 UTC" in words(browser.get(f"/staff/messages/{number}"))
    page = words(browser.get("/staff/roster/7"))
    assert "Letters that a machine answered 1" in page
    assert "Supporters asked 1: 0 say that the office answered, 0 that nothing came" in page


def test_a_campaigns_report_has_a_table_of_who_answered(browser: StaffBrowser, letter: int, database: Database) -> None:
    assert "Who answered" not in words(browser.get("/staff/reports/campaigns/ab969"))
    with database.write() as session:
        session.add(SaidAnswer(message_id=letter, is_answered=True, said_at=NOW, words="Dear Mai"))
    page = words(browser.get("/staff/reports/campaigns/ab969"))
    assert "Who answered, as far as supporters and mail tell" in page
    assert "Uma Pattern District Wisconsin State Assembly, District 76 Answered 1" in page
    assert "The office answered 1 letter, as far as is known" in words(browser.get("/staff/reports/legislators/7"))
    paper = browser.get("/staff/reports/campaigns/ab969?as=pdf")
    assert paper.content_type == "application/pdf"
    assert "Dear Mai" not in page
