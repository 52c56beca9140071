"""Passwords: argon2id, the same work for an address that nobody has, and no transaction open meanwhile."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, field
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.staff import StaffMember
from actionmail.flows.staff.people import canonical_email
from actionmail.rules.staff.problems import Problem, StaffError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000
# RFC 9106's second choice of cost. Tests of other things hand over a lighter one; no setting can.
HASHER = PasswordHasher()


@dataclass(frozen=True, kw_only=True)
class PasswordHash:
    """A new password as it is stored. Flows with a session take this and no password: none hashes in a transaction."""

    text: str = field(repr=False)


class Credentials(Struct, frozen=True, kw_only=True):
    """What `verify` needs of the account that an address names; `staff_id` is None where it names none."""

    staff_id: int | None
    password_hash: str = ""


class Verdict(Struct, frozen=True, kw_only=True):
    """Whether the password fits; `better_hash` is set where the stored one should be replaced."""

    staff_id: int | None
    fits: bool
    password_hash: str
    better_hash: str | None = None


def credentials(session: Session, email: str) -> Credentials:
    """The stored hash for an address as typed; "" where it names nobody."""
    try:
        canonical = canonical_email(email)
    except StaffError:
        return Credentials(staff_id=None)
    row = session.execute(
        select(StaffMember.id, StaffMember.password_hash).where(StaffMember.email == canonical)
    ).one_or_none()
    if row is None:
        return Credentials(staff_id=None)
    return Credentials(staff_id=row.id, password_hash=row.password_hash)


def verify(known: Credentials, password: str, *, hasher: PasswordHasher = HASHER) -> Verdict:
    """Hash `password` (some 50 ms, 64 MiB) and compare. Touches no database, so call it outside any transaction.

    For an address that nobody has, the same work is done on nobody's password.
    """
    plain = _prepared(password[: LONGEST_PASSWORD + 1])
    password_hash = known.password_hash or _nobodys_hash()
    try:
        fits = hasher.verify(password_hash, plain) and len(password) <= LONGEST_PASSWORD
    except (VerificationError, InvalidHashError):
        fits = False
    fits = fits and known.staff_id is not None
    outdated = fits and hasher.check_needs_rehash(password_hash)
    return Verdict(
        staff_id=known.staff_id,
        fits=fits,
        password_hash=password_hash,
        better_hash=hasher.hash(plain) if outdated else None,
    )


def new_password() -> str:
    """Twenty random characters, 120 bits."""
    return secrets.token_urlsafe(15)


def check_password(password: str) -> None:
    """Raises StaffError for a password too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise StaffError(Problem.PASSWORD_LENGTH, shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)


def hash_password(password: str, *, hasher: PasswordHasher = HASHER) -> PasswordHash:
    """argon2id (RFC 9106; some 50 ms, 64 MiB), so call it outside any transaction.

    Raises StaffError for a password too short or too long.
    """
    check_password(password)
    return PasswordHash(text=hasher.hash(_prepared(password)))


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(secrets.token_bytes(32))


def _prepared(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
