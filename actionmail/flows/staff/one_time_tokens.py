"""One-time tokens: random secrets that open one thing, once, for a while. Only their SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from actionmail.db.staff import OneTimeToken


class Purpose(StrEnum):
    HALF = "half"  # the password was right, and the second factor is still to come
    INVITATION = "invitation"
    RESET = "reset"
    CHALLENGE = "challenge"  # for a passkey to sign


def hash_of(secret: str) -> str:
    """How a secret of 256 random bits is kept: it needs no salt and no cost."""
    return hashlib.sha256(b"actionmail secret\0" + secret.encode("utf-8", "surrogatepass")).hexdigest()


def issue(session: Session, purpose: Purpose, *, lasts: timedelta, now: datetime, **columns: Any) -> str:
    """A new secret for `purpose`; `columns` are what it stands for."""
    return issue_token(session, purpose, lasts=lasts, now=now, **columns)[0]


def issue_token(
    session: Session, purpose: Purpose, *, lasts: timedelta, now: datetime, **columns: Any
) -> tuple[str, OneTimeToken]:
    """The same, with the row that stands for it."""
    secret = secrets.token_urlsafe(32)
    token = OneTimeToken(
        key_hash=hash_of(secret), purpose=purpose.value, created_at=now, expires_at=now + lasts, **columns
    )
    session.add(token)
    session.flush()
    return secret, token


def look(session: Session, purpose: Purpose, secret: str, *, now: datetime) -> OneTimeToken | None:
    """What this secret stands for, without using it; None for a wrong, used or expired one."""
    return session.scalar(select(OneTimeToken).where(*_holds(purpose, secret, now)))


def use(session: Session, purpose: Purpose, secret: str, *, now: datetime) -> OneTimeToken | None:
    """The same, used up by this: of two who try at the same time, one gets None."""
    return session.scalars(
        delete(OneTimeToken).where(*_holds(purpose, secret, now)).returning(OneTimeToken)
    ).one_or_none()


def _holds(purpose: Purpose, secret: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeToken.key_hash == hash_of(secret),
        OneTimeToken.purpose == purpose.value,
        OneTimeToken.expires_at > now,
    )
