"""The audit trail on the staff pages."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from actionmail.db.engine import Database
from actionmail.flows import staff
from actionmail.flows.staff import Role
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.settings import Settings
from tests.samples import NOW
from tests.web.staff_pages import StaffBrowser, at, hire, staff_app, words

ADMIN = "ada@example.org"


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, ADMIN, Role.ADMIN)
    return at(staff_app(settings, tmp_path), lambda: NOW)


def test_an_admin_sees_who_did_what_and_what_was_tried(app: Flask) -> None:
    for _ in range(3):
        StaffBrowser(app).sign_in("nobody@example.org")
    StaffBrowser(app).sign_in(ADMIN, "not the password")
    admin = StaffBrowser(app)
    admin.sign_in(ADMIN)
    assert 'href="/staff/audit"' in admin.get("/staff/").text
    page = words(admin.get("/staff/audit"))
    assert "command line What added the account ada@example.org More role=admin" in page
    assert "ada@example.org What signed in More method=password" in page
    assert "no account there is What refused at the password 3 times" in page
    assert "ada@example.org What refused at the password once" in page


def test_older_entries_are_a_page_away(app: Flask, database: Database) -> None:
    with database.write() as session:
        for number in range(60):
            staff.record(session, AuditAction.MESSAGE_VIEWED, ObjectKind.MESSAGE, 1000 + number, by=None, now=NOW)
    admin = StaffBrowser(app)
    admin.sign_in(ADMIN)
    page = admin.get("/staff/audit")
    assert "looked at message 1059" in words(page)
    assert "looked at message 1005" not in words(page)
    older = page.text.partition('href="/staff/audit?before=')[2].partition('"')[0]
    page = admin.get(f"/staff/audit?before={older}")
    assert "looked at message 1005" in words(page)
    assert "looked at message 1059" not in words(page)
    assert "Older entries" not in words(page)
    for strange in ("0", "-1", "x", "9" * 40, "\0"):
        answer = admin.client.get("/staff/audit", base_url=admin.site, query_string={"before": strange})
        assert answer.status_code == 200


def test_entries_are_narrowed_by_who_what_and_days(app: Flask, database: Database) -> None:
    with database.write() as session:
        for number, day in ((1001, 0), (1002, 1), (1003, 2)):
            looked = AuditAction.MESSAGE_VIEWED
            staff.record(session, looked, ObjectKind.MESSAGE, number, by=None, now=NOW + timedelta(days=day))
    admin = StaffBrowser(app)
    admin.sign_in(ADMIN)

    def shown(**query: str) -> set[str]:
        answer = admin.client.get("/staff/audit", base_url=admin.site, query_string=query)
        assert answer.status_code == 200
        return {
            deed for deed in ("message 1001", "message 1002", "message 1003", "signed in More") if deed in words(answer)
        }

    assert shown() == {"message 1001", "message 1002", "message 1003", "signed in More"}
    assert shown(who="ADA@") == {"signed in More"}
    assert shown(action="message_viewed", since="2026-03-05") == {"message 1002", "message 1003"}
    assert shown(since="2026-03-05", until="2026-03-05") == {"message 1002"}
    assert shown(who="%") == set()
    wrong = admin.get("/staff/audit?since=yesterday")
    assert wrong.status_code == 422
    assert "Write the day as year-month-day" in words(wrong)


def test_narrowed_entries_stay_narrowed_on_older_pages(app: Flask, database: Database) -> None:
    with database.write() as session:
        for number in range(60):
            staff.record(session, AuditAction.MESSAGE_VIEWED, ObjectKind.MESSAGE, 1000 + number, by=None, now=NOW)
            staff.record(session, AuditAction.MESSAGE_HELD, ObjectKind.MESSAGE, 1000 + number, by=None, now=NOW)
    admin = StaffBrowser(app)
    admin.sign_in(ADMIN)
    page = admin.get("/staff/audit?action=message_held&who=")
    older = unescape(page.text.partition('href="/staff/audit?action=message_held')[2].partition('"')[0])
    page = admin.get(f"/staff/audit?action=message_held{older}")
    assert "held message 1009" in words(page)
    assert "looked at message" not in words(page).partition("Who What More")[2]
