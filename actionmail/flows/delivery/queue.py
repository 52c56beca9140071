"""What people see of the queue and how they stop it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, text, update
from sqlalchemy.orm import Session

from actionmail.db.messages import WAITING, Event, Message
from actionmail.db.throttles import Rate, Switch
from actionmail.flows.delivery.events import PLAIN, append_from
from actionmail.rules.delivery.rates import Scope, halvings_at
from actionmail.rules.delivery.states import State


def switches(session: Session) -> list[Switch]:
    """Every stop, the oldest first."""
    return list(session.scalars(select(Switch).order_by(Switch.at, Switch.scope, Switch.key)))


def slowed(session: Session, *, now: datetime) -> dict[str, int]:
    """Domains that asked to slow down, and how often their rate is halved right now."""
    rates = session.scalars(select(Rate).where(Rate.scope == Scope.DOMAIN, Rate.halvings > 0))
    halvings = {rate.key: halvings_at(rate.halvings, rate.slowed_at, now) for rate in rates}
    return {domain: times for domain, times in sorted(halvings.items()) if times}


def cancel(session: Session, scope: Scope, key: str, *, reason: str, actor: str, now: datetime) -> int:
    """End the waiting of every letter that this covers and that cannot have been sent; how many."""
    cancelled = session.scalars(
        update(Message)
        .where(_CANCELLABLE, covered(scope, key))
        .values(
            state=State.CANCELLED,
            claimed_from=Message.state,
            next_attempt_at=None,
            last_code=None,
            last_text=reason,
            updated_at=now,
        )
        .returning(Message.id),
        execution_options=PLAIN,
    ).all()
    for start in range(0, len(cancelled), _AT_ONCE):
        append_from(
            session,
            select(
                Message.id,
                literal(now, Event.at.type),
                Message.claimed_from,
                literal(State.CANCELLED.value),
                literal(actor),
                literal(0),
                literal(reason),
            ).where(Message.id.in_(cancelled[start : start + _AT_ONCE])),
        )
    return len(cancelled)


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
    rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
    return {State(state): count for state, count in rows}


_AT_ONCE = 1000
_CANCELLABLE = or_(
    and_(text(WAITING), Message.state != State.AMBIGUOUS),  # an ambiguous letter may have been sent
    Message.state == State.UNCONFIRMED,
)
