"""What every table shares: naming of constraints, and instants kept as aware UTC.

Modules of tables leave `from __future__ import annotations` out: SQLAlchemy would compile each column's type from text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler, ilike_case_insensitive
from sqlalchemy.types import TypeDecorator

# SQLite only counts a column declared INTEGER up by itself.
BigId = BigInteger().with_variant(Integer(), "sqlite")


@compiles(ilike_case_insensitive, "sqlite")
def _as_it_is(operand: ilike_case_insensitive, compiler: SQLCompiler, **options: Any) -> str:
    """Without the `lower()` that takes half of a search's time: SQLite's LIKE itself takes those letters for alike."""
    return compiler.process(operand.element, **options)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one is a fault of ours and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        datetime: Instant(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[dict[str, Any]]: JSON(),
    }
