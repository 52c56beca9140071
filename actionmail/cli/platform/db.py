"""From one kind of database to the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from actionmail.cli.delivery.waiting import now, operator
from actionmail.cli.platform.database import open_database, shown_url
from actionmail.cli.progress import progress
from actionmail.db import copying
from actionmail.db.copying import Compared, CopyFault, CopyFaultCode, Source
from actionmail.db.engine import Database
from actionmail.flows.delivery import pulses
from actionmail.flows.privacy.restoring import note_copy, settle_restored
from actionmail.settings import Settings

_WORKS_NOW = timedelta(minutes=1)  # a worker says every 15 seconds that it is at work
_FAULTS: Mapping[CopyFaultCode, str] = {
    CopyFaultCode.NO_SOURCE: "There is no file {}.",
    CopyFaultCode.SOURCE_OLD: "The tables of {} are not this version's: run `actionmail migrate` on it first.",
    CopyFaultCode.NOT_EMPTY: "The target is not empty. Copies go into a new database without tables only.",
    CopyFaultCode.OTHER_SOURCE: "In the target lies a copy of {} that did not come to its end. Empty it first.",
    CopyFaultCode.CHANGED: (
        "Somebody wrote to the source meanwhile, so the copy is not whole. Stop the web pages, the worker and inbound, "
        "and run the same command again: it copies what changed."
    ),
    CopyFaultCode.DIFFERS: "These tables are not the same on both sides: {}. Run the same command again.",
    CopyFaultCode.REFUSED: (
        "PostgreSQL does not take a row: {}. SQLite minds neither lengths nor NUL characters. Correct it in the "
        "source, and run the same command again."
    ),
}


@click.group()
def db() -> None:
    """Bring the database to another place."""


@db.command("copy")
@click.argument("source")
@click.argument("target", required=False)
@click.option(
    "--while-running",
    is_flag=True,
    help="Though a worker is at work: a copy of one moment, in which every letter is stopped and held.",
)
@click.pass_obj
def copy(settings: Settings, source: str, target: str | None, while_running: bool) -> None:
    """Copy all of SOURCE, sqlite:///path, into the empty database TARGET, postgresql://user:password@host/name.

    Without TARGET into that of ACTIONMAIL_DATABASE_URL, where a password is not seen by others on the machine. Stop the
    web pages, the worker and inbound before. Each table is compared at the end, by its number of rows and their hashes.
    A copy that was broken off goes on where it was. What staff search is made anew by the worker.
    """
    path = _source(source)
    database = open_database(replace(settings, database_url=target or settings.for_database().database_url))
    if database.engine.url.get_backend_name() != "postgresql":
        raise click.UsageError("TARGET is postgresql://user:password@host/name; for others use backup and restore.")
    try:
        with copying.open_source(path) as opened:
            if not while_running:
                _refuse_while_at_work(path)
            _copy(opened, database, made_at=now(), is_running=while_running)
    except CopyFault as fault:
        raise click.ClickException(_FAULTS[fault.code].format(fault.detail)) from None


def _source(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise click.UsageError("SOURCE is sqlite:///path/file.sqlite3.")
    return Path(parsed.database).absolute()


def _refuse_while_at_work(path: Path) -> None:
    source = Database(f"sqlite:///{path}")
    with source.read() as session:
        seen_at = pulses.pulse(session).seen_at
    source.engine.dispose()
    if seen_at is not None and now() - seen_at <= _WORKS_NOW:
        raise click.ClickException(
            f"A worker was at work on it at {seen_at:%H:%M:%S} UTC. Stop it, the web pages and inbound, and wait a "
            "minute; or see --while-running."
        )


def _copy(source: Source, target: Database, *, made_at: datetime, is_running: bool) -> None:
    """Raises CopyFault."""
    copying.begin(source, target)
    with progress(sum(source.counts().values()), "Rows") as bar:
        copying.copy_rows(source, target, bar.update)
    same = copying.compare(source, target)
    if not source.end() and not is_running:
        raise CopyFault(CopyFaultCode.CHANGED)
    with target.write() as session:
        copying.finish(session.connection())
        note_copy(session, rows=sum(table.digest.count for table in same), made_at=made_at, now=now())
        if is_running:
            settle_restored(session, [], made_at=made_at, actor=operator(), now=now())
    _tell(same, source, target, is_running=is_running)


def _tell(same: list[Compared], source: Source, target: Database, *, is_running: bool) -> None:
    for table in same:
        if table.digest.count:
            click.echo(f"{table.digest.count:>12,}  {table.digest.sha256[:16]}  {table.name}")
    click.echo(f"Copied into {shown_url(target)}; every table is the same on both sides.")
    if is_running:
        click.echo("It is as of the moment at which this began. Every letter in it is stopped, and those on their way")
        click.echo("are held, since the worker of the other database sends them.")
    else:
        click.echo("Set ACTIONMAIL_DATABASE_URL to it. Letters would be sent twice if anything went on with")
        click.echo(f"{source.path}: keep that as a backup, and nothing more.")
