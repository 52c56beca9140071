"""Transactions of SQLite that are committed together, where several threads of a process write at the same moment.

A commit waits for the disk, and meanwhile nobody else may write. So whoever comes while another thread of the process
waits to write, or writes, goes on in the same transaction after it, within a savepoint. The last of them commits, and
until then none of them is told anything. Each sees what those before it changed, as it would have seen it after their
commit. Where the commit fails, nothing of all is kept, and each is told so.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, RootTransaction, text
from sqlalchemy.exc import DBAPIError, OperationalError

from actionmail.db.prepared import Prepared
from actionmail.db.write_line import Turn, WriteLine

# SQLAlchemy does not hear of them: a session within would undo what it wrote when it is closed.
_SAVE = Prepared(text("SAVEPOINT one_of_some"))
_RELEASE = Prepared(text("RELEASE SAVEPOINT one_of_some"))
_UNDO = Prepared(text("ROLLBACK TO SAVEPOINT one_of_some"))


class _Group:
    """Whoever writes in one transaction. All but `line` belongs to the one whose turn it is."""

    def __init__(self) -> None:
        self.line: deque[Lock] = deque()  # who wait for their turn
        self.kept: list[Lock] = []  # who wait for the end, since something of theirs is in it
        self.connection: Connection | None = None  # while there is a transaction, in which somebody changed something
        self.turn: Turn | None = None
        self.error: BaseException | None = None  # why nothing of it is kept


class GroupCommit:
    """Of the threads of this process that write to one database. Each waits `patience` seconds at most for its turn."""

    def __init__(self, engine: Engine, line: WriteLine, *, patience: float) -> None:
        self._engine = engine
        self._line = line
        self._patience = patience
        self._lock = Lock()
        self._group: _Group | None = None  # that can still be joined

    @contextmanager
    def together(self) -> Iterator[Connection]:
        """The connection of a transaction that is committed when this is over. What the block changed is undone by any
        exception of it.

        Raises what SQLAlchemy raises.
        """
        place = Lock()
        place.acquire()
        group = self._joined(place)
        is_first = group.connection is None
        try:
            connection = self._begun(group)
            yield connection
            _hold(connection)
            if not is_first:
                _RELEASE.run(connection)
        except BaseException as error:
            try:
                self._undo(group, error, is_first=is_first)
            finally:
                self._leave(group, None if is_first else place)
            raise
        self._leave(group, place)

    def _joined(self, place: Lock) -> _Group:
        """The group, when it is one's turn in it."""
        with self._lock:
            group = self._group
            if group is None:
                self._group = group = _Group()
                return group
            group.line.append(place)
        if place.acquire(timeout=self._patience):
            return group
        with self._lock:
            if place in group.line:
                group.line.remove(place)
                raise _trouble("database is locked", sqlite3.SQLITE_BUSY)
        place.acquire()  # it was handed over at this very moment
        return group

    def _begun(self, group: _Group) -> Connection:
        if group.error is not None:
            raise group.error
        if group.connection is not None:
            _SAVE.run(group.connection)
            return group.connection
        group.turn = self._line.take()
        group.connection = self._engine.connect()
        group.connection.begin()
        return group.connection

    def _undo(self, group: _Group, error: BaseException, *, is_first: bool) -> None:
        """What one of them changed. Whoever is the first has no savepoint: all is undone, and the next one begins."""
        if is_first:
            self._close(group)
            return
        try:
            assert group.connection is not None
            _UNDO.run(group.connection)
            _RELEASE.run(group.connection)
        except BaseException:  # SQLite ended the transaction by itself, as where the disk is full
            trouble = error if isinstance(error, OperationalError) else _undone()  # nobody hears another's refusal
            group.error = group.error or trouble

    def _leave(self, group: _Group, place: Lock | None) -> None:
        """Let the next one go on, or end it. Whoever has a `place` waits for that, and hears why nothing was kept."""
        with self._lock:
            following = group.line.popleft() if group.line else None
            if following is None:
                self._group = None  # whoever comes now begins another one
        if following is None:
            self._end(group)
        else:
            if place is not None:
                group.kept.append(place)
            following.release()
            if place is not None:
                place.acquire()
        if place is not None and group.error is not None:
            raise group.error

    def _end(self, group: _Group) -> None:
        try:
            if group.connection is not None and group.error is None:
                _commit(group.connection)
                self._let_others_write(group)
        except BaseException as error:
            group.error = error
        finally:
            for place in group.kept:
                place.release()
            with suppress(DBAPIError):  # it is committed, or its error is told
                self._close(group)

    def _close(self, group: _Group) -> None:
        """What is not committed is undone."""
        connection, group.connection = group.connection, None
        try:
            if connection is not None:
                connection.close()
        finally:
            self._let_others_write(group)

    def _let_others_write(self, group: _Group) -> None:
        turn, group.turn = group.turn, None
        if turn is not None:
            self._line.give_back(turn)


def _hold(connection: Connection) -> RootTransaction:
    """Raises OperationalError where the transaction is over, as SQLite ends one by itself where the disk is full. To
    commit none would be no error to the driver, and a savepoint would begin another one.
    """
    transaction = connection.get_transaction()
    driver: Any = connection.connection.driver_connection
    if transaction is None or not driver.in_transaction:
        raise _undone()
    return transaction


def _commit(connection: Connection) -> None:
    transaction = _hold(connection)
    try:
        transaction.commit()
    except BaseException:
        transaction.rollback()  # SQLite goes on with it, and so would whoever gets the connection next
        raise


def _undone() -> OperationalError:
    return _trouble("the transaction was undone", sqlite3.SQLITE_ABORT)


def _trouble(words: str, code: int) -> OperationalError:
    """As SQLAlchemy tells what SQLite tells."""
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return OperationalError(None, None, error)
