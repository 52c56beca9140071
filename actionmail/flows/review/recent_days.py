"""How it goes, at a glance: the tiles of the page that staff begin from, and its fourteen days. Days are UTC, as there.

Actions and waiting letters are told by `sums`; what mail servers took stops where the page says "more than".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from msgspec import Struct
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from actionmail.db.messages import TAKEN, Event
from actionmail.flows.actions import sums
from actionmail.flows.review.numbers import Asked, Day, actions_by_day, days_between
from actionmail.rules.delivery.states import State

DAYS: Final = 14
COUNTED: Final = 10_000  # letters that mail servers took today
_WAITING: Final = frozenset({State.QUEUED, State.DEFERRED})


class RecentDays(Struct, frozen=True, kw_only=True):
    """`waiting` and `accepted` are letters; COUNTED + 1 of the latter are more than COUNTED."""

    days: Sequence[Day]
    waiting: int
    accepted: int  # by mail servers, today

    @property
    def actions(self) -> int:
        """Of today."""
        return self.days[-1].actions


def recent_days(session: Session, *, now: datetime) -> RecentDays:
    """Read it."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=DAYS - 1)
    actions = actions_by_day(session, Asked(since=first, until=today))
    midnight = datetime.combine(today, time.min, UTC)
    return RecentDays(
        days=days_between(actions, {}, first, today), waiting=_waiting(session), accepted=_accepted(session, midnight)
    )


def _waiting(session: Session) -> int:
    """Those that a worker has are among them until it is done."""
    by_state = session.execute(sums.in_all(sums.LETTERS, sums.Between(), ("state",)))
    return sum(row.number for row in by_state if State(row.state) in _WAITING)


def _accepted(session: Session, midnight: datetime) -> int:
    taken = select(Event.message_id).where(text(TAKEN), Event.at >= midnight).limit(COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(taken)) or 0
