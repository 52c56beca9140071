"""The one way in which commands that serve open the database."""

from __future__ import annotations

import click

from actionmail.cli import TABLES_ARE_OLD
from actionmail.db.engine import Database
from actionmail.settings import Settings


def ready_database(settings: Settings) -> Database:
    """The database, once sure that its tables have this version's shape."""
    database = Database(settings.database_url)
    if not database.is_current():
        raise click.ClickException(TABLES_ARE_OLD)
    return database


def shown_url(database: Database) -> str:
    """Which database that is, without its password."""
    return database.engine.url.render_as_string(hide_password=True)
