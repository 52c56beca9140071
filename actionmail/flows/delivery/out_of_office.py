"""No letter goes to somebody whose term has ended, or whose first day has not come.

Such a letter is not claimed, and one that a worker has already is given back before its body begins. To whoever is
elected it waits for their day. To whoever is gone it ends, an hour after they went: until then somebody may go back on
the import that took them out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.messages import Event, Message
from actionmail.db.roster import Legislator
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import IS_WAITING, STEP_COLUMNS, Step, Transition, step_of
from actionmail.flows.delivery.statements import listed, statements
from actionmail.rules.delivery.reasons import CLOCK, Actor, Reason
from actionmail.rules.delivery.states import State
from actionmail.rules.roster.calendar import local_day
from actionmail.rules.roster.holders import is_in_office

GRACE = timedelta(hours=1)
_DAY = timedelta(days=1)
_REASONS = (Reason.TARGET_GONE.value, Reason.TARGET_GONE_UNCLEAR.value)
_TERM = (Legislator.state, Legislator.status, Legislator.begins, Legislator.ends, Legislator.gone_at)


def absent(session: Session, targets: Collection[int], *, now: datetime) -> set[int]:
    """Those of these legislators who hold no seat now, each by the clock of their state."""
    if not targets:
        return set()
    rows = statements(session).perhaps_absent.all(session, targets=listed(session, sorted(targets)), **_days(now))
    return {row.id for row in rows if not sits(row.state, row, now)}


def letters_to_absent(session: Session, ids: Collection[int], *, now: datetime) -> set[int]:
    """Those of these letters whose legislator holds no seat now."""
    if not ids:
        return set()
    rows = statements(session).to_perhaps_absent.all(session, ids=listed(session, ids), **_days(now))
    return {row.id for row in rows if not sits(row.state, row, now)}


def _days(now: datetime) -> dict[str, date]:
    """Between them it is the same day in no state."""
    today = now.astimezone(UTC).date()
    return {"day_before": today - _DAY, "day_after": today + _DAY}


def give_back(session: Session, ids: Collection[int], owner: str, *, now: datetime) -> None:
    """Put what `owner` has leased and not begun, to somebody without a seat, back in line, without a try used up.

    What an earlier try may have sent already is a person's to decide.
    """
    held = message_state.lock_campaigns_of(session, ids)
    rows = session.execute(
        select(*STEP_COLUMNS, Message.possible_duplicate)
        .where(
            Message.id.in_(ids),
            Message.state == State.SENDING.value,
            Message.lease_owner == owner,
            Message.lease_until > now,
        )
        .order_by(Message.id)
        .with_for_update()
    ).all()
    actor = Actor.worker(owner)
    back = Transition(after=State.DEFERRED, actor=actor, reason=Reason.TARGET_GONE, next_attempt_at=now)
    message_state.move_each(session, [_step(row, actor, back) for row in rows], held=held, now=now)


def end_letters(session: Session, now: datetime, *, limit: int = 500) -> int:
    """End the waiting of letters to whoever is gone; how many, at most `limit`."""
    waiting = {row.target for row in statements(session).targets.all(session, after=0, size=_EVERY_TARGET)}
    rows = session.execute(select(Legislator.id, *_TERM).where(Legislator.id.in_(waiting)))
    gone = [row.id for row in rows if row.status == "vacant" or (row.gone_at and row.gone_at <= now - GRACE)]
    if not gone:
        return 0
    letters = session.execute(
        select(*STEP_COLUMNS, Message.possible_duplicate)
        .where(IS_WAITING, Message.legislator_id.in_(gone))
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    end = Transition(after=State.EXPIRED, actor=CLOCK, reason=Reason.TARGET_GONE)
    message_state.move_each(session, [_step(row, CLOCK, end) for row in letters], held=(), now=now)
    return len(letters)


def stopped(session: Session, message_ids: Sequence[int], *, now: datetime) -> set[int]:
    """Which of these letters were not sent, or wait, because their legislator holds no seat."""
    because = select(Event.message_id).where(
        Event.message_id.in_(message_ids),
        Event.reason_code.in_(_REASONS),
        Event.to_state.in_([State.EXPIRED.value, State.HELD.value]),
    )
    over = select(Message.id).where(Message.id.in_(because), Message.state.in_([State.EXPIRED.value, State.HELD.value]))
    waiting = select(Message.id).where(Message.id.in_(message_ids), IS_WAITING)
    waits = letters_to_absent(session, session.scalars(waiting).all(), now=now)
    return set(session.scalars(over)) | waits


def sits(state: str, row: Any, now: datetime) -> bool:
    """Whether a legislator of this state, a row with their term, holds a seat now."""
    day = local_day(state, now)
    return row.gone_at is None and is_in_office(row.status, row.begins, row.ends, day)


def _step(row: Any, actor: Actor, otherwise: Transition) -> Step:
    if row.state == State.AMBIGUOUS or row.possible_duplicate:
        return step_of(row, Transition(after=State.HELD, actor=actor, reason=Reason.TARGET_GONE_UNCLEAR))
    return step_of(row, otherwise)


_EVERY_TARGET = 100_000  # more than there have been legislators in fifty years
