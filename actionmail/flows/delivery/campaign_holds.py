"""A campaign's letters are held back together when it stops, and released together when it goes on.

Holding back holds what waits, each letter as one is held by hand, and marks the campaign: from then on whatever would
begin to wait is held with it (`message_state`), until the campaign goes on. What staff hold one by one is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, exists, func, or_, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import MAY_HAVE_ARRIVED, PLAIN, Transition
from actionmail.rules.delivery.reasons import Actor, Reason
from actionmail.rules.delivery.states import GIVE_UP_AFTER, State

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
    return set(session.scalars(select(Message.id).where(Message.id.in_(message_ids), *_HELD_WITH_CAMPAIGN)))


def may_have_left(session: Session, message_ids: Sequence[int]) -> set[int]:
    """Which of these letters a mail server may have taken at some time, whatever became of them then."""
    may_have = or_(Message.possible_duplicate, Message.last_code.between(200, 299), MAY_HAVE_ARRIVED)
    return set(session.scalars(select(Message.id).where(Message.id.in_(message_ids), may_have)))


def hold(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> int:
    """Hold back whatever waits, and whatever would wait from now on; how many are held now.

    Of a worker's claim and this, one statement lets only one happen.
    """
    campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
    campaign.holds_letters = True
    session.flush()
    alone = update(Message).where(Message.campaign_id == campaign_id, Message.released_alone)
    session.execute(alone.values(released_alone=False), execution_options=PLAIN)
    held = Transition(after=State.HELD, actor=actor, reason=Reason.CAMPAIGN_HELD)
    return message_state.move_all(session, [Message.campaign_id == campaign_id], _MAY_BE_HELD, held, now=now)


def lift(campaign: Campaign) -> None:
    """Let letters of the campaign, whose row is locked, wait for workers again. What is held stays held."""
    campaign.holds_letters = False


def release(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> int:
    """Queue again what was held back with the campaign, as it was frozen; says how many.

    What its supporter erased or took back stays where it is, and so does everything once the deadline has passed.
    """
    campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
    deadline = campaign.deadline_at
    if deadline is not None and deadline <= now:
        return 0
    lift(campaign)
    session.flush()
    queued = Transition(
        after=State.QUEUED, actor=actor, reason=Reason.CAMPAIGN_RELEASED, next_attempt_at=now
    )  # fmt: skip
    also = {"expires_at": min(now + GIVE_UP_AFTER, deadline) if deadline else now + GIVE_UP_AFTER}
    which = [Message.id.in_(_releasable(campaign_id))]
    return message_state.move_all(session, which, [State.HELD], queued, now=now, also=also)


# The last step tells why it stands where it does; what was only noted since changes nothing of that.
_LAST_STEP = (
    select(func.max(Event.id))
    .where(Event.message_id == Message.id, Event.from_state != Event.to_state)
    .correlate(Message)
    .scalar_subquery()
)
_HELD_WITH_CAMPAIGN = (
    Message.state == State.HELD.value,
    exists().where(Event.id == _LAST_STEP, Event.reason_code == Reason.CAMPAIGN_HELD.value),
)


def _releasable(campaign_id: int) -> Select[int]:
    return (
        select(Message.id)
        .join(Action, Action.id == Message.action_id)
        .join(FrozenLetter, FrozenLetter.message_id == Message.id)
        .where(Message.campaign_id == campaign_id, Action.cancelled_at.is_(None), *_HELD_WITH_CAMPAIGN)
    )
