"""What a dead worker left comes back, and letters whose time is over end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.messages import Message
from actionmail.db.prepared import Prepared
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import IS_LEASED, IS_WAITING, STEP_COLUMNS, Transition, step_of
from actionmail.flows.delivery.statements import statements
from actionmail.rules.delivery.reasons import Actor, Reason
from actionmail.rules.delivery.states import State


def recover(session: Session, *, actor: Actor, now: datetime) -> list[int]:
    """Give back what a dead worker left: its lease ran out. Their ids."""
    ids = _found(session, statements(session).left, now)
    if not ids:
        return []
    held = message_state.lock_campaigns_of(session, ids)
    left = session.execute(
        select(*STEP_COLUMNS, Message.body_started_at, Message.possible_duplicate)
        .where(Message.id.in_(ids), IS_LEASED, Message.lease_until <= now)
        .order_by(Message.lease_until)
        .with_for_update(skip_locked=True)
    ).all()
    steps = [step_of(row, _left_behind(row, actor, now)) for row in left]
    message_state.move_each(session, steps, held=held, now=now)
    return [step.id for step in steps]


def expire(session: Session, *, actor: Actor, now: datetime) -> list[int]:
    """End the waiting of letters whose time is over; their ids. What may have gone out already is held instead."""
    ids = _found(session, statements(session).over, now)
    if not ids:
        return []
    over = session.execute(
        select(*STEP_COLUMNS)
        .where(Message.id.in_(ids), IS_WAITING, Message.expires_at <= now)
        .order_by(Message.expires_at)
        .with_for_update(skip_locked=True)
    ).all()
    ended = Transition(after=State.EXPIRED, actor=actor, reason=Reason.TIME_OVER)
    unclear = Transition(after=State.HELD, actor=actor, reason=Reason.TIME_OVER_UNCLEAR)
    steps = [step_of(row, unclear if row.state == State.AMBIGUOUS else ended) for row in over]
    message_state.move_each(session, steps, held=(), now=now)
    return [step.id for step in steps]


def _found(session: Session, statement: Prepared, now: datetime) -> Sequence[int]:
    """Nearly always there is none, and that is asked for each round."""
    return [row.id for row in statement.all(session, now=now, most=_SWEEP)]


def _left_behind(row: Any, actor: Actor, now: datetime) -> Transition:
    """A letter of which nothing went out yet was not tried, however long its worker was kept waiting."""
    after, reason = State.AMBIGUOUS, Reason.WORKER_ENDED_MEANWHILE
    if row.body_started_at is None:
        after, reason = State.DEFERRED, Reason.WORKER_ENDED
    elif row.possible_duplicate:
        after, reason = State.HELD, Reason.ANSWER_LOST_TWICE
    return Transition(
        after=after,
        actor=actor,
        reason=reason,
        next_attempt_at=None if after is State.HELD else now,
        is_try=row.body_started_at is not None,
    )


_SWEEP = 500
