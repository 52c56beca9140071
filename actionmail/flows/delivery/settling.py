"""Accepted letters of which nothing is heard are settled."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.messages import Message
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import STEP_COLUMNS, Transition, step_of
from actionmail.rules.delivery.reasons import CLOCK, Reason
from actionmail.rules.delivery.states import State

QUIET = timedelta(hours=72)


def settle(session: Session, now: datetime, *, limit: int = 500) -> int:
    """Accepted letters of which nothing was heard for 72 hours are settled; how many, at most `limit`."""
    quiet = session.execute(
        select(*STEP_COLUMNS)
        .where(Message.state == State.ACCEPTED, Message.updated_at <= now - QUIET)
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    settled = Transition(after=State.SETTLED, actor=CLOCK, reason=Reason.QUIET)
    message_state.move_each(session, [step_of(row, settled) for row in quiet], held=(), now=now)
    return len(quiet)
