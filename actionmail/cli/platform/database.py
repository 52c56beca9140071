"""The one way in which commands open the database."""

from __future__ import annotations

from contextlib import suppress

import click

from actionmail.cli import NAMES_DATABASE, TABLES_ARE_OLD
from actionmail.db.engine import Database
from actionmail.settings import Settings


def open_database(settings: Settings) -> Database:
    """The database of these settings, which the command names before it first writes. Raises SettingsError."""
    database = Database(settings.for_database().database_url)
    context = click.get_current_context(silent=True)
    if context is not None:
        database.before_writing = lambda: _name_once(database, context)
    return database


def _name_once(database: Database, context: click.Context) -> None:
    """However often a command opens it; or not at all, where nothing can be written: the work goes on all the same."""
    if context.meta.pop(NAMES_DATABASE, False):
        with suppress(OSError, ValueError):  # ValueError: the stream is closed
            click.echo(f"In the database {shown_url(database)}:", err=True)


def ready_database(settings: Settings) -> Database:
    """The database, once sure that its tables have this version's shape."""
    database = open_database(settings)
    if not database.is_current():
        raise click.ClickException(TABLES_ARE_OLD)
    return database


def shown_url(database: Database) -> str:
    """Which database that is, without its password."""
    return database.engine.url.render_as_string(hide_password=True)
