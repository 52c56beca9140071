"""Many rows of one table written by one statement, without an object for each and without a round trip for each.

On PostgreSQL each column goes as one JSON array; SQLite's driver steps one prepared statement through the rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import FromClause, String, text
from sqlalchemy.orm import Session

Columns = Mapping[str, Sequence[Any]]
"""By column, its value in each row. The model's defaults are not added: what is to be written has to be there."""


def insert_rows(session: Session, table: FromClause, columns: Columns) -> None:
    """Add rows with these values."""
    names = ", ".join(columns)
    into = f"INSERT INTO {table.description} ({names})"
    if session.get_bind().dialect.name == "postgresql":
        values = ", ".join(_given(session, table, name) for name in columns)
        _at_once(session, f"{into} SELECT {values} FROM", columns)
    else:
        _stepwise(session, table, f"{into} VALUES ({', '.join('?' * len(columns))})", columns)


def update_rows(session: Session, table: FromClause, ids: Sequence[int], columns: Columns) -> None:
    """Let the rows with these ids have these values."""
    change = f"UPDATE {table.description} SET"
    if session.get_bind().dialect.name == "postgresql":
        values = ", ".join(f"{name} = {_given(session, table, name)}" for name in columns)
        these = f"WHERE {table.description}.id = {_given(session, table, 'id')}"
        _at_once(session, f"{change} {values} FROM", {**columns, "id": ids}, these)
    else:
        values = ", ".join(f"{name} = ?" for name in columns)
        _stepwise(session, table, f"{change} {values} WHERE id = ?", {**columns, "id": ids})


def _at_once(session: Session, before: str, columns: Columns, after: str = "") -> None:
    if not next(iter(columns.values())):
        return
    arrays = ", ".join(f"json_array_elements_text(CAST(:{name} AS json))" for name in columns)
    statement = f"{before} ROWS FROM ({arrays}) AS given({', '.join(columns)}) {after}"
    session.execute(text(statement), {name: _as_json(values) for name, values in columns.items()})


def _as_json(values: Sequence[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=lambda day: day.isoformat())


def _given(session: Session, table: FromClause, name: str) -> str:
    """A column of the rows that are given; texts as they are, since a cast would cut those that are too long."""
    type_ = table.c[name].type
    given = f"given.{name}"
    return given if isinstance(type_, String) else f"CAST({given} AS {type_.compile(session.get_bind().dialect)})"


def _stepwise(session: Session, table: FromClause, statement: str, columns: Columns) -> None:
    dialect = session.get_bind().dialect
    stored = []
    for name, values in columns.items():
        process = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        stored.append(values if process is None else [process(value) for value in values])
    if rows := list(zip(*stored, strict=True)):
        session.connection().exec_driver_sql(statement, rows)
