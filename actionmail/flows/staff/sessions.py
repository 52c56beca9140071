"""Sessions: one row for each sign-in that still holds.

The browser has a random key, and the row its hash. What is kept of the machine is what its browser calls itself, in
two words, and no network address. When it was last seen is known to `COARSE`, so that reading pages seldom writes.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, cast

from msgspec import Struct
from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from actionmail.db.staff import OneTimeToken, StaffMember, StaffSession
from actionmail.flows.staff.audit import record
from actionmail.flows.staff.one_time_tokens import Purpose, hash_of, issue, look
from actionmail.flows.staff.people import Person, person_of
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.rules.staff.devices import device_name

SESSION_LENGTH = timedelta(hours=12)
IDLE_LENGTH = timedelta(hours=3)
COARSE = timedelta(minutes=5)
FRESH = timedelta(minutes=10)
HALF_LENGTH = timedelta(minutes=10)


class SignedIn(Struct, frozen=True, kw_only=True):
    """Who is at the other end, and by which of their sessions."""

    person: Person
    session_id: int
    seen_at: datetime
    confirmed_at: datetime  # when they last showed that it is them


class SessionInfo(Struct, frozen=True, kw_only=True):
    """One line of somebody's list of sessions."""

    id: int
    device: str
    began_at: datetime
    seen_at: datetime


def begin(session: Session, person: Person, *, user_agent: str, now: datetime) -> str:
    """Begin a session; the key that the browser keeps."""
    key = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            key_hash=hash_of(key),
            staff_id=person.id,
            device=device_name(user_agent),
            began_at=now,
            seen_at=now,
            confirmed_at=now,
        )
    )
    return key


def begin_half(session: Session, person: Person, *, now: datetime) -> str:
    """Keep that the password was right; good for nothing but the second step."""
    return issue(session, Purpose.HALF, lasts=HALF_LENGTH, now=now, staff_id=person.id)


def half_signed_in(session: Session, key: str, *, now: datetime) -> Person | None:
    """Who gave the right password and still owes the second factor."""
    token = look(session, Purpose.HALF, key, now=now)
    member = session.get(StaffMember, token.staff_id) if token else None
    return person_of(member) if member else None


def signed_in(session: Session, key: str, *, now: datetime) -> SignedIn | None:
    """Whose session this is; None for one that ended, is too old, or was too long unused."""
    row = session.execute(
        select(StaffSession, StaffMember)
        .join(StaffMember, StaffMember.id == StaffSession.staff_id)
        .where(
            StaffSession.key_hash == hash_of(key),
            StaffSession.began_at > now - SESSION_LENGTH,
            StaffSession.seen_at > now - IDLE_LENGTH,
            StaffMember.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    stored, member = row
    return SignedIn(
        person=person_of(member), session_id=stored.id, seen_at=stored.seen_at, confirmed_at=stored.confirmed_at
    )


def seen(session: Session, session_id: int, *, now: datetime) -> None:
    """Note that the session is in use."""
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(seen_at=now))


def confirmed(session: Session, session_id: int, *, now: datetime) -> None:
    """Note that the one at the other end just showed that it is them."""
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(confirmed_at=now))


def sessions_of(session: Session, person: Person, *, now: datetime) -> list[SessionInfo]:
    """The sessions that hold, last used first."""
    rows = session.scalars(
        select(StaffSession)
        .where(
            StaffSession.staff_id == person.id,
            StaffSession.began_at > now - SESSION_LENGTH,
            StaffSession.seen_at > now - IDLE_LENGTH,
        )
        .order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())
    )
    return [SessionInfo(id=row.id, device=row.device, began_at=row.began_at, seen_at=row.seen_at) for row in rows]


def end(session: Session, person: Person, session_id: int, *, now: datetime) -> bool:
    """End one session of this person's own. False: they have none of that number."""
    gone = _count(
        session, delete(StaffSession).where(StaffSession.id == session_id, StaffSession.staff_id == person.id)
    )
    if gone:
        record(session, AuditAction.SIGNED_OUT, ObjectKind.SESSION, session_id, by=person.id, now=now)
    return bool(gone)


def sign_out_everywhere(session: Session, person: Person, *, by: int, now: datetime) -> None:
    """End every session of this account."""
    end_all(session, person.id)
    record(session, AuditAction.SIGNED_OUT_EVERYWHERE, ObjectKind.ACCOUNT, person.id, by=by, now=now)


def end_all(session: Session, staff_id: int) -> None:
    """End every session of an account, and what was begun in its name."""
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id))
    session.execute(delete(OneTimeToken).where(OneTimeToken.staff_id == staff_id))


def purge_sessions(session: Session, *, now: datetime) -> int:
    """Delete sessions and one-time tokens that hold no more; says how many sessions that were."""
    session.execute(delete(OneTimeToken).where(OneTimeToken.expires_at <= now))
    return _count(
        session,
        delete(StaffSession).where(
            or_(StaffSession.began_at <= now - SESSION_LENGTH, StaffSession.seen_at <= now - IDLE_LENGTH)
        ),
    )


def _count(session: Session, statement: Any) -> int:
    return cast(CursorResult[Any], session.execute(statement)).rowcount
