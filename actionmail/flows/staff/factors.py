"""The second factor of an account: an authenticator app or passkeys, and recovery codes for when they are lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from actionmail.db.staff import StaffMember
from actionmail.flows.staff.audit import record
from actionmail.flows.staff.people import Person, by_email, locked, person_of
from actionmail.flows.staff.sessions import end_all
from actionmail.rules.staff import second_factor
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.rules.staff.problems import Problem, StaffError


def turn_on_app(
    session: Session, person: Person, secret: str, code: str, *, secret_key: str, now: datetime
) -> list[str] | None:
    """Take codes of this secret from now on. New recovery codes, told this once; None for a wrong code.

    Every session of the account ends.
    """
    member = locked(session, person.id)
    step = second_factor.matching_step(secret, code, now=now, after=0)
    if member is None or member.totp_secret or step is None:
        return None
    member.totp_secret = second_factor.seal(secret, secret_key)
    member.totp_step = step
    end_all(session, member.id)
    record(session, AuditAction.APP_TURNED_ON, ObjectKind.ACCOUNT, member.id, by=person.id, now=now)
    return new_codes(member)


def turn_off_app(session: Session, person: Person, *, demanded: bool, now: datetime) -> None:
    """Take no more codes of the app. Raises StaffError where a second factor is `demanded` and this is the last."""
    member = locked(session, person.id)
    if member is None or not member.totp_secret:
        return
    if demanded and not member.passkeys:
        raise StaffError(Problem.LAST_FACTOR)
    member.totp_secret = ""
    if not member.passkeys:
        member.recovery_hashes = []
    record(session, AuditAction.APP_TURNED_OFF, ObjectKind.ACCOUNT, member.id, by=person.id, now=now)


def renew_recovery_codes(session: Session, person: Person, *, now: datetime) -> list[str]:
    """New recovery codes in place of the old ones."""
    member = locked(session, person.id)
    if member is None or not person_of(member).has_second_factor:
        return []
    record(session, AuditAction.RECOVERY_CODES_RENEWED, ObjectKind.ACCOUNT, member.id, by=person.id, now=now)
    return new_codes(member)


def recovery_codes_left(session: Session, person: Person) -> int:
    member = session.get(StaffMember, person.id)
    return len(member.recovery_hashes) if member else 0


def turn_off_second_factor(session: Session, email: str, *, by: int | None = None, now: datetime) -> None:
    """Demand a password only, and end every session of the account; its passkeys go too. Raises StaffError."""
    member = by_email(session, email)
    if person_of(member).has_second_factor:
        member.totp_secret = ""
        member.recovery_hashes = []
        member.passkeys.clear()
        end_all(session, member.id)
        record(session, AuditAction.SECOND_FACTOR_TURNED_OFF, ObjectKind.ACCOUNT, member.id, by=by, now=now)


def new_codes(member: StaffMember) -> list[str]:
    """Ten recovery codes, of which the row keeps the hashes."""
    codes = second_factor.new_recovery_codes()
    member.recovery_hashes = [second_factor.recovery_hash(code) for code in codes]
    return codes
