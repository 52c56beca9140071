"""Links that let somebody choose a password: an invitation, or a reset. Each works once, for a while.

Looking at a link uses nothing up, since mail scanners follow links; only posting the password does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from actionmail.db.staff import OneTimeToken, StaffMember
from actionmail.flows.staff.audit import count_attempt, record
from actionmail.flows.staff.changes import add, end_lockout, replace_password
from actionmail.flows.staff.one_time_tokens import Purpose, issue, issue_token, look, use
from actionmail.flows.staff.passwords import PasswordHash
from actionmail.flows.staff.people import (
    Person,
    Role,
    by_email,
    canonical_email,
    locked,
    person_of,
)
from actionmail.rules.staff.audit_codes import Attempt, AuditAction, ObjectKind
from actionmail.rules.staff.problems import Problem, StaffError

INVITATION_LENGTH = timedelta(days=7)
RESET_LENGTH = timedelta(hours=1)
RESETS_AT_ONCE = 3


class Invitation(Struct, frozen=True, kw_only=True):
    """Somebody who may make themselves an account."""

    id: int
    email: str
    role: Role
    expires_at: datetime


class Link(Struct, frozen=True, kw_only=True):
    """What to send to whom, told this once."""

    email: str
    path: str  # behind the site's address
    expires_at: datetime


def invite(session: Session, email: str, role: Role, *, by: int | None = None, now: datetime) -> Link:
    """Let an address make itself an account; an earlier invitation of it ends. Raises StaffError."""
    canonical = canonical_email(email)
    if session.scalar(select(StaffMember.id).where(StaffMember.email == canonical)) is not None:
        raise StaffError(Problem.ADDRESS_TAKEN, email=canonical)
    session.execute(
        delete(OneTimeToken).where(OneTimeToken.purpose == Purpose.INVITATION.value, OneTimeToken.email == canonical)
    )
    secret, token = issue_token(
        session, Purpose.INVITATION, lasts=INVITATION_LENGTH, now=now, email=canonical, role=role.value, made_by=by
    )
    record(session, AuditAction.INVITED, ObjectKind.INVITATION, token.id, by=by, now=now, role=role.value)
    return Link(email=canonical, path=f"/staff/invitations/{secret}", expires_at=now + INVITATION_LENGTH)


def invitations(session: Session, *, now: datetime) -> list[Invitation]:
    """Those that still hold, in the order of their addresses."""
    rows = session.scalars(
        select(OneTimeToken)
        .where(OneTimeToken.purpose == Purpose.INVITATION.value, OneTimeToken.expires_at > now)
        .order_by(OneTimeToken.email)
    )
    return [_invitation(row) for row in rows]


def take_back(session: Session, number: int, *, by: int, now: datetime) -> bool:
    """End an invitation. False: there is none of that number."""
    ended = session.scalars(
        delete(OneTimeToken)
        .where(OneTimeToken.id == number, OneTimeToken.purpose == Purpose.INVITATION.value)
        .returning(OneTimeToken.id)
    ).all()
    if ended:
        record(session, AuditAction.INVITATION_TAKEN_BACK, ObjectKind.INVITATION, number, by=by, now=now)
    return bool(ended)


def invitation(session: Session, secret: str, *, now: datetime) -> Invitation | None:
    """Whom this link invites; None where it is good no more."""
    token = look(session, Purpose.INVITATION, secret, now=now)
    return _invitation(token) if token else None


def accept(session: Session, secret: str, password: PasswordHash, *, now: datetime) -> Person | None:
    """Make the account. None where the link is good no more; raises StaffError, and then the link still is."""
    token = use(session, Purpose.INVITATION, secret, now=now)
    if token is None:
        return None
    return add(session, token.email, Role(token.role), password, by=token.made_by, now=now)


def ask_for_reset(session: Session, email: str, *, now: datetime) -> Link | None:
    """A link for an account that may sign in; None for any other address, and after `RESETS_AT_ONCE` that hold."""
    try:
        member = by_email(session, email)
    except StaffError:
        member = None
    if member is None or member.disabled_at is not None or _held(session, member.id, now) >= RESETS_AT_ONCE:
        count_attempt(session, Attempt.RESET_REFUSED, member.id if member else None, now=now)
        return None
    count_attempt(session, Attempt.RESET, member.id, now=now)
    return _reset_link(session, member, now)


def reset_link(session: Session, email: str, *, by: int | None = None, now: datetime) -> Link:
    """A link for somebody who cannot ask for one themselves. Raises StaffError."""
    member = by_email(session, email)
    if member.disabled_at is not None:
        raise StaffError(Problem.DISABLED, email=member.email)
    record(session, AuditAction.RESET_LINK_MADE, ObjectKind.ACCOUNT, member.id, by=by, now=now)
    return _reset_link(session, member, now)


def whose_reset(session: Session, secret: str, *, now: datetime) -> Person | None:
    """Whose password this link replaces; None where it is good no more."""
    token = look(session, Purpose.RESET, secret, now=now)
    member = session.get(StaffMember, token.staff_id) if token else None
    return person_of(member) if member else None


def reset(session: Session, secret: str, password: PasswordHash, *, now: datetime) -> Person | None:
    """Replace the password and end every session; the second factor stays. None where the link is good no more.

    A lockout ends, except where there is a second factor: else a mailbox would allow guesses at its codes without end.
    """
    token = use(session, Purpose.RESET, secret, now=now)
    member = locked(session, token.staff_id) if token and token.staff_id else None
    if member is None or member.disabled_at is not None:
        return None
    replace_password(session, member, password)
    person = person_of(member)
    if not person.has_second_factor:
        end_lockout(member)
    record(session, AuditAction.PASSWORD_RESET, ObjectKind.ACCOUNT, member.id, by=member.id, now=now)
    return person


def _reset_link(session: Session, member: StaffMember, now: datetime) -> Link:
    secret = issue(session, Purpose.RESET, lasts=RESET_LENGTH, now=now, staff_id=member.id)
    return Link(email=member.email, path=f"/staff/resets/{secret}", expires_at=now + RESET_LENGTH)


def _held(session: Session, staff_id: int, now: datetime) -> int:
    return session.scalars(
        select(func.count())
        .select_from(OneTimeToken)
        .where(
            OneTimeToken.staff_id == staff_id,
            OneTimeToken.purpose == Purpose.RESET.value,
            OneTimeToken.expires_at > now,
        )
    ).one()


def _invitation(row: OneTimeToken) -> Invitation:
    return Invitation(id=row.id, email=row.email, role=Role(row.role), expires_at=row.expires_at)
