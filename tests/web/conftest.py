"""An application on a small, fictional installation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from actionmail.db.engine import Database
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.samples import sample_campaign, sample_legislators
from tests.web.application import on, open_app
from tests.web.clock import Clock
from tests.web.staff_pages import ADA, ANNA, StaffBrowser, at, hire, signed_in, staff_app
from tests.web.supporter_pages import SupporterBrowser, zip_table


@pytest.fixture
def site_settings(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, data_dir=zip_table(tmp_path / "data"), undo_seconds=60)


@pytest.fixture
def site(site_settings: Settings, database: Database) -> Flask:
    """The application with the sample campaign and three sample legislators."""
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    return on(database, open_app(site_settings))


@pytest.fixture
def supporter(site: Flask) -> SupporterBrowser:
    return SupporterBrowser(site)


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    """The application for staff: one author, the sample campaign and three sample legislators."""
    hire(database, ANNA, Role.AUTHOR)
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session)
    return on(database, staff_app(settings, tmp_path))


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    """The author, signed in."""
    return signed_in(app, ANNA)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app_of_admin(settings: Settings, database: Database, tmp_path: Path, clock: Clock) -> Flask:
    """The application for staff with one admin and nothing else, at the hour of `clock`."""
    hire(database, ADA, Role.ADMIN)
    return at(staff_app(settings, tmp_path), clock)


@pytest.fixture
def admin(app_of_admin: Flask) -> StaffBrowser:
    """The admin, signed in."""
    return signed_in(app_of_admin, ADA)
