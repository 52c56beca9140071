"""Reading the audit trail: who did what on what, and what was tried by whoever is not signed in.

It is written by `flows.staff.audit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import Session

from actionmail.db.staff import AuditEntry, StaffAttempts, StaffMember
from actionmail.rules.delivery.reasons import ActorKind
from actionmail.rules.staff.audit_codes import Attempt, AuditAction, ObjectKind


class Entry(Struct, frozen=True, kw_only=True):
    """One line of the trail.

    Entries from before there were codes have `words` instead of `details`; what no code fits has no action, actor or
    object either.
    """

    id: int
    at: datetime
    actor: ActorKind | None
    actor_email: str  # of a staff member
    action: AuditAction | None
    object_kind: ObjectKind | None
    object_key: str  # of an account its address
    details: dict[str, Any]
    words: str


class Tried(Struct, frozen=True, kw_only=True):
    """How often this was tried at an account within the hour that begins at `hour`; `email` "": no account there is."""

    hour: datetime
    last_at: datetime
    attempt: Attempt
    email: str
    count: int


class Wanted(Struct, frozen=True, kw_only=True):
    """Which entries. Every part narrows; an empty one does not."""

    who: str = ""  # part of a staff member's address
    action: AuditAction | None = None
    object_kind: ObjectKind | None = None
    object_key: str = ""  # as it stands in the trail; of an account its number or its whole address
    since: datetime | None = None
    through: datetime | None = None  # this moment too


EVERYTHING = Wanted()


def entries(session: Session, *, limit: int, before: int | None = None, wanted: Wanted = EVERYTHING) -> list[Entry]:
    """The newest first, at most `limit`; with `before`, those older than the entry of this number."""
    statement = select(AuditEntry).where(*_conditions(wanted)).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    rows = session.scalars(statement).all()
    emails = _emails(session, rows)
    return [_entry(row, emails) for row in rows]


def attempts(session: Session, *, since: datetime) -> list[Tried]:
    """What was tried since then, the newest hour first."""
    rows = session.execute(
        select(StaffAttempts, StaffMember.email)
        .outerjoin(StaffMember, StaffMember.id == StaffAttempts.staff_id)
        .where(StaffAttempts.last_at >= since)
        .order_by(StaffAttempts.hour.desc(), StaffAttempts.attempt, StaffAttempts.staff_id)
    )
    tries = []
    for row, email in rows:
        tried = Tried(
            hour=row.hour, last_at=row.last_at, attempt=Attempt(row.attempt), email=email or "", count=row.count
        )
        tries.append(tried)
    return tries


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.who:
        members = select(StaffMember.id).where(StaffMember.email.icontains(wanted.who, autoescape=True))
        conditions.append(AuditEntry.actor_id.in_(members))
    if wanted.action is not None:
        conditions.append(AuditEntry.action == wanted.action.value)
    if wanted.object_kind is not None:
        conditions.append(AuditEntry.object_kind == wanted.object_kind.value)
    if wanted.object_key and wanted.object_kind is ObjectKind.ACCOUNT and "@" in wanted.object_key:
        numbers = select(cast(StaffMember.id, String)).where(StaffMember.email == wanted.object_key.lower())
        conditions.append(AuditEntry.object_key.in_(numbers))
    elif wanted.object_key:
        conditions.append(AuditEntry.object_key == wanted.object_key)
    if wanted.since is not None:
        conditions.append(AuditEntry.at >= wanted.since)
    if wanted.through is not None:
        conditions.append(AuditEntry.at <= wanted.through)
    return conditions


def _emails(session: Session, rows: Sequence[AuditEntry]) -> dict[str, str]:
    """By the number of an account, as text."""
    numbers = set()
    for row in rows:
        if row.actor_id is not None:
            numbers.add(row.actor_id)
        if row.object_kind == ObjectKind.ACCOUNT and row.object_key.isdecimal():
            numbers.add(int(row.object_key))
    members = session.execute(select(StaffMember.id, StaffMember.email).where(StaffMember.id.in_(numbers)))
    return {str(member.id): member.email for member in members}


def _entry(row: AuditEntry, emails: dict[str, str]) -> Entry:
    is_account = row.object_kind == ObjectKind.ACCOUNT
    return Entry(
        id=row.id,
        at=row.at,
        actor=ActorKind(row.actor_kind) if row.actor_kind else None,
        actor_email=emails.get(str(row.actor_id), ""),
        action=AuditAction(row.action) if row.action else None,
        object_kind=ObjectKind(row.object_kind) if row.object_kind else None,
        object_key=emails.get(row.object_key, row.object_key) if is_account else row.object_key,
        details=row.details,
        words=f"{row.verb}: {row.subject}" if row.verb else "",
    )
