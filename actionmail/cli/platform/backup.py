"""Copy the whole database while everything runs."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from actionmail import __version__
from actionmail.cli.delivery.waiting import now
from actionmail.cli.platform.backup_words import faults_told
from actionmail.cli.platform.database import ready_database, shown_url
from actionmail.cli.platform.owners_file import owners_file
from actionmail.db.engine import Database
from actionmail.flows.privacy.restoring import note_backup
from actionmail.gateways.backups.archive import About, new_archive
from actionmail.gateways.backups.databases import copy_out
from actionmail.gateways.backups.encryption import Lock, locked
from actionmail.settings import Settings

_NAMED = re.compile(r"actionmail-\d{8}T\d{6}Z\.zip(\.age|\.gpg)?")


@click.command()
@click.argument("place", type=click.Path(path_type=Path))
@click.option("--age", metavar="KEY", help="Encrypt it to this public key of age (age1...).")
@click.option("--gpg", metavar="KEY", help="Encrypt it to this public key that GnuPG has: an address or a fingerprint.")
@click.option("--keep", type=click.IntRange(1), metavar="N", help="In a folder: delete all but the newest N.")
@click.pass_obj
def backup(settings: Settings, place: Path, age: str | None, gpg: str | None, keep: int | None) -> None:
    """Copy the whole database, as it is at one moment, to PLACE, while everything runs.

    PLACE is a new file, or a folder, in which the file is named by its time. Only its owner may read it. It has all
    that is kept of supporters; without --age or --gpg anybody who has the file can read that. The settings, and
    ACTIONMAIL_SECRET_KEY, are not in it: keep them elsewhere. PostgreSQL's is made by pg_dump.
    """
    lock = _lock(age, gpg)
    if keep is not None and not place.is_dir():
        raise click.UsageError("--keep goes with a folder that is there.")
    database = ready_database(settings)
    with faults_told():
        octets, file = _write(database, place, lock)
        click.echo(f"Written: {file}, {octets:,} octets, of {shown_url(database)}")
        _note(database, octets, is_encrypted=lock is not None)
        if keep is not None:
            for old in _older(place, keep):
                old.unlink()
                click.echo(f"Deleted: {old}")


def _note(database: Database, octets: int, *, is_encrypted: bool) -> None:
    try:
        with database.write() as session:
            note_backup(session, is_encrypted=is_encrypted, octets=octets, now=now())
    except DBAPIError as error:  # such as of a standby, which nothing can be written into
        raise click.ClickException(
            f"The copy is whole, but the database could not note it: {error.orig}. So the audit trail does not tell of "
            "this copy of everybody's data, and `actionmail doctor` not how old it is."
        ) from None


def _lock(age: str | None, gpg: str | None) -> Lock | None:
    if age and gpg:
        raise click.UsageError("Give one of --age and --gpg.")
    if age:
        return Lock(program="age", recipient=age)
    return Lock(program="gpg", recipient=gpg) if gpg else None


def _write(database: Database, place: Path, lock: Lock | None) -> tuple[int, Path]:
    """Write the file; how many octets it has. Raises BackupFault, OSError, sqlite3.Error."""
    made_at = now()
    file = place / _name(made_at, lock) if place.is_dir() else place
    if file.exists():
        raise click.ClickException(f"{file} is there already; nothing was written.")
    url = database.engine.url
    about = About(
        kind=url.get_backend_name(), made_at=made_at, version=__version__, revision=database.revision()
    )  # fmt: skip
    with owners_file(file) as unfinished:
        with locked(unfinished, lock) as stream, new_archive(stream, about) as member:
            copy_out(url, member)
        unfinished.seek(0, os.SEEK_END)
        octets = unfinished.tell()
    return octets, file


def _name(made_at: datetime, lock: Lock | None) -> str:
    return f"actionmail-{made_at:%Y%m%dT%H%M%SZ}.zip" + (f".{lock.program}" if lock else "")


def _older(folder: Path, keep: int) -> list[Path]:
    """All of ours but the newest; other files are nobody's business here."""
    ours = sorted((file for file in folder.iterdir() if _NAMED.fullmatch(file.name)), key=lambda file: file.name)
    return ours[:-keep]
