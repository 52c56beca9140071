"""The audit trail is one chain, whoever writes at the same moment, and what was changed in it is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.staff import AuditEntry, AuditLink
from actionmail.flows.privacy.audit_chain import Fault, FaultKind, Noted, Verified, verify
from actionmail.flows.staff import record
from actionmail.rules.staff.audit_chain import NO_LINK, canonical_form, link_of
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from tests.db.test_upgrades import _down_to
from tests.samples import NOW
from tests.two_sessions import cross


def look(session: Session, number: int) -> None:
    """One entry, with something of everything in it."""
    details = {"reason": "it rains – \U0001f327 \x00", "letters": ["a", "b"], "count": 3}
    record(session, AuditAction.MESSAGE_VIEWED, ObjectKind.MESSAGE, number, by=None, now=NOW, **details)


def write(database: Database, count: int) -> None:
    for number in range(count):
        with database.write() as session:
            look(session, number)


def verified(database: Database, noted: Noted | None = None) -> Verified:
    with database.snapshot() as session:
        return verify(session, noted)


def behind_the_triggers(database: Database, *statements: str) -> None:
    with database.write() as session:
        for table in ("audit", "audit_chain"):
            if session.get_bind().dialect.name == "postgresql":
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
                continue
            for verb in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
        for statement in statements:
            session.connection().exec_driver_sql(statement)


def test_two_who_write_at_once_make_one_chain(any_database: Database) -> None:
    cross(any_database, lambda session: look(session, 1), lambda session: look(session, 2))
    with any_database.read() as session:
        links = session.execute(select(AuditLink.position, AuditLink.entry_id).order_by(AuditLink.position)).all()
    if any_database.engine.dialect.name == "postgresql":
        assert links == [(1, 2), (2, 1)]  # the second committed while the first was under way, and waited for nobody
    assert verified(any_database).count == 2
    assert verified(any_database).fault is None


def test_many_who_write_at_once_make_one_chain(any_database: Database) -> None:
    threads, each = 6, 8
    begin = Barrier(threads)

    def work(number: int) -> None:
        begin.wait()
        for _ in range(each):
            with any_database.write() as session:
                look(session, number)
                look(session, number + 100)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    result = verified(any_database)
    assert (result.count, result.fault) == (threads * each * 2, None)


def test_whoever_writes_into_the_trail_first_and_locks_a_row_then_meets_nobody_halfway(any_database: Database) -> None:
    """A link that was made at once would be a lock taken first, and so a deadlock with whoever locks the row first."""
    with any_database.write() as session:
        session.execute(
            text("INSERT INTO rates (scope, key, used, at, halvings) VALUES ('all', '', 0, :at, 0)"), {"at": NOW}
        )

    def row(session: Session) -> None:
        session.execute(text("UPDATE rates SET used = used + 1"))

    def entry_then_row(session: Session) -> None:
        look(session, 1)
        session.flush()
        row(session)

    def row_then_entry(session: Session) -> None:
        row(session)
        look(session, 2)

    cross(any_database, entry_then_row, row_then_entry, after="INSERT INTO audit")
    assert verified(any_database).count == 2


def test_what_was_undone_is_no_link(any_database: Database) -> None:
    with pytest.raises(ZeroDivisionError), any_database.write() as session:
        look(session, 1)
        session.flush()
        raise ZeroDivisionError
    with any_database.write() as session:
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            look(session, 2)
            raise ZeroDivisionError
        with session.begin_nested():
            look(session, 3)
    with any_database.read() as session:
        assert session.scalars(select(AuditEntry.object_key)).all() == ["3"]
        assert session.scalar(select(func.count()).select_from(AuditLink)) == 1
    assert verified(any_database).fault is None


CHANGES = [
    "UPDATE audit SET at = '2026-03-04 15:12:06.000000+00:00' WHERE id = 2",
    "UPDATE audit SET actor_kind = 'clock' WHERE id = 2",
    "UPDATE audit SET action = 'message_vieweD' WHERE id = 2",
    "UPDATE audit SET object_kind = 'Message' WHERE id = 2",
    "UPDATE audit SET object_key = '2' WHERE id = 2",
    "UPDATE audit SET details = '{}' WHERE id = 2",
    "UPDATE audit SET details = '[]' WHERE id = 2",
    "UPDATE audit SET verb = 'x' WHERE id = 2",
    "UPDATE audit SET subject = ' ' WHERE id = 2",
    "UPDATE audit_chain SET sha256 = CASE substr(sha256, 1, 1) WHEN '0' THEN '1' ELSE '0' END || substr(sha256, 2) "
    "WHERE position = 2",
]


@pytest.mark.parametrize("change", CHANGES)
def test_one_changed_byte_is_found(any_database: Database, change: str) -> None:
    write(any_database, 4)
    behind_the_triggers(any_database, change)
    result = verified(any_database)
    assert result.fault == Fault(kind=FaultKind.CHANGED, position=2, entry=2)
    assert result.count == 1


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE audit SET details = '{' WHERE id = 2",
        "UPDATE audit SET at = 'yesterday' WHERE id = 2",
        "UPDATE audit SET object_key = CAST(X'FF' AS TEXT) WHERE id = 2",
        "UPDATE audit SET object_key = X'FF' WHERE id = 2",
    ],
)
def test_what_cannot_be_read_any_more_is_named_too(database: Database, damage: str) -> None:
    write(database, 3)
    behind_the_triggers(database, damage)
    assert verified(database).fault == Fault(kind=FaultKind.CHANGED, position=2, entry=2)


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (["DELETE FROM audit WHERE id = 3"], Fault(kind=FaultKind.GONE, position=3, entry=3)),
        (["DELETE FROM audit_chain WHERE position = 2"], Fault(kind=FaultKind.LINK_GONE, position=2)),
        (
            ["DELETE FROM audit_chain WHERE entry_id = 2", "DELETE FROM audit WHERE id = 2"],
            Fault(kind=FaultKind.LINK_GONE, position=2),
        ),
        (
            [
                "INSERT INTO audit (id, at, actor_kind, action, object_kind, object_key) "
                "VALUES (77, '2026-03-04 15:12:05', 'clock', 'signed_in', 'account', '1')"
            ],
            Fault(kind=FaultKind.UNCHAINED, position=0, entry=77),
        ),
    ],
)
def test_what_was_taken_out_or_put_in_is_found(database: Database, statements: list[str], fault: Fault) -> None:
    write(database, 4)
    unbound = database.engine.raw_connection()
    try:
        unbound.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        for table in ("audit", "audit_chain"):
            unbound.driver_connection.execute(f"DROP TRIGGER {table}_no_delete")  # type: ignore[union-attr]
        for statement in statements:
            unbound.driver_connection.execute(statement)  # type: ignore[union-attr]
    finally:
        unbound.close()
    assert verified(database).fault == fault


def test_what_was_taken_off_the_end_is_found_by_whoever_noted_the_head(any_database: Database) -> None:
    write(any_database, 4)
    whole = verified(any_database)
    noted = Noted(count=whole.count, head=whole.head)
    write(any_database, 1)
    assert verified(any_database, noted).fault is None
    behind_the_triggers(any_database, "DELETE FROM audit_chain WHERE position >= 4", "DELETE FROM audit WHERE id >= 4")
    assert verified(any_database).fault is None  # a chain alone cannot tell
    assert verified(any_database, noted).fault == Fault(kind=FaultKind.SHORTER, position=4)
    write(any_database, 2)
    fault = verified(any_database, noted).fault
    assert fault is not None
    assert (fault.kind, fault.position) == (FaultKind.NOT_AS_NOTED, 4)


@pytest.mark.parametrize("statement", ["DELETE FROM audit_chain", "UPDATE audit_chain SET sha256 = ''"])
def test_links_are_append_only(any_database: Database, statement: str) -> None:
    write(any_database, 1)
    with pytest.raises(DatabaseError), any_database.write() as session:
        session.execute(text(statement))


def test_entries_from_before_are_chained_by_the_upgrade(any_database: Database) -> None:
    write(any_database, 3)
    before = verified(any_database)
    _down_to(any_database, before="0031")
    any_database.upgrade()
    after = verified(any_database)
    assert (after.count, after.head, after.fault) == (3, before.head, None)


def test_the_form_is_the_one_that_is_written_down(database: Database, now: datetime) -> None:
    """Whoever recomputes the chain with other tools relies on it (docs/privacy.md)."""
    with database.write() as session:
        record(session, AuditAction.TEST_SENT, ObjectKind.CAMPAIGN, "ü", by=None, now=now, b="x", a=["y"])
    with database.read() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert canonical_form(entry) == (
        b'[1,"2026-03-04T15:12:05.000000+00:00","command_line",null,"test_sent","campaign","\\u00fc",'
        b'{"a":["y"],"b":"x"},"",""]'
    )
    assert link_of(NO_LINK, entry) == verified(database).head
