"""What became of letters on the wire."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from actionmail.db.messages import Message
from actionmail.db.throttles import Rate
from actionmail.flows.delivery.events import AMBIGUOUS, PLAIN, TWICE_AMBIGUOUS, append, event_of
from actionmail.flows.delivery.pauses import in_turn, note_fault, pause
from actionmail.flows.delivery.statements import listed, rows_of, statements
from actionmail.rules.delivery.rates import MOST_HALVINGS, Scope, halvings_at
from actionmail.rules.delivery.states import Outcome, Signal, State, retry_delay


def start_bodies(session: Session, ids: Collection[int], *, owner: str, now: datetime, lease: timedelta) -> list[int]:
    """Note that these bodies are about to go out, and renew the lease; those of `ids` that are still `owner`'s."""
    if not ids:
        return []
    parameters = {"ids": listed(session, ids), "owner": owner, "now": now, "until": now + lease}
    return list(session.connection().execute(statements(session).start, parameters).scalars().all())


def record(
    session: Session,
    outcomes: Mapping[int, Outcome],
    *,
    owner: str,
    now: datetime,
    jitter: Callable[[], float],
) -> None:
    """Write what became of each letter, and its event. What is no longer ours gets the event alone."""
    ends = {id_: outcome for id_, outcome in outcomes.items() if outcome.state not in _TRIED_AGAIN}
    done = _record_ends(session, ends, owner, now)
    if len(done) < len(outcomes):
        others = {id_: outcome for id_, outcome in outcomes.items() if id_ not in done}
        _record_others(session, others, owner, now, jitter)
    _heed(session, {id_: outcome for id_, outcome in outcomes.items() if outcome.signal}, f"worker {owner}", now)


def _record_ends(session: Session, outcomes: Mapping[int, Outcome], owner: str, now: datetime) -> set[int]:
    """Record what needs no next try, for all letters in two statements. The ids of those that were ours."""
    if not outcomes:
        return set()
    answers = [
        {
            "id": id_,
            "state": outcome.state,
            "phase": outcome.phase,
            "code": outcome.code,
            "enhanced": outcome.enhanced,
            "text": outcome.text,
            "queue_id": outcome.queue_id,
        }
        for id_, outcome in outcomes.items()
    ]
    connection, says = session.connection(), statements(session)
    rows = rows_of(answers)
    done = set(connection.execute(says.record, {"answers": rows, "owner": owner, "now": now}).scalars().all())
    if done:
        if len(done) < len(answers):
            rows = rows_of([answer for answer in answers if answer["id"] in done])
        connection.execute(says.note_record, {"answers": rows, "actor": f"worker {owner}", "now": now})
    return done


def _record_others(
    session: Session, outcomes: Mapping[int, Outcome], owner: str, now: datetime, jitter: Callable[[], float]
) -> None:
    """Record what is tried again, or held after all, or no longer ours."""
    columns = (Message.id, Message.state, Message.lease_owner, Message.attempts)
    rows = session.execute(
        select(*columns, Message.possible_duplicate, Message.expires_at)
        .where(Message.id.in_(outcomes))
        .with_for_update()
    ).all()
    updates: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for id_, state, lease_owner, attempts, was_ambiguous, expires_at in rows:
        outcome = outcomes[id_]
        attempt = attempts + 1
        ours = state == State.SENDING and lease_owner == owner
        if ours:
            after, next_at, why = _decide(outcome, attempt, was_ambiguous, expires_at, now, jitter())
            updates.append(
                {
                    "b_id": id_,
                    "state": after.value,
                    "attempts": attempt,
                    "next_attempt_at": next_at,
                    "lease_owner": None,
                    "lease_until": None,
                    "queue_id": outcome.queue_id,
                    "last_code": outcome.code,
                    "last_text": outcome.text,
                    "updated_at": now,
                }
            )
        else:  # the lease ran out under us (a suspended machine): the log still has to tell what the server said
            after, why = State(state), _TOO_LATE
        events.append(
            {
                "message_id": id_,
                "at": now,
                "from_state": state,
                "to_state": after.value,
                "actor": f"worker {owner}",
                "attempt": attempt if ours else attempts,
                "phase": outcome.phase.value,
                "smtp_code": outcome.code,
                "enhanced": outcome.enhanced,
                "text": f"{outcome.text}\n{why}".strip(),
                "queue_id": outcome.queue_id,
            }
        )
    if updates:
        session.connection().execute(_RECORD, updates)
    append(session, events)


def release(session: Session, ids: Iterable[int], why: str, *, owner: str, now: datetime) -> int:
    """Put claimed letters back in line: not one byte of their bodies went out, and no attempt is used up. How many."""
    released = list(
        session.scalars(
            update(Message)
            .where(Message.id.in_(list(ids)), Message.state == State.SENDING, Message.lease_owner == owner)
            .values(
                state=State.DEFERRED,
                next_attempt_at=now,
                body_started_at=None,
                lease_owner=None,
                lease_until=None,
                last_code=None,
                last_text=why,
                updated_at=now,
            )
            .returning(Message.id),
            execution_options=PLAIN,
        )
    )
    events = [event_of(id_, now, State.SENDING, State.DEFERRED, f"worker {owner}", why) for id_ in released]
    append(session, events)
    return len(released)


def _heed(session: Session, outcomes: Mapping[int, Outcome], actor: str, now: datetime) -> None:
    """What answers said beyond their letters: slow a domain down, stop it, or put an address on hold."""
    if not outcomes:
        return
    in_turn(session)
    rows = session.execute(
        select(Message.id, Message.domain, Message.recipient, Message.supporter_key, Message.legislator_id).where(
            Message.id.in_(outcomes)
        )
    ).all()
    for id_, domain, recipient, supporter_key, target in rows:
        outcome = outcomes[id_]
        if outcome.signal is Signal.BREAK_DOMAIN:
            pause(session, Scope.DOMAIN, domain, reason=f"{outcome.code} {outcome.text}", actor=actor, now=now)
        elif outcome.signal is Signal.SUSPECT_ADDRESS:
            note_fault(session, recipient=recipient, supporter_key=supporter_key, target=target, actor=actor, now=now)
    slowed = {domain for id_, domain, *_rest in rows if outcomes[id_].signal is Signal.SLOW_DOMAIN}
    for domain in sorted(slowed):  # once for a window, however many of its letters were told so
        rate = session.get(Rate, (Scope.DOMAIN.value, domain))
        if rate is None:
            rate = Rate(scope=Scope.DOMAIN.value, key=domain, used=0.0, at=now, halvings=0, slowed_at=None)
            session.add(rate)
        rate.halvings = min(MOST_HALVINGS, halvings_at(rate.halvings, rate.slowed_at, now) + 1)
        rate.slowed_at = now
    session.flush()


def _decide(
    outcome: Outcome, attempt: int, was_ambiguous: bool, expires_at: datetime, now: datetime, jitter: float
) -> tuple[State, datetime | None, str]:
    """The state after `outcome`, when to try again, and what to add to the server's words."""
    if outcome.state is State.AMBIGUOUS and was_ambiguous:
        return State.HELD, None, TWICE_AMBIGUOUS
    if outcome.state not in _TRIED_AGAIN:
        return outcome.state, None, ""
    next_at = now + retry_delay(attempt, jitter, at_least=outcome.at_least)
    if outcome.state is State.AMBIGUOUS:
        return State.AMBIGUOUS, next_at, AMBIGUOUS
    if next_at >= expires_at:
        return State.FAILED, None, f"Given up after {attempt} {'try' if attempt == 1 else 'tries'}: the time is over."
    return State.DEFERRED, next_at, ""


_TRIED_AGAIN = frozenset({State.DEFERRED, State.AMBIGUOUS})
_MESSAGES = cast(Table, Message.__table__)
_RECORD = update(_MESSAGES).where(_MESSAGES.c.id == bindparam("b_id"))
_TOO_LATE = "This answer came after the lease had run out; the state is left as it is."
