"""Passwords: argon2id, the same work for an address that nobody has, and no transaction open meanwhile."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.staff import StaffMember
from actionmail.flows.staff.people import StaffError, canonical_email

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000
# RFC 9106's second choice of cost. Tests of other things hand over a lighter one; no setting can.
HASHER = PasswordHasher()


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


def verify(known: Credentials, password: str, *, hasher: PasswordHasher = HASHER) -> Verdict:
    """Hash `password` (some 50 ms, 64 MiB) and compare. Touches no database, so call it outside any transaction."""
    plain = _prepared(password[: LONGEST_PASSWORD + 1])
    try:
        fits = hasher.verify(known.password_hash, plain) and len(password) <= LONGEST_PASSWORD
    except (VerificationError, InvalidHashError):
        fits = False
    fits = fits and known.staff_id is not None
    outdated = fits and hasher.check_needs_rehash(known.password_hash)
    return Verdict(
        staff_id=known.staff_id,
        fits=fits,
        password_hash=known.password_hash,
        better_hash=hasher.hash(plain) if outdated else None,
    )


def new_password() -> str:
    """Twenty random characters, 120 bits."""
    return secrets.token_urlsafe(15)


def check_password(password: str) -> None:
    """Raises StaffError for a password too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise StaffError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")


def hash_password(password: str, *, hasher: PasswordHasher = HASHER) -> str:
    """argon2id. Raises StaffError for a password too short or too long."""
    check_password(password)
    return hasher.hash(_prepared(password))


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(secrets.token_bytes(32))


def _prepared(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
