"""A worker's pulse: written seldom, for all to read; and why letters wait, from it and from the queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.throttles import WorkerPulse
from actionmail.flows.delivery import Worker, WorkerSettings, claim, run_once, run_worker
from actionmail.flows.delivery.pauses import pause
from actionmail.flows.delivery.pulses import AWAY_AFTER, EVERY, beat, pulse
from actionmail.flows.delivery.waiting import machinery, reasons
from actionmail.rules.delivery.rates import Limits, Scope
from actionmail.rules.delivery.reasons import Actor, PauseCause
from actionmail.rules.delivery.states import Handover, Outcome, Parcel, Phase, State
from actionmail.rules.delivery.trouble import Trouble, TroubleCode
from actionmail.rules.delivery.waiting import Why
from tests.executed import executed
from tests.flows.delivery.test_delivery import fill
from tests.samples import NOW
from tests.two_sessions import cross

AWAY = Trouble(code=TroubleCode.UNREACHABLE, detail="Connection refused")
LEASE = timedelta(minutes=5)


@dataclass
class Wall:
    """A clock that stands until somebody moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Relay:
    """It takes every letter, or is away."""

    trouble: Trouble | None = None
    checks: int = 0

    def check(self) -> Trouble | None:
        self.checks += 1
        return self.trouble

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        taken = {}
        for parcel in parcels:
            taken[parcel.id] = Outcome(state=State.ACCEPTED, phase=Phase.BODY, code=250, text="250 OK")
        return Handover(outcomes=taken)


@dataclass
class Turns:
    """A worker's `wait`, after so many of which it is time to stop; the clock goes on by `step` at each."""

    wall: Wall
    turns: int
    step: timedelta = timedelta(seconds=1)
    said: list[str] = field(default_factory=list)

    def __call__(self, _seconds: float) -> bool:
        self.turns -= 1
        self.wall.now += self.step
        return self.turns < 0


def worker(database: Database, wall: Wall, *, name: str = "host:1", relay: Relay | None = None) -> Worker:
    return Worker(
        name=name,
        write=database.write,
        relay=relay or Relay(),
        clock=wall,
        wait=lambda _seconds: False,
        say=lambda _line: None,
        jitter=lambda: 0.0,
        settings=WorkerSettings(batch=2),
        limits=Limits(target_hour=30, hours=(8, 18)),
    )


def test_a_pulse_says_when_with_which_limits_and_since_when_the_server_is_away(any_database: Database) -> None:
    wall = Wall()
    at_work = worker(any_database, wall)
    beat(at_work, None)
    for minutes, trouble, since in ((1, AWAY, 1), (2, AWAY, 1), (3, None, None), (4, AWAY, 4)):
        wall.now = NOW + timedelta(minutes=minutes)
        beat(at_work, trouble)
        with any_database.read() as session:
            found = pulse(session)
        assert (found.seen_at, found.trouble) == (wall.now, trouble)
        assert found.trouble_since == (NOW + timedelta(minutes=since) if since else None)
        assert found.limits == Limits(target_hour=30, hours=(8, 18))
    with any_database.read() as session:
        assert session.scalars(select(WorkerPulse.started_at)).all() == [NOW]


def test_it_is_written_at_most_every_so_often_however_many_batches_there_are(any_database: Database) -> None:
    fill(any_database, 14)
    wall = Wall()
    at_work = replace(worker(any_database, wall), limits=Limits())
    with executed(any_database.engine) as said:
        for _batch in range(6):
            assert run_once(at_work).claimed == 2
            wall.now += EVERY / 10
    assert (
        len([statement for statement, _parameters in said if "worker_pulses" in statement and "INSERT" in statement])
        == 1
    )
    wall.now += EVERY
    with executed(any_database.engine) as said:
        run_once(at_work)
    assert len([statement for statement, _parameters in said if "worker_pulses" in statement]) == 1


def test_a_worker_at_work_beats_with_and_without_letters_and_while_its_server_is_away(any_database: Database) -> None:
    fill(any_database, 1)
    wall, relay = Wall(), Relay(trouble=AWAY)
    run_worker(replace(worker(any_database, wall, relay=relay), wait=Turns(wall, 12, EVERY)))
    with any_database.read() as session:
        found = pulse(session)
    assert found.trouble == AWAY
    assert found.seen_at is not None
    assert found.seen_at > NOW + 3 * EVERY
    relay.trouble = None
    run_worker(replace(worker(any_database, wall, name="host:2", relay=relay), wait=Turns(wall, 12, EVERY)))
    with any_database.read() as session:
        assert pulse(session).trouble is None


def test_workers_that_begin_at_the_same_moment_have_a_row_each(any_database: Database) -> None:
    wall = Wall()
    first, second = (worker(any_database, wall, name=name) for name in ("host:1", "host:2"))

    def with_session(one: Worker) -> object:
        return lambda session: beat(replace(one, write=lambda: _already(session)), None)

    cross(any_database, with_session(first), with_session(second))  # type: ignore[arg-type]
    with any_database.read() as session:
        assert sorted(session.scalars(select(WorkerPulse.name))) == ["host:1", "host:2"]


@contextmanager
def _already(session: Session) -> Iterator[Session]:
    yield session


def test_pulses_of_long_ago_are_forgotten(any_database: Database) -> None:
    wall = Wall()
    beat(worker(any_database, wall, name="old:1"), None)
    wall.now += timedelta(days=2)
    beat(worker(any_database, wall, name="new:1"), None)
    with any_database.read() as session:
        assert session.scalars(select(WorkerPulse.name)).all() == ["new:1"]


def why(database: Database, number: int, now: datetime) -> list[Why]:
    with database.read() as session:
        return [reason.why for reason in reasons(session, [number], now=now).get(number, [])]


def test_why_a_letter_waits(any_database: Database) -> None:
    first, second = fill(any_database, 2)
    later = NOW + timedelta(minutes=10)
    assert why(any_database, first, NOW) == [Why.ITS_TURN]
    assert why(any_database, first, later) == [Why.NO_WORKER]
    wall = Wall(later)
    at_work = replace(worker(any_database, wall), limits=Limits(target_hour=1))
    beat(at_work, None)
    assert why(any_database, first, later) == [Why.ITS_TURN]
    with any_database.write() as session:
        limits = at_work.limits
        assert claim(session, owner="w:1", now=later, limit=9, lease=LEASE, limits=limits).ids == [first]
    assert why(any_database, first, later) == []
    assert why(any_database, second, later) == [Why.SLOWED]
    with any_database.write() as session:
        session.execute(update(Message).where(Message.id == second).values(next_attempt_at=later + LEASE))
        session.scalars(select(Campaign)).one().holds_letters = True
        pause(session, Scope.ALL, "", PauseCause(words="x"), actor=Actor.staff(1), now=NOW)
    assert why(any_database, second, later) == [Why.STOPPED, Why.CAMPAIGN_HOLDS, Why.UNDO, Why.SLOWED]
    wall.now += EVERY
    beat(at_work, AWAY)
    assert Why.RELAY_AWAY in why(any_database, second, wall.now)


def test_letters_that_go_first_are_counted(any_database: Database) -> None:
    ids = fill(any_database, 4)
    wall = Wall()
    at_work = replace(worker(any_database, wall), limits=Limits(target_hour=1))
    beat(at_work, None)
    with any_database.write() as session:
        claim(session, owner="w:1", now=NOW, limit=9, lease=LEASE, limits=at_work.limits)
    with any_database.read() as session:
        found = reasons(session, ids, now=NOW)
    assert [[reason.before for reason in found[number] if reason.why is Why.IN_LINE] for number in ids[1:]] == [
        [],
        [1],
        [2],
    ]


@pytest.mark.parametrize("minutes", [1, 30])
def test_the_machinery_lacks_a_worker_once_a_letter_is_due_and_none_was_seen(
    any_database: Database, minutes: int
) -> None:
    now = NOW + timedelta(minutes=minutes)
    with any_database.read() as session:
        assert not machinery(session, now=now).lacks_worker(now)
    fill(any_database, 1)
    with any_database.read() as session:
        assert machinery(session, now=now).lacks_worker(now) is (minutes == 30)
    beat(worker(any_database, Wall(now)), AWAY)
    with any_database.read() as session:
        assert not machinery(session, now=now).lacks_worker(now)
        assert machinery(session, now=now).lacks_relay(now)
        gone = now + AWAY_AFTER + EVERY
        assert machinery(session, now=gone).lacks_worker(gone)
