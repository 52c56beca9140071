"""Workers that are woken, and who wakes them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from actionmail.db.engine import Database
from actionmail.flows.delivery import ClockSkew, PeriodicTask, WorkerSettings, count_states, heartbeats
from actionmail.flows.delivery.waking import BESIDE, Waker, run_waker
from actionmail.flows.delivery.woken import Woken
from actionmail.rules.delivery.broker import BrokerAway
from actionmail.rules.delivery.states import State
from tests.flows.delivery.test_delivery import Clock, clock, fill, message, worker_for
from tests.gateways.scripted_smtp import Script, scripted_server

__all__ = ["clock"]
MINUTE = timedelta(minutes=1)
SMALL = WorkerSettings(batch=5)


def test_who_is_woken_sends_all_that_is_due_and_asks_for_help_meanwhile(any_database: Database, clock: Clock) -> None:
    fill(any_database, 12)
    with scripted_server(Script()) as server, worker_for(any_database, server, clock, settings=SMALL) as worker:
        woken = Woken(worker, patience=MINUTE)
        woken.look()
        assert len(server.taken) == 12
        assert woken.wants_help.is_set()
        woken.wants_help.clear()
        woken.look()
        assert not woken.wants_help.is_set(), "nothing is left to help with"
        woken.raise_failure()


def test_wake_ups_that_come_twice_and_to_all_at_once_send_nothing_twice(any_database: Database, clock: Clock) -> None:
    """Three workers, each woken by three threads; on SQLite they take turns as writers."""
    fill(any_database, 60)
    with scripted_server(Script()) as server, ExitStack() as stack:
        all_woken = []
        for number in range(3):
            worker = stack.enter_context(worker_for(any_database, server, clock, name=f"test:{number}", settings=SMALL))
            all_woken.append(Woken(worker, patience=MINUTE))
        threads = [threading.Thread(target=woken.look) for woken in all_woken * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for woken in all_woken:
            woken.raise_failure()
        arrived = Counter(message_from_bytes(taken.raw)["Message-ID"] for taken in server.taken)
    assert (len(arrived), set(arrived.values())) == (60, {1})
    with any_database.read() as session:
        assert count_states(session) == {State.ACCEPTED: 60}


def test_one_whom_nobody_wakes_looks_by_itself(database: Database, clock: Clock) -> None:
    with scripted_server(Script()) as server, worker_for(database, server, clock) as worker:
        woken = Woken(worker, patience=MINUTE)
        woken.look()
        fill(database, 1)
        clock.pass_(seconds=59)
        woken.look_by_itself()
        assert server.taken == [], "somebody woke it a moment ago"
        clock.pass_(seconds=1)
        woken.look_by_itself()
        assert len(server.taken) == 1


def test_what_is_done_beside_is_done_when_it_is_woken(database: Database, clock: Clock) -> None:
    done: list[datetime] = []
    task = PeriodicTask(name="something", every=MINUTE, do=lambda: bool(done.append(clock())))
    with scripted_server(Script()) as server, worker_for(database, server, clock) as worker:
        woken = Woken(replace(worker, periodic_tasks=[task]), patience=MINUTE)
        for _ in range(5):
            woken.look()
            clock.pass_(seconds=30)
    assert len(done) == 3


def test_while_the_mail_server_is_away_wake_ups_are_not_heeded(database: Database, clock: Clock) -> None:
    fill(database, 1)
    with scripted_server(Script()) as server, worker_for(database, server, clock) as worker:
        server.stop()
        woken = Woken(worker, patience=MINUTE)
        woken.look()
        with database.read() as session:
            before = session.execute(text("SELECT count(*) FROM events")).scalar_one()
        for _ in range(4):
            woken.look()
            woken.look_by_itself()
        with database.read() as session:
            assert session.execute(text("SELECT count(*) FROM events")).scalar_one() == before
            assert count_states(session) == {State.DEFERRED: 1}


def test_what_a_person_has_to_mend_ends_it(database: Database, clock: Clock) -> None:
    def skewed(_session: object) -> bool:
        raise ClockSkew(timedelta(minutes=3))

    with scripted_server(Script()) as server, worker_for(database, server, clock) as worker:
        woken = Woken(replace(worker, measure=skewed), patience=MINUTE)
        woken.look()
        woken.look()
        with pytest.raises(ClockSkew):
            woken.raise_failure()


def test_one_that_is_told_to_stop_begins_nothing(database: Database, clock: Clock) -> None:
    fill(database, 1)
    with scripted_server(Script()) as server, worker_for(database, server, clock) as worker:
        woken = Woken(replace(worker, wait=lambda _seconds: True), patience=MINUTE)
        woken.look()
        woken.raise_failure()
        assert server.taken == []


def test_who_ends_waits_for_the_letter_on_the_wire(database: Database, clock: Clock) -> None:
    (id_,) = fill(database, 1)
    on_the_wire, go_on = threading.Event(), threading.Event()

    def slowly(verb: str, _argument: str) -> bytes | None:
        if verb == "BODY":
            on_the_wire.set()
            go_on.wait(60)
        return None

    with scripted_server(Script(answer=slowly)) as server, worker_for(database, server, clock) as worker:
        woken = Woken(worker, patience=MINUTE)
        looking = threading.Thread(target=woken.look)
        looking.start()
        assert on_the_wire.wait(60)
        ending = threading.Thread(target=woken.finish)
        ending.start()
        ending.join(0.2)
        assert ending.is_alive()
        go_on.set()
        ending.join()
        assert message(database, id_).state == State.ACCEPTED
        looking.join()


class Bell:
    """Instead of a broker: counts who is woken when; `away` has it refuse."""

    def __init__(self, clock: Clock) -> None:
        self.rung: list[datetime] = []
        self.away: set[int] = set()
        self.asked = 0
        self._clock = clock

    def wake(self) -> bool:
        self.asked += 1
        if self.asked in self.away:
            raise BrokerAway("Connection refused")
        self.rung.append(self._clock())
        return True


def waker_of(database: Database, clock: Clock, bell: Bell, looks: int, said: list[str] | None = None) -> Waker:
    """It looks so many times; time passes only as it waits."""
    left = looks

    def wait(seconds: float) -> bool:
        nonlocal left
        left -= 1
        clock.pass_(seconds=seconds)
        return left < 0

    return Waker(
        read=database.read,
        write=database.write,
        wake=bell.wake,
        clock=clock,
        wait=wait,
        say=(said if said is not None else []).append,
    )


def seen_waking(database: Database) -> datetime | None:
    with database.read() as session:
        return heartbeats.seen_at(session, heartbeats.WAKER)


def test_a_letter_that_is_due_wakes_a_worker_each_second_and_else_what_is_beside(
    any_database: Database, clock: Clock
) -> None:
    bell = Bell(clock)
    run_waker(waker_of(any_database, clock, bell, looks=11))
    gaps = [after - before for before, after in zip(bell.rung, bell.rung[1:], strict=False)]
    assert (len(bell.rung), set(gaps)) == (3, {BESIDE})
    fill(any_database, 1)
    bell.rung.clear()
    run_waker(waker_of(any_database, clock, bell, looks=4))
    assert len(bell.rung) == 4
    assert seen_waking(any_database) is not None


def test_a_letter_within_its_time_to_take_back_wakes_nobody(any_database: Database, clock: Clock) -> None:
    fill(any_database, 1)
    with any_database.write() as session:
        session.execute(text("UPDATE messages SET next_attempt_at = :at"), {"at": "2099-01-01 00:00:00+00:00"})
    bell = Bell(clock)
    run_waker(waker_of(any_database, clock, bell, looks=5))
    assert len(bell.rung) == 1, "at its start"


def test_a_broker_that_is_away_is_said_and_asked_again(database: Database, clock: Clock) -> None:
    bell, said = Bell(clock), list[str]()
    bell.away = {1, 2, 3}
    run_waker(waker_of(database, clock, bell, looks=4, said=said))
    assert [line.partition(" Next")[0] for line in said] == ["Connection refused"] * 3 + ["workers are woken again"]
    assert len(bell.rung) == 1
    assert seen_waking(database) == bell.rung[0], "only who woke somebody says so"


def test_a_database_in_distress_is_said_and_asked_again(database: Database, clock: Clock) -> None:
    bell, said = Bell(clock), list[str]()
    waker = waker_of(database, clock, bell, looks=3, said=said)
    failures = 1

    def write():  # type: ignore[no-untyped-def]
        nonlocal failures
        if failures:
            failures -= 1
            raise OperationalError("SELECT 1", {}, Exception("database is locked"))
        return database.write()

    run_waker(replace(waker, write=write))
    assert (len(said), said[-1]) == (2, "workers are woken again")
    assert "database is locked" in said[0]


def test_several_may_wake_at_once(any_database: Database, clock: Clock) -> None:
    failed: list[Exception] = []

    def waking(begin: threading.Barrier) -> None:
        waker = waker_of(any_database, Clock(), Bell(clock), looks=1)
        begin.wait()
        try:
            run_waker(waker)
        except Exception as error:
            failed.append(error)

    together(waking, 4)
    assert failed == []
    assert seen_waking(any_database) is not None


def together(do: Callable[[threading.Barrier], None], count: int) -> None:
    begin = threading.Barrier(count)
    threads = [threading.Thread(target=do, args=[begin]) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
