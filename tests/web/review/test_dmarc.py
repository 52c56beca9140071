"""The page of what receivers report of mail in our name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from actionmail.db.engine import Database
from actionmail.flows.delivery import dmarc
from actionmail.flows.staff import Role
from actionmail.rules.delivery.dmarc_reports import aggregate_of
from actionmail.settings import Settings
from tests.dmarc import DAY, DOMAIN, RELAY, THIEF, mailed, report
from tests.web.staff_pages import StaffBrowser, at, hire, signed_in, staff_app, words

NOW = DAY + timedelta(days=2)


def browser(settings: Settings, database: Database, folder: Path, role: Role = Role.REVIEWER) -> StaffBrowser:
    hire(database, "rita@example.org", role)
    return signed_in(at(staff_app(replace(settings), folder), lambda: NOW), "rita@example.org")


def test_each_source_has_a_row(settings: Settings, database: Database, tmp_path: Path) -> None:
    found = aggregate_of(mailed(report(reporter="<b>mail.example.net</b>".replace("<", "&lt;"))), domain=DOMAIN)
    assert found is not None
    with database.write() as session:
        assert dmarc.take(session, found, now=NOW)
    page = browser(settings, database, tmp_path).get("/staff/dmarc")
    text = words(page)
    assert f"{RELAY} Mails 900 Signed by us 900 From our servers (SPF) 900 Neither 0" in text
    assert f"{THIEF} Mails 7 Signed by us 0 From our servers (SPF) 0 Neither 7 Set aside or refused 7" in text
    assert "<b>mail.example.net" not in page.get_data(as_text=True)


def test_without_reports_the_page_says_where_they_come_from(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    text = words(browser(settings, database, tmp_path, Role.AUTHOR).get("/staff/dmarc"))
    assert "No report of the last 30 days has been read." in text
    assert "rua=mailto:dmarc@act.example.org" in text


def test_nobody_sees_it_who_is_not_signed_in(settings: Settings, database: Database, tmp_path: Path) -> None:
    page = StaffBrowser(staff_app(settings, tmp_path)).get("/staff/dmarc")
    assert page.status_code in {302, 303}
