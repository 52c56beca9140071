"""A backup as a file: a zip with `about.json` and one member that holds the whole database.

Written in one pass, so that it can go straight into a program that encrypts it. The zip's list of members stands at its
end and each member has a CRC-32, so a backup that was cut off is no zip, and a damaged one is found before it is used.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from actionmail.gateways.backups.faults import BackupFault, BackupFaultCode

_ABOUT = "about.json"
_MEMBERS = {"sqlite": "actionmail.sqlite3", "postgresql": "actionmail.sql"}
_FORM = 1


@dataclass(frozen=True, kw_only=True)
class About:
    """What a backup says of itself. `made_at` is the moment before its database was read."""

    kind: str  # sqlite, postgresql
    made_at: datetime
    version: str  # of ActionMail
    revision: str  # of the tables


@contextmanager
def new_archive(stream: IO[bytes], about: About) -> Iterator[IO[bytes]]:
    """Where the database's bytes go, on their way into `stream`, which needs no seeking."""
    with ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        words = {"form": _FORM, **vars(about), "made_at": about.made_at.isoformat()}
        archive.writestr(_ABOUT, json.dumps(words, indent=1))
        with archive.open(_MEMBERS[about.kind], "w", force_zip64=True) as member:
            yield member


@contextmanager
def read_archive(path: Path) -> Iterator[tuple[About, IO[bytes]]]:
    """What a backup says of itself, and its database's bytes, once sure that all of them are there.

    Raises BackupFault for what is no backup, is cut off or damaged; OSError.
    """
    about = _checked(path)
    with ZipFile(path) as archive, archive.open(_MEMBERS[about.kind]) as member:
        yield about, member


def _checked(path: Path) -> About:
    try:
        with ZipFile(path) as archive:
            about = _about(archive)
            if archive.testzip() is None:
                return about
    # A RuntimeError: one damaged byte may say that it is encrypted, or packed in a way that nobody knows.
    except (BadZipFile, EOFError, RuntimeError, zlib.error):
        pass
    raise BackupFault(BackupFaultCode.DAMAGED)


def _about(archive: ZipFile) -> About:
    try:
        words: dict[str, Any] = json.loads(archive.read(_ABOUT))
        about = About(
            kind=words["kind"],
            made_at=datetime.fromisoformat(words["made_at"]),
            version=str(words["version"]),
            revision=str(words["revision"]),
        )
        is_ours = words["form"] == _FORM and about.made_at.tzinfo is not None
        if is_ours and _MEMBERS.get(about.kind) in archive.namelist():
            return about
    except (KeyError, TypeError, ValueError):  # of JSON too
        pass
    raise BackupFault(BackupFaultCode.NO_BACKUP)
