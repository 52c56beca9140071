"""Connections to the one database, which is also the queue and the send log.

SQLite (one machine, one worker process): WAL, `synchronous=FULL`, a busy timeout, and writers that begin with
`BEGIN IMMEDIATE`, so that a lock is met at the start of a transaction and not in its middle.
PostgreSQL (psycopg 3): any number of web and worker machines.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, inspect, make_url, select, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from actionmail.db import Base
from actionmail.db.group_commit import GroupCommit
from actionmail.db.lost_servers import keep_alive
from actionmail.db.prepared import Prepared
from actionmail.db.replaced_files import stay_at_the_file
from actionmail.db.write_line import WriteLine

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_TIMEOUT_SECONDS = 5.0
LOG_TIMEOUT_SECONDS = 1.0  # for whoever erased somebody, and waits
MIGRATION_TIMEOUT_SECONDS = 600.0  # for whoever finds another one migrating
_MIGRATION_LOCK = 0x61637431  # of PostgreSQL's advisory locks: any number that nothing else of ours takes
_PREPARED = "prepared"
READ_ONLY = "actionmail_read_only"
_SINGLE = "actionmail_single_statements"
UNFINISHED_COPY = "unfinished_copy"  # a table that is there while a copy from another database goes on

# No limit but that of a process's threads. Where one has a connection in hand, and waits for a thread that needs one
# more (of a campaign that is read anew, one reads for all), a limit would have both wait in vain.
_AS_MANY_AS_ASK = 0

_BEGIN = Prepared(text("BEGIN"))
_BEGIN_TO_WRITE = Prepared(text("BEGIN IMMEDIATE"))

# Locked, read-only, full, damaged, away: the database's troubles. The others of its errors are faults of ours.
TROUBLE = (DatabaseError, InterfaceError, PoolTimeout)
OUR_FAULTS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`. Raises sqlalchemy.exc.ArgumentError for another URL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    return _open_postgres(parsed)


def _open_postgres(url: URL) -> Engine:
    """What a server, a database or a role may have set otherwise is set by us, in ways that go through PgBouncer.

    The isolation is said with every BEGIN; `datestyle` is one of the few settings that PgBouncer keeps for a client.
    `prepared=off` in the URL is ours: before 1.21 it hands another client's connection a statement it does not know.
    """
    prepared = url.query.get(_PREPARED, "on")
    if prepared not in {"on", "off"}:
        raise ArgumentError(f"{_PREPARED} is on or off")
    connect_args = {"prepare_threshold": None} if prepared == "off" else {}
    engine = create_engine(
        url.difference_update_query([_PREPARED]),
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        connect_args=connect_args,
        pool_size=_AS_MANY_AS_ASK,
    )
    keep_alive(engine)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # To compile what a query does takes longer than our longest ones, of which PostgreSQL expects more rows.
        connection.execute("SET jit TO off")
        if not connection.info.parameter_status("DateStyle").startswith("ISO"):
            connection.execute("SET datestyle TO ISO")
        connection.commit()

    return engine


def _open_sqlite(url: URL) -> Engine:
    pool = {"pool_size": _AS_MANY_AS_ASK} if _is_file(url) else {}  # one in memory has one connection for each thread
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, hide_parameters=True, **pool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late; `_begin` says it
        cursor = connection.cursor()
        _begin_log(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten with zeros
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get(_SINGLE, False):
            (_BEGIN if options.get(READ_ONLY, False) else _BEGIN_TO_WRITE).run(connection)

    if _is_file(url):
        stay_at_the_file(engine)  # the last to hear of a connection: by then there is a file
    return engine


def _is_file(url: URL) -> bool:
    return url.database not in {None, "", ":memory:"}


def _line_of(engine: Engine) -> WriteLine:
    """Of those who write to this database of SQLite."""
    folder = Path(engine.url.database or "").absolute().parent if _is_file(engine.url) else None
    return WriteLine(folder, patience=BUSY_TIMEOUT_SECONDS)


class Migration(Struct, frozen=True, kw_only=True):
    """One step of the tables' shape; `what` is its first line."""

    number: str
    what: str


class Database:
    """The doors' handle: `read()` for screens, `ask()` and `look()` for single questions, `write()` for one
    all-or-nothing change, `put()` for one by statements alone.
    """

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.before_writing: Callable[[], object] | None = None  # called once, for whoever wants to say so
        self.write_sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(
            self.engine.execution_options(**{READ_ONLY: True}), expire_on_commit=False, autoflush=False
        )
        is_sqlite = self.engine.dialect.name == "sqlite"
        single: dict[str, Any] = {_SINGLE: True} if is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._in_line: Callable[[], AbstractContextManager[None]] = nullcontext
        self._begin_to_put: Callable[[], AbstractContextManager[Connection]] = self.engine.begin
        if is_sqlite:
            line = _line_of(self.engine)
            self._in_line = line.turn
            if _is_file(self.engine.url):  # one in memory has a connection for each thread, which nobody else may use
                self._begin_to_put = GroupCommit(self.engine, line, patience=2 * BUSY_TIMEOUT_SECONDS).together
        self._askers = self.engine.execution_options(**single)

    def use_memory_to_undo(self) -> None:
        """For whoever changes many rows by one statement and sorts few: call it before anything else.

        SQLite writes the pages that such a statement changes into a file of its own first, to undo it halfway, once
        they are more than 64 KB (https://www.sqlite.org/tempfiles.html, 2.3); sorting would take memory likewise.
        """
        if self.engine.dialect.name != "sqlite":
            return

        @event.listens_for(self.engine, "connect")
        def _keep(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA temp_store=MEMORY")

        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that takes no write lock; nothing in it is kept."""
        with self._readers() as session:
            yield session

    @contextmanager
    def ask(self) -> Iterator[Connection]:
        """For statements that read, each by itself: no transaction is begun, and there is no session to be made."""
        with self._askers.connect() as connection:
            yield connection

    @contextmanager
    def look(self) -> Iterator[Session]:
        """The same with a session, for what seldom needs objects: it begins nothing until one is asked for."""
        with self.ask() as connection, Session(connection, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session in which every query sees the same moment, for as long as it lasts; nothing in it is kept.

        On SQLite (WAL) any transaction that reads is one; PostgreSQL has to be asked for it.
        """
        options: dict[str, Any] = {READ_ONLY: True}
        if self.engine.dialect.name != "sqlite":
            options["isolation_level"] = "REPEATABLE READ"
        with Session(self.engine.execution_options(**options), expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose block is one transaction: committed at its end, undone by any exception."""
        self._tell_of_writing()
        with self._in_line(), self.write_sessions.begin() as session:
            yield session

    @contextmanager
    def put(self) -> Iterator[Connection]:
        """As `write`, for statements alone: there is no session to be made.

        On SQLite threads that do this at the same moment are committed together (`db.group_commit`).
        """
        self._tell_of_writing()
        with self._begin_to_put() as connection:
            yield connection

    def _tell_of_writing(self) -> None:
        tell, self.before_writing = self.before_writing, None
        if tell is not None:
            tell()

    def write_if_possible(self, change: Callable[[Session], object]) -> bool:
        """Write what no page is refused for. False, and nothing changed, where the database can keep nothing now."""
        try:
            with self.write() as session:
                change(session)
        except OUR_FAULTS:
            raise
        except TROUBLE:
            return False
        return True

    def empty_log(self) -> bool:
        """Let nothing that was erased stand in SQLite's write-ahead log any more; whether that could be done now.

        The pages themselves are overwritten (`secure_delete`), their older copies in the log only by this. It waits a
        moment for those who read; call it outside any transaction. PostgreSQL has nothing of the kind: True.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        connection = self.engine.raw_connection()
        try:
            driver: Any = connection.driver_connection
            driver.execute(f"PRAGMA busy_timeout = {round(LOG_TIMEOUT_SECONDS * 1000)}")
            try:
                is_busy, _pages, _copied = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                driver.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_SECONDS * 1000)}")
        except sqlite3.OperationalError:  # locked, or out of room
            return False
        finally:
            connection.close()
        return not is_busy

    def upgrade(self) -> None:
        """Bring the tables to this version's shape (Alembic, in one transaction).

        Of several who begin at the same time one does the work; the others wait, and find it done.
        """
        from alembic import command  # here, since it takes a quarter of a second that no page needs

        self._tell_of_writing()
        with self._migrating() as connection:
            command.upgrade(_alembic(connection), "head")

    @contextmanager
    def _migrating(self) -> Iterator[Connection]:
        """A transaction that no other migration is in.

        On SQLite BEGIN IMMEDIATE is the lock, waited for longer than by a page.
        """
        with self.engine.connect() as connection:
            is_sqlite = self.engine.dialect.name == "sqlite"
            if is_sqlite:
                _set_busy_timeout(connection, MIGRATION_TIMEOUT_SECONDS)
            try:
                with connection.begin():
                    if not is_sqlite:
                        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
                    yield connection
            finally:
                if is_sqlite:
                    _set_busy_timeout(connection, BUSY_TIMEOUT_SECONDS)

    def is_current(self) -> bool:
        """Whether the tables are there, and have the shape that this version needs."""
        from alembic.script import ScriptDirectory

        with self._looking() as connection:
            tables = set(inspect(connection).get_table_names())
        has_all = tables.issuperset(Base.metadata.tables) and UNFINISHED_COPY not in tables
        return has_all and self.revision() in ScriptDirectory(_MIGRATIONS).get_heads()

    def revision(self) -> str:
        """The last migration that its tables went through; "" where there are none."""
        from alembic.runtime.migration import MigrationContext

        with self._looking() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""

    def pending(self) -> list[Migration] | None:
        """The migrations that are still to be done, the next first; None where a newer version did others already."""
        revision = self.revision()
        if revision and not knows_revision(revision):
            return None
        from alembic.script import ScriptDirectory

        ahead = ScriptDirectory(_MIGRATIONS).iterate_revisions("heads", revision or "base")
        migrations = [Migration(number=script.revision, what=str(script.doc)) for script in ahead]
        return migrations[::-1]

    def is_empty(self) -> bool:
        """Whether it has no table at all. SQLite would make a file that is not there, so ask for that before."""
        with self._looking() as connection:
            return not inspect(connection).get_table_names()

    def _looking(self) -> Connection:
        """A connection that only reads: on SQLite it waits for nobody who writes."""
        return self.engine.execution_options(**{READ_ONLY: True}).connect()


def knows_revision(revision: str) -> bool:
    """Whether this version can go on from tables of that migration."""
    from alembic.script import ScriptDirectory

    return any(script.revision == revision for script in ScriptDirectory(_MIGRATIONS).walk_revisions())


def _begin_log(cursor: Any) -> None:
    """Write ahead of the file. Of several who open a new one at once SQLite refuses some without any patience."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= give_up_at:
                raise
            time.sleep(0.02)
        else:
            return


def _set_busy_timeout(connection: Connection, seconds: float) -> None:
    """Before any transaction, so on the driver's own connection: SQLAlchemy's would begin one, and meet the lock."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")


_MIGRATIONS = str(Path(__file__).parent / "migrations")


def _alembic(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", _MIGRATIONS.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
