"""What becomes of the letters that wait: how long those to each legislator take, and whose time runs out.

Legislators get so many letters an hour. Where more wait than can go in time, staff learn it as soon as it can be
foreseen, and of whatever else ends within a day, a day before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.db.throttles import Rate
from actionmail.flows.delivery.message_state import IS_WAITING
from actionmail.flows.delivery.pulses import pulse
from actionmail.rules.delivery.forecast import Forecast, forecast
from actionmail.rules.delivery.rates import Bucket, Limits, Scope, bucket_for, halvings_at

SHOWN = 5  # legislators with the longest lines
LONG = timedelta(hours=24)  # a line that takes longer is worth a word
AHEAD = timedelta(hours=24)  # so long before letters run out of time staff are told
FRESH = timedelta(hours=1)  # younger letters are on their way as ever
COUNTED = 1_000
_MOST_IN_LINE = 20_000


class Line(Struct, frozen=True, kw_only=True):
    """The letters to one legislator that take long, or of which some run out of time."""

    legislator: int
    name: str
    waiting: int
    an_hour: float  # at most, in any hour
    forecast: Forecast


class Outlook(Struct, frozen=True, kw_only=True):
    """`ending` letters, COUNTED + 1 for more than COUNTED, run out of time within AHEAD; the first at `ending_from`."""

    lines: Sequence[Line]
    ending: int
    ending_from: datetime | None


def outlook(session: Session, *, now: datetime) -> Outlook:
    """Read it: two statements, and two more for each of the longest lines."""
    limits = pulse(session).limits
    lines = []
    for legislator, waiting in _longest(session, limits):
        bucket = _bucket(session, legislator, limits, now)
        if bucket is None or bucket.time_for(waiting, now) <= timedelta(hours=1):
            continue
        expected = forecast(_expiries(session, legislator), bucket, now=now, hours=limits.hours)
        if expected.lost or expected.ends_at - now > LONG:
            name = session.scalar(select(Legislator.name).where(Legislator.id == legislator)) or ""
            lines.append(
                Line(legislator=legislator, name=name, waiting=waiting, an_hour=bucket.limit, forecast=expected)
            )
    ending, first = _ending(session, now)
    return Outlook(lines=lines, ending=ending, ending_from=first)


def _longest(session: Session, limits: Limits) -> list[tuple[int, int]]:
    """The legislators to whom most letters wait, and how many; [] where no pace is kept."""
    if not limits.target_hour:
        return []
    counted = select(Message.legislator_id, func.count().label("waiting")).where(IS_WAITING)
    query = counted.group_by(Message.legislator_id).having(func.count() > limits.target_hour)
    rows = session.execute(query.order_by(func.count().desc(), Message.legislator_id).limit(SHOWN))
    return [(row.legislator_id, row.waiting) for row in rows]


def _bucket(session: Session, legislator: int, limits: Limits, now: datetime) -> Bucket | None:
    rate = session.get(Rate, (Scope.TARGET.value, str(legislator)))
    if rate is None:
        return bucket_for(Scope.TARGET, limits)
    halvings = halvings_at(rate.halvings, rate.slowed_at, now)
    return bucket_for(Scope.TARGET, limits, used=rate.used, at=rate.at, halvings=halvings)


def _expiries(session: Session, legislator: int) -> Sequence[datetime]:
    """Until when each of the letters has time, in the order in which they go."""
    query = select(Message.expires_at).where(IS_WAITING, Message.legislator_id == legislator)
    return session.scalars(query.order_by(Message.next_attempt_at, Message.id).limit(_MOST_IN_LINE)).all()


def _ending(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many letters that wait for more than a moment run out of time within AHEAD, and when the first does."""
    soon = (
        select(Message.expires_at)
        .where(IS_WAITING, Message.expires_at <= now + AHEAD, Message.created_at < now - FRESH)
        .order_by(Message.expires_at)
        .limit(COUNTED + 1)
        .subquery()
    )
    count, first = session.execute(select(func.count(), func.min(soon.c.expires_at))).one()
    return count, first
