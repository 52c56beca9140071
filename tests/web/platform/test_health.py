from __future__ import annotations

from pathlib import Path

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
