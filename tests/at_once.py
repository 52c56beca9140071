"""Two transactions at the same moment, as of two processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.orm import Session

from actionmail.db.engine import Database


class Second(threading.Thread):
    """Another process's transaction: begun while the first is open, ended after it."""

    def __init__(self, database: Database, change: Callable[[Session], object]) -> None:
        super().__init__(daemon=True)
        self.database, self.change = database, change
        self.begun = threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        self.begun.set()
        try:
            with self.database.write() as session:
                self.change(session)
        except Exception as error:
            self.error = error


def at_once(
    database: Database, first: Callable[[Session], object], second: Callable[[Session], object]
) -> Exception | None:
    """Do `second` as far as it goes while `first` is done and not yet committed; then let both end. Its error."""
    other = Second(database, second)
    with database.write() as session:
        first(session)
        other.start()
        assert other.begun.wait(60)
        wait_until_it_waits(database, other)
    other.join(60)
    assert not other.is_alive()
    return other.error


def wait_until_it_waits(database: Database, other: threading.Thread) -> None:
    """Until the other transaction waits for a lock, or has ended. On SQLite it cannot have begun."""
    if database.engine.dialect.name == "sqlite":
        return
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(3000):
        with database.engine.connect() as connection:
            if connection.scalar(waiting) or not other.is_alive():
                return
        time.sleep(0.02)
    raise AssertionError("the second transaction neither waits nor ends")
