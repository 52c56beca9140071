from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from actionmail.db.engine import Database
from tests.web.supporter_pages import SupporterBrowser


def test_a_process_that_answers_is_alive_and_ready(supporter: SupporterBrowser) -> None:
    assert supporter.get("/healthz").json == {"status": "ok"}
    assert supporter.get("/readyz").json == {"status": "ok"}


def test_without_its_tables_it_is_alive_but_not_ready(supporter: SupporterBrowser, sqlite_url: str) -> None:
    Path(sqlite_url.removeprefix("sqlite:///")).write_bytes(b"")
    assert supporter.get("/healthz").status_code == 200
    assert supporter.get("/readyz").status_code == 503


def test_without_its_database_it_is_alive_but_not_ready(supporter: SupporterBrowser, sqlite_url: str) -> None:
    Path(sqlite_url.removeprefix("sqlite:///")).write_bytes(b"this is no database" * 100)
    assert supporter.get("/healthz").status_code == 200
    answer = supporter.get("/readyz")
    assert answer.status_code == 503
    assert answer.json


def test_one_missing_table_is_said_and_logged_as_that(
    supporter: SupporterBrowser, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.write() as session:
        session.execute(text("PRAGMA foreign_keys = OFF"))
        session.execute(text("DROP TABLE letters"))
    answer = supporter.get("/readyz")
    assert answer.status_code == 503
    assert "actionmail migrate" in answer.json["status"]
    page = supporter.get("/campaigns/ab969")
    assert page.status_code == 503
    assert "run `actionmail migrate`" in caplog.text
    assert "Traceback" not in caplog.text
