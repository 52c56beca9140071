"""Threads of a process that write to SQLite at the same moment are committed together, and each hears the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event, Lock
from types import NoneType

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from actionmail.db.engine import Database
from actionmail.db.group_commit import GroupCommit
from actionmail.db.prepared import Prepared
from actionmail.db.write_line import WriteLine

HANGS = 60.0  # seconds, after which something does
PATIENCE = 30.0


class Refused(Exception):
    """By the one who writes."""


@pytest.fixture
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """With a table of numbers, each of which refers to itself or to one that has to be there at the end."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('group') / 'actionmail.sqlite3'}")
    with database.put() as connection:
        reference = "REFERENCES numbers (number) DEFERRABLE INITIALLY DEFERRED"
        connection.execute(text(f"CREATE TABLE numbers (number INTEGER PRIMARY KEY, other INTEGER {reference})"))
    yield database
    database.engine.dispose()


def put(connection: Connection, number: int, other: int | None = None) -> None:
    row = {"number": number, "other": other or number}
    connection.execute(text("INSERT INTO numbers VALUES (:number, :other)"), row)


def numbers(database: Database) -> list[int]:
    with database.ask() as connection:
        return [row.number for row in connection.execute(text("SELECT number FROM numbers ORDER BY number"))]


@contextmanager
def commits(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Connection) -> None:
        seen.append("commit")

    event.listen(database.engine, "commit", note)
    yield seen
    event.remove(database.engine, "commit", note)


def until(is_so: Callable[[], object]) -> None:
    waited = Event()
    for _ in range(int(HANGS * 1000)):
        if is_so():
            return
        waited.wait(0.001)
    raise AssertionError("this did not happen")


class Crowd:
    """Whoever comes while the first one writes: they go on in the order in which they came."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pool = ThreadPoolExecutor(8)
        self._may_go_on = Event()
        self._came = 0
        self._counting = Lock()
        self.futures: list[Future[None]] = []

    def comes(self, change: Callable[[Connection], object]) -> None:
        number = len(self.futures)
        self.futures.append(self._pool.submit(self._write, change, is_first=number == 0))
        groups: GroupCommit = self._database._begin_to_put.__self__  # type: ignore[attr-defined]
        until(lambda: self._came if number == 0 else groups._group and len(groups._group.line) == number)

    def _write(self, change: Callable[[Connection], object], *, is_first: bool) -> None:
        with self._database.put() as connection:
            if is_first:
                self._came = 1
                assert self._may_go_on.wait(HANGS)
            change(connection)

    def goes_on(self) -> list[BaseException | None]:
        self._may_go_on.set()
        errors = [future.exception(HANGS) for future in self.futures]
        self._pool.shutdown()
        return errors


def writes(number: int, other: int | None = None) -> Callable[[Connection], None]:
    return lambda connection: put(connection, number, other)


def refuses(number: int) -> Callable[[Connection], None]:
    def change(connection: Connection) -> None:
        put(connection, number)
        raise Refused

    return change


def test_whoever_comes_meanwhile_is_committed_with_the_first(kept: Database) -> None:
    crowd = Crowd(kept)
    with commits(kept) as seen:
        for number in range(1, 6):
            crowd.comes(writes(number))
        assert numbers(kept) == [], "nothing is seen before it is committed"
        assert crowd.goes_on() == [None] * 5
    assert (numbers(kept), seen) == ([1, 2, 3, 4, 5], ["commit"])
    with kept.put() as connection:
        put(connection, 6)
    assert numbers(kept)[-1] == 6


@pytest.mark.parametrize("refused", [1, 2, 4])
def test_what_one_of_them_takes_back_is_gone_and_nothing_else(kept: Database, refused: int) -> None:
    crowd = Crowd(kept)
    for number in range(1, 5):
        crowd.comes(refuses(number) if number == refused else writes(number))
    errors = crowd.goes_on()
    assert [type(error) for error in errors if error] == [Refused]
    assert isinstance(errors[refused - 1], Refused)
    assert numbers(kept) == [number for number in range(1, 5) if number != refused]


def test_where_all_take_it_back_nothing_is_kept_and_the_next_may_write(kept: Database) -> None:
    crowd = Crowd(kept)
    for number in range(1, 4):
        crowd.comes(refuses(number))
    assert [type(error) for error in crowd.goes_on()] == [Refused] * 3
    assert numbers(kept) == []
    with kept.put() as connection:
        put(connection, 4)
    assert numbers(kept) == [4]


def test_each_sees_what_those_before_it_changed(kept: Database) -> None:
    crowd = Crowd(kept)
    seen: list[int] = []

    def look(connection: Connection) -> None:
        seen.extend(row.number for row in connection.execute(text("SELECT number FROM numbers")))

    for change in (writes(1), refuses(2), writes(3), look):
        crowd.comes(change)
    crowd.goes_on()
    assert seen == [1, 3]


def test_where_the_commit_fails_nobody_is_told_that_anything_was_kept(kept: Database) -> None:
    crowd = Crowd(kept)
    for change in (writes(1), writes(2, other=99), refuses(3), writes(4)):
        crowd.comes(change)
    errors = crowd.goes_on()
    assert [type(error) for error in errors] == [IntegrityError] * 4
    assert numbers(kept) == []
    with kept.put() as connection:
        put(connection, 5)
    assert numbers(kept) == [5]


@pytest.mark.parametrize(("undoing", "left"), [(1, [2, 3]), (2, []), (3, [])])
def test_where_the_database_ends_the_transaction_by_itself_nobody_is_told_that_anything_was_kept(
    kept: Database, undoing: int, left: list[int]
) -> None:
    """As SQLite does where the disk is full. What was not in it goes on in another one."""
    crowd = Crowd(kept)

    def ended(connection: Connection) -> None:
        put(connection, undoing)
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("ROLLBACK")

    for number in range(1, 4):
        crowd.comes(ended if number == undoing else writes(number))
    errors = crowd.goes_on()
    assert [isinstance(error, OperationalError) for error in errors] == [number not in left for number in (1, 2, 3)]
    assert numbers(kept) == left
    with kept.put() as connection:
        put(connection, 5)
    assert numbers(kept) == [*left, 5]


def test_nobody_is_told_the_refusal_of_somebody_else_where_the_transaction_was_undone(kept: Database) -> None:
    crowd = Crowd(kept)

    def ended(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("ROLLBACK")
        raise Refused

    for change in (writes(1), ended, writes(3)):
        crowd.comes(change)
    errors = crowd.goes_on()
    assert [isinstance(error, OperationalError) for error in errors] == [True] * 3
    assert numbers(kept) == []


def test_whoever_is_broken_off_in_a_statement_leaves_no_lock(kept: Database) -> None:
    """The error is at hand for longer than the connection, and has the cursor in its traceback."""
    statement = Prepared(text("INSERT INTO numbers VALUES (:number, NULL)"))
    with pytest.raises(UnicodeEncodeError) as caught, kept.put() as connection:
        put(connection, 1)
        statement.run(connection, number="\ud800")
    with kept.put() as connection:
        put(connection, 2)
    assert (numbers(kept), caught.type) == ([2], UnicodeEncodeError)


def test_where_even_the_rollback_fails_the_next_ones_write(kept: Database) -> None:
    fails = [True]

    def broken(_connection: Connection) -> None:
        if fails and fails.pop():
            raise OperationalError("ROLLBACK", None, sqlite3.OperationalError("disk I/O error"))

    event.listen(kept.engine, "rollback", broken)
    crowd = Crowd(kept)
    for change in (refuses(1), writes(2), refuses(3), writes(4)):
        crowd.comes(change)
    errors = crowd.goes_on()
    assert [type(error) for error in errors] == [OperationalError, NoneType, Refused, NoneType]
    assert numbers(kept) == [2, 4]
    with kept.put() as connection:
        put(connection, 5)
    assert numbers(kept) == [2, 4, 5]


def test_whoever_cannot_begin_is_told_so_and_the_next_one_tries(kept: Database) -> None:
    """Here the first meets another process that holds the lock, and the second does not any more."""
    patient = Database(str(kept.engine.url))
    with closing(sqlite3.connect(kept.engine.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        @event.listens_for(patient.engine, "connect")
        def _impatient(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA busy_timeout = 0")

        @event.listens_for(patient.engine, "handle_error")
        def _over(_context: object) -> None:
            other.execute("ROLLBACK")

        with pytest.raises(OperationalError, match="locked"), patient.put() as connection:
            put(connection, 1)
    with patient.put() as connection:
        put(connection, 2)
    assert numbers(kept) == [2]
    patient.engine.dispose()


def test_whoever_waits_too_long_for_its_turn_is_told_and_holds_nobody_up(kept: Database) -> None:
    groups = GroupCommit(kept.engine, WriteLine(None, patience=PATIENCE), patience=0.01)
    may_go_on, is_there = Event(), Event()

    def first() -> None:
        with groups.together() as connection:
            put(connection, 1)
            is_there.set()
            assert may_go_on.wait(HANGS)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(first)
        assert is_there.wait(HANGS)
        with pytest.raises(OperationalError, match="locked"), groups.together() as connection:
            put(connection, 2)
        may_go_on.set()
        holding.result(HANGS)
    with groups.together() as connection:
        put(connection, 3)
    assert numbers(kept) == [1, 3]


def test_many_at_once_are_all_kept_once_beside_another_process(kept: Database) -> None:
    """The other one, a second handle, has connections and a line of its own, as another process would."""
    other = Database(str(kept.engine.url))

    def some(database: Database, first: int) -> None:
        for number in range(first, first + 25):
            with database.put() as connection:
                put(connection, number)

    with ThreadPoolExecutor(8) as pool, commits(kept) as seen:
        writing = [pool.submit(some, (kept, other)[part % 2], 1000 * part) for part in range(8)]
        for one in writing:
            one.result(HANGS)
    assert numbers(kept) == sorted(1000 * part + number for part in range(8) for number in range(25))
    assert len(seen) <= 100
    other.engine.dispose()
