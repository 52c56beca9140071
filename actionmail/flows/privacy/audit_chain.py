"""Whether the audit trail is as it was written: each link of its chain is made anew and compared.

What this shows: an entry or a link that was changed, taken out or put in, wherever it stands. What it cannot show:
that somebody who may do everything in the database took entries off the end, or wrote all of it anew with all links.
Against that the head is noted elsewhere, and `verify` is told what was noted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import String, Text, cast, exists, func, select, type_coerce
from sqlalchemy.orm import Session

from actionmail.db.staff import AuditEntry, AuditLink
from actionmail.rules.staff.audit_chain import NO_LINK, link_of

_AT_ONCE: Final = 1000  # rows in memory


class FaultKind(StrEnum):
    """What does not fit."""

    CHANGED = "changed"  # the entry, its link, or a link that was put before it
    GONE = "gone"  # the entry, while its link is there
    LINK_GONE = "link_gone"  # `position` lacks
    UNCHAINED = "unchained"  # an entry without a link
    NOT_AS_NOTED = "not_as_noted"  # the chain fits itself, and not what was noted elsewhere
    SHORTER = "shorter"  # than what was noted


class Fault(Struct, frozen=True, kw_only=True):
    """The first that does not fit. `entry` is 0 where it is a link that lacks."""

    kind: FaultKind
    position: int
    entry: int = 0


class Verified(Struct, frozen=True, kw_only=True):
    """`count` links fit, of which the last is `head`; `fault` is None where that is all."""

    count: int
    head: str
    fault: Fault | None


class Noted(Struct, frozen=True, kw_only=True):
    """What somebody wrote down of an earlier time: so many entries, and the head they had."""

    count: int
    head: str


def verify(session: Session, noted: Noted | None = None) -> Verified:
    """Go through the whole trail, in constant memory; `session` has to see one moment (`Database.snapshot`)."""
    count, head = 0, NO_LINK
    for row in _rows(session):
        fault = _fault(count + 1, head, row)
        if fault is None and noted is not None and noted.count == count + 1 and noted.head != row.sha256:
            fault = Fault(kind=FaultKind.NOT_AS_NOTED, position=count + 1, entry=row.id)
        if fault is not None:
            return Verified(count=count, head=head, fault=fault)
        count, head = count + 1, row.sha256
    return Verified(count=count, head=head, fault=_at_the_end(session, count, noted))


def _rows(session: Session) -> Iterator[Any]:
    """Links in their order with their entries, whose columns are None where one is gone.

    Read as they are stored: a damaged instant, or details that are no JSON any more, are a fault like any other.
    """
    entry = AuditEntry.__table__.columns
    plain = [column for column in entry if column.name not in ("at", "details")]
    query = select(
        AuditLink.position,
        AuditLink.sha256,
        AuditLink.entry_id,
        type_coerce(AuditEntry.at, String).label("at"),
        cast(AuditEntry.details, Text).label("details"),
        *plain,
    )
    query = query.outerjoin(AuditEntry, AuditEntry.id == AuditLink.entry_id).order_by(AuditLink.position)
    with _any_bytes(session):
        yield from session.execute(query, execution_options={"yield_per": _AT_ONCE})


@contextmanager
def _any_bytes(session: Session) -> Iterator[None]:
    """On SQLite, text that is no UTF-8 any more is read all the same. On PostgreSQL there can be none."""
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    driver: Any = session.connection().connection.driver_connection
    usual, driver.text_factory = driver.text_factory, lambda octets: octets.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = usual


class _Entry(Struct, frozen=True, kw_only=True):
    """An entry out of the columns in which it is stored."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: int | None
    action: str
    object_kind: str
    object_key: str
    details: Mapping[str, Any]
    verb: str
    subject: str


def _entry(row: Any) -> _Entry:
    """Raises ValueError where a value is none of its kind."""
    at = datetime.fromisoformat(row.at) if isinstance(row.at, str) else row.at
    details = json.loads(row.details)
    if not isinstance(details, dict):
        raise ValueError("details")
    return _Entry(
        id=row.id,
        at=at.replace(tzinfo=UTC) if at.tzinfo is None else at,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        action=row.action,
        object_kind=row.object_kind,
        object_key=row.object_key,
        details=details,
        verb=row.verb,
        subject=row.subject,
    )


def _fault(position: int, before: str, row: Any) -> Fault | None:
    if row.position != position:
        return Fault(kind=FaultKind.LINK_GONE, position=position)
    if row.id is None:
        return Fault(kind=FaultKind.GONE, position=position, entry=row.entry_id)
    try:
        is_whole = link_of(before, _entry(row)) == row.sha256
    except (ValueError, TypeError):
        is_whole = False
    return None if is_whole else Fault(kind=FaultKind.CHANGED, position=position, entry=row.id)


def _at_the_end(session: Session, count: int, noted: Noted | None) -> Fault | None:
    if noted is not None and count < noted.count:
        return Fault(kind=FaultKind.SHORTER, position=count + 1)
    linked = exists().where(AuditLink.entry_id == AuditEntry.id)
    if session.scalar(select(func.count()).select_from(AuditEntry)) != count:
        loose = session.scalar(select(func.min(AuditEntry.id)).where(~linked))
        return Fault(kind=FaultKind.UNCHAINED, position=0, entry=loose or 0)
    return None
