"""Tokens with which programs read: made and revoked by admins, shown once, kept as their SHA-256.

What a token is used for is not written down one by one: its last day is kept, and that it read personal data is in the
audit trail once a day.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, cast

from msgspec import Struct
from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.orm import Session

from actionmail.db.api_tokens import ApiToken
from actionmail.db.staff import StaffMember
from actionmail.flows.staff.audit import record
from actionmail.flows.staff.one_time_tokens import hash_of
from actionmail.rules.staff.api_scopes import ApiScope
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.rules.staff.problems import Problem, StaffError

PREFIX: Final = "amt_"  # so that programs that look for secrets know one
LONGEST_SECRET: Final = 100
LONGEST_TOKEN_NAME: Final = 60


class TokenLine(Struct, frozen=True, kw_only=True):
    """One token, as admins see it; never its secret. `made_by` is an address, "" for the command line."""

    id: int
    name: str
    scopes: Sequence[ApiScope]
    made_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_on: date | None

    def holds(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class Bearer(Struct, frozen=True, kw_only=True):
    """A program that gave a token which holds, and what was noted of it today already."""

    id: int
    scopes: frozenset[ApiScope]
    was_used_today: bool
    is_told_today: bool  # that it reads personal data is in the audit trail


def make_token(
    session: Session,
    name: str,
    scopes: Collection[ApiScope],
    *,
    expires_at: datetime | None = None,
    by: int | None = None,
    now: datetime,
) -> tuple[str, int]:
    """A new secret, told this once, and the token's number. Raises StaffError."""
    if not 1 <= len(name) <= LONGEST_TOKEN_NAME or not name.isprintable():
        raise StaffError(Problem.TOKEN_NAME, longest=LONGEST_TOKEN_NAME)
    if not scopes:
        raise StaffError(Problem.TOKEN_SCOPES)
    if expires_at is not None and expires_at <= now:
        raise StaffError(Problem.TOKEN_EXPIRY)
    secret = PREFIX + secrets.token_urlsafe(32)
    codes = [scope.value for scope in ApiScope if scope in scopes]
    token = ApiToken(
        key_hash=hash_of(secret), name=name, scopes=codes, made_by=by, created_at=now, expires_at=expires_at
    )
    session.add(token)
    session.flush()
    until = expires_at.isoformat(timespec="minutes") if expires_at else ""
    record(
        session, AuditAction.API_TOKEN_MADE, ObjectKind.API_TOKEN, token.id, by=by, now=now, scopes=codes, until=until
    )
    return secret, token.id


def tokens(session: Session) -> list[TokenLine]:
    """All of them, the newest first."""
    rows = session.execute(
        select(ApiToken, StaffMember.email)
        .outerjoin(StaffMember, StaffMember.id == ApiToken.made_by)
        .order_by(ApiToken.id.desc())
    )
    return [_line(token, email or "") for token, email in rows]


def revoke_token(session: Session, number: int, *, by: int | None = None, now: datetime) -> bool:
    """End a token for good; of two who do it at once, one does. False: there is none of that number that holds."""
    ended = session.execute(
        update(ApiToken).where(ApiToken.id == number, ApiToken.revoked_at.is_(None)).values(revoked_at=now)
    )
    if not cast(CursorResult[Any], ended).rowcount:
        return False
    record(session, AuditAction.API_TOKEN_REVOKED, ObjectKind.API_TOKEN, number, by=by, now=now)
    return True


def bearer(session: Session, secret: str, *, now: datetime) -> Bearer | None:
    """Whose secret this is; None where it opens nothing (any more)."""
    if not secret.startswith(PREFIX) or len(secret) > LONGEST_SECRET:
        return None
    token = session.scalar(
        select(ApiToken).where(
            ApiToken.key_hash == hash_of(secret),
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
        )
    )
    if token is None:
        return None
    return Bearer(
        id=token.id,
        scopes=frozenset(ApiScope(code) for code in token.scopes),
        was_used_today=token.used_on == _day(now),
        is_told_today=token.told_on == _day(now),
    )


def used(session: Session, number: int, *, now: datetime) -> None:
    """Keep the day on which a token was used last."""
    session.execute(update(ApiToken).where(ApiToken.id == number).values(used_on=_day(now)))


def read_people(session: Session, reader: Bearer, *, now: datetime) -> None:
    """Write into the audit trail that a token reads personal data today, once a day, however many read at once.

    With the widest scope that it has, since nothing more is written down should it read more later that day.
    """
    today, number = _day(now), reader.id
    scope = ApiScope.SUPPORTERS if ApiScope.SUPPORTERS in reader.scopes else ApiScope.UPDATES
    marked = session.execute(
        update(ApiToken)
        .where(ApiToken.id == number, or_(ApiToken.told_on.is_(None), ApiToken.told_on < today))
        .values(told_on=today)
    )
    if cast(CursorResult[Any], marked).rowcount:
        record(session, AuditAction.API_PEOPLE_READ, ObjectKind.API_TOKEN, number, by=None, now=now, scope=scope.value)


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


def _line(token: ApiToken, email: str) -> TokenLine:
    return TokenLine(
        id=token.id,
        name=token.name,
        scopes=[ApiScope(code) for code in token.scopes],
        made_by=email,
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        used_on=token.used_on,
    )
