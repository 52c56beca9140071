"""Passkeys: adding, removing, and signing in by one.

A passkey is both factors at once, so it signs in alone, and as the second step after a password. It cannot be guessed:
a false answer counts to no lockout, and a lockout does not stop a true one, so that guessing at somebody's password
does not keep them out.

A challenge is a one-time token: kept here as a hash, good once, for `CHALLENGE_LENGTH`, and only for whom it was made.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.staff import StaffMember, StaffPasskey
from actionmail.flows.staff.audit import count_attempt, record
from actionmail.flows.staff.factors import new_codes
from actionmail.flows.staff.one_time_tokens import Purpose, issue, use
from actionmail.flows.staff.people import Person, locked, person_of
from actionmail.flows.staff.sessions import end_all
from actionmail.rules.staff import passkeys as rules
from actionmail.rules.staff.audit_codes import Attempt, AuditAction, Method, ObjectKind
from actionmail.rules.staff.passkeys import Site
from actionmail.rules.staff.problems import Problem, StaffError
from actionmail.settings import Keys

CHALLENGE_LENGTH = timedelta(minutes=5)
MOST_PASSKEYS = 20
LONGEST_NAME = 60


class Passkey(Struct, frozen=True, kw_only=True):
    """One line of somebody's list."""

    id: int
    name: str
    credential_id: str
    created_at: datetime
    used_at: datetime | None


def passkeys_of(session: Session, person: Person) -> list[Passkey]:
    """In the order in which they were added."""
    member = session.get(StaffMember, person.id)
    return [
        Passkey(
            id=row.id,
            name=row.name,
            credential_id=row.credential_id,
            created_at=row.created_at,
            used_at=row.used_at,
        )
        for row in (member.passkeys if member else [])
    ]


def challenge(session: Session, person: Person | None, *, now: datetime) -> str:
    """Something new to sign, for this person, or for whoever signs in."""
    return issue(session, Purpose.CHALLENGE, lasts=CHALLENGE_LENGTH, now=now, staff_id=person.id if person else None)


def add_passkey(
    session: Session, person: Person, name: str, secret: str, answer: str, *, site: Site, now: datetime
) -> list[str]:
    """Keep a passkey that the browser just made. Raises StaffError.

    Where it is the account's first second factor, recovery codes come back, told this once, and every session ends.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise StaffError(Problem.PASSKEY_NAME, longest=LONGEST_NAME)
    made = rules.made(site, secret, answer) if _is_good_for(session, person, secret, now) else None
    member = locked(session, person.id)
    if made is None or member is None:
        raise StaffError(Problem.PASSKEY_NOT_MADE)
    if len(member.passkeys) >= MOST_PASSKEYS:
        raise StaffError(Problem.TOO_MANY_PASSKEYS, most=MOST_PASSKEYS)
    if session.scalar(select(StaffPasskey.id).where(StaffPasskey.credential_id == made.credential_id)) is not None:
        raise StaffError(Problem.PASSKEY_KNOWN)
    is_first = not person_of(member).has_second_factor
    row = StaffPasskey(
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name,
        created_at=now,
    )
    member.passkeys.append(row)
    session.flush()
    record(session, AuditAction.PASSKEY_ADDED, ObjectKind.PASSKEY, row.id, by=person.id, now=now)
    if not is_first:
        return []
    end_all(session, person.id)
    return new_codes(member)


def remove_passkey(session: Session, person: Person, number: int, *, demanded: bool, now: datetime) -> bool:
    """Forget a passkey. False: they have none of that number.

    Raises StaffError where a second factor is `demanded` and this is the last.
    """
    member = locked(session, person.id)
    passkey = next((row for row in member.passkeys if row.id == number), None) if member else None
    if member is None or passkey is None:
        return False
    is_last = len(member.passkeys) == 1 and not member.totp_secret
    if is_last and demanded:
        raise StaffError(Problem.LAST_FACTOR)
    member.passkeys.remove(passkey)
    if is_last:
        member.recovery_hashes = []
    record(session, AuditAction.PASSKEY_REMOVED, ObjectKind.PASSKEY, number, by=person.id, now=now)
    return True


def sign_in_by_passkey(
    session: Session, secret: str, answer: str, *, half: Person | None, site: Site, secret_key: Keys, now: datetime
) -> Person | None:
    """Who signed the challenge; with `half`, only if it is the one who gave the password. None for a false answer."""
    member = _signer(session, half, secret, answer, site, secret_key, now)
    if member is None:
        count_attempt(session, Attempt.PASSKEY, half.id if half else None, now=now)
        return None
    record(
        session,
        AuditAction.SIGNED_IN,
        ObjectKind.ACCOUNT,
        member.id,
        by=member.id,
        now=now,
        method=Method.PASSKEY.value,
    )
    return person_of(member)


def confirm_by_passkey(
    session: Session, person: Person, secret: str, answer: str, *, site: Site, secret_key: Keys, now: datetime
) -> bool:
    """Whether somebody signed in used a passkey of their own again."""
    return _signer(session, person, secret, answer, site, secret_key, now) is not None


def _signer(
    session: Session,
    expected: Person | None,
    secret: str,
    answer: str,
    site: Site,
    secret_key: Keys,
    now: datetime,
) -> StaffMember | None:
    """Whose passkey answered, the challenge used up either way."""
    if not _is_good_for(session, expected, secret, now):
        return None
    credential_id, account = rules.who_answers(answer)
    staff_id = session.scalar(select(StaffPasskey.staff_id).where(StaffPasskey.credential_id == credential_id))
    member = locked(session, staff_id) if staff_id is not None else None
    if member is None or member.disabled_at is not None or (expected and expected.id != member.id):
        return None
    if account not in {"", *rules.handles(member.id, secret_key)}:
        return None
    row = next((passkey for passkey in member.passkeys if passkey.credential_id == credential_id), None)
    if row is None:
        return None
    count = rules.used(site, secret, answer, public_key=row.public_key, sign_count=row.sign_count)
    if count is None:
        return None
    row.sign_count = count
    row.used_at = now
    return member


def _is_good_for(session: Session, expected: Person | None, secret: str, now: datetime) -> bool:
    token = use(session, Purpose.CHALLENGE, secret, now=now)
    return token is not None and token.staff_id == (expected.id if expected else None)
