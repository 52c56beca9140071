"""A database file of SQLite that goes away while processes run, or in whose place another one is put, as by a restore.

SQLite itself goes on with the file that it opened, whatever its name by now, and makes an empty one where none is.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Event
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

_FILE: Final = "actionmail_file"
_Identity = tuple[int, int]


def stay_at_the_file(engine: Engine) -> None:
    """Hand out connections to the file that has its name now alone, and none while it is gone."""
    path = Path(engine.url.database or "")
    was_there = Event()

    @event.listens_for(engine, "do_connect")
    def _make_none_again(*_arguments: Any) -> None:
        if was_there.is_set() and _file_at(path) is None:
            raise _gone()

    @event.listens_for(engine, "connect")
    def _note(_connection: Any, record: Any) -> None:
        record.info[_FILE] = there = _file_at(path)
        if there:
            was_there.set()

    @event.listens_for(engine, "checkout")
    def _compare(_connection: Any, record: Any, _proxy: Any) -> None:
        there = _file_at(path)
        if there is None and record.info[_FILE]:
            raise _gone()
        if there != record.info[_FILE]:
            raise InvalidatePoolError


def _file_at(path: Path) -> _Identity | None:
    """What tells it from any other file, for as long as somebody has it open."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _gone() -> sqlite3.OperationalError:
    """As SQLite tells it of a file that it may not make."""
    error = sqlite3.OperationalError("the file of the database is gone")
    error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    return error
