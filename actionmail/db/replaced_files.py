"""A database file of SQLite in whose place another one was put while processes ran, as by `actionmail restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

_FILE: Final = "actionmail_file"


def stay_at_the_file(engine: Engine) -> None:
    """Hand out no connection to a file that has its name no more. SQLite itself goes on with the one that it opened.

    While there is none of that name the old one is used: whoever opens a file that is not there makes an empty one.
    """
    path = Path(engine.url.database or "")

    @event.listens_for(engine, "connect")
    def _note(_connection: Any, record: Any) -> None:
        record.info[_FILE] = _file_at(path)

    @event.listens_for(engine, "checkout")
    def _compare(_connection: Any, record: Any, _proxy: Any) -> None:
        if _file_at(path) not in {None, record.info[_FILE]}:
            raise InvalidatePoolError


def _file_at(path: Path) -> tuple[int, int] | None:
    """What tells it from any other file, for as long as somebody has it open."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
