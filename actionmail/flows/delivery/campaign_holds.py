"""A campaign's waiting letters are held back together when it stops, and released together when it goes on.

Each is held as one letter is held by hand, with its event and the reason; what staff hold one by one is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.rules.delivery.states import GIVE_UP_AFTER, State

HELD_BACK = "Held back with the campaign."
RELEASED = "Released with the campaign."
# What is being handed over at this moment cannot be held any more.
_MAY_BE_HELD = (State.QUEUED, State.DEFERRED, State.AMBIGUOUS)


def may_be_held(session: Session, campaign_id: int) -> int:
    """How many of the campaign's letters wait and can be held back."""
    states = [state.value for state in _MAY_BE_HELD]
    counted = select(func.count()).where(Message.campaign_id == campaign_id, Message.state.in_(states))
    return session.scalar(counted) or 0


def held_back(session: Session, campaign_id: int) -> int:
    """How many letters were held back with the campaign and can be released."""
    return session.scalar(select(func.count()).select_from(_releasable(campaign_id).subquery())) or 0


def is_held_back(session: Session, message_ids: Sequence[int]) -> set[int]:
    """Which of these letters are held because their campaign stopped."""
    found = select(Message.id).where(Message.id.in_(message_ids), *_HELD_WITH_CAMPAIGN)
    return set(session.scalars(found))


def may_have_left(session: Session, message_ids: Sequence[int]) -> set[int]:
    """Which of these letters a mail server may have taken at some time, whatever became of them then."""
    found = select(Message.id).where(
        Message.id.in_(message_ids),
        or_(Message.possible_duplicate, Message.last_code.between(200, 299), _MAY_HAVE_ARRIVED),
    )
    return set(session.scalars(found))


def hold(session: Session, campaign_id: int, *, actor: str, now: datetime) -> int:
    """Hold back whatever waits; says how many. Of a worker's claim and this, one statement lets only one happen."""
    count = 0
    for before in _MAY_BE_HELD:
        wanted = (Message.campaign_id == campaign_id, Message.state == before.value)
        values = {"state": State.HELD.value, "next_attempt_at": None, "lease_owner": None, "lease_until": None}
        count += _move(session, wanted, values, before=before, after=State.HELD, why=HELD_BACK, actor=actor, now=now)
    return count


def release(session: Session, campaign_id: int, *, actor: str, now: datetime) -> int:
    """Queue again what was held back with the campaign, as it was frozen; says how many.

    What its supporter erased or took back stays where it is, and so does everything once the deadline has passed.
    """
    deadline = session.scalars(select(Campaign.deadline_at).where(Campaign.id == campaign_id)).one()
    if deadline is not None and deadline <= now:
        return 0
    values = {
        "state": State.QUEUED.value,
        "next_attempt_at": now,
        "expires_at": min(now + GIVE_UP_AFTER, deadline) if deadline else now + GIVE_UP_AFTER,
        "body_started_at": None,
        "possible_duplicate": or_(Message.possible_duplicate, _MAY_HAVE_ARRIVED),
    }
    wanted = (Message.id.in_(_releasable(campaign_id)), Message.state == State.HELD.value)
    return _move(session, wanted, values, before=State.HELD, after=State.QUEUED, why=RELEASED, actor=actor, now=now)


_MAY_HAVE_ARRIVED = exists().where(
    Event.message_id == Message.id, Event.to_state.in_([State.ACCEPTED.value, State.AMBIGUOUS.value])
)
_LAST_EVENT = (
    select(func.max(Event.id)).where(Event.message_id == Message.id).correlate(Message).scalar_subquery()
)  # fmt: skip
_HELD_WITH_CAMPAIGN = (
    Message.state == State.HELD.value,
    exists().where(Event.id == _LAST_EVENT, Event.text == HELD_BACK),
)


def _releasable(campaign_id: int) -> Select[int]:
    return (
        select(Message.id)
        .join(Action, Action.id == Message.action_id)
        .join(FrozenLetter, FrozenLetter.message_id == Message.id)
        .where(Message.campaign_id == campaign_id, Action.cancelled_at.is_(None), *_HELD_WITH_CAMPAIGN)
    )


def _move(
    session: Session,
    wanted: Sequence[ColumnElement[bool]],
    values: dict[str, Any],
    *,
    before: State,
    after: State,
    why: str,
    actor: str,
    now: datetime,
) -> int:
    moved = session.execute(
        update(Message)
        .where(*wanted)
        .values(**values, updated_at=now)
        .returning(Message.id, Message.attempts)
        .execution_options(synchronize_session=False)
    ).all()
    events = [
        {
            "message_id": row.id,
            "at": now,
            "from_state": before.value,
            "to_state": after.value,
            "actor": actor,
            "attempt": row.attempts,
            "text": why,
        }
        for row in moved
    ]
    if events:
        session.execute(insert(Event), events)
    return len(events)
