"""Lets all databases of a test run share what SQLAlchemy compiles: nearly every test opens one of its own.

SQLAlchemy keeps compiled statements by the dialect object, of which each engine has another, so that each test would
compile its statements anew: a third of the suite's time. Engines of one kind are all alike here (`db.engine`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Mapper
from sqlalchemy.util import LRUCache

_STATEMENTS = 4000

# By the dialect's name, what it knows of each type of column.
_types: dict[str, Any] = {}


class _Statements(LRUCache[Any, Any]):
    """Compiled statements under keys whose first part, the dialect object, is taken by its name."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_by_name(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_by_name(key), compiled)


def share_compiled_statements() -> None:
    """From now on, for every engine of this process.

    Of what is set here only the option of connections is public in SQLAlchemy (2.1); without the others it is slow.
    """
    statements = _Statements(_STATEMENTS)
    Mapper._compiled_cache = statements  # type: ignore[assignment]  # of the INSERT and UPDATE that the ORM writes

    @event.listens_for(Engine, "engine_connect")
    def _share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=statements)
        dialect: Any = connection.dialect
        dialect._type_memos = _types.setdefault(dialect.name, dialect._type_memos)


def _by_name(key: Any) -> Any:
    dialect, *others = key
    return (dialect.name, *others)
