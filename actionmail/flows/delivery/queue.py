"""What people see of the queue and how they stop it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, text
from sqlalchemy.orm import Session

from actionmail.db.messages import WAITING, Message
from actionmail.db.throttles import Switch
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import Transition
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import State


def switches(session: Session) -> list[Switch]:
    """Every stop, the oldest first."""
    return list(session.scalars(select(Switch).order_by(Switch.at, Switch.scope, Switch.key)))


def cancel(session: Session, scope: Scope, key: str, *, reason: str, actor: Actor, now: datetime) -> int:
    """End the waiting of every letter that this covers and that cannot have been sent; how many."""
    cancelled = Transition(after=State.CANCELLED, actor=actor, words=reason)
    waiting = message_state.move_all(
        session, [text(WAITING), covered(scope, key)], (State.QUEUED, State.DEFERRED), cancelled, now=now
    )
    not_yet = (State.UNCONFIRMED, State.REVIEW)
    asked = message_state.move_all(session, [covered(scope, key)], not_yet, cancelled, now=now)
    return waiting + asked


def count_cancellable(session: Session, scope: Scope, key: str) -> int:
    """How many letters `cancel` would end right now."""
    return session.scalars(select(func.count()).select_from(Message).where(_CANCELLABLE, covered(scope, key))).one()


def covered(scope: Scope, key: str) -> ColumnElement[bool]:
    """The condition that picks the messages of a scope."""
    if scope is Scope.TARGET:
        return Message.legislator_id == int(key)
    if scope is Scope.CAMPAIGN:
        return Message.campaign_id == int(key)
    if scope is Scope.DOMAIN:
        return Message.domain == key
    return literal(True)


def count_states(session: Session) -> dict[State, int]:
    """How many messages are in each state that occurs."""
    return counts_by_state(session, select(Message.state, func.count()).group_by(Message.state))


def counts_by_state(session: Session, statement: Select[str, int]) -> dict[State, int]:
    """What a statement of states and counts finds, in the order of the states; those with none are left out."""
    numbers = dict(session.execute(statement).all())
    counts = {}
    for state in State:
        if numbers.get(state):
            counts[state] = numbers[state]
    return counts


_CANCELLABLE = or_(
    and_(text(WAITING), Message.state != State.AMBIGUOUS),  # an ambiguous letter may have been sent
    Message.state.in_((State.UNCONFIRMED.value, State.REVIEW.value)),
)
