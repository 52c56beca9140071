"""Why a backup is not made, or not restored, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from sqlite3 import Error as SqliteError

import click

from actionmail.gateways.backups.faults import BackupFault, BackupFaultCode

_FAULTS: Mapping[BackupFaultCode, str] = {
    BackupFaultCode.NO_PROGRAM: (
        "There is no program {}. It comes with the system's package: postgresql-client for pg_dump and psql, age for "
        "age, gnupg for gpg."
    ),
    BackupFaultCode.PROGRAM_FAILED: "{}",
    BackupFaultCode.NO_BACKUP: "This file is no backup of ActionMail.",
    BackupFaultCode.DAMAGED: "This file is no whole backup: it is cut off, damaged, or something else. Nothing was "
    "restored; take another one.",
    BackupFaultCode.BAD_DATABASE: "SQLite says that the database in this backup is damaged: {}",
    BackupFaultCode.NOT_EMPTY: (
        "{} is there and not empty. A backup is restored into an empty place only: name another database in "
        "ACTIONMAIL_DATABASE_URL, or move this one away."
    ),
    BackupFaultCode.OTHER_KIND: "This is a backup of a {} database, and ACTIONMAIL_DATABASE_URL names another kind.",
    BackupFaultCode.TOO_NEW: (
        "This backup is of ActionMail {}, whose tables this version does not know. Install that version, or a later "
        "one."
    ),
    BackupFaultCode.IDENTITY_NEEDED: (
        "This backup is encrypted by age: name the file of the secret key with --identity."
    ),
}


@contextmanager
def faults_told() -> Iterator[None]:
    """What keeps a backup from being made or restored ends the command with a sentence."""
    try:
        yield
    except BackupFault as fault:
        raise click.ClickException(_FAULTS[fault.code].format(fault.detail)) from None
    except SqliteError as error:
        raise click.ClickException(f"SQLite says: {error}") from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise click.ClickException(f"{error.strerror or error}{where}.") from None
