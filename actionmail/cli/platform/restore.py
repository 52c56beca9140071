"""Bring a backup back, into an empty place only."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from shutil import copyfileobj
from tempfile import gettempdir
from typing import IO

import click
from sqlalchemy import make_url

from actionmail.cli.delivery.waiting import now, operator
from actionmail.cli.platform.backup_words import faults_told
from actionmail.cli.platform.database import open_database, shown_url
from actionmail.db.engine import Database, knows_revision
from actionmail.flows.privacy.restoring import ErasedElsewhere, Restored, erased_since, settle_restored
from actionmail.gateways.backups.archive import About, read_archive
from actionmail.gateways.backups.databases import check_sqlite, put_in_place, run_script, scratch_folder
from actionmail.gateways.backups.encryption import is_locked, unlock
from actionmail.gateways.backups.faults import BackupFault, BackupFaultCode
from actionmail.settings import Settings
from actionmail.web.privacy.words import number

# Before anybody can read a letter of it. `settle_restored` puts a better one in its place.
_STOP = (
    "RESET search_path; INSERT INTO switches (scope, key, reason_code, words, actor_kind, actor_id, at) "
    "VALUES ('all', '', '', 'A restore did not come to its end: empty the database, and restore the backup again.', "
    "'command_line', '', CURRENT_TIMESTAMP) "
    "ON CONFLICT (scope, key) DO UPDATE SET reason_code = '', words = excluded.words"
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--identity",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The file of the secret key, where it is encrypted by age.",
)
@click.option(
    "--erased-in",
    metavar="URL",
    help="The database that was lost, or what is left of it: who was erased in it since the backup is erased again.",
)
@click.pass_obj
def restore(settings: Settings, file: Path, identity: Path | None, erased_in: str | None) -> None:
    """Bring the backup FILE back into the database of ACTIONMAIL_DATABASE_URL, which has to be empty.

    Nothing is sent afterwards until you say so: every letter is stopped, and those that may have gone out since the
    backup was made are held, for a person to look at. Older tables are brought up to date.
    """
    database = open_database(settings)
    with faults_told(), ExitStack() as stack:
        _refuse_unless_empty(database)
        plain = file
        if is_locked(file):
            plain = stack.enter_context(_scratch(database)) / "backup.zip"
            with plain.open("wb") as out:
                unlock(file, identity, out)
        about, member = stack.enter_context(read_archive(plain))
        _refuse_unless_fitting(database, about)
        erased = _erased_in(erased_in, about) if erased_in else []
        bring_back = _into_sqlite if about.kind == "sqlite" else _into_postgres
        done = bring_back(database, about, member, erased)
    _tell(database, about, done, is_told_of_erased=erased_in is not None)


def _refuse_unless_empty(database: Database) -> None:
    """Raises BackupFault."""
    url = database.engine.url
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        for name in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            if name.exists():
                raise BackupFault(BackupFaultCode.NOT_EMPTY, str(name))
    elif not database.is_empty():
        raise BackupFault(BackupFaultCode.NOT_EMPTY, shown_url(database))


def _refuse_unless_fitting(database: Database, about: About) -> None:
    """Raises BackupFault."""
    if about.kind != database.engine.url.get_backend_name():
        raise BackupFault(BackupFaultCode.OTHER_KIND, about.kind)
    if not knows_revision(about.revision):
        raise BackupFault(BackupFaultCode.TOO_NEW, about.version)


def _scratch(database: Database) -> AbstractContextManager[Path]:
    """Where what is decrypted may lie meanwhile: beside the database, or in the folder for temporary files."""
    url = database.engine.url
    is_file = url.get_backend_name() == "sqlite"
    return scratch_folder(Path(url.database or "").parent if is_file else Path(gettempdir()))


def _erased_in(url: str, about: About) -> list[ErasedElsewhere]:
    if make_url(url).get_backend_name() == "sqlite" and not Path(make_url(url).database or "").is_file():
        raise click.ClickException(f"There is no file {make_url(url).database}.")
    lost = Database(url)
    try:
        with lost.read() as session:
            return erased_since(session, about.made_at)
    finally:
        lost.engine.dispose()


def _into_sqlite(database: Database, about: About, member: IO[bytes], erased: list[ErasedElsewhere]) -> Restored:
    """All is done to a file of another name, so that nobody finds one that is not ready."""
    with _scratch(database) as folder:
        file = folder / "restored.sqlite3"
        with file.open("wb") as out:
            copyfileobj(member, out, 1 << 20)
        check_sqlite(file)
        unready = Database(f"sqlite:///{file}")
        try:
            done = _settled(unready, about, erased)
        finally:
            unready.engine.dispose()
        put_in_place(file, Path(database.engine.url.database or ""))
    return done


def _into_postgres(database: Database, about: About, member: IO[bytes], erased: list[ErasedElsewhere]) -> Restored:
    run_script(database.engine.url, member, _STOP)
    return _settled(database, about, erased)


def _settled(database: Database, about: About, erased: list[ErasedElsewhere]) -> Restored:
    database.upgrade()
    with database.write() as session:
        return settle_restored(session, erased, made_at=about.made_at, actor=operator(), now=now())


def _tell(database: Database, about: About, done: Restored, *, is_told_of_erased: bool) -> None:
    click.echo(f"Restored into {shown_url(database)}, as it was at {about.made_at:%Y-%m-%d %H:%M} UTC.")
    held = number(done.held, "letter")
    mails = f" and {number(done.mails, 'mail')} of petitions" if done.mails else ""
    click.echo(f"Held, since they may have been sent since then: {held}{mails}.")
    if is_told_of_erased:
        click.echo(f"Erased again: {number(done.erased, 'action')}.")
    else:
        click.echo("Whoever was erased since then is back: see docs/install.md on restoring.")
    click.echo("Every letter is stopped. Look at those that are held, then let them go: actionmail queue resume --all")
