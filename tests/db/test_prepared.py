"""What the driver runs for us arrives, comes back and fails as if SQLAlchemy had run it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, String, Table, bindparam, event, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from actionmail.db.actions import Draft
from actionmail.db.base import Instant
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import TROUBLE, Database
from actionmail.db.prepared import Prepared, PreparedRows, insert_into
from actionmail.db.pressure import PlaceCount
from tests.executed import executed

AT = datetime(2026, 3, 4, 15, 12, 5, 250_000, tzinfo=UTC)
ODD = "Ngọc 'Q' \"q\" — ; %s :name {x}\\\n😀"
COUNTS = cast(Table, PlaceCount.__table__)
NAMES = ("place", "hour", "actions")
ADD = insert_into(COUNTS, *NAMES)
ALL = Prepared(text("SELECT place, hour, actions FROM place_counts ORDER BY place"), *COUNTS.c)
ONE = Prepared(text("SELECT 1 AS one"), Column("one", Integer))
WRONG = Prepared(text("SELECT nothing FROM nowhere"), Column("nothing", Integer))


def test_values_of_each_kind_come_back_as_they_were_given(any_database: Database) -> None:
    kinds = {"text": String(), "number": Integer(), "yes": Boolean(), "at": Instant(), "kept": JSON()}
    given = {"text": ODD, "number": 7, "yes": True, "at": AT, "kept": {"a": [1, ODD, None]}}
    chosen = ", ".join(f"CAST(:{name} AS {_type(any_database, name)}) AS {name}" for name in kinds)
    types = [bindparam(name, type_=type_) for name, type_ in kinds.items()]
    echo = Prepared(
        text(f"SELECT {chosen}").bindparams(*types), *(Column(name, type_) for name, type_ in kinds.items())
    )
    with any_database.read() as session:
        assert echo.one(session, **given)._asdict() == given
    with any_database.ask() as connection:
        assert echo.all(connection, **{**given, "number": None})[0].number is None


def _type(database: Database, name: str) -> str:
    """SQLite keeps all but numbers as texts."""
    if database.engine.dialect.name == "sqlite":
        return "INTEGER" if name in {"number", "yes"} else "TEXT"
    return {"text": "text", "number": "integer", "yes": "boolean", "at": "timestamptz", "kept": "json"}[name]


def test_octets_and_rows_that_answer_arrive(any_database: Database) -> None:
    raw = Prepared(
        text("SELECT :raw AS raw").bindparams(bindparam("raw", type_=LargeBinary)), Column("raw", LargeBinary)
    )
    rows = [{"place": f"{number:03}", "hour": AT, "actions": number} for number in range(120)]
    adding = PreparedRows(COUNTS, *NAMES, answer=("place", "actions"))
    with any_database.write() as session:
        assert raw.one(session, raw=b"\0\xff'").raw == b"\0\xff'"
        assert sorted(adding.all(session, rows)) == [(row["place"], row["actions"]) for row in rows]
        assert adding.all(session, []) == []
    with any_database.read() as session:
        assert [row._asdict() for row in ALL.all(session)] == rows


def test_octets_do_not_travel_as_digits(any_database: Database) -> None:
    came: list[bool] = []

    def note(_connection: object, cursor: Any, *_rest: object) -> None:
        came.append(any_database.engine.dialect.name == "sqlite" or cursor.pgresult.fformat(1) == 1)

    event.listen(any_database.engine, "after_cursor_execute", note)
    mixed = Prepared(
        text("SELECT 7 AS number, :raw AS raw, 'Ngọc' AS words").bindparams(bindparam("raw", type_=LargeBinary)),
        *(Column("number", Integer), Column("raw", LargeBinary), Column("words", String)),
    )
    with any_database.read() as session:
        assert mixed.one(session, raw=bytes(range(256))) == (7, bytes(range(256)), "Ngọc")
    assert came[-1]  # before it, SQLite begins


def test_whoever_listens_is_told_of_each_statement(any_database: Database) -> None:
    with executed(any_database.engine) as seen, any_database.write() as session:
        ADD.run_each(session, [{"place": "a", "hour": AT, "actions": 1}, {"place": "b", "hour": AT, "actions": 2}])
        ALL.all(session)
    assert [said.split()[0] for said, _given in seen if said.split()[0] in {"INSERT", "SELECT"}] == ["INSERT", "SELECT"]


def test_a_look_begins_nothing_until_an_object_is_asked_for(any_database: Database) -> None:
    with any_database.look() as session:
        assert ONE.one(session).one == 1
        assert not session.in_transaction()
        assert session.scalar(select(func.count()).select_from(Campaign)) == 0
        assert session.in_transaction()
        assert ONE.one(session).one == 1, "on the same connection"


def test_an_error_is_of_sqlalchemys_kind_and_tells_no_value(any_database: Database) -> None:
    row = {"place": "somebody@example.org", "hour": AT, "actions": 1}
    with pytest.raises(IntegrityError) as twice, any_database.write() as session:
        ADD.run(session, **row)
        ADD.run(session, **row)
    assert "somebody@example.org" not in str(twice.value.params)
    with pytest.raises((OperationalError, ProgrammingError)), any_database.read() as session:
        WRONG.all(session)
    with any_database.read() as session:  # nothing of either is left
        assert ALL.all(session) == []


def test_a_row_that_is_there_is_left_or_changed_as_was_said(any_database: Database) -> None:
    row = {"place": "a", "hour": AT, "actions": 1}
    adding = insert_into(COUNTS, *NAMES, answer=("place",), on_conflict="DO NOTHING")
    summing = PreparedRows(
        COUNTS, *NAMES, on_conflict="(place, hour) DO UPDATE SET actions = place_counts.actions + excluded.actions"
    )
    with any_database.put() as connection:
        assert [added.place for added in adding.all(connection, **row)] == ["a"]
        assert adding.all(connection, **{**row, "actions": 5}) == []
        summing.run(connection, [row, {**row, "place": "b"}])
        summing.run(connection, [])
    with any_database.read() as session:
        assert [(found.place, found.actions) for found in ALL.all(session)] == [("a", 2), ("b", 1)]


@pytest.mark.postgres
def test_a_connection_that_was_lost_is_not_used_again(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(TROUBLE) as lost, database.read() as session:
        number = session.scalar(text("SELECT pg_backend_pid()"))
        with database.read() as other:
            other.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
        ALL.all(session)
    assert isinstance(lost.value, DBAPIError)
    assert lost.value.connection_invalidated
    with database.read() as session:
        assert ALL.all(session) == []
    database.engine.dispose()


def test_one_who_writes_elsewhere_is_waited_for(any_database: Database) -> None:
    """The statement sees what another process committed before its transaction began."""
    other = Database(any_database.engine.url.render_as_string(hide_password=False))
    with other.write() as session:
        ADD.run(session, place="a", hour=AT, actions=1)
    other.engine.dispose()
    with any_database.write() as session:
        assert [row.actions for row in ALL.all(session)] == [1]
        assert session.scalar(select(Draft.key)) is None
