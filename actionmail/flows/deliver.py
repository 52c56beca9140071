"""The queue delivers: claim letters under a lease, hand them to the relay, record what became of each.

The one flow that commits, because a letter on the wire cannot be rolled back:

1. *Claim* (committed): up to a batch of waiting letters become `sending`, leased to this worker.
2. *Start* (committed): a window of them gets `body_started_at` and a fresh lease. What is no longer ours is left out.
3. No transaction is open while the relay talks to the mail server.
4. *Record* (committed together with the next window's start): the new state and its event, for the whole window.

A worker may die at any point. A lease that runs out before 2 gives the letter back (`deferred`); after 2 nobody can
know whether it went out (RFC 1047), so it becomes `ambiguous`, goes out once more flagged as a possible duplicate, and
if that too stays open it is `held`. The window bounds how many letters one death can make ambiguous.

Each step is single statements that name the state they expect, so it is right on SQLite and on PostgreSQL, with any
number of workers there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Select, Table, bindparam, case, func, insert, literal, select, text, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from actionmail.db.messages import WAITING, Event, FrozenLetter, Message
from actionmail.rules.delivery import (
    Handover,
    Outcome,
    Parcel,
    State,
    Trouble,
    refused_here,
    retry_delay,
)

WriteSessions = Callable[[], AbstractContextManager[Session]]
T = TypeVar("T")


class Relay(Protocol):
    """What hands letters to a mail server; see `gateways.smtp.SmtpRelay`."""

    def check(self) -> Trouble | None: ...

    def deliver(self, parcels: Sequence[Parcel]) -> Handover: ...


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a worker works. `window_lease` must outlast the relay's longest handover."""

    batch: int = 200
    window: int = 50  # letters whose fate one kill -9 can leave open
    window_seconds: float = 1.0  # a window that takes longer makes the next one smaller
    claim_lease: timedelta = timedelta(minutes=5)
    window_lease: timedelta = timedelta(minutes=20)
    idle: float = 1.0  # seconds between looks at an empty queue
    first_pause: float = 5.0  # seconds, doubling, while the relay is out of order
    longest_pause: float = 300.0


@dataclass(frozen=True, kw_only=True)
class Worker:
    """The dependencies of one worker. `clock` tells aware UTC; `wait(seconds)` returns True once it is time to stop."""

    name: str  # "host:pid": owner of leases, actor of events
    write: WriteSessions
    relay: Relay
    clock: Callable[[], datetime]
    wait: Callable[[float], bool]
    say: Callable[[str], None]  # one line for the log, without personal data
    jitter: Callable[[], float]  # 0 <= jitter < 1
    pace: Pace = field(default_factory=Pace)

    @property
    def actor(self) -> str:
        return f"worker {self.name}"


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one batch came to."""

    claimed: int = 0
    states: Mapping[State, int] = field(default_factory=dict)
    trouble: Trouble | None = None
    stopped: bool = False

    def __str__(self) -> str:
        tried = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"{self.claimed} claimed: {tried or 'none tried'}"


def run_worker(worker: Worker) -> None:
    """Deliver until told to stop. A relay out of order or a database in distress makes it wait, not end."""
    pause = 0.0
    while not worker.wait(pause):
        if pause and (trouble := worker.relay.check()):
            pause = min(max(pause * 2, worker.pace.first_pause), worker.pace.longest_pause)
            worker.say(f"still waiting, next look in {pause:.0f} s. {trouble.sentence}")
            continue
        done = run_once(worker, limit=1 if pause else None)  # one letter tests a relay that was out of order
        if done.claimed:
            worker.say(str(done))
        if done.stopped:
            return
        if done.trouble:
            pause = min(max(pause * 2, worker.pace.first_pause), worker.pace.longest_pause)
            worker.say(f"no letters for {pause:.0f} s. {done.trouble.sentence}")
        else:
            pause = 0.0
            if not done.claimed and worker.wait(worker.pace.idle):
                return


def run_once(worker: Worker, *, limit: int | None = None) -> Round:
    """One batch: recover, claim, deliver window by window, record. Letters not tried go back without an attempt."""
    pace = worker.pace
    taken = _persist(worker, partial(_begin, worker, limit or pace.batch))
    if taken is None:
        return Round(stopped=True)
    rest = list(taken)
    counts: Counter[State] = Counter()
    results: dict[int, Outcome] = {}
    trouble = worker.relay.check() if taken else None  # before any body counts as begun
    size = min(_FIRST_WINDOW, pace.window)
    stopped = False
    while rest or results:
        stopped = stopped or worker.wait(0)
        window, rest = ([], rest) if trouble or stopped else (rest[:size], rest[size:])
        parcels = _persist(worker, partial(_turn, worker, window, results))
        if parcels is None:
            return Round(claimed=len(taken), states=counts, trouble=trouble, stopped=True)
        counts.update(outcome.state for outcome in results.values())
        results = {}
        if not window:
            break
        results = {id_: outcome for id_, outcome in parcels.items() if isinstance(outcome, Outcome)}
        sendable = [parcel for parcel in parcels.values() if isinstance(parcel, Parcel)]
        begun = worker.clock()
        if sendable:
            handover = worker.relay.deliver(sendable)
            results |= handover.outcomes
            trouble = handover.trouble
            rest += [parcel.id for parcel in sendable if parcel.id not in results]
        slow = (worker.clock() - begun).total_seconds() > pace.window_seconds
        size = max(1, size // 2) if slow else min(size * 2, pace.window)
    if rest:
        why = trouble.sentence if trouble else "The worker was told to stop."
        back = _persist(worker, lambda session: release(session, rest, why, owner=worker.name, now=worker.clock()))
        stopped = stopped or back is None
    return Round(claimed=len(taken), states=counts, trouble=trouble, stopped=stopped)


_FIRST_WINDOW = 20


def claim(session: Session, *, owner: str, now: datetime, limit: int, lease: timedelta) -> list[int]:
    """Lease up to `limit` letters that are due to `owner`, oldest first, and log it; their ids.

    One statement: two workers never get the same letter (SKIP LOCKED on PostgreSQL, one writer on SQLite).
    """
    due = (
        select(Message.id)
        .where(text(WAITING), Message.next_attempt_at <= now, Message.expires_at > now)
        .order_by(Message.next_attempt_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claimed = list(
        session.scalars(
            update(Message)
            .where(Message.id.in_(select(due.c.id)))
            .values(
                state=State.SENDING,
                claimed_from=Message.state,
                possible_duplicate=case((Message.state == State.AMBIGUOUS, True), else_=Message.possible_duplicate),
                lease_owner=owner,
                lease_until=now + lease,
                body_started_at=None,
                updated_at=now,
            )
            .returning(Message.id),
            execution_options=_PLAIN,
        )
    )
    if claimed:
        _log_from(
            session,
            select(
                Message.id,
                literal(now, Event.at.type),
                Message.claimed_from,
                literal(State.SENDING.value),
                literal(f"worker {owner}"),
                Message.attempts + 1,
                case((Message.possible_duplicate, _MAY_BE_TWICE), else_=""),
            ).where(Message.id.in_(claimed)),
        )
    return sorted(claimed)


def start_bodies(session: Session, ids: Collection[int], *, owner: str, now: datetime, lease: timedelta) -> list[int]:
    """Note that these bodies are about to go out, and renew the lease; those of `ids` that are still `owner`'s."""
    if not ids:
        return []
    return list(
        session.scalars(
            update(Message)
            .where(Message.id.in_(ids), Message.state == State.SENDING, Message.lease_owner == owner)
            .where(Message.lease_until > now)
            .values(body_started_at=now, lease_until=now + lease)
            .returning(Message.id),
            execution_options=_PLAIN,
        )
    )


def record(
    session: Session,
    outcomes: Mapping[int, Outcome],
    *,
    owner: str,
    now: datetime,
    jitter: Callable[[], float],
) -> None:
    """Write what became of each letter, and its event. What is no longer ours gets the event alone."""
    if not outcomes:
        return
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
    session.connection().execute(insert(_EVENTS), events)


def recover(session: Session, *, actor: str, now: datetime) -> list[int]:
    """Give back what a dead worker left: its lease ran out. Their ids."""
    left = session.execute(
        select(Message.id, Message.body_started_at, Message.possible_duplicate, Message.attempts)
        .where(text("state = 'sending'"), Message.lease_until <= now)
        .order_by(Message.lease_until)
        .limit(_SWEEP)
        .with_for_update(skip_locked=True)
    ).all()
    events = []
    for id_, started, was_ambiguous, attempts in left:
        state, words = _left_behind(started is not None, was_ambiguous)
        session.execute(
            update(Message)
            .where(Message.id == id_, Message.state == State.SENDING)
            .values(
                state=state,
                attempts=attempts + 1,
                next_attempt_at=None if state is State.HELD else now,
                lease_owner=None,
                lease_until=None,
                last_code=None,
                last_text=words,
                updated_at=now,
            ),
            execution_options=_PLAIN,
        )
        events.append(_event(id_, now, State.SENDING, state, actor, words, attempt=attempts + 1))
    if events:
        session.connection().execute(insert(_EVENTS), events)
    return [row.id for row in left]


def expire(session: Session, *, actor: str, now: datetime) -> list[int]:
    """End the waiting of letters whose time is over; their ids. What may have gone out already is held instead."""
    over = session.execute(
        select(Message.id, Message.state)
        .where(text(WAITING), Message.expires_at <= now)
        .order_by(Message.expires_at)
        .limit(_SWEEP)
        .with_for_update(skip_locked=True)
    ).all()
    events = []
    for id_, before in over:
        state, words = (State.HELD, _OVER_AMBIGUOUS) if before == State.AMBIGUOUS else (State.EXPIRED, _OVER)
        session.execute(
            update(Message)
            .where(Message.id == id_, Message.state == before)
            .values(state=state, next_attempt_at=None, last_code=None, last_text=words, updated_at=now),
            execution_options=_PLAIN,
        )
        events.append(_event(id_, now, before, state, actor, words))
    if events:
        session.connection().execute(insert(_EVENTS), events)
    return [row.id for row in over]


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
            execution_options=_PLAIN,
        )
    )
    events = [_event(id_, now, State.SENDING, State.DEFERRED, f"worker {owner}", why) for id_ in released]
    if events:
        session.connection().execute(insert(_EVENTS), events)
    return len(released)


def count_states(session: Session) -> dict[State, int]:
    """How many messages are in each state that occurs."""
    rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
    return {State(state): count for state, count in rows}


def _begin(worker: Worker, limit: int, session: Session) -> list[int]:
    now = worker.clock()
    recover(session, actor=worker.actor, now=now)
    expire(session, actor=worker.actor, now=now)
    return claim(session, owner=worker.name, now=now, limit=limit, lease=worker.pace.claim_lease)


def _turn(
    worker: Worker, window: Sequence[int], results: Mapping[int, Outcome], session: Session
) -> dict[int, Parcel | Outcome]:
    """In one transaction: record the last window and start the next one; its parcels, or why one cannot be sent."""
    now = worker.clock()
    record(session, results, owner=worker.name, now=now, jitter=worker.jitter)
    ours = start_bodies(session, window, owner=worker.name, now=now, lease=worker.pace.window_lease)
    return _parcels(session, ours)


def _parcels(session: Session, ids: Collection[int]) -> dict[int, Parcel | Outcome]:
    if not ids:
        return {}
    rows = session.execute(
        select(Message.id, Message.return_path, Message.recipient, Message.message_id, Message.sha256, FrozenLetter.raw)
        .outerjoin(FrozenLetter, FrozenLetter.message_id == Message.id)
        .where(Message.id.in_(ids))
        .order_by(Message.id)
    )
    parcels: dict[int, Parcel | Outcome] = {}
    for id_, return_path, recipient, message_id, sha256, raw in rows:
        if raw is None:
            parcels[id_] = refused_here("The letter's text is gone.")
        elif hashlib.sha256(raw).hexdigest() != sha256:
            parcels[id_] = refused_here("The letter is not the one that was frozen: its SHA-256 differs.")
        else:
            parcels[id_] = Parcel(
                id=id_,
                return_path=return_path,
                recipient=recipient,
                raw=raw,
                envelope_id=message_id.strip("<>"),
            )
    return parcels


def _decide(
    outcome: Outcome, attempt: int, was_ambiguous: bool, expires_at: datetime, now: datetime, jitter: float
) -> tuple[State, datetime | None, str]:
    """The state after `outcome`, when to try again, and what to add to the server's words."""
    if outcome.state is State.AMBIGUOUS and was_ambiguous:
        return State.HELD, None, _TWICE_AMBIGUOUS
    if outcome.state not in {State.DEFERRED, State.AMBIGUOUS}:
        return outcome.state, None, ""
    next_at = now + retry_delay(attempt, jitter, at_least=outcome.at_least)
    if outcome.state is State.AMBIGUOUS:
        return State.AMBIGUOUS, next_at, _AMBIGUOUS
    if next_at >= expires_at:
        return State.FAILED, None, f"Given up after {attempt} {'try' if attempt == 1 else 'tries'}: the time is over."
    return State.DEFERRED, next_at, ""


def _left_behind(started: bool, was_ambiguous: bool) -> tuple[State, str]:
    if not started:
        return State.DEFERRED, "The worker ended before this letter's turn; nothing of it was sent."
    if was_ambiguous:
        return State.HELD, _TWICE_AMBIGUOUS
    return State.AMBIGUOUS, f"The worker ended while this letter may have been on its way. {_AMBIGUOUS}"


def _event(
    id_: int, now: datetime, before: State | str, after: State, actor: str, words: str, *, attempt: int = 0
) -> dict[str, Any]:
    return {
        "message_id": id_,
        "at": now,
        "from_state": str(before),
        "to_state": after.value,
        "actor": actor,
        "attempt": attempt,
        "phase": "",
        "smtp_code": None,
        "enhanced": "",
        "text": words,
        "queue_id": "",
    }


def _log_from(session: Session, rows: Select[Any]) -> None:
    names = ["message_id", "at", "from_state", "to_state", "actor", "attempt", "text"]
    blank = {"phase": literal(""), "enhanced": literal(""), "queue_id": literal("")}
    session.execute(insert(_EVENTS).from_select([*names, *blank], rows.add_columns(*blank.values())))


def _persist(worker: Worker, block: Callable[[Session], T]) -> T | None:
    """Run `block` in one transaction, again and again while the database is in distress; None if told to stop then.

    A locked or full SQLite, a PostgreSQL that restarts: results in hand must outlast it.
    """
    pause = 0.0
    while True:
        try:
            with worker.write() as session:
                return block(session)
        except (OperationalError, InterfaceError) as error:
            pause = min(max(pause * 2, 0.25), 30.0)
            worker.say(f"the database is in distress, trying again in {pause:.2g} s: {error.orig}")
            if worker.wait(pause):
                return None


_PLAIN = {"synchronize_session": False}
_SWEEP = 500
_MESSAGES = cast(Table, Message.__table__)
_EVENTS = cast(Table, Event.__table__)
_RECORD = update(_MESSAGES).where(_MESSAGES.c.id == bindparam("b_id"))
_MAY_BE_TWICE = "This may be the second time: an earlier try ended without a known result."
_AMBIGUOUS = "Nobody can know whether the mail server took the letter; it goes out once more, with the same Message-ID."
_TWICE_AMBIGUOUS = "For the second time nobody can know whether the mail server took the letter; a person decides."
_TOO_LATE = "This answer came after the lease had run out; the state is left as it is."
_OVER = "The time for this letter is over."
_OVER_AMBIGUOUS = "The time for this letter is over, and it may have been sent already; a person decides."
