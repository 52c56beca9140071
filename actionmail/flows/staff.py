"""Who may sign in, what they may do, and the trail of what they did.

With a second factor, a right password is only half a sign-in: `second_step` is the other. Wrong passwords and wrong
codes count to the same lockout, and only a whole sign-in sets the count back.

A sign-in is three steps, so that no transaction is open while argon2id works: `credentials` reads, `verify` hashes,
`sign_in` decides and records. The decision is made under the row's lock: guesses made at the same time count each,
and a right guess during a lockout is refused like a wrong one.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.staff import AuditEntry, StaffMember
from actionmail.rules import second_factor

MAX_FAILURES = 5
LOCKOUT = timedelta(minutes=15)
SESSION_LENGTH = timedelta(hours=12)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000


class Role(StrEnum):
    AUTHOR = "author"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a person may do, as it reads after "may not"."""

    SEE_MESSAGES = "see the send log"
    CHANGE_MESSAGES = "change what is sent"
    SEE_ROSTER = "see the roster"
    CORRECT_ROSTER = "correct the roster"
    UNDO_IMPORTS = "go back to older data"
    WRITE_LETTERS = "write letters"
    MANAGE_STAFF = "manage staff"


# The one place. Authors do not read supporters' letters; reviewers do not write the campaign's.
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.AUTHOR: frozenset({Permission.WRITE_LETTERS, Permission.SEE_ROSTER}),
    Role.REVIEWER: frozenset(
        {Permission.SEE_MESSAGES, Permission.CHANGE_MESSAGES, Permission.SEE_ROSTER, Permission.CORRECT_ROSTER}
    ),
    Role.ADMIN: frozenset(Permission),
}


class StaffError(ValueError):
    """A staff account cannot be made or changed so; `str()` is the sentence for the person who asked."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody of the staff; `stamp` ties their sessions to the account."""

    id: int
    email: str
    role: Role
    stamp: str
    has_second_factor: bool = False

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


@dataclass(frozen=True, kw_only=True)
class Account:
    """One line of the staff list."""

    id: int
    email: str
    role: Role
    locked_until: datetime | None
    disabled_at: datetime | None
    created_at: datetime
    has_second_factor: bool


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What `verify` needs of the account that an address names; `staff_id` is None where it names none."""

    staff_id: int | None
    password_hash: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether the password fits; `better_hash` is set where the stored one should be replaced."""

    staff_id: int | None
    fits: bool
    password_hash: str
    better_hash: str | None = None


def credentials(session: Session, email: str) -> Credentials:
    """The stored hash for an address as typed, or that of nobody's password: either way there is one to verify."""
    try:
        canonical = canonical_email(email)
    except StaffError:
        return Credentials(staff_id=None, password_hash=_nobodys_hash())
    row = session.execute(
        select(StaffMember.id, StaffMember.password_hash).where(StaffMember.email == canonical)
    ).one_or_none()
    if row is None:
        return Credentials(staff_id=None, password_hash=_nobodys_hash())
    return Credentials(staff_id=row.id, password_hash=row.password_hash)


def verify(known: Credentials, password: str) -> Verdict:
    """Hash `password` (some 50 ms, 64 MiB) and compare. Touches no database, so call it outside any transaction."""
    plain = _prepared(password[: LONGEST_PASSWORD + 1])
    try:
        fits = _HASHER.verify(known.password_hash, plain) and len(password) <= LONGEST_PASSWORD
    except (VerificationError, InvalidHashError):
        fits = False
    fits = fits and known.staff_id is not None
    outdated = fits and _HASHER.check_needs_rehash(known.password_hash)
    return Verdict(
        staff_id=known.staff_id,
        fits=fits,
        password_hash=known.password_hash,
        better_hash=_HASHER.hash(plain) if outdated else None,
    )


def sign_in(session: Session, verdict: Verdict, *, now: datetime) -> Person | None:
    """The person, or None; written to the audit trail either way. With a second factor, they are not in yet.

    None never says why: unknown, wrong, locked and disabled look alike from outside. `MAX_FAILURES` wrong passwords
    in a row lock the account for `LOCKOUT`; tries during a lockout do not prolong it.
    """
    member = _locked(session, verdict.staff_id) if verdict.staff_id is not None else None
    if member is None or not _accept(member, verdict, now):
        note(session, member.id if member else None, "sign-in refused", "sign-in", now=now)
        return None
    member.password_hash = verdict.better_hash or member.password_hash
    if member.totp_secret:
        note(session, member.id, "gave the password", "sign-in", now=now)
    else:
        _let_in(session, member, "sign-in", now)
    return _person(member)


def second_step(session: Session, staff_id: int, code: str, *, secret_key: str, now: datetime) -> Person | None:
    """The person, once a code of their app or an unused recovery code completes a sign-in; None for any other."""
    member = _locked(session, staff_id)
    if member is None or not member.totp_secret or not _may_try(member, now):
        note(session, member.id if member else None, "sign-in refused", "second factor", now=now)
        return None
    used = _use_code(member, code, secret_key, now)
    if not used:
        _count_failure(member, now)
    if not used or member.disabled_at is not None:
        note(session, member.id, "sign-in refused", "second factor", now=now)
        return None
    _let_in(session, member, used, now)
    return _person(member)


def _let_in(session: Session, member: StaffMember, how: str, now: datetime) -> None:
    member.failed_sign_ins = 0
    member.locked_until = None
    note(session, member.id, "signed in", how, now=now)


def _use_code(member: StaffMember, code: str, secret_key: str, now: datetime) -> str:
    """Which kind of code this is, used up by this; "" for a wrong one."""
    secret = second_factor.unseal(member.totp_secret, secret_key)
    step = second_factor.matching_step(secret, code, now=now, after=member.totp_step) if secret else None
    if step is not None:
        member.totp_step = step
        return "second factor"
    left = second_factor.without(member.recovery_hashes, code)
    if left is None:
        return ""
    member.recovery_hashes = left
    return f"recovery code, {len(left)} left"


def confirm(session: Session, verdict: Verdict, *, now: datetime) -> bool:
    """Whether somebody signed in gave their own password again; wrong ones count to the lockout."""
    member = _locked(session, verdict.staff_id) if verdict.staff_id is not None else None
    return member is not None and _accept(member, verdict, now)


def turn_on_second_factor(
    session: Session, person: Person, secret: str, code: str, *, secret_key: str, now: datetime
) -> list[str] | None:
    """Demand codes of this secret from now on. The recovery codes, told this once; None for a wrong code.

    Every session of the account ends.
    """
    member = _locked(session, person.id)
    step = second_factor.matching_step(secret, code, now=now, after=0)
    if member is None or member.totp_secret or step is None:
        return None
    member.totp_secret = second_factor.seal(secret, secret_key)
    member.totp_step = step
    member.session_stamp = _stamp()
    codes = _new_codes(member)
    note(session, person.id, "turned on", "second factor", now=now)
    return codes


def renew_recovery_codes(session: Session, person: Person, *, now: datetime) -> list[str]:
    """New recovery codes in place of the old ones."""
    member = _locked(session, person.id)
    if member is None or not member.totp_secret:
        return []
    note(session, person.id, "made new", "recovery codes", now=now)
    return _new_codes(member)


def _new_codes(member: StaffMember) -> list[str]:
    codes = second_factor.new_recovery_codes()
    member.recovery_hashes = [second_factor.recovery_hash(code) for code in codes]
    return codes


def recovery_codes_left(session: Session, person: Person) -> int:
    member = session.get(StaffMember, person.id)
    return len(member.recovery_hashes) if member else 0


def turn_off_second_factor(session: Session, email: str, *, by: int | None = None, now: datetime) -> None:
    """Demand a password only, and end every session of the account. Raises StaffError."""
    member = _by_email(session, email)
    if member.totp_secret:
        member.totp_secret = ""
        member.recovery_hashes = []
        member.session_stamp = _stamp()
        note(session, by, "turned off second factor", f"staff {member.id}", now=now)


def person(session: Session, staff_id: int) -> Person | None:
    """Who this is, whether they are signed in or not."""
    member = session.get(StaffMember, staff_id)
    return _person(member) if member else None


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


def signed_in_person(
    session: Session, staff_id: int, stamp: str, *, signed_in_at: datetime, now: datetime
) -> Person | None:
    """Whose session this is; None once it is old, or the account was disabled or signed out everywhere."""
    if not timedelta(0) <= now - signed_in_at < SESSION_LENGTH:
        return None
    member = session.get(StaffMember, staff_id)
    if member is None or member.disabled_at is not None:
        return None
    return _person(member) if secrets.compare_digest(member.session_stamp.encode(), stamp.encode()) else None


def sign_out_everywhere(session: Session, person: Person, *, now: datetime) -> None:
    """End every session of this account."""
    member = _locked(session, person.id)
    if member is not None:
        member.session_stamp = _stamp()
    note(session, person.id, "signed out everywhere", "sign-out", now=now)


def add(session: Session, email: str, role: Role, password: str, *, by: int | None = None, now: datetime) -> Person:
    """Make an account. Raises StaffError for an address that is none or taken, and for a password too short."""
    canonical = canonical_email(email)
    if session.scalar(select(StaffMember.id).where(StaffMember.email == canonical)) is not None:
        raise StaffError(f"{canonical} has a staff account already.")
    member = StaffMember(
        email=canonical,
        role=role.value,
        password_hash=hash_password(password),
        session_stamp=_stamp(),
        created_at=now,
    )
    session.add(member)
    session.flush()
    note(session, by, "added staff", f"staff {member.id} as {role.value}", now=now)
    return _person(member)


def disable(session: Session, email: str, *, by: int | None = None, now: datetime) -> None:
    """Refuse this account from now on and end its sessions. Doing it twice is doing it once. Raises StaffError."""
    member = _by_email(session, email)
    if member.disabled_at is None:
        member.disabled_at = now
        member.session_stamp = _stamp()
        note(session, by, "disabled staff", f"staff {member.id}", now=now)


def enable(session: Session, email: str, *, by: int | None = None, now: datetime) -> None:
    """Undo `disable`; the password is the old one. Raises StaffError."""
    member = _by_email(session, email)
    if member.disabled_at is not None:
        member.disabled_at = None
        note(session, by, "enabled staff", f"staff {member.id}", now=now)


def set_password(session: Session, email: str, password: str, *, by: int | None = None, now: datetime) -> Person:
    """Replace a password, end a lockout and every session. Raises StaffError."""
    member = _by_email(session, email)
    member.password_hash = hash_password(password)
    member.session_stamp = _stamp()
    member.failed_sign_ins = 0
    member.locked_until = None
    note(session, by, "set password", f"staff {member.id}", now=now)
    return _person(member)


def accounts(session: Session) -> list[Account]:
    """Everybody, in the order of their addresses."""
    return [
        Account(
            id=member.id,
            email=member.email,
            role=Role(member.role),
            locked_until=member.locked_until,
            disabled_at=member.disabled_at,
            created_at=member.created_at,
            has_second_factor=bool(member.totp_secret),
        )
        for member in session.scalars(select(StaffMember).order_by(StaffMember.email))
    ]


def note(session: Session, staff_id: int | None, verb: str, subject: str, *, now: datetime) -> None:
    """Add to the audit trail. `subject` names a thing ("message 12"), never a supporter."""
    session.add(AuditEntry(at=now, staff_id=staff_id, verb=verb, subject=subject))


def canonical_email(text: str) -> str:
    """Lower case, A-label domain. Raises StaffError."""
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise StaffError(f"This is not an e-mail address: {error}") from None
    canonical = f"{found.local_part.lower()}@{found.ascii_domain}"
    if len(canonical) > 254:
        raise StaffError("This is not an e-mail address: it is too long.")
    return canonical


def new_password() -> str:
    """Twenty random characters, 120 bits."""
    return secrets.token_urlsafe(15)


def check_password(password: str) -> None:
    """Raises StaffError for a password too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise StaffError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")


def hash_password(password: str) -> str:
    """argon2id, RFC 9106's second choice of cost. Raises StaffError for a password too short or too long."""
    check_password(password)
    return _HASHER.hash(_prepared(password))


_HASHER = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_bytes(32))


def _prepared(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _stamp() -> str:
    return secrets.token_urlsafe(32)


def _locked(session: Session, staff_id: int) -> StaffMember | None:
    return session.get(StaffMember, staff_id, with_for_update=True)


def _by_email(session: Session, email: str) -> StaffMember:
    canonical = canonical_email(email)
    member = session.scalar(select(StaffMember).where(StaffMember.email == canonical).with_for_update())
    if member is None:
        raise StaffError(f"Nobody of the staff has the address {canonical}.")
    return member


def _person(member: StaffMember) -> Person:
    return Person(
        id=member.id,
        email=member.email,
        role=Role(member.role),
        stamp=member.session_stamp,
        has_second_factor=bool(member.totp_secret),
    )
