"""The people of the staff, and what each role may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from actionmail.db.staff import StaffMember
from actionmail.rules.staff.problems import Problem, StaffError

_LONGEST_ADDRESS = 254  # octets (RFC 5321, 4.5.3.1.3, without the angle brackets)


class Role(StrEnum):
    AUTHOR = "author"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a person may do."""

    SEE_MESSAGES = "see_messages"
    CHANGE_MESSAGES = "change_messages"
    SEE_ROSTER = "see_roster"
    CORRECT_ROSTER = "correct_roster"
    UNDO_IMPORTS = "undo_imports"
    WRITE_LETTERS = "write_letters"
    MANAGE_STAFF = "manage_staff"


# The one place. Authors do not read supporters' letters; reviewers do not write the campaign's.
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.AUTHOR: frozenset({Permission.WRITE_LETTERS, Permission.SEE_ROSTER}),
    Role.REVIEWER: frozenset(
        {Permission.SEE_MESSAGES, Permission.CHANGE_MESSAGES, Permission.SEE_ROSTER, Permission.CORRECT_ROSTER}
    ),
    Role.ADMIN: frozenset(Permission),
}


class Person(Struct, frozen=True, kw_only=True):
    """Somebody of the staff."""

    id: int
    email: str
    role: Role
    has_app: bool = False
    has_passkey: bool = False

    @property
    def has_second_factor(self) -> bool:
        return self.has_app or self.has_passkey

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


class Account(Struct, frozen=True, kw_only=True):
    """One line of the staff list."""

    id: int
    email: str
    role: Role
    locked_until: datetime | None
    disabled_at: datetime | None
    created_at: datetime
    has_second_factor: bool


def person(session: Session, staff_id: int) -> Person | None:
    """Who this is, whether they are signed in or not."""
    member = session.get(StaffMember, staff_id)
    return person_of(member) if member else None


def accounts(session: Session) -> list[Account]:
    """Everybody, in the order of their addresses."""
    members = select(StaffMember).options(selectinload(StaffMember.passkeys)).order_by(StaffMember.email)
    return [
        Account(
            id=member.id,
            email=member.email,
            role=Role(member.role),
            locked_until=member.locked_until,
            disabled_at=member.disabled_at,
            created_at=member.created_at,
            has_second_factor=person_of(member).has_second_factor,
        )
        for member in session.scalars(members)
    ]


def canonical_email(text: str) -> str:
    """Lower case, A-label domain. Raises StaffError."""
    from email_validator import (
        EmailNotValidError,
        validate_email,
    )  # here, since whatever writes audit entries loads this

    try:
        address = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise StaffError(Problem.ADDRESS_INVALID) from None
    canonical = f"{address.local_part.lower()}@{address.ascii_domain}"
    if len(canonical) > _LONGEST_ADDRESS:
        raise StaffError(Problem.ADDRESS_INVALID)
    return canonical


def locked(session: Session, staff_id: int) -> StaffMember | None:
    """The row, and nobody else's to change until the transaction ends."""
    return session.get(StaffMember, staff_id, with_for_update=True)


def by_email(session: Session, email: str) -> StaffMember:
    """The row, locked. Raises StaffError."""
    canonical = canonical_email(email)
    member = session.scalar(select(StaffMember).where(StaffMember.email == canonical).with_for_update())
    if member is None:
        raise StaffError(Problem.ADDRESS_UNKNOWN, email=canonical)
    return member


def person_of(member: StaffMember) -> Person:
    return Person(
        id=member.id,
        email=member.email,
        role=Role(member.role),
        has_app=bool(member.totp_secret),
        has_passkey=bool(member.passkeys),
    )
