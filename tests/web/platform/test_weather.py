"""The form in bad weather: a full disk, a read-only one, a database that is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from actionmail.db.engine import Database
from actionmail.settings import Settings
from tests.disks import CannotMount, Tmpfs, tmpfs
from tests.postgres import NoPostgres, PostgresServer
from tests.samples import sample_campaign, sample_legislators
from tests.web.application import open_app
from tests.web.supporter.test_supporter import counts
from tests.web.supporter_pages import SupporterBrowser, problems, title, words


@pytest.fixture
def disk(tmp_path: Path, sqlite_template: Path) -> Iterator[Tmpfs]:
    try:
        with tmpfs(tmp_path / "disk", sqlite_template) as made:
            yield made
    except CannotMount as error:
        pytest.skip(f"no tmpfs: {error}")


def browser_on(database: Database, settings: Settings, url: str) -> SupporterBrowser:
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    return SupporterBrowser(open_app(replace(settings, database_url=url)))


def test_a_full_disk_sends_nothing_and_keeps_what_was_typed(disk: Tmpfs, site_settings: Settings) -> None:
    database = disk.open()
    supporter = browser_on(database, site_settings, disk.url)
    supporter.to_letter()
    disk.fill()
    for _ in range(2):
        page = supporter.send(personal="My words.")
        assert page.status_code == 503
        assert "nothing was sent" in problems(page)
        assert supporter.fields["personal"] == "My words."
        assert counts(database)[:2] == (0, 0)
    disk.clear()
    assert "queued" in title(supporter.send())
    assert counts(database)[:2] == (1, 2)
    database.engine.dispose()


def test_a_read_only_file_system_sends_nothing_and_clears_by_itself(disk: Tmpfs, site_settings: Settings) -> None:
    database = disk.open()
    supporter = browser_on(database, site_settings, disk.url)
    supporter.to_letter()
    for opened in (database, supporter.client.application.extensions["actionmail"].database):
        opened.engine.dispose()
    with disk.read_only():
        page = supporter.send(personal="My words.")
    assert page.status_code == 503
    assert "nothing was sent" in problems(page)
    assert "My words." in words(page)  # also to be read and copied
    assert supporter.fields["personal"] == "My words."
    assert "queued" in title(supporter.send())
    assert counts(database)[:2] == (1, 2)
    database.engine.dispose()


@pytest.mark.postgres
def test_a_database_that_is_away_sends_nothing_and_clears_by_itself(
    own_postgres: PostgresServer, own_postgres_url: str, site_settings: Settings
) -> None:
    database = Database(own_postgres_url)
    supporter = browser_on(database, site_settings, own_postgres_url)
    supporter.to_letter()
    try:
        with own_postgres.away():
            page = supporter.send(personal="My words.")
    except NoPostgres as error:
        pytest.skip(str(error))
    assert page.status_code == 503
    assert "nothing was sent" in problems(page)
    assert supporter.fields["personal"] == "My words."
    assert "queued" in title(supporter.submit())  # the button alone: it brings everything along
    assert counts(database)[:2] == (1, 2)
    database.engine.dispose()
