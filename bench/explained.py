"""How the database answers the statements of a supporter's whole action: `python -m bench.explained [OTHERS]`.

One action on SQLite and, where a server is to be had, on PostgreSQL, on a campaign on which OTHERS have acted before;
below each of its five requests its statements, shortened, each with the plan of its first values.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

from actionmail.db.engine import Database
from bench import load
from bench.peers import action_walk
from tests.postgres import NoPostgres, PostgresServer, postgres_server

_OTHERS = 2000
_LONGEST = 150  # characters of a statement
_UNPLANNED = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass(kw_only=True)
class Statements:
    """Those of one request, with the values that they got."""

    seen: list[tuple[str, Any]] = field(default_factory=list)

    def note(self, _connection: Any, _cursor: Any, sql: str, given: Any, _context: Any, is_many: bool) -> None:
        if not sql.startswith(_UNPLANNED):
            self.seen.append((sql, given[0] if is_many else given))


def explained(server: PostgresServer | None, others: int) -> Iterator[str]:
    """Lines to be printed."""
    with load.empty_database(server) as url:
        application, counter = action_walk.actionmail(url, others)
        counter.end()
        zip_code = action_walk.usable_zip_codes(application)[0]
        statements = Statements()
        requests: dict[int, list[tuple[str, Any]]] = {}

        def note(step: int, _browser: action_walk.Browser) -> None:
            requests[step], statements.seen = statements.seen, []

        event.listen(Engine, "before_cursor_execute", statements.note)
        try:
            action_walk.act(application, others + 1000, zip_code, note)
        finally:
            event.remove(Engine, "before_cursor_execute", statements.note)
        with Database(url).read() as session:
            connection = session.connection()
            for step, seen in requests.items():
                yield action_walk.STEPS[step]
                for sql, given in seen:
                    yield f"    {_shortened(sql)}"
                    yield from (f"        {line}" for line in _plan(connection, sql, given))


def _plan(connection: Connection, sql: str, given: Any) -> list[str]:
    """As the database tells it, a line each."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all()
        return [str(row[3]) for row in rows]
    rows = connection.exec_driver_sql(f"EXPLAIN (COSTS off) {sql}", given).all()
    return [str(row[0]) for row in rows]


def _shortened(sql: str) -> str:
    words = " ".join(sql.split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]} ..."


def main() -> None:
    others = int(sys.argv[1]) if len(sys.argv) > 1 else _OTHERS
    print("SQLite", *explained(None, others), sep="\n")
    try:
        with postgres_server(fsync=True) as server:
            print("\nPostgreSQL", *explained(server, others), sep="\n")
    except NoPostgres as error:
        print(f"\nPostgreSQL: not to be had here: {error}")


if __name__ == "__main__":
    main()
