"""The SQL that is sent to a database, to be counted or explained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def executed(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Each statement that is executed inside, with its parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plans(engine: Engine, said: list[tuple[str, Any]]) -> str:
    """How the database would get at the rows of these SELECTs, were its tables large."""
    lines = []
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # of a few rows it is always the cheapest
        explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
        for statement, parameters in said:
            if statement.startswith("SELECT"):
                lines += [str(row) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)]
    return "\n".join(lines)
