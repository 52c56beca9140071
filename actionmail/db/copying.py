"""All rows of an SQLite database into a new PostgreSQL one: in steps that can be taken up again, compared at the end.

The source is read as it is at one moment. In the target a table of ours, TABLE, says how far the copy is; as long as
it is there, no other process takes the target for a database of ours (`Database.is_current`).

Rows come in the order of their references, by COPY. Triggers are off while they do, in the transaction that writes
them: what triggers would count or note is copied as the rows that they made, and append-only tables are only filled.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psycopg
from msgspec import Struct
from sqlalchemy import ARRAY, JSON, Column, Connection, Table, inspect, text
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

from actionmail.db import Base
from actionmail.db.engine import UNFINISHED_COPY as TABLE
from actionmail.db.engine import Database

_AT_ONCE: Final = 20_000  # rows of one transaction
_DIALECT: Final = sqlite_dialect()
# Made anew from the letters, since each kind of database keeps it in its own way.
_LEFT_OUT: Final = frozenset({"search_texts"})
_NOT_YET: Final = {("actions", "is_searchable"): False}
_COLUMN: Final = re.compile(r", column (\w+)")

Row = tuple[Any, ...]


class CopyFaultCode(StrEnum):
    """Why a copy is not made, or not finished. Behind each what `detail` is."""

    NO_SOURCE = "no_source"  # the file
    SOURCE_OLD = "source_old"  # the file: its tables are not this version's
    NOT_EMPTY = "not_empty"
    OTHER_SOURCE = "other_source"  # the file that the unfinished copy in the target is of
    CHANGED = "changed"  # somebody wrote to the source meanwhile
    DIFFERS = "differs"  # names of tables
    REFUSED = "refused"  # table and column, and PostgreSQL's own words


class CopyFault(Exception):
    """A copy that cannot be made, or finished."""

    def __init__(self, code: CopyFaultCode, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class Digest(Struct, frozen=True, kw_only=True):
    """How many rows, and their hashes added up, so that their order does not matter."""

    count: int
    sha256: str


class Compared(Struct, frozen=True, kw_only=True):
    """A table that is the same on both sides."""

    name: str
    digest: Digest


class Source:
    """An SQLite database as it is at one moment, for as long as it is open."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path
        self._version = self._data_version()
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM alembic_version").fetchone()  # the moment is that of the first look

    def counts(self) -> dict[str, int]:
        counts = {}
        for table in _tables():
            (counts[table.name],) = self._connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()  # noqa: S608
        return counts

    def rows(self, table: Table, *, after: Row | None = None, upto: Row | None = None) -> Iterator[tuple[Row, Row]]:
        """Each row's key as SQLite has it, and the row as PostgreSQL takes it; in the order of keys."""
        names, key = [_quoted(column) for column in table.columns], [_quoted(column) for column in table.primary_key]
        marks = ", ".join("?" * len(key))
        where: list[str] = ["1"]
        values: list[Any] = []
        for sign, bound in ((">", after), ("<=", upto)):
            if bound is not None:
                where.append(f"({', '.join(key)}) {sign} ({marks})")
                values += bound
        wanted = f"SELECT {', '.join(key + names)} FROM {table.name} WHERE {' AND '.join(where)} ORDER BY "  # noqa: S608
        processes = [_process(table, column.name) for column in table.columns]
        for row in self._connection.execute(wanted + ", ".join(key), values):
            raw = row[len(key) :]
            yield row[: len(key)], tuple(process(value) for process, value in zip(processes, raw, strict=True))

    def end(self) -> bool:
        """Let go of the moment; whether nobody wrote since."""
        self._connection.execute("ROLLBACK")
        return self._data_version() == self._version

    def _data_version(self) -> int:
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Raises CopyFault, sqlite3.Error."""
    if not path.is_file():
        raise CopyFault(CopyFaultCode.NO_SOURCE, str(path))
    database = Database(f"sqlite:///{path}")
    is_current = database.is_current()
    database.engine.dispose()
    if not is_current:
        raise CopyFault(CopyFaultCode.SOURCE_OLD, str(path))
    address = f"{path.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        yield Source(connection, path)


def begin(source: Source, target: Database) -> None:
    """Make the target's tables, or find a copy of the same source there that did not come to its end.

    Raises CopyFault.
    """
    with target.engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
    if TABLE in names:
        _resume(source, target)
        return
    if names:
        raise CopyFault(CopyFaultCode.NOT_EMPTY)
    with target.engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE {TABLE} (name text PRIMARY KEY, last_key text, is_done boolean)"))
        begun = text(f"INSERT INTO {TABLE} VALUES ('', :path, false)")  # noqa: S608
        connection.execute(begun, {"path": _place(source)})
    _make_tables(target)


def _make_tables(target: Database) -> None:
    target.upgrade()
    with target.engine.begin() as connection:
        _empty(connection, [table.name for table in Base.metadata.sorted_tables])  # of what migrations put there


def _resume(source: Source, target: Database) -> None:
    """Copied rows that are other ones in the source by now are copied again, with all that refers to them."""
    with target.engine.connect() as connection:
        progress = _progress(connection)
        is_made = inspect(connection).has_table("alembic_version")
    path, _ = progress.pop("", (None, False))
    if path != _place(source):
        raise CopyFault(CopyFaultCode.OTHER_SOURCE, str(path))
    if not is_made:
        _make_tables(target)
        return
    target.upgrade()
    for table in _tables():
        last_key, is_done = progress.get(table.name, (None, False))
        if not (last_key or is_done):
            continue
        upto = None if is_done else tuple(json.loads(last_key or "[]"))
        with target.engine.begin() as connection:
            if digest_of_source(source, table, upto=upto) != digest_of_target(connection, table):
                _empty(connection, [table.name, *_referring(table)])


def copy_rows(source: Source, target: Database, moved: Callable[[int], object], *, at_once: int = _AT_ONCE) -> None:
    """Copy what is not there yet; `moved` hears of each step's number of rows. Raises CopyFault."""
    for table in _tables():
        with target.engine.connect() as connection:
            last_key, is_done = _progress(connection).get(table.name, (None, False))
        after = tuple(json.loads(last_key)) if last_key else None
        rows = source.rows(table, after=after)
        while not is_done:
            with target.engine.begin() as connection:
                count, last = _write(connection, table, islice(rows, at_once))
                is_done = count < at_once
                _note(connection, table, last, is_done=is_done)
            moved(count)


def _write(connection: Connection, table: Table, rows: Iterator[tuple[Row, Row]]) -> tuple[int, Row | None]:
    """Add these rows; how many, and the last one's key."""
    names = ", ".join(map(_quoted, table.columns))
    count = 0
    last: Row | None = None
    with _triggers_off(connection, [table.name]):
        driver: Any = connection.connection.driver_connection
        try:
            with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for key, row in rows:
                    copy.write_row(row)
                    count, last = count + 1, key
        except psycopg.Error as error:
            raise CopyFault(CopyFaultCode.REFUSED, _refusal(table, error)) from None
    return count, last


def _refusal(table: Table, error: psycopg.Error) -> str:
    """Where and why; without the value, which may be somebody's."""
    column = _COLUMN.search(error.diag.context or "")
    where = f"{table.name}.{column[1]}" if column else table.name
    return f"{where}: {error.diag.message_primary or type(error).__name__}"


def compare(source: Source, target: Database) -> list[Compared]:
    """Every table, when it is the same on both sides. Raises CopyFault."""
    same, differing = [], []
    with target.engine.connect() as connection:
        for table in _tables():
            wanted, copied = digest_of_source(source, table), digest_of_target(connection, table)
            same.append(Compared(name=table.name, digest=copied))
            if wanted != copied:
                differing.append(table.name)
    if differing:
        raise CopyFault(CopyFaultCode.DIFFERS, ", ".join(differing))
    return same


def finish(connection: Connection) -> None:
    """Let numbers go on behind the highest, and the target be a database of ours."""
    for table in _tables():
        for column in table.primary_key:
            sequence = connection.scalar(
                text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
            )
            if sequence:
                connection.execute(
                    text(
                        f"SELECT setval(:sequence, coalesce(max({column.name}), 0) + 1, false) "  # noqa: S608
                        f"FROM {table.name}"
                    ),
                    {"sequence": sequence},
                )
    connection.execute(text(f"DROP TABLE {TABLE}"))


def digest_of_source(source: Source, table: Table, *, upto: Row | None = None) -> Digest:
    return _digest(row for _key, row in source.rows(table, upto=upto))


def digest_of_target(connection: Connection, table: Table) -> Digest:
    """Read as it is written; only JSON would come as something else than its text."""
    columns = ", ".join(f"{_quoted(column)}{'::text' * isinstance(column.type, JSON)}" for column in table.columns)
    wanted = f'SELECT {columns} FROM "{table.name}"'  # noqa: S608
    with connection.exec_driver_sql(wanted, execution_options={"stream_results": True, "yield_per": 1_000}) as rows:
        return _digest(map(tuple, rows))


def _digest(rows: Iterator[Row]) -> Digest:
    count, total = 0, 0
    for row in rows:
        canonical = [value.astimezone(UTC) if isinstance(value, datetime) else value for value in row]
        total += int.from_bytes(hashlib.sha256(repr(canonical).encode()).digest())
        count += 1
    return Digest(count=count, sha256=f"{total % 2**256:064x}")


def _tables() -> list[Table]:
    """Those whose rows are copied, each behind those that it refers to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in _LEFT_OUT]


def _referring(table: Table) -> list[str]:
    """What refers to the table, and to that, and so on."""
    reached = {table.name}
    for other in Base.metadata.sorted_tables:
        if any(key.column.table.name in reached for key in other.foreign_keys):
            reached.add(other.name)
    return sorted(reached - {table.name})


def _process(table: Table, name: str) -> Callable[[Any], Any]:
    """How what SQLite keeps in this column becomes what PostgreSQL takes."""
    if (table.name, name) in _NOT_YET:
        return lambda _value: _NOT_YET[table.name, name]
    type_ = table.c[name].type
    if isinstance(type_, JSON | ARRAY):
        return lambda value: value  # JSON's text as it is: an SQL NULL and a JSON null stay two
    processor = type_.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
    return processor or (lambda value: value)


def _quoted(column: Column[Any]) -> str:
    return f'"{column.name}"'  # `values` is one


def _empty(connection: Connection, names: Sequence[str]) -> None:
    """Of all rows, though rows of some may never be deleted."""
    with _triggers_off(connection, names):
        connection.execute(text(f"TRUNCATE {', '.join(names)}"))
    forget = text(f"DELETE FROM {TABLE} WHERE name = ANY(:names)")  # noqa: S608
    connection.execute(forget, {"names": list(names)})


@contextmanager
def _triggers_off(connection: Connection, names: Sequence[str]) -> Iterator[None]:
    """Ours; those that hold references stay on. Where the block fails, the transaction undoes it."""
    for name in names:
        connection.execute(text(f'ALTER TABLE "{name}" DISABLE TRIGGER USER'))
    yield
    for name in names:
        connection.execute(text(f'ALTER TABLE "{name}" ENABLE TRIGGER USER'))


def _progress(connection: Connection) -> dict[str, tuple[str | None, bool]]:
    """By table, "" for the copy as a whole: the last key that was copied, and whether that was all."""
    rows = connection.execute(text(f"SELECT name, last_key, is_done FROM {TABLE}"))  # noqa: S608
    return {row.name: (row.last_key, row.is_done) for row in rows}


def _note(connection: Connection, table: Table, last: Row | None, *, is_done: bool) -> None:
    connection.execute(
        text(
            f"INSERT INTO {TABLE} VALUES (:name, :last, :done) ON CONFLICT (name) DO UPDATE "  # noqa: S608
            f"SET last_key = coalesce(excluded.last_key, {TABLE}.last_key), is_done = excluded.is_done"
        ),
        {"name": table.name, "last": None if last is None else json.dumps(last), "done": is_done},
    )


def _place(source: Source) -> str:
    return str(source.path.resolve())
