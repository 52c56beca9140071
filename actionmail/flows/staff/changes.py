"""Making, changing and shutting out accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from actionmail.db.staff import OneTimeToken, StaffMember
from actionmail.flows.staff.audit import record
from actionmail.flows.staff.passwords import PasswordHash
from actionmail.flows.staff.people import Person, Role, by_email, canonical_email, person_of
from actionmail.flows.staff.sessions import end_all
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.rules.staff.problems import Problem, StaffError


def add(
    session: Session,
    email: str,
    role: Role,
    password: PasswordHash,
    *,
    by: int | None = None,
    now: datetime,
) -> Person:
    """Make an account. Raises StaffError for an address that is none or taken."""
    canonical = canonical_email(email)
    if session.scalar(select(StaffMember.id).where(StaffMember.email == canonical)) is not None:
        raise StaffError(Problem.ADDRESS_TAKEN, email=canonical)
    member = StaffMember(
        email=canonical,
        role=role.value,
        password_hash=password.text,
        created_at=now,
    )
    session.add(member)
    session.flush()
    record(session, AuditAction.ACCOUNT_ADDED, ObjectKind.ACCOUNT, member.id, by=by, now=now, role=role.value)
    return person_of(member)


def disable(session: Session, email: str, *, by: int | None = None, now: datetime) -> None:
    """Refuse this account from now on; its sessions end, and so do the invitations that it made. Raises StaffError.

    Doing it twice is doing it once.
    """
    member = by_email(session, email)
    if member.disabled_at is None:
        member.disabled_at = now
        end_all(session, member.id)
        _end_invitations_by(session, member)
        record(session, AuditAction.ACCOUNT_DISABLED, ObjectKind.ACCOUNT, member.id, by=by, now=now)


def enable(session: Session, email: str, *, by: int | None = None, now: datetime) -> None:
    """Undo `disable`; the password is the old one. Raises StaffError."""
    member = by_email(session, email)
    if member.disabled_at is not None:
        member.disabled_at = None
        record(session, AuditAction.ACCOUNT_ENABLED, ObjectKind.ACCOUNT, member.id, by=by, now=now)


def set_role(session: Session, email: str, role: Role, *, by: int | None = None, now: datetime) -> None:
    """Give an account another role, whose rights hold from its next request. Raises StaffError.

    Whoever is no admin any more invites nobody: their invitations end.
    """
    member = by_email(session, email)
    if member.role != role.value:
        roles = {"before": member.role, "after": role.value}
        record(session, AuditAction.ROLE_CHANGED, ObjectKind.ACCOUNT, member.id, by=by, now=now, **roles)
        member.role = role.value
    if role is not Role.ADMIN:
        _end_invitations_by(session, member)


def set_password(
    session: Session, email: str, password: PasswordHash, *, by: int | None = None, now: datetime
) -> Person:
    """Replace a password, end a lockout and every session. Raises StaffError."""
    member = by_email(session, email)
    replace_password(session, member, password)
    end_lockout(member)
    record(session, AuditAction.PASSWORD_SET, ObjectKind.ACCOUNT, member.id, by=by, now=now)
    return person_of(member)


def replace_password(session: Session, member: StaffMember, password: PasswordHash) -> None:
    """The new password, and every session ended."""
    member.password_hash = password.text
    end_all(session, member.id)


def end_lockout(member: StaffMember) -> None:
    member.failed_sign_ins = 0
    member.locked_until = None


def _end_invitations_by(session: Session, member: StaffMember) -> None:
    session.execute(delete(OneTimeToken).where(OneTimeToken.made_by == member.id))
