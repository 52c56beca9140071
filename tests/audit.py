"""The audit trail as tests look at it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.staff import AuditEntry, StaffAttempts


def actions(session: Session) -> list[str]:
    """What was done, in order."""
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def audited(session: Session, *only: str) -> list[tuple[int | None, str, str, dict[str, Any]]]:
    """By which staff member, what, on what ("message 12"), and its details; with `only`, of these actions."""
    statement = select(AuditEntry).order_by(AuditEntry.id)
    if only:
        statement = statement.where(AuditEntry.action.in_(only))
    rows = []
    for row in session.scalars(statement):
        rows.append((row.actor_id, row.action, f"{row.object_kind} {row.object_key}", row.details))
    return rows


def attempts(session: Session) -> list[tuple[str, int, int]]:
    """What was tried by whoever is not signed in, at which account (0: none), how often."""
    rows = session.scalars(select(StaffAttempts).order_by(StaffAttempts.hour, StaffAttempts.attempt))
    return [(row.attempt, row.staff_id, row.count) for row in rows]
