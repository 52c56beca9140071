"""Who of the staff is told what by mail, and when.

A try is counted, and the next one set, before it begins, so that of two workers one mails. A worker that dies between
the mail server's yes and noting it leaves a mail that comes twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from actionmail.db.staff import StaffMember, StaffNotice
from actionmail.flows.staff.people import PERMISSIONS, Permission, Role
from actionmail.rules.delivery.states import retry_delay

MORNING: Final = time(7)
APART: Final = timedelta(hours=1)  # of two mails about what burns
NOTICE_TRIES: Final = 4


class NoticeKind(StrEnum):
    DAILY = "daily"  # in the morning, where something needs attention
    AT_ONCE = "at_once"  # something new stopped letters


class DueNotice(Struct, frozen=True, kw_only=True):
    """A mail that somebody is to get now. `known_news` is what their last one of this kind told of."""

    staff_id: int
    email: str
    kind: NoticeKind
    known_news: frozenset[str]


def next_morning(now: datetime, clock: ZoneInfo) -> datetime:
    """The first MORNING after `now` on that clock."""
    local = now.astimezone(clock)
    at = datetime.combine(local.date(), MORNING, clock)
    return at if at > local else datetime.combine(local.date() + timedelta(days=1), MORNING, clock)


def notices_of(session: Session, staff_id: int) -> frozenset[NoticeKind]:
    """What they asked for."""
    kinds = session.scalars(select(StaffNotice.kind).where(StaffNotice.staff_id == staff_id))
    return frozenset(NoticeKind(kind) for kind in kinds)


def choose_notices(
    session: Session, staff_id: int, wanted: Mapping[NoticeKind, datetime], *, known: Collection[str]
) -> None:
    """From now on they get these, the first at the moment named; what is `known` now is no news."""
    session.get(StaffMember, staff_id, with_for_update=True)  # of two tabs, one after the other
    session.execute(delete(StaffNotice).where(StaffNotice.staff_id == staff_id, StaffNotice.kind.not_in([*wanted])))
    present = notices_of(session, staff_id)
    for kind, due_at in wanted.items():
        if kind not in present:
            session.add(StaffNotice(staff_id=staff_id, kind=kind.value, due_at=due_at, told=sorted(known)))


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether it is time to look what there is to tell: somebody asked, and is not told yet for this time."""
    return session.scalar(select(StaffNotice.staff_id).where(StaffNotice.due_at <= now).limit(1)) is not None


def claim_notices(session: Session, *, news: Collection[str], morning: datetime, now: datetime) -> list[DueNotice]:
    """The mails that are due, each to be tried by this caller alone.

    `news` names all that burns now: of AT_ONCE only those are due whose last mail did not tell of all of it. `morning`
    is the next one: what was tried often enough waits for it, or for an hour.
    """
    rows = session.execute(
        select(StaffNotice, StaffMember)
        .join(StaffMember, StaffMember.id == StaffNotice.staff_id)
        .where(StaffNotice.due_at <= now, StaffMember.disabled_at.is_(None))
        .order_by(StaffNotice.staff_id, StaffNotice.kind)
        .with_for_update(of=StaffNotice, skip_locked=True)
    ).all()
    due = []
    for notice, member in rows:
        kind, known_news = NoticeKind(notice.kind), frozenset(notice.told)
        is_idle = kind is NoticeKind.AT_ONCE and known_news.issuperset(news)
        if is_idle or Permission.SEE_MESSAGES not in PERMISSIONS[Role(member.role)]:
            continue
        notice.tries += 1
        notice.due_at = now + retry_delay(notice.tries, 0.0)
        if notice.tries >= NOTICE_TRIES:
            notice.tries, notice.due_at = 0, _regularly(kind, morning, now)
        due.append(DueNotice(staff_id=member.id, email=member.email, kind=kind, known_news=known_news))
    return due


def notices_done(
    session: Session, done: Sequence[DueNotice], *, news: Collection[str], morning: datetime, now: datetime
) -> None:
    """These are told, or there was nothing to tell; the next ones come in their time."""
    for notice in done:
        row = session.get(StaffNotice, (notice.staff_id, notice.kind.value), with_for_update=True)
        if row is not None:
            row.tries, row.due_at = 0, _regularly(notice.kind, morning, now)
            row.told = sorted(news)


def _regularly(kind: NoticeKind, morning: datetime, now: datetime) -> datetime:
    return morning if kind is NoticeKind.DAILY else now + APART
