"""The worker's round: claim, start, hand over, record."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.orm import Session

from actionmail.flows.delivery.claim import Claimed, claim
from actionmail.flows.delivery.record import record, release, start_bodies
from actionmail.flows.delivery.recovery import expire, recover
from actionmail.flows.delivery.statements import listed, statements
from actionmail.rules.delivery.rates import Limits
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import Handover, Outcome, Parcel, State, Trouble, refused_here

WriteSessions = Callable[[], AbstractContextManager[Session]]
T = TypeVar("T")

# Locked, full, read-only, away, restarting (PostgreSQL reports that it is read-only as an internal error).
DISTRESS = (OperationalError, InterfaceError, InternalError)


class Relay(Protocol):
    """What hands letters to a mail server; see `gateways.smtp.SmtpRelay`."""

    def check(self) -> Trouble | None: ...

    def deliver(self, parcels: Sequence[Parcel]) -> Handover: ...


@dataclass(frozen=True, kw_only=True)
class WorkerSettings:
    """How a worker works. `window_lease` must outlast the relay's longest handover."""

    batch: int = 200
    window: int = 100  # letters whose fate one kill -9 can leave open
    window_seconds: float = 1.0  # a window that takes longer makes the next one smaller
    claim_lease: timedelta = timedelta(minutes=5)
    window_lease: timedelta = timedelta(minutes=20)
    idle: float = 1.0  # seconds between looks at an empty queue
    first_pause: float = 5.0  # seconds, doubling, while the relay is out of order
    longest_pause: float = 300.0


@dataclass(frozen=True, kw_only=True)
class PeriodicTask:
    """Something short to be done now and then between batches. `do` says whether more of it is left to do at once."""

    every: timedelta
    do: Callable[[], bool]
    needs_relay: bool = False


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
    settings: WorkerSettings = field(default_factory=WorkerSettings)
    limits: Limits = field(default_factory=Limits)
    periodic_tasks: Sequence[PeriodicTask] = ()
    sign: Callable[[bytes], bytes] | None = None  # puts DKIM signatures before the frozen bytes, always the same ones

    @property
    def actor(self) -> Actor:
        return Actor.worker(self.name)


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one batch came to."""

    claimed: int = 0
    states: Mapping[State, int] = field(default_factory=dict)
    trouble: Trouble | None = None
    stopped: bool = False
    cursor: int = 0  # the target to go on after

    def __str__(self) -> str:
        tried = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"{self.claimed} claimed: {tried or 'none tried'}"


def run_worker(worker: Worker) -> None:
    """Deliver until told to stop. A relay out of order or a database in distress makes it wait, not end."""
    pause, cursor = 0.0, 0
    due = {number: worker.clock() for number in range(len(worker.periodic_tasks))}
    while not worker.wait(pause):
        do_periodic_tasks(worker, due, with_relay=not pause)
        if pause and (trouble := worker.relay.check()):
            pause = min(max(pause * 2, worker.settings.first_pause), worker.settings.longest_pause)
            worker.say(f"still waiting, next look in {pause:.0f} s. {trouble.sentence}")
            continue
        probing = 1 if pause else None  # one letter tests a relay that was out of order
        done = run_once(worker, limit=probing, after=cursor)
        cursor = done.cursor
        if done.claimed:
            worker.say(str(done))
        if done.stopped:
            return
        if done.trouble:
            pause = min(max(pause * 2, worker.settings.first_pause), worker.settings.longest_pause)
            worker.say(f"no letters for {pause:.0f} s. {done.trouble.sentence}")
        else:
            pause = 0.0
            if not done.claimed and worker.wait(worker.settings.idle):
                return


def do_periodic_tasks(worker: Worker, due: dict[int, datetime], *, with_relay: bool = True) -> None:
    """Do the periodic tasks whose time has come, and note in `due` when each comes next. One that fails
    waits for its time."""
    for number, task in enumerate(worker.periodic_tasks):
        now = worker.clock()
        if due[number] > now or (task.needs_relay and not with_relay) or worker.wait(0):
            continue
        due[number] = now + task.every
        try:
            if task.do():
                due[number] = now
        except DISTRESS as error:
            worker.say(f"the database is in distress, a task is left for later: {error.orig}")


def run_once(worker: Worker, *, limit: int | None = None, after: int = 0) -> Round:
    """One batch: recover, claim, deliver window by window, record. Letters not tried go back without an attempt."""
    settings = worker.settings
    claimed = _persist(worker, partial(_begin, worker, limit or settings.batch, after))
    if claimed is None:
        return Round(stopped=True)
    taken, rest = len(claimed.ids), list(claimed.ids)
    counts: Counter[State] = Counter()
    results: dict[int, Outcome] = {}
    trouble = worker.relay.check() if taken else None  # before any body counts as begun
    size = min(_FIRST_WINDOW, settings.window)
    stopped = False
    while rest or results:
        stopped = stopped or worker.wait(0)
        window, rest = ([], rest) if trouble or stopped else (rest[:size], rest[size:])
        parcels = _persist(worker, partial(_turn, worker, window, results))
        if parcels is None:
            return Round(claimed=taken, states=counts, trouble=trouble, stopped=True)
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
        slow = (worker.clock() - begun).total_seconds() > settings.window_seconds
        size = max(1, size // 2) if slow else min(size * 2, settings.window)
    if rest:
        why = trouble.sentence if trouble else "The worker was told to stop."
        back = _persist(worker, lambda session: release(session, rest, why, owner=worker.name, now=worker.clock()))
        stopped = stopped or back is None
    return Round(claimed=taken, states=counts, trouble=trouble, stopped=stopped, cursor=claimed.cursor)


def _begin(worker: Worker, limit: int, after: int, session: Session) -> Claimed:
    now = worker.clock()
    recover(session, actor=worker.actor, now=now)
    expire(session, actor=worker.actor, now=now)
    return claim(
        session,
        owner=worker.name,
        now=now,
        limit=limit,
        lease=worker.settings.claim_lease,
        limits=worker.limits,
        after=after,
    )


def _turn(
    worker: Worker, window: Sequence[int], results: Mapping[int, Outcome], session: Session
) -> dict[int, Parcel | Outcome]:
    """In one transaction: record the last window and start the next one; its parcels, or why one cannot be sent."""
    now = worker.clock()
    record(session, results, owner=worker.name, now=now, jitter=worker.jitter)
    ours = start_bodies(session, window, owner=worker.name, now=now, lease=worker.settings.window_lease)
    return _parcels(session, ours, worker.sign)


def _parcels(
    session: Session, ids: Collection[int], sign: Callable[[bytes], bytes] | None
) -> dict[int, Parcel | Outcome]:
    if not ids:
        return {}
    rows = session.connection().execute(statements(session).parcels, {"ids": listed(session, ids)}).all()
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
                raw=sign(raw) if sign else raw,
                envelope_id=message_id.strip("<>"),
            )
    return parcels


def _persist(worker: Worker, block: Callable[[Session], T]) -> T | None:
    """Run `block` in one transaction, again and again while the database is in distress; None if told to stop then.

    A locked or full SQLite, a PostgreSQL that restarts: results in hand must outlast it.
    """
    pause = 0.0
    while True:
        try:
            with worker.write() as session:
                return block(session)
        except DISTRESS as error:
            pause = min(max(pause * 2, 0.25), 30.0)
            worker.say(f"the database is in distress, trying again in {pause:.2g} s: {error.orig}")
            if worker.wait(pause):
                return None


_FIRST_WINDOW = 50
