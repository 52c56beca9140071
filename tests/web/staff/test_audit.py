"""The audit trail on the staff pages."""

from __future__ import annotations

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
