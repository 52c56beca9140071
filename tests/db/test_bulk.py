"""Rows that are written many at once arrive as they were given, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DataError

from actionmail.db.bulk import insert_rows, update_rows
from actionmail.db.engine import Database
from actionmail.db.roster import Committee
from actionmail.rules.roster.seats import SeatRow
from tests.datasets import DAY, bring_people

AT = datetime(2026, 3, 4, 15, 12, 5, 250_000, tzinfo=UTC)
ODD = ("plain", "", "Ngọc 'Q' \"q\" — ;", "back\\slash\tand\nline", "%s :name {x} [1,2]", "null", "😀")


def given(names: tuple[str, ...]) -> dict[str, list[Any]]:
    count = len(names)
    return {
        "key": [f"key {number}" for number in range(count)],
        "state": ["WI"] * count,
        "chamber": ["upper"] * count,
        "name": list(names),
        "parent_key": [""] * count,
        "website": ["https://example.org/a?b=c,d"] * count,
        "source": ["a test"] * count,
        "as_of": [date(2026, 3, 4)] * count,
        "gone_at": [None, *[AT] * (count - 1)],
    }


def stored(database: Database) -> list[tuple[Any, ...]]:
    columns = (Committee.key, Committee.name, Committee.website, Committee.as_of, Committee.gone_at)
    with database.read() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(Committee.id))]


def test_rows_arrive_as_they_were_given(any_database: Database) -> None:
    columns = given(ODD)
    with any_database.write() as session:
        insert_rows(session, Committee.__table__, columns)
    wanted = zip(*(columns[name] for name in ("key", "name", "website", "as_of", "gone_at")), strict=True)
    assert stored(any_database) == list(wanted)


def test_only_the_rows_that_are_named_change(any_database: Database) -> None:
    with any_database.write() as session:
        insert_rows(session, Committee.__table__, given(("a", "b", "c")))
        first, _second, third = session.scalars(select(Committee.id).order_by(Committee.id))
        changed = {"name": ["C", "A"], "gone_at": [None, AT], "as_of": [date(2027, 1, 2), date(2027, 1, 3)]}
        update_rows(session, Committee.__table__, [third, first], changed)
    assert [(row[1], row[3], row[4]) for row in stored(any_database)] == [
        ("A", date(2027, 1, 3), AT),
        ("b", date(2026, 3, 4), AT),
        ("C", date(2027, 1, 2), None),
    ]


def test_no_rows_are_no_statement(any_database: Database) -> None:
    with any_database.write() as session, sent(any_database) as statements:
        insert_rows(session, Committee.__table__, given(()) | {"gone_at": []})
        update_rows(session, Committee.__table__, [], {"name": []})
    assert statements == []


@pytest.mark.postgres
def test_a_text_that_is_too_long_is_refused_and_not_cut(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(DataError), database.write() as session:
        insert_rows(session, Committee.__table__, given(("x" * 301,)))
    assert stored(database) == []
    database.engine.dispose()


@pytest.mark.postgres
def test_an_import_sends_postgresql_no_row_by_itself(postgres_url: str) -> None:
    database = Database(postgres_url)

    def statements(count: int) -> list[bool]:
        rows = []
        for number in range(count):
            rows.append(
                SeatRow(
                    key=f"p/{number}", state="WI", chamber="lower", district=str(number), name=f"P {count}", as_of=DAY
                )
            )
        with database.write() as session, sent(database) as seen:
            bring_people(session, rows, confirmed=True)
        return seen

    few, many = statements(3), statements(300)
    assert len(many) <= len(few) + 1  # the rows that were there change, too
    assert not any(many)
    database.engine.dispose()


@contextmanager
def sent(database: Database) -> Iterator[list[bool]]:
    """For each statement that is executed inside, whether it goes to the driver with many rows of parameters."""
    seen: list[bool] = []

    def note(
        _connection: object, _cursor: object, _statement: str, _parameters: Any, _context: Any, many: bool
    ) -> None:
        seen.append(many)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
