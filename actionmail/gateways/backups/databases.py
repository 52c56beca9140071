"""A whole database as bytes, and bytes as a whole database, whatever goes on meanwhile."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

from sqlalchemy.engine import URL

from actionmail.gateways.backups.faults import BackupFault, BackupFaultCode
from actionmail.gateways.backups.programs import reading_from, writing_into

_SCRATCH = ".actionmail-copy-"
_PATIENCE_SECONDS = 60.0


def copy_out(url: URL, out: IO[bytes]) -> None:
    """Write the database of one moment, while others read and write it.

    Raises BackupFault, OSError, sqlite3.Error.
    """
    if url.get_backend_name() == "sqlite":
        _copy_sqlite(Path(url.database or ""), out)
        return
    command = ["pg_dump", "--no-owner", "--no-privileges", "--no-password", f"--dbname={_uri(url)}"]
    with reading_from(command, _password(url)) as dump:
        shutil.copyfileobj(dump, out, 1 << 20)


def _copy_sqlite(path: Path, out: IO[bytes]) -> None:
    """By VACUUM INTO: one transaction that reads, so no commit of another process has it begin anew."""
    with scratch_folder(path.parent) as folder:
        copy = folder / path.name
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE_SECONDS)) as db:
            db.execute("PRAGMA synchronous=OFF")  # of the copy, which is read at once and then gone
            db.execute("VACUUM INTO ?", (str(copy),))
        with copy.open("rb") as file:
            shutil.copyfileobj(file, out, 1 << 20)


@contextmanager
def scratch_folder(place: Path) -> Iterator[Path]:
    """A folder that only its owner may enter, gone at the end, with what was left by those who were killed.

    A copy of the database is as personal as the database, so it lies where that does.
    """
    for left in place.glob(f"{_SCRATCH}*"):
        _drop_if_left(left)
    folder = Path(mkdtemp(prefix=_SCRATCH, dir=place))
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.mkdir(0o700, exist_ok=True)  # another one may have tidied it up before it was locked
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _drop_if_left(folder: Path) -> None:
    """Whoever works in it holds its lock."""
    with suppress(OSError):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)


def check_sqlite(path: Path) -> None:
    """Whether SQLite finds the file whole. Raises BackupFault."""
    try:
        with closing(sqlite3.connect(path)) as db:
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise BackupFault(BackupFaultCode.BAD_DATABASE, verdict)


def put_in_place(made: Path, place: Path) -> None:
    """Give a finished SQLite file its name, unless one came to be there meanwhile. Raises BackupFault, OSError."""
    with closing(sqlite3.connect(made)) as db:
        db.execute("PRAGMA journal_mode=DELETE")  # nothing of it stands in another file any more
    with made.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(made, place)
    except FileExistsError:
        raise BackupFault(BackupFaultCode.NOT_EMPTY, str(place)) from None


def run_script(url: URL, script: IO[bytes], last: str) -> None:
    """Run a dump and one more statement in an empty PostgreSQL database: all of it, or nothing.

    Raises BackupFault, and what reading `script` raises.
    """
    command = ["psql", "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", f"--dbname={_uri(url)}"]
    with writing_into(command, subprocess.DEVNULL, _password(url)) as psql:
        psql.write(b"BEGIN;\n")
        shutil.copyfileobj(script, psql, 1 << 20)
        psql.write(f"\n{last};\nCOMMIT;\n".encode())  # without it, all is undone


def _uri(url: URL) -> str:
    """Without the password, since others on the machine see a command's arguments."""
    return url.set(drivername="postgresql", password=None).render_as_string()


def _password(url: URL) -> dict[str, str]:
    return {"PGPASSWORD": str(url.password)} if url.password else {}
