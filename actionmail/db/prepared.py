"""Statements that every supporter's request runs: compiled once, and run by the driver's own cursor.

What SQLAlchemy does around a statement each time costs ten times what SQLite needs for it. Of that here is what has to
be: the conversions of types, telling those who listen, and errors by their kind, so that a connection that was lost is
not used again.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, Final, cast

from msgspec import Struct
from sqlalchemy import Column, Connection, LargeBinary, Table, TextClause, bindparam, text
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_Convert = Callable[[Any], Any]


class _Compiled(Struct, frozen=True, kw_only=True):
    """For one kind of database. `order` is of the values where they have no names; `converts` is by their place there,
    or else by name; `reads` by place; `options` go to the driver beside.
    """

    sql: str
    order: tuple[str, ...] | None
    converts: Sequence[tuple[Any, _Convert]]
    reads: Sequence[tuple[int, _Convert]]
    options: Mapping[str, bool]

    def given(self, values: Mapping[str, Any]) -> Any:
        if self.order is None and not self.converts:
            return values
        given: Any = dict(values) if self.order is None else [values[name] for name in self.order]
        for place, convert in self.converts:
            given[place] = convert(given[place])
        return given if self.order is None else tuple(given)  # as SQLAlchemy gives them, and tells those who listen


class Prepared:
    """One statement in our SQL, whose values and columns have types where those matter.

    A row of the answer has the `columns` by name. Raises what SQLAlchemy raises.
    """

    def __init__(self, statement: TextClause, *columns: Column[Any]) -> None:
        self._statement = statement
        self._columns = columns
        self._row = cast(Any, namedtuple("_row", [column.name for column in columns]))
        self._compiled: dict[str, _Compiled] = {}

    def all(self, at: Session | Connection, /, **values: Any) -> list[Any]:
        """The rows of the answer."""
        connection = connection_of(at)
        compiled = self._for(connection.dialect)
        rows = _executed(connection, compiled.sql, compiled.given(values), answers=True, options=compiled.options)
        make = self._row._make
        if compiled.reads:
            make = partial(self._read, compiled)
        return list(map(make, rows))

    def one(self, at: Session | Connection, /, **values: Any) -> Any:
        """The only row of an answer that has one."""
        (row,) = self.all(at, **values)
        return row

    def run(self, at: Session | Connection, /, **values: Any) -> None:
        """Without an answer."""
        connection = connection_of(at)
        compiled = self._for(connection.dialect)
        _executed(connection, compiled.sql, compiled.given(values))

    def run_each(self, at: Session | Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """The same with each of these values."""
        connection = connection_of(at)
        compiled = self._for(connection.dialect)
        _executed(connection, compiled.sql, [compiled.given(values) for values in rows], is_many=True)

    def _read(self, compiled: _Compiled, row: Sequence[Any]) -> Any:
        values = list(row)
        for place, read in compiled.reads:
            values[place] = read(values[place])
        return self._row._make(values)

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = self._compile(dialect)
        return compiled

    def _compile(self, dialect: Dialect) -> _Compiled:
        made = self._statement.compile(dialect=dialect)
        order = tuple(made.positiontup or ()) if made.positional else None
        places = zip(made.binds, made.binds, strict=True) if order is None else enumerate(order)
        converts: list[tuple[Any, _Convert]] = []
        reads: list[tuple[int, _Convert]] = []
        for place, name in places:
            if convert := made.binds[name].type.dialect_impl(dialect).bind_processor(dialect):
                converts.append((place, convert))
        for place, column in enumerate(self._columns):
            if read := column.type.dialect_impl(dialect).result_processor(dialect, None):
                reads.append((place, read))
        # Otherwise PostgreSQL writes octets as digits, twice as long, which the driver has to read again.
        has_octets = any(isinstance(column.type, LargeBinary) for column in self._columns)
        options = {"binary": True} if has_octets and dialect.driver == "psycopg" else {}
        return _Compiled(sql=made.string, order=order, converts=converts, reads=reads, options=options)


def insert_into(table: Table, *names: str, answer: Sequence[str] = (), on_conflict: str = "") -> Prepared:
    """A statement that adds rows with these columns, and may answer with others of one. The model's defaults are not
    added: what is to be written, and the database does not add, has to be there. `on_conflict` is what SQL has behind
    these words: "DO NOTHING".
    """
    statement = text(_insert(table, names, [""], answer, on_conflict))
    types = [bindparam(name, type_=table.c[name].type) for name in names]
    return Prepared(statement.bindparams(*types), *(table.c[name] for name in answer))


class PreparedRows:
    """As `insert_into`, where a few rows are added by one statement. What it answers is in whatever order."""

    _MOST: Final = 50  # rows of one statement

    def __init__(self, table: Table, *names: str, answer: Sequence[str] = (), on_conflict: str = "") -> None:
        self._table, self._names, self._answer, self._on_conflict = table, names, answer, on_conflict
        self._made: dict[int, Prepared] = {}

    def all(self, at: Session | Connection, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What is answered of these rows."""
        answers = []
        for statement, values in self._parts(rows):
            answers += statement.all(at, **values)
        return answers

    def run(self, at: Session | Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Without an answer."""
        for statement, values in self._parts(rows):
            statement.run(at, **values)

    def _parts(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Prepared, dict[str, Any]]]:
        for start in range(0, len(rows), self._MOST):
            values = {}
            some = rows[start : start + self._MOST]
            for number, row in enumerate(some):
                for name in self._names:
                    values[f"{name}_{number}"] = row[name]
            yield self._of(len(some)), values

    def _of(self, rows: int) -> Prepared:
        if rows not in self._made:
            numbers = [f"_{number}" for number in range(rows)]
            types = []
            for number in numbers:
                types += [bindparam(f"{name}{number}", type_=self._table.c[name].type) for name in self._names]
            statement = text(_insert(self._table, self._names, numbers, self._answer, self._on_conflict)).bindparams(
                *types
            )
            self._made[rows] = Prepared(statement, *(self._table.c[name] for name in self._answer))
        return self._made[rows]


def _insert(table: Table, names: Sequence[str], rows: Sequence[str], answer: Sequence[str], on_conflict: str) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    values = []
    for row in rows:
        values.append(f"({', '.join(f':{name}{row}' for name in names)})")
    ending = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    ending += f" RETURNING {', '.join(answer)}" if answer else ""
    return f"INSERT INTO {table.name} ({columns}) VALUES {', '.join(values)}{ending}"  # noqa: S608


def connection_of(at: Session | Connection) -> Connection:
    """The connection of this transaction; a session that was made on one has that, and begins nothing for it."""
    if not isinstance(at, Session):
        return at
    return at.bind if isinstance(at.bind, Connection) else at.connection()


def _executed(
    connection: Connection,
    sql: str,
    given: Any,
    *,
    is_many: bool = False,
    answers: bool = False,
    options: Mapping[str, bool] = MappingProxyType({}),
) -> Sequence[Any]:
    """By the driver's own cursor, whose answer comes back. Values are told to nobody whom SQLAlchemy does not tell."""
    cursor = connection.connection.cursor()
    if before := connection.dispatch.before_cursor_execute:  # to look is less than to tell nobody
        before(connection, cursor, sql, given, None, is_many)
    try:
        if is_many:
            cursor.executemany(sql, given)
        else:
            cursor.execute(sql, given, **options)
        rows = cursor.fetchall() if answers else ()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, cursor, sql, error) from error
    except BaseException as error:  # broken off, perhaps within an answer
        cursor.close()  # SQLite keeps its lock until no statement is left
        connection.invalidate(error)
        raise
    if after := connection.dispatch.after_cursor_execute:
        after(connection, cursor, sql, given, None, is_many)
    cursor.close()
    return rows


def _told(connection: Connection, cursor: Any, sql: str, error: Exception) -> BaseException:
    """The error as SQLAlchemy tells it."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)  # type: ignore[arg-type]
    if is_lost:
        connection.invalidate(error)
    else:
        cursor.close()
    kinds = dialect.loaded_dbapi.Error
    return DBAPIError.instance(
        sql, None, error, kinds, hide_parameters=True, connection_invalidated=is_lost, dialect=dialect
    )
