"""What became of letters on the wire."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.messages import Message
from actionmail.db.throttles import Rate
from actionmail.flows.delivery import message_batches, message_state
from actionmail.flows.delivery.message_batches import Lease
from actionmail.flows.delivery.message_state import STEP_COLUMNS, ServerAnswer, Transition, step_of
from actionmail.flows.delivery.pauses import Refusal, in_turn, note_fault, note_refusal
from actionmail.flows.delivery.private_words import without_supporters
from actionmail.rules.delivery.rates import MOST_HALVINGS, Scope, halvings_at
from actionmail.rules.delivery.reasons import Actor, PauseCause, PauseReason, Reason
from actionmail.rules.delivery.states import TAKEN, Outcome, Signal, State, retry_delay


def start_bodies(session: Session, ids: Collection[int], *, owner: str, now: datetime, lease: timedelta) -> list[int]:
    """Note that these bodies are about to go out, and renew the lease; those of `ids` that are still `owner`'s.

    What a campaign holds back since it was leased is held now, and left out.
    """
    return message_batches.start_bodies(session, ids, Lease(owner=owner, until=now + lease), now=now)


def record(
    session: Session,
    outcomes: Mapping[int, Outcome],
    *,
    owner: str,
    now: datetime,
    jitter: Callable[[], float],
    claimed_at: datetime | None = None,
) -> None:
    """Write what became of each letter, and its event. What is no longer ours gets the event alone.

    Of the mail server's words is left out what they repeat of the supporter.

    `claimed_at`: when the letters were claimed; what was slowed down since is not slowed down again for them.
    """
    outcomes = without_supporters(session, outcomes)
    ends: dict[int, Outcome] = {}
    others: dict[int, Outcome] = {}
    for id_, outcome in outcomes.items():
        (others if outcome.state in _TRIED_AGAIN else ends)[id_] = outcome
    held = message_state.lock_campaigns_of(session, others) if others else set()
    ended = message_batches.end_tries(session, ends, owner, now)
    for id_ in ends.keys() - ended:
        others[id_] = ends[id_]
    if others:
        _record_others(session, others, held, _Try(owner=owner, now=now, jitter=jitter))
    signals = {id_: outcome for id_, outcome in outcomes.items() if outcome.signal}
    _heed(session, signals, actor=Actor.worker(owner), now=now, claimed_at=claimed_at or now)


class _Try(Struct, frozen=True, kw_only=True):
    """Whose the letters were, and when the answers came."""

    owner: str
    now: datetime
    jitter: Callable[[], float]


def _record_others(session: Session, outcomes: Mapping[int, Outcome], held: set[int], this: _Try) -> None:
    """Record what is tried again, or held after all, or no longer ours."""
    rows = session.execute(
        select(*STEP_COLUMNS, Message.lease_owner, Message.possible_duplicate, Message.expires_at)
        .where(Message.id.in_(outcomes))
        .order_by(Message.id)
        .with_for_update()
    ).all()
    steps = []
    for row in rows:
        step = step_of(row, _transition(outcomes[row.id], row, this))
        if row.state == State.SENDING and row.lease_owner == this.owner:
            steps.append(step)
        else:  # the lease ran out under us (a suspended machine): the log still has to tell what the server said
            message_state.note_late_answer(session, step, now=this.now)
    message_state.move_each(session, steps, held=held, now=this.now)


def _transition(outcome: Outcome, row: Any, this: _Try) -> Transition:
    """Where a letter goes after `outcome`, and when it is tried again."""
    after, reason, next_at = outcome.state, outcome.reason, None
    if outcome.state is State.AMBIGUOUS and row.possible_duplicate:
        after, reason = State.HELD, Reason.ANSWER_LOST_TWICE
    elif outcome.state in _TRIED_AGAIN:
        next_at = this.now + retry_delay(row.attempts + 1, this.jitter(), at_least=outcome.at_least)
        if outcome.state is State.AMBIGUOUS:
            reason = Reason.ANSWER_LOST
        elif next_at >= row.expires_at:
            after, reason, next_at = State.FAILED, Reason.GIVEN_UP, None
    return Transition(
        after=after,
        actor=Actor.worker(this.owner),
        reason=reason,
        words=outcome.text,
        answer=ServerAnswer(
            phase=outcome.phase.value, code=outcome.code, enhanced=outcome.enhanced, queue_id=outcome.queue_id
        ),
        next_attempt_at=next_at,
        is_try=True,
    )


def release(session: Session, ids: Iterable[int], reason: Reason, words: str = "", *, owner: str, now: datetime) -> int:
    """Put claimed letters back in line: not one byte of their bodies went out, and no attempt is used up. How many."""
    ids = list(ids)
    held = message_state.lock_campaigns_of(session, ids)
    rows = session.execute(
        select(*STEP_COLUMNS)
        .where(Message.id.in_(ids), Message.state == State.SENDING, Message.lease_owner == owner)
        .order_by(Message.id)
        .with_for_update()
    ).all()
    back = Transition(
        after=State.DEFERRED,
        actor=Actor.worker(owner),
        reason=reason,
        words=words,
        next_attempt_at=now,
    )
    message_state.move_each(session, [step_of(row, back) for row in rows], held=held, now=now)
    return len(rows)


def accepted_lately(session: Session, *, now: datetime) -> bool:
    """Whether the mail server took any letter within a day: one that lets us relay does not refuse everybody."""
    taken = select(Message.id).where(Message.state.in_(TAKEN), Message.updated_at > now - _LATELY)
    return session.scalar(taken.limit(1)) is not None


def _heed(
    session: Session, outcomes: Mapping[int, Outcome], *, actor: Actor, now: datetime, claimed_at: datetime
) -> None:
    """What answers said beyond their letters: slow something down, stop it, or put an address on hold."""
    if not outcomes:
        return
    in_turn(session)
    rows = session.execute(
        select(Message.id, Message.domain, Message.recipient, Message.supporter_key, Message.legislator_id)
        .where(Message.id.in_(outcomes))
        .order_by(Message.id)
    ).all()
    slowed: set[tuple[Scope, str]] = set()
    for row in rows:
        outcome = outcomes[row.id]
        if outcome.signal is Signal.SUSPECT_DOMAIN:
            _note_refusal(session, row, outcome, actor=actor, now=now)
        elif outcome.signal is Signal.SUSPECT_ADDRESS:
            note_fault(
                session,
                recipient=row.recipient,
                supporter_key=row.supporter_key,
                target=row.legislator_id,
                actor=actor,
                now=now,
            )
        elif outcome.signal is Signal.SLOW_RELAY:
            slowed.add((Scope.ALL, ""))
        elif outcome.signal is Signal.SLOW_DOMAIN:
            slowed.add((Scope.DOMAIN, row.domain))
        elif outcome.signal is Signal.SLOW_MAILBOX:
            slowed.add((Scope.TARGET, str(row.legislator_id)))
    for scope, key in sorted(slowed):  # once for a claim, however many of its letters were told so
        _slow_down(session, scope, key, now=now, claimed_at=claimed_at)
    session.flush()


def _note_refusal(session: Session, row: Any, outcome: Outcome, *, actor: Actor, now: datetime) -> None:
    refusal = Refusal(message=row.id, recipient=row.recipient, domain=row.domain, target=row.legislator_id)
    if outcome.code is None:  # no server said it
        cause = PauseCause(reason=PauseReason.NO_MAIL_THERE, words=outcome.text, message=row.id)
    else:
        cause = PauseCause(reason=PauseReason.REFUSED, words=f"{outcome.code} {outcome.text}", message=row.id)
    note_refusal(session, refusal, cause, actor=actor, now=now)


def _slow_down(session: Session, scope: Scope, key: str, *, now: datetime, claimed_at: datetime) -> None:
    rate = session.get(Rate, (scope.value, key))
    if rate is None:
        rate = Rate(scope=scope.value, key=key, used=0.0, at=now, halvings=0, slowed_at=None)
        session.add(rate)
    if rate.slowed_at is not None and rate.slowed_at >= claimed_at:
        return
    rate.halvings = min(MOST_HALVINGS, halvings_at(rate.halvings, rate.slowed_at, now) + 1)
    rate.slowed_at = now


_LATELY = timedelta(days=1)
_TRIED_AGAIN = frozenset({State.DEFERRED, State.AMBIGUOUS})
