"""Bring the tables up to date, or say what that would take."""

from __future__ import annotations

from pathlib import Path

import click

from actionmail.cli.platform.database import open_database, shown_url
from actionmail.db.engine import Database
from actionmail.settings import Settings

TO_DO = 3  # as `doctor`'s LOOK: nothing is wrong, and a person has something to do
_TOO_NEW = "The tables of {} are of a newer version than this one. Install that version, or a later one."


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; say what is still to be done. Status 0: nothing; 3: this.")
@click.pass_obj
def migrate(settings: Settings, check: bool) -> None:
    """Create the database's tables, or bring them up to date."""
    database = open_database(settings)
    if check and not _is_there(database):
        click.echo("There is no database yet; `actionmail migrate` makes it.")
        raise click.exceptions.Exit(TO_DO)
    pending = database.pending()
    if pending is None:
        raise click.ClickException(_TOO_NEW.format(shown_url(database)))
    if check and pending:
        for migration in pending:
            click.echo(f"{migration.number}  {migration.what}")
        click.echo(f"To do: {len(pending)}. Make a backup, then run `actionmail migrate`.")
        raise click.exceptions.Exit(TO_DO)
    if not check:
        database.upgrade()
    click.echo("The database's tables are up to date.")


def _is_there(database: Database) -> bool:
    """SQLite would make a file that is not there."""
    url = database.engine.url
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()
