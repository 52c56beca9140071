"""Staff take tables away, and nobody else; what left is in the audit trail."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from actionmail.db.engine import Database
from actionmail.flows.staff import Role
from tests.audit import audited
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.web.staff_pages import StaffBrowser, at, hire, signed_in, words

PAGE = "/staff/exports"
RAY = "ray@example.org"


@pytest.fixture
def reviewer(app: Flask, database: Database) -> StaffBrowser:
    """A reviewer; two letters, one of them failed; one supporter who asked for news."""
    with database.write() as session:
        campaign = sample_campaign(session, slug="hf3434", title="Ethnic studies")
        member = sample_legislator(session, name="Uma Pattern")
        for number, state in enumerate(("queued", "failed")):
            action = sample_action(session, campaign, name=f"=Mai {number}", wants_updates=number == 0)
            sample_message(session, action, member, campaign.letters[0], supporter_key=str(number), state=state)
    hire(database, RAY, Role.REVIEWER)
    return signed_in(at(app, lambda: datetime(2026, 3, 5, tzinfo=UTC)), RAY)


def rows(response: TestResponse) -> list[dict[str, str]]:
    assert response.status_code == 200
    return list(csv.DictReader(response.data.decode("utf-8-sig").splitlines()))


def test_the_letters_of_a_filter_are_taken_away(reviewer: StaffBrowser, database: Database) -> None:
    page = reviewer.get(f"{PAGE}?campaign=hf3434&state=failed")
    assert "Only those that fit what you chose in the send log: 1." in words(page)
    assert "Campaign: Ethnic studies State: Not accepted by the mail server" in words(page)
    assert 'action="/staff/exports/messages?campaign=hf3434&amp;state=failed"' in page.text
    table = reviewer.post(f"{PAGE}/messages?campaign=hf3434&state=failed", **{"letters-file_format": "csv"})
    assert table.headers["Content-Disposition"] == 'attachment; filename="messages-2026-03-05.csv"'
    assert "no-store" in table.headers["Cache-Control"]
    assert [(row["state"], row["legislator"]) for row in rows(table)] == [("failed", "Uma Pattern")]
    assert "Mai" not in table.text
    with database.read() as session:
        (entry,) = audited(session, "exported")
    details = {"format": "csv", "people": 0, "count": 1, "filter": ["campaign=hf3434", "state=failed"]}
    assert entry[1:] == ("exported", "export messages", details)
    assert entry[0] is not None


def test_what_else_stands_in_the_address_changes_no_link(reviewer: StaffBrowser) -> None:
    page = reviewer.get(f"{PAGE}?state=failed&_scheme=javascript&_external=1&endpoint=x&_anchor=y")
    assert page.status_code == 200
    assert 'action="/staff/exports/messages?state=failed"' in page.text
    assert "javascript:" not in page.text


def test_names_are_in_it_where_the_box_is_ticked(reviewer: StaffBrowser) -> None:
    reviewer.get(PAGE)
    table = reviewer.post(f"{PAGE}/messages", **{"letters-file_format": "csv", "letters-people": "y"})
    assert sorted(row["name"] for row in rows(table)) == ["'=Mai 0", "'=Mai 1"]
    table = reviewer.post(f"{PAGE}/actions", **{"actions-file_format": "jsonl", "actions-people": "y"})
    assert [json.loads(line)["name"] for line in table.text.splitlines()] == ["=Mai 1", "=Mai 0"]
    assert table.headers["Content-Disposition"].endswith('.jsonl"')


def test_who_asked_for_news_leaves_in_a_programs_columns(reviewer: StaffBrowser, database: Database) -> None:
    page = words(reviewer.get(PAGE))
    assert "Action Network" in page
    values = {"news-columns": "mailchimp", "news-campaign": "hf3434", "news-since": "2026-03-04"}
    table = reviewer.post(f"{PAGE}/supporters", **values)
    assert [row["Email Address"] for row in rows(table)] == ["mai@example.org"]
    later = reviewer.post(f"{PAGE}/supporters", **{**values, "news-since": "2026-03-05"})
    assert rows(later) == []
    with database.read() as session:
        _, entry = audited(session, "exported")
    assert entry[3]["filter"] == ["campaign=hf3434", "since=2026-03-05T06:00:00Z", "columns=mailchimp"]


def test_the_audit_trail_tells_it_in_words(reviewer: StaffBrowser, app: Flask, database: Database) -> None:
    reviewer.get(PAGE)
    reviewer.post(f"{PAGE}/actions")
    hire(database, "boss@example.org", Role.ADMIN)
    trail = words(signed_in(app, "boss@example.org").get("/staff/audit"))
    assert "exported the actions" in trail


@pytest.mark.parametrize("query", ["since=0000-01-01", "campaign=none", f"target={'x' * 500}", "state=lost"])
def test_a_filter_that_is_none_is_told_and_exports_nothing(
    reviewer: StaffBrowser, database: Database, query: str
) -> None:
    page = reviewer.get(f"{PAGE}?{query}")
    assert "narrows the letters by something that cannot be looked for" in words(page)
    assert reviewer.post(f"{PAGE}/messages?{query}").status_code == 422
    with database.read() as session:
        assert audited(session, "exported") == []


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("0001-01-01", "Choose a day from 2000 to 2199."),
        ("9999-12-31", "Choose a day from 2000 to 2199."),
        ("huh", "Write the day as year-month-day"),
        ("2026-13-01", "Write the day as year-month-day"),
    ],
)
def test_a_day_far_away_or_none_at_all_is_told(reviewer: StaffBrowser, day: str, sentence: str) -> None:
    reviewer.get(PAGE)
    for field in ("since", "until"):
        answer = reviewer.post(f"{PAGE}/actions", **{f"actions-{field}": day, "actions-campaign": "hf3434"})
        assert answer.status_code == 422
        assert sentence in words(answer)


def test_an_author_sees_no_letters_and_so_takes_none(app: Flask, database: Database, browser: StaffBrowser) -> None:
    assert PAGE not in browser.get("/staff/").text
    assert browser.get(PAGE).status_code == 403
    for table in ("messages", "supporters", "actions"):
        assert browser.post(f"{PAGE}/{table}").status_code == 403
    with database.read() as session:
        assert audited(session, "exported") == []


def test_a_file_that_nobody_waits_for_lets_the_database_go(reviewer: StaffBrowser, database: Database) -> None:
    reviewer.get(PAGE)
    for _ in range(30):  # more than there are connections
        reviewer.client.post(f"{PAGE}/actions", base_url=reviewer.site, data={"csrf_token": reviewer._token}).close()
    assert NOW
    assert reviewer.get(PAGE).status_code == 200
