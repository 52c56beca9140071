"""The one connection to the one database, on both kinds."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import delete, event, func, select, text, update
from sqlalchemy.exc import ArgumentError, DatabaseError

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database, _alembic, _begin_log
from actionmail.db.lost_servers import _SINCE
from actionmail.db.staff import AuditEntry, StaffMember
from actionmail.db.trouble import is_passing, lacks_tables, mixes_connections
from tests.postgres import NoPostgres, PostgresServer
from tests.samples import sample_campaign
from tests.two_sessions import Block, cross


def entry(now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now, actor_kind="command_line", action="message_viewed", object_kind="message", object_key="1", details={}
    )


def test_a_migrated_database_is_current(any_database: Database) -> None:
    assert any_database.is_current()


def test_migrating_twice_changes_nothing(any_database: Database) -> None:
    any_database.upgrade()
    assert any_database.is_current()


def test_accounts_of_before_come_along(any_database: Database, now: datetime) -> None:
    with any_database.engine.begin() as connection:
        command.downgrade(_alembic(connection), "0005")
        connection.execute(
            text(
                "INSERT INTO staff (email, role, password_hash, session_stamp, failed_sign_ins, created_at) "
                "VALUES ('ada@example.org', 'admin', 'hash', 'stamp', 0, '2026-03-04 15:12:05')"
            )
        )
    any_database.upgrade()
    with any_database.read() as session:
        assert session.execute(select(StaffMember.email, StaffMember.password_hash)).all() == [
            ("ada@example.org", "hash")
        ]


def test_an_exception_undoes_the_whole_block(any_database: Database, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError), any_database.write() as session:
        session.add(entry(now))
        session.flush()
        raise ZeroDivisionError
    with any_database.read() as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_what_a_statement_may_undo_stays_in_memory_for_whoever_wants_it(any_database: Database) -> None:
    """In every connection, also one that was open before; where somebody sorts much, it would take too much."""
    with any_database.read() as session:
        session.execute(text("SELECT 1"))
    any_database.use_memory_to_undo()
    if any_database.engine.dialect.name == "sqlite":
        with any_database.read() as one, any_database.read() as other:
            kept = [session.scalar(text("PRAGMA temp_store")) for session in (one, other)]
        assert kept == [2, 2]
        with Database(any_database.engine.url.render_as_string()).read() as session:
            assert session.scalar(text("PRAGMA temp_store")) == 0
    assert any_database.is_current()


def test_what_is_put_is_kept_whole_or_not_at_all(any_database: Database) -> None:
    told: list[str] = []
    any_database.before_writing = lambda: told.append("once")
    put = text("INSERT INTO spent_works (work, at) VALUES (:work, '2026-03-04 15:00:00+00:00')")
    with any_database.put() as connection:
        connection.execute(put, {"work": "a"})
    with pytest.raises(ZeroDivisionError), any_database.put() as connection:
        connection.execute(put, {"work": "b"})
        raise ZeroDivisionError
    with any_database.read() as session:
        assert session.scalars(text("SELECT work FROM spent_works")).all() == ["a"]
    assert told == ["once"]


def test_an_instant_comes_back_aware_and_equal(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        session.add(entry(now))
    with any_database.read() as session:
        assert session.scalars(select(AuditEntry.at)).one() == now


@pytest.mark.parametrize("statement", [delete(AuditEntry), update(AuditEntry).values(action="nothing")])
def test_the_audit_trail_is_append_only(any_database: Database, now: datetime, statement: object) -> None:
    with any_database.write() as session:
        session.add(entry(now))
    with pytest.raises(DatabaseError), any_database.write() as session:
        session.execute(statement)  # type: ignore[call-overload]


@pytest.mark.postgres
@pytest.mark.parametrize("tables", ["events", "audit CASCADE", "audit_chain", "messages CASCADE"])
def test_the_append_only_tables_cannot_be_emptied_at_once(postgres_url: str, tables: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.execute(text(f"TRUNCATE {tables}"))
    database.engine.dispose()


class RefusedAtOnce:
    """A cursor of a new file that others are opening: SQLite says so without waiting for them."""

    def __init__(self, code: int, times: int) -> None:
        self.code, self.times, self.asked = code, times, 0

    def execute(self, statement: str) -> None:
        self.asked += 1
        if self.asked <= self.times:
            error = sqlite3.OperationalError(statement)
            error.sqlite_errorcode = self.code
            raise error


def test_a_new_file_that_others_are_opening_is_asked_again() -> None:
    cursor = RefusedAtOnce(sqlite3.SQLITE_BUSY, times=3)
    _begin_log(cursor)
    assert cursor.asked == 4


def test_another_trouble_of_a_file_is_not_waited_for() -> None:
    cursor = RefusedAtOnce(sqlite3.SQLITE_CANTOPEN, times=3)
    with pytest.raises(sqlite3.OperationalError):
        _begin_log(cursor)
    assert cursor.asked == 1


@pytest.fixture
def odd_postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """Of a server on which transactions are serializable, and dates are written as in Germany."""
    with postgres.fresh_database() as url:
        database = Database(url)
        with database.write() as session:
            name = session.scalar(text("SELECT current_database()"))
            session.execute(text(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'serializable'"))
            session.execute(text(f"ALTER DATABASE \"{name}\" SET datestyle = 'German, DMY'"))
        database.engine.dispose()
        yield url


@pytest.mark.postgres
def test_a_server_that_is_set_otherwise_does_not_decide(odd_postgres_url: str, now: datetime) -> None:
    database = Database(odd_postgres_url)
    with database.write() as session:
        campaign = sample_campaign(session, created_at=now)

    def renamed(title: str) -> Block:
        return lambda session: session.execute(update(Campaign).values(title=Campaign.title + title))

    cross(database, renamed(" one"), renamed(" two"), after="UPDATE")
    with database.read() as session:
        assert session.scalar(text("SHOW transaction_isolation")) == "read committed"
        kept = session.get_one(Campaign, campaign.id)
        assert (kept.title.endswith(" one two"), kept.created_at) == (True, now)
    with database.snapshot() as session:
        assert session.scalar(text("SHOW transaction_isolation")) == "repeatable read"
    database.engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize(("ending", "prepared"), [("", True), ("prepared=on", True), ("prepared=off", False)])
def test_statements_are_prepared_or_not_as_the_url_says(postgres_url: str, ending: str, prepared: bool) -> None:
    joint = "&" if "?" in postgres_url else "?"
    database = Database(f"{postgres_url}{joint}{ending}" if ending else postgres_url)
    with database.read() as session:
        for _ in range(10):
            session.scalar(text("SELECT count(*) FROM campaigns"))
        assert bool(session.scalar(text("SELECT count(*) FROM pg_prepared_statements"))) == prepared
    assert "prepared" not in database.engine.url.query
    database.engine.dispose()


def test_prepared_is_on_or_off() -> None:
    with pytest.raises(ArgumentError):
        Database("postgresql://a@b/c?prepared=maybe")


@pytest.mark.postgres
def test_a_statement_that_another_connection_has_is_known_for_what_it_is(postgres_url: str) -> None:
    database = Database(postgres_url)
    for statement in ("EXECUTE nothing", "PREPARE one AS SELECT 1; PREPARE one AS SELECT 1"):
        with pytest.raises(DatabaseError) as caught, database.read() as session:
            session.execute(text(statement))
        assert (mixes_connections(caught.value), lacks_tables(caught.value)) == (True, False)
    database.engine.dispose()


@pytest.mark.postgres
def test_connections_that_the_server_ended_are_not_handed_out(
    own_postgres: PostgresServer, own_postgres_url: str
) -> None:
    """All of several, though each was in use a moment ago."""
    database = Database(own_postgres_url)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(database.read()).execute(text("SELECT 1"))
    try:
        with own_postgres.away():
            pass
    except NoPostgres as error:
        pytest.skip(str(error))
    with ExitStack() as stack:
        for _ in range(4):
            assert stack.enter_context(database.read()).scalar(text("SELECT 1")) == 1
    with database.ask() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    database.engine.dispose()


def round_trips(database: Database, folder: Path, block: Callable[[], object]) -> int:
    """How often the only connection of the pool had to wait for its server meanwhile."""
    with database.read() as session:
        driver: Any = session.connection().connection.driver_connection
    with (folder / "trace").open("wb") as file:
        driver.pgconn.trace(file.fileno())
        block()
        driver.pgconn.untrace()
    return (folder / "trace").read_text().count("ReadyForQuery")


@pytest.mark.postgres
def test_a_question_is_one_round_trip(postgres_url: str, tmp_path: Path) -> None:
    """Nothing is asked of a connection that was in use a moment ago, and no transaction is begun for one statement."""
    database = Database(postgres_url)

    def ask() -> None:
        with database.ask() as connection:
            connection.execute(text("SELECT 1"))

    def read() -> None:
        with database.read() as session:
            session.execute(text("SELECT 1"))

    assert round_trips(database, tmp_path, ask) == 1
    assert round_trips(database, tmp_path, read) == 3, "its BEGIN and its ROLLBACK"
    event.listen(database.engine, "checkin", lambda _driver, record: record.info.update({_SINCE: float("-inf")}))
    assert round_trips(database, tmp_path, ask) == 2, "after a long rest the server is asked whether it is there"
    database.engine.dispose()


def test_a_question_begins_no_transaction(any_database: Database, now: datetime) -> None:
    """So each of its statements sees its own moment, on both kinds."""
    with any_database.ask() as connection:
        connection.execute(text("SELECT 1"))
        with any_database.write() as session:
            session.add(entry(now))
        assert connection.execute(select(func.count()).select_from(AuditEntry)).scalar_one() == 1


@pytest.mark.parametrize("has_objects", [True, False])
def test_threads_that_write_to_sqlite_wait_in_line_and_not_by_asking(
    database: Database, now: datetime, has_objects: bool
) -> None:
    """Of one that waits SQLite hears nothing until the one before is done."""
    begun: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *asked: begun.append(asked[2]))
    has_come = threading.Event()

    def write() -> None:
        has_come.set()
        if has_objects:
            with database.write() as session:
                session.add(entry(now))
        else:
            with database.put() as connection:
                connection.execute(text("SELECT 1"))

    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            session.add(entry(now))
            session.flush()
            before = len(begun)
            done = pool.submit(write)
            assert has_come.wait(60)
            with pytest.raises(TimeoutError):
                done.result(0.2)
            assert len(begun) == before
        done.result(60)
    assert begun.count("BEGIN IMMEDIATE") == 2


def test_a_file_that_took_the_place_of_another_is_read_and_written(tmp_path: Path) -> None:
    """As after `actionmail restore`, beside which services may run."""
    before, after = (Database(f"sqlite:///{tmp_path}/{name}.sqlite3") for name in ("here", "there"))
    for database, said in ((before, "old"), (after, "new")):
        with database.write() as session:
            session.execute(text("CREATE TABLE words (said TEXT)"))
            session.execute(text("INSERT INTO words VALUES (:said)"), {"said": said})
    after.engine.dispose()
    for name in ("here.sqlite3", "here.sqlite3-wal", "here.sqlite3-shm"):
        (tmp_path / name).rename(tmp_path / f"lost-{name}")
    (tmp_path / "there.sqlite3").rename(tmp_path / "here.sqlite3")
    with before.read() as session:
        assert session.scalars(text("SELECT said FROM words")).all() == ["new"]
    with before.write() as session:
        session.execute(text("INSERT INTO words VALUES ('newer')"))
    before.engine.dispose()
    with sqlite3.connect(tmp_path / "here.sqlite3") as file:
        assert file.execute("SELECT said FROM words").fetchall() == [("new",), ("newer",)]


def test_no_file_is_made_in_the_place_of_one_that_is_gone(tmp_path: Path) -> None:
    """Or nothing could be brought back there, and until then letters would be taken into a file that nobody opens."""
    file = tmp_path / "here.sqlite3"
    database = Database(f"sqlite:///{file}")
    with database.write() as session:
        session.execute(text("CREATE TABLE words (said TEXT)"))
    with database.ask() as kept:
        file.rename(tmp_path / "lost.sqlite3")
        with pytest.raises(DatabaseError) as refused, database.ask():  # one more
            pass
        assert is_passing(refused.value)  # so a worker waits
        kept.execute(text("SELECT said FROM words"))
    with pytest.raises(DatabaseError), database.write() as session:
        session.execute(text("INSERT INTO words VALUES ('lost')"))
    assert not file.exists()
    (tmp_path / "lost.sqlite3").rename(file)
    with database.write() as session:
        session.execute(text("INSERT INTO words VALUES ('here again')"))
    database.engine.dispose()


def test_nobody_waits_for_the_connections_of_others(any_database: Database) -> None:
    """Each of many has one in hand, and what they wait for needs one more."""
    any_database.engine.pool._timeout = 0.1  # type: ignore[attr-defined]
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(any_database.ask()).execute(text("SELECT 1"))
