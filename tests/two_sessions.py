"""Two transactions at once, in the order that a test asks for: real sessions in real threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from actionmail.db.engine import Database

Block = Callable[[Session], object]
PATIENCE = 60.0  # seconds after which something hangs


def cross(database: Database, first: Block, second: Block, *, after: str = "") -> None:
    """Run both, each in its own transaction; `second` begins while that of `first` is open, which then commits.

    With `after`, `second` begins as soon as `first` has run a statement that holds these words, else at its end. Before
    `first` goes on, `second` has either committed or waits for a lock; SQLite, with its one writer, has it wait always.
    """
    with ThreadPoolExecutor(1) as pool:
        begun: list[Future[object]] = []

        def begin(*_arguments: Any) -> None:
            begun.append(pool.submit(_alone, database, second))
            _until_done_or_waiting(database, begun[0])

        def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if after and not begun and after in statement:
                begin()

        with database.write() as session:
            connection = session.connection()
            event.listen(connection, "after_cursor_execute", look)
            first(session)
            session.flush()
            if not begun:
                assert not after, f"no statement with {after!r}"
                begin()
        begun[0].result(PATIENCE)


def _alone(database: Database, block: Block) -> object:
    with database.write() as session:
        return block(session)


# Of this database: other processes of the run have theirs on the same server.
_WAITING = text(
    "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE NOT pg_locks.granted AND pg_stat_activity.datname = current_database()"
)


def _until_done_or_waiting(database: Database, other: Future[object]) -> None:
    if database.engine.dialect.name == "sqlite":
        return
    end = time.monotonic() + PATIENCE
    # Each look in a transaction of its own: within one, PostgreSQL tells of the sessions that were there at its first.
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not other.done():
            if connection.scalar(_WAITING):
                return
            assert time.monotonic() < end, "the second transaction neither ends nor waits for a lock"
            time.sleep(0.01)
