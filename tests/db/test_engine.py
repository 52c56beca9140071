"""The one connection to the one database, on both kinds."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import pytest
from alembic import command
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from actionmail.db.engine import Database, _alembic, _begin_log
from actionmail.db.staff import AuditEntry, StaffMember


def entry(now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now, actor_kind="command_line", action="message_viewed", object_kind="message", object_key="1", details={}
    )


def test_a_migrated_database_is_current(any_database: Database) -> None:
    assert any_database.is_current()


def test_migrating_twice_changes_nothing(any_database: Database) -> None:
    any_database.upgrade()
    assert any_database.is_current()


def test_accounts_of_before_come_along(any_database: Database, now: datetime) -> None:
    with any_database.engine.begin() as connection:
        command.downgrade(_alembic(connection), "0005")
        connection.execute(
            text(
                "INSERT INTO staff (email, role, password_hash, session_stamp, failed_sign_ins, created_at) "
                "VALUES ('ada@example.org', 'admin', 'hash', 'stamp', 0, '2026-03-04 15:12:05')"
            )
        )
    any_database.upgrade()
    with any_database.read() as session:
        assert session.execute(select(StaffMember.email, StaffMember.password_hash)).all() == [
            ("ada@example.org", "hash")
        ]


def test_an_exception_undoes_the_whole_block(any_database: Database, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError), any_database.write() as session:
        session.add(entry(now))
        session.flush()
        raise ZeroDivisionError
    with any_database.read() as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_an_instant_comes_back_aware_and_equal(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        session.add(entry(now))
    with any_database.read() as session:
        assert session.scalars(select(AuditEntry.at)).one() == now


@pytest.mark.parametrize("statement", [delete(AuditEntry), update(AuditEntry).values(action="nothing")])
def test_the_audit_trail_is_append_only(any_database: Database, now: datetime, statement: object) -> None:
    with any_database.write() as session:
        session.add(entry(now))
    with pytest.raises(DatabaseError), any_database.write() as session:
        session.execute(statement)  # type: ignore[call-overload]


@pytest.mark.postgres
@pytest.mark.parametrize("tables", ["events", "audit CASCADE", "audit_chain", "messages CASCADE"])
def test_the_append_only_tables_cannot_be_emptied_at_once(postgres_url: str, tables: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.execute(text(f"TRUNCATE {tables}"))
    database.engine.dispose()


class RefusedAtOnce:
    """A cursor of a new file that others are opening: SQLite says so without waiting for them."""

    def __init__(self, code: int, times: int) -> None:
        self.code, self.times, self.asked = code, times, 0

    def execute(self, statement: str) -> None:
        self.asked += 1
        if self.asked <= self.times:
            error = sqlite3.OperationalError(statement)
            error.sqlite_errorcode = self.code
            raise error


def test_a_new_file_that_others_are_opening_is_asked_again() -> None:
    cursor = RefusedAtOnce(sqlite3.SQLITE_BUSY, times=3)
    _begin_log(cursor)
    assert cursor.asked == 4


def test_another_trouble_of_a_file_is_not_waited_for() -> None:
    cursor = RefusedAtOnce(sqlite3.SQLITE_CANTOPEN, times=3)
    with pytest.raises(sqlite3.OperationalError):
        _begin_log(cursor)
    assert cursor.asked == 1
