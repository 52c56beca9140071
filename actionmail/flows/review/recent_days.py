"""How it goes, at a glance: the tiles of the page that staff begin from, and its fourteen days. Days are UTC, as there.

Each count stops where the page says "more than", and goes along an index, so that it costs the same at any length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.messages import TAKEN, Event, Message
from actionmail.flows.campaigns.reading import counted
from actionmail.flows.review.numbers import Day, days_between
from actionmail.flows.review.send_log import count_some
from actionmail.rules.delivery.states import State

DAYS: Final = 14
MOST_ACTIONS: Final = 20_000  # that the fourteen days are drawn of
COUNTED: Final = 10_000  # letters of a tile


@dataclass(frozen=True, kw_only=True)
class RecentDays:
    """`waiting` and `accepted` are letters; COUNTED + 1 of them are more than COUNTED.

    `since`: the days tell of the newest MOST_ACTIONS actions alone, made since then; None where that are all.
    """

    days: Sequence[Day]
    since: datetime | None
    waiting: int
    accepted: int  # by mail servers, today

    @property
    def actions(self) -> int:
        """Of today."""
        return self.days[-1].actions


def recent_days(session: Session, *, now: datetime) -> RecentDays:
    """Read it."""
    today = now.astimezone(UTC).date()
    days, since = _days(session, today)
    states = (State.QUEUED, State.DEFERRED)
    waiting = session.execute(select(*(count_some(COUNTED, Message.state == state) for state in states))).one()
    return RecentDays(
        days=days, since=since, waiting=min(sum(waiting), COUNTED + 1), accepted=_accepted(session, _midnight(today))
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _days(session: Session, today: date) -> tuple[list[Day], datetime | None]:
    """Actions alone."""
    first = today - timedelta(days=DAYS - 1)
    query = (
        select(Action.created_at)
        .where(Action.created_at >= _midnight(first), *counted())
        .order_by(Action.created_at.desc())
        .limit(MOST_ACTIONS + 1)
    )
    made = session.scalars(query).all()
    since = made[MOST_ACTIONS - 1] if len(made) > MOST_ACTIONS else None
    days = Counter(moment.date() for moment in made[:MOST_ACTIONS])
    return days_between(days, {}, first, today), since


def _accepted(session: Session, midnight: datetime) -> int:
    taken = select(Event.message_id).where(text(TAKEN), Event.at >= midnight).limit(COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(taken)) or 0
