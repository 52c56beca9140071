"""Staff schedule a campaign; its page says when it opens, and opens with its first visitor."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.staff import StaffMember
from actionmail.flows.staff import Role, record
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.settings import Settings
from tests.samples import NOW, sample_campaign, sample_legislators
from tests.web.staff_pages import StaffBrowser, at, hire, save, signed_in, staff_app, words

HOME = "/staff/campaigns/ab969"
OPENS = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, "anna@example.org", Role.AUTHOR)
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session, status="draft")
    app = staff_app(settings, tmp_path)
    at(app, lambda: NOW)
    return app


def test_from_scheduling_to_the_open_page(app: Flask, browser: StaffBrowser, database: Database) -> None:
    asked = browser.get(f"{HOME}/changes/publish")
    assert "Or later The page opens by itself at the time that you give" in words(asked)
    wrong = browser.post(f"{HOME}/changes/schedule", opens="tomorrow")
    assert wrong.status_code == 422
    assert "Enter the date and the time" in words(wrong)
    assert 'value="tomorrow"' in wrong.text
    past = browser.post(f"{HOME}/changes/schedule", opens="2026-03-04 09:00")
    assert "a time that has passed" in words(past)
    for year, said in (("0001-01-01", "The year 1 cannot be meant."), ("9999-12-31 23:59", "The year 9999")):
        page = browser.post(f"{HOME}/changes/schedule", opens=year)
        assert (page.status_code, said in words(page)) == (422, True)
    assert browser.get("/campaigns/ab969").status_code == 404
    assert browser.post(f"{HOME}/changes/schedule", opens="2026-03-05 09:00").status_code == 303
    assert "Opens March 5, 2026, 9:00 AM CST" in words(browser.get(HOME))
    early = browser.get("/campaigns/ab969")
    assert early.status_code == 200
    assert "This campaign is not open yet" in words(early)
    assert "opens on March 5, 2026, 9:00 AM CST" in words(early)
    assert "grounds for putting armed police" not in early.text
    assert "Keep armed police" not in browser.get("/").text
    assert browser.post("/campaigns/ab969", name="Mai Example").status_code == 409
    at(app, lambda: OPENS)
    assert "Who are you?" in words(browser.get("/campaigns/ab969"))
    assert "Keep armed police" in browser.get("/").text
    with database.read() as session:
        assert session.scalars(select(Campaign.status)).one() == "live"


def test_what_kept_it_closed_stands_on_the_staff_pages(app: Flask, browser: StaffBrowser, database: Database) -> None:
    browser.get(HOME)
    assert browser.post(f"{HOME}/changes/schedule", opens="2026-03-05 09:00").status_code == 303
    with database.write() as session:
        session.scalars(select(Campaign)).one().summary = ""
    at(app, lambda: OPENS + timedelta(minutes=1))
    late = browser.get("/campaigns/ab969")
    assert "This campaign is not open yet" in words(late)
    assert "March 5" not in words(late)
    browser.sign_in("anna@example.org")
    for page in (HOME, "/staff/campaigns"):
        text = words(browser.get(page))
        assert "did not open at its time." in text
        assert "its page has no text yet" in text
    typed = {"summary": "Why.", "privacy_line": "Nobody.", "notice": ""}
    assert save(browser, f"{HOME}/page", **typed).status_code == 303
    assert "Who are you?" in words(browser.get("/campaigns/ab969"))  # mended, it opens with the next visitor


def test_two_people_are_needed_as_for_publishing(
    app: Flask, settings: Settings, database: Database, tmp_path: Path
) -> None:
    of_two = staff_app(replace(settings, two_person_publish=True), tmp_path)
    at(of_two, lambda: NOW)
    browser = signed_in(of_two, "anna@example.org")
    with database.write() as session:
        anna = session.scalars(select(StaffMember.id)).one()
        record(session, AuditAction.CAMPAIGN_CHANGED, ObjectKind.CAMPAIGN, "ab969", by=anna, now=NOW)
    browser.get(HOME)
    refused = browser.post(f"{HOME}/changes/schedule", opens="2026-03-05 09:00")
    assert refused.status_code == 422
    assert "You cannot schedule ab969 yourself" in words(refused)


def test_unscheduling_makes_it_a_draft_again(app: Flask, browser: StaffBrowser) -> None:
    browser.get(HOME)
    browser.post(f"{HOME}/changes/schedule", opens="2026-03-05 09:00")
    assert "nobody sees it before" in words(browser.get(f"{HOME}/changes/unschedule"))
    assert browser.post(f"{HOME}/changes/unschedule").status_code == 303
    at(app, lambda: OPENS)
    assert browser.get("/campaigns/ab969").status_code == 404


def test_a_deadline_before_the_opening_is_told_at_its_field(
    app: Flask, browser: StaffBrowser, database: Database
) -> None:
    browser.post(f"{HOME}/changes/schedule", opens="2026-03-05 09:00")
    page = browser.get(f"{HOME}/details").text
    fields = dict(re.findall(r'<input type="text" id="[^"]+" name="([^"]+)" value="([^"]*)"', page))
    refused = save(browser, f"{HOME}/details", **{**fields, "position": "oppose", "deadline": "2026-03-05 09:00"})
    assert refused.status_code == 422
    assert "<title>Error: " in refused.text
    assert re.search(r'id="deadline-error">.*opens only after this deadline', refused.text)
    assert 'value="2026-03-05 09:00"' in refused.text
    with database.read() as session:
        assert session.scalars(select(Campaign.deadline_at)).one() != OPENS
