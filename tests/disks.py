"""Disks that fill up and turn read-only at a word: a small tmpfs where we may mount one, else SQLite's page limit."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, event

from actionmail.db.engine import Database


class CannotMount(RuntimeError):
    """There is no tmpfs to be had here; `str()` says why."""


class Tmpfs:
    """A file system of 8 MB of its own, with one migrated database."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder = folder
        self._path = folder / "actionmail.sqlite3"
        self._ballast = folder / "ballast"
        shutil.copyfile(template, self._path)
        self.url = f"sqlite:///{self._path}"

    def open(self) -> Database:
        return Database(self.url)

    def fill(self) -> None:
        """Not one more octet fits."""
        _truncate_wal(self._path)
        with self._ballast.open("wb", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while file.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def clear(self) -> None:
        self._ballast.unlink(missing_ok=True)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Mounted read-only meanwhile; nobody may have the database open."""
        _mount("-o", "remount,ro", str(self._folder))
        try:
            yield
        finally:
            _mount("-o", "remount,rw", str(self._folder))


class PageLimit:
    """A database that gets no more pages than it has; the same error as a full disk, for whoever may not mount."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._path = folder / "actionmail.sqlite3"
        shutil.copyfile(template, self._path)
        self.url = f"sqlite:///{self._path}"
        self._engines: list[Engine] = []
        self._limit = 0

    def open(self) -> Database:
        database = Database(self.url)
        self._engines.append(database.engine)

        @event.listens_for(database.engine, "checkout")
        def _limit(connection: sqlite3.Connection, *_rest: object) -> None:
            connection.execute(f"PRAGMA max_page_count={self._limit or 1_000_000}").fetchall()

        return database

    def fill(self) -> None:
        with sqlite3.connect(self._path, isolation_level=None) as connection:
            connection.execute("VACUUM")  # so that no page has room left
            self._limit = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.close()

    def clear(self) -> None:
        self._limit = 0


@contextmanager
def writing_refused(database: Database) -> Iterator[None]:
    """Meanwhile its connection refuses to write, as on a full or write-protected disk."""
    _query_only(database, True)
    try:
        yield
    finally:
        _query_only(database, False)


def _query_only(database: Database, value: bool) -> None:
    connection = database.engine.raw_connection()
    connection.cursor().execute(f"PRAGMA query_only={int(value)}")
    connection.close()


@contextmanager
def tmpfs(folder: Path, template: Path) -> Iterator[Tmpfs]:
    """Raises CannotMount."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", "size=8m", "actionmail-test", str(folder))
    try:
        yield Tmpfs(folder, template)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def _mount(*arguments: str) -> None:
    if shutil.which("mount") is None:
        raise CannotMount("there is no mount command")
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise CannotMount(done.stderr.strip())


def _truncate_wal(path: Path) -> None:
    """So that the next commit needs room on the disk."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
