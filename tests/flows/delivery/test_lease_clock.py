"""Workers whose machines' clocks differ, at once: the database's clock decides, and no letter goes out twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.delivery import ClockSkew, LeaseClock, Worker, WorkerSettings, run_once
from actionmail.flows.delivery.lease_clock import database_time
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.settings import RelayAddress
from tests.flows.delivery.test_crash import fill
from tests.gateways.scripted_smtp import Script, ScriptedServer, scripted_server

LETTERS = 40
SHORT = WorkerSettings(claim_lease=timedelta(seconds=30), window_lease=timedelta(seconds=30))


def wall() -> datetime:
    return datetime.now(UTC)


def off_by(**time: float) -> Callable[[], datetime]:
    """The clock of a machine that is ahead, or with a minus behind."""
    return lambda: wall() + timedelta(**time)


def worker_with(
    database: Database,
    server: ScriptedServer,
    name: str,
    clock: Callable[[], datetime],
    settings: WorkerSettings | None = None,
    ask: Callable[[Session], datetime] = database_time,
) -> Worker:
    settings = settings or WorkerSettings()
    lease_clock = LeaseClock(wall=clock, steady=time.monotonic, patience=settings.window_lease, ask=ask)
    address = RelayAddress(host="127.0.0.1", port=server.port, tls="none")
    return Worker(
        name=name,
        write=database.write,
        relay=SmtpRelay(address, hello="client.example"),
        clock=lease_clock,
        measure=lease_clock.measure,
        wait=threading.Event().wait,
        say=lambda line: None,
        jitter=lambda: 0.0,
        settings=settings,
    )


class OnTheWire:
    """A mail server that keeps its answer to one letter until it is told to go on."""

    def __init__(self, letter: int = 1) -> None:
        self.reached, self.may_go_on = threading.Event(), threading.Event()
        self._bodies, self._letter = 0, letter

    def answer(self, verb: str, _argument: str) -> bytes | None:
        self._bodies += verb == "BODY"
        if verb == "BODY" and self._bodies == self._letter:
            self.reached.set()
            self.may_go_on.wait(60)
        return None


def make_due(database: Database, at: datetime) -> None:
    with database.write() as session:
        session.execute(update(Message).values(next_attempt_at=at))


def sent_twice(*servers: ScriptedServer) -> int:
    senders = [taken.sender for server in servers for taken in server.taken]
    return len(senders) - len(set(senders))


def run_out(worker: Worker) -> None:
    while run_once(worker).claimed:
        pass


def test_a_worker_25_minutes_ahead_sends_nothing_and_says_why(any_database: Database) -> None:
    fill(any_database, LETTERS)
    stage = OnTheWire()
    with scripted_server(Script(answer=stage.answer)) as first_server, scripted_server() as second_server:
        first = worker_with(any_database, first_server, "first:1", wall)
        second = worker_with(any_database, second_server, "second:1", off_by(minutes=25))
        thread = threading.Thread(target=run_once, args=[first])
        thread.start()
        assert stage.reached.wait(60)
        try:
            with pytest.raises(ClockSkew) as refused:
                run_out(second)
        finally:
            stage.may_go_on.set()
            thread.join()
        assert abs(refused.value.skew - timedelta(minutes=25)) < timedelta(minutes=1)
        assert sent_twice(first_server, second_server) == 0


@pytest.mark.parametrize(("first_off", "second_off"), [(0, 50), (-50, 0)])
def test_within_a_minute_the_clocks_may_differ_and_no_lease_runs_out_early(
    any_database: Database, first_off: float, second_off: float
) -> None:
    fill(any_database, LETTERS)
    make_due(any_database, wall() - timedelta(minutes=2))
    stage = OnTheWire()
    with scripted_server(Script(answer=stage.answer)) as first_server, scripted_server() as second_server:
        first = worker_with(any_database, first_server, "first:1", off_by(seconds=first_off), SHORT)
        second = worker_with(any_database, second_server, "second:1", off_by(seconds=second_off), SHORT)
        thread = threading.Thread(target=run_once, args=[first])
        thread.start()
        assert stage.reached.wait(60)
        run_out(second)
        stage.may_go_on.set()
        thread.join()
        assert sent_twice(first_server, second_server) == 0
        assert len(first_server.taken) + len(second_server.taken) == LETTERS


def test_a_clock_that_is_put_back_in_mid_batch_shortens_no_lease(any_database: Database) -> None:
    fill(any_database, LETTERS)
    stage = OnTheWire(letter=25)  # in the second window
    jump = timedelta(0)

    def jumping() -> datetime:
        return wall() + jump

    with scripted_server(Script(answer=stage.answer)) as first_server, scripted_server() as second_server:
        first = worker_with(any_database, first_server, "first:1", jumping, WorkerSettings(window=10))
        second = worker_with(any_database, second_server, "second:1", wall)
        thread = threading.Thread(target=run_once, args=[first])

        def put_back(verb: str, argument: str) -> bytes | None:
            nonlocal jump
            jump = timedelta(minutes=-25)
            return stage.answer(verb, argument)

        first_server.script.answer = put_back
        thread.start()
        assert stage.reached.wait(60)
        run_out(second)
        stage.may_go_on.set()
        thread.join()
        assert sent_twice(first_server, second_server) == 0


def test_a_database_clock_that_jumps_ahead_makes_no_running_worker_take_what_is_on_the_wire(
    any_database: Database,
) -> None:
    """On SQLite that is the clock of the one machine, so that nothing seems to differ."""
    fill(any_database, LETTERS)
    stage = OnTheWire()
    jump = timedelta(0)

    def jumping() -> datetime:
        return wall() + jump

    with scripted_server(Script(answer=stage.answer)) as first_server, scripted_server() as second_server:
        first = worker_with(any_database, first_server, "first:1", jumping, ask=lambda _session: jumping())
        second = worker_with(any_database, second_server, "second:1", jumping, ask=lambda _session: jumping())
        make_due(any_database, wall() + timedelta(minutes=1))
        run_once(second)
        make_due(any_database, wall())
        thread = threading.Thread(target=run_once, args=[first])
        thread.start()
        assert stage.reached.wait(60)
        jump = timedelta(minutes=25)
        run_out(second)
        stage.may_go_on.set()
        thread.join()
        assert sent_twice(first_server, second_server) == 0
