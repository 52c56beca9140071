"""What a monitor asks an installation for: a few numbers, each along an index, none of them about a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from actionmail.db.messages import TAKEN, Event, Message
from actionmail.flows.delivery import heartbeats
from actionmail.flows.delivery.message_state import IS_WAITING
from actionmail.flows.delivery.pulses import pulse
from actionmail.flows.delivery.queue import switches
from actionmail.flows.roster.reading import roster_as_of
from actionmail.rules.delivery.states import OPEN, State

LATELY = timedelta(minutes=5)
_MOST_DELAYS = 1_000


class Measures(Struct, frozen=True, kw_only=True):
    """How things stand at this moment; None where nothing of the kind was ever seen."""

    open_letters: Mapping[State, int]
    due: int  # letters that may go now
    due_since: datetime | None  # the oldest of them
    delays: Sequence[float]  # seconds from the form to the mail server, of letters that it took LATELY; rising
    stops: int
    worker_seen_at: datetime | None
    is_relay_away: bool
    inbound_at: datetime | None
    backup_at: datetime | None
    waker_at: datetime | None
    roster_as_of: datetime | None


def measures(session: Session, *, now: datetime) -> Measures:
    counted = select(Message.state, func.count()).where(Message.state.in_([state.value for state in OPEN]))
    by_state = dict(session.execute(counted.group_by(Message.state)).all())
    waiting = select(func.count(), func.min(Message.next_attempt_at)).where(IS_WAITING, Message.next_attempt_at <= now)
    due, due_since = session.execute(waiting).one()
    worker = pulse(session)
    as_of = roster_as_of(session)
    return Measures(
        open_letters={state: by_state.get(state.value, 0) for state in OPEN},
        due=due,
        due_since=due_since,
        delays=_delays(session, now),
        stops=len(switches(session)),
        worker_seen_at=worker.seen_at,
        is_relay_away=worker.trouble is not None,
        inbound_at=heartbeats.seen_at(session, heartbeats.INBOUND),
        backup_at=heartbeats.seen_at(session, heartbeats.BACKUP),
        waker_at=heartbeats.seen_at(session, heartbeats.WAKER),
        roster_as_of=None if as_of is None else datetime.combine(as_of, datetime.min.time(), tzinfo=now.tzinfo),
    )


def _delays(session: Session, now: datetime) -> list[float]:
    rows = session.execute(
        select(Event.at, Message.created_at)
        .join(Message, Message.id == Event.message_id)
        .where(text(TAKEN), Event.at > now - LATELY)
        .order_by(Event.at.desc())
        .limit(_MOST_DELAYS)
    )
    return sorted((taken - made).total_seconds() for taken, made in rows)
