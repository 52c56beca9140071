"""Signing in.

With a second factor, a right password is only half a sign-in: `second_step` is the other. Wrong passwords and wrong
codes count to the same lockout, and only a whole sign-in sets the count back.

A sign-in is three steps, so that no transaction is open while argon2id works: `credentials` reads, `verify` hashes,
`sign_in` decides and records. The decision is made under the row's lock: guesses made at the same time count each,
and a right guess during a lockout is refused like a wrong one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from actionmail.db.staff import StaffMember
from actionmail.flows.staff.audit import count_attempt, record
from actionmail.flows.staff.passwords import Verdict
from actionmail.flows.staff.people import Person, locked, person_of
from actionmail.rules.staff import second_factor
from actionmail.rules.staff.audit_codes import Attempt, AuditAction, Method, ObjectKind
from actionmail.settings import Keys

MAX_FAILURES = 5
LOCKOUT = timedelta(minutes=15)


def sign_in(session: Session, verdict: Verdict, *, now: datetime) -> Person | None:
    """The person, or None; written to the audit trail either way. With a second factor, they are not in yet.

    None never says why: unknown, wrong, locked and disabled look alike from outside. `MAX_FAILURES` wrong passwords
    in a row lock the account for `LOCKOUT`; tries during a lockout do not prolong it.
    """
    member = locked(session, verdict.staff_id) if verdict.staff_id is not None else None
    if member is None or not _accept(member, verdict, now):
        count_attempt(session, Attempt.SIGN_IN, member.id if member else None, now=now)
        return None
    member.password_hash = verdict.better_hash or member.password_hash
    if person_of(member).has_second_factor:
        record(session, AuditAction.PASSWORD_GIVEN, ObjectKind.ACCOUNT, member.id, by=member.id, now=now)
    else:
        _let_in(session, member, Method.PASSWORD, now)
    return person_of(member)


def second_step(session: Session, staff_id: int, code: str, *, secret_key: Keys, now: datetime) -> Person | None:
    """The person, once a code of their app or an unused recovery code completes a sign-in; None for any other."""
    member = locked(session, staff_id)
    if member is None or not person_of(member).has_second_factor or not _may_try(member, now):
        count_attempt(session, Attempt.SECOND_FACTOR, member.id if member else None, now=now)
        return None
    used = _use_code(member, code, secret_key, now)
    if used is None:
        _count_failure(member, now)
    if used is None or member.disabled_at is not None:
        count_attempt(session, Attempt.SECOND_FACTOR, member.id, now=now)
        return None
    _let_in(session, member, used, now)
    return person_of(member)


def confirm(session: Session, verdict: Verdict, *, now: datetime) -> bool:
    """Whether somebody signed in gave their own password again; wrong ones count to the lockout."""
    member = locked(session, verdict.staff_id) if verdict.staff_id is not None else None
    return member is not None and _accept(member, verdict, now)


def _let_in(session: Session, member: StaffMember, method: Method, now: datetime) -> None:
    member.failed_sign_ins = 0
    member.locked_until = None
    details: dict[str, str | int] = {"method": method.value}
    if method is Method.RECOVERY_CODE:
        details["codes_left"] = len(member.recovery_hashes)
    record(session, AuditAction.SIGNED_IN, ObjectKind.ACCOUNT, member.id, by=member.id, now=now, **details)


def _use_code(member: StaffMember, code: str, secret_key: Keys, now: datetime) -> Method | None:
    """Which kind of code this is, used up by this; None for a wrong one."""
    secret = second_factor.unseal(member.totp_secret, secret_key) if member.totp_secret else None
    step = second_factor.matching_step(secret, code, now=now, after=member.totp_step) if secret else None
    if step is not None:
        member.totp_step = step
        return Method.APP
    left = second_factor.without(member.recovery_hashes, code)
    if left is None:
        return None
    member.recovery_hashes = left
    return Method.RECOVERY_CODE


def _accept(member: StaffMember, verdict: Verdict, now: datetime) -> bool:
    if not _may_try(member, now):
        return False
    fits = verdict.fits and member.password_hash == verdict.password_hash  # not changed since it was read
    if not fits:
        _count_failure(member, now)
    return fits and member.disabled_at is None


def _may_try(member: StaffMember, now: datetime) -> bool:
    if member.locked_until is not None:
        if now < member.locked_until:
            return False
        member.locked_until = None
        member.failed_sign_ins = 0
    return True


def _count_failure(member: StaffMember, now: datetime) -> None:
    member.failed_sign_ins += 1
    if member.failed_sign_ins >= MAX_FAILURES:
        member.locked_until = now + LOCKOUT
