"""What a web process makes before it listens, so that no first visitor waits for it."""

from __future__ import annotations

import logging
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from actionmail.cli.platform.first_pages import MOST, make_first_pages
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.settings import Settings
from tests.cli.platform.test_serve import PATIENCE, answer, begun, connected, served
from tests.executed import executed
from tests.ports import free_port
from tests.samples import sample_campaign, sample_legislators
from tests.web.application import on, open_app
from tests.web.supporter_pages import SupporterBrowser


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    return on(database, open_app(settings))


def change_campaign(database: Database, **values: object) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(**values))


def made(app: Flask) -> bool:
    """Whether the campaign is kept, and something was made of it."""
    in_force = app.extensions["actionmail"].campaigns.last("ab969")
    return in_force is not None and bool(in_force.made)


def test_the_first_visitor_waits_for_one_question(app: Flask, database: Database) -> None:
    make_first_pages(app, patience=PATIENCE)
    assert made(app)
    with executed(database.engine) as statements:
        assert "Keep armed police out" in SupporterBrowser(app).get("/campaigns/ab969").text
    assert len(statements) == 1, "where the visitor stands, and whether anything has changed"


def test_a_change_made_since_is_shown(app: Flask, database: Database) -> None:
    make_first_pages(app, patience=PATIENCE)
    change_campaign(database, title="Another title")
    assert "Another title" in SupporterBrowser(app).get("/campaigns/ab969").text


@pytest.mark.parametrize("tag", ["en", "es", "ar"])
def test_the_first_visitor_finds_the_same_page_in_every_language(app: Flask, settings: Settings, tag: str) -> None:
    make_first_pages(app, patience=PATIENCE)
    made_first, as_it_is = (SupporterBrowser(site) for site in (app, open_app(settings)))
    pages = []
    for browser in (made_first, as_it_is):
        page = browser.get(f"/campaigns/ab969?lang={tag}").text
        pages.append(page.replace(browser.fields["csrf_token"], ""))
    assert pages[0] == pages[1]
    assert f'<html lang="{tag}"' in pages[0]


@pytest.mark.parametrize(
    "changes", [{"status": "draft"}, {"status": "paused"}, {"deadline_at": datetime.now(UTC) - timedelta(days=1)}]
)
def test_what_cannot_be_acted_on_stops_nothing(
    app: Flask, database: Database, changes: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    change_campaign(database, **changes)
    make_first_pages(app, patience=PATIENCE)
    assert not caplog.records


def test_of_many_campaigns_some_are_made(app: Flask, database: Database) -> None:
    with database.write() as session:
        for number in range(MOST + 2):
            sample_campaign(session, slug=f"campaign-{number}")
    make_first_pages(app, patience=PATIENCE)
    campaigns = app.extensions["actionmail"].campaigns
    assert sum(campaigns.last(f"campaign-{number}") is not None for number in range(MOST + 2)) == MOST


def test_a_database_that_is_not_there_is_left_to_whoever_comes(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for url in (f"sqlite:///{tmp_path}/none.sqlite3", f"postgresql://127.0.0.1:{free_port()}/none"):
        make_first_pages(open_app(replace(settings, database_url=url)), patience=PATIENCE)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_database_that_never_answers_is_not_waited_for(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/none"
        make_first_pages(open_app(replace(settings, database_url=url)), patience=0.01)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not tell (no /proc)")
def test_each_web_process_makes_them_over_a_connection_of_its_own(
    sqlite_url: str, database: Database, tmp_path: Path
) -> None:
    with database.write() as session:
        sample_campaign(session)
    asked = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n\r\n"
    with served(sqlite_url, tmp_path, "--workers", "2") as where:
        with connected(where, asked) as client:
            assert answer(client).startswith(b"HTTP/1.1 200")
        processes = begun(f"unix:{where}", 2)
        assert any(map(has_database_open, processes))
        assert not any(has_database_open(parent_of(process)) for process in processes)


def has_database_open(process: int) -> bool:
    files = Path(f"/proc/{process}/fd").iterdir()
    return any(file.readlink().name == "actionmail.sqlite3" for file in files)


def parent_of(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("\nPPid:")[2].split()[0])
