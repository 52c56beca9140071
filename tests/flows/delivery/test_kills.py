"""Fifty kill -9 at random moments, two workers, five hundred letters: none is lost, and few go out twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from multiprocessing.process import BaseProcess

import pytest
from sqlalchemy import func, select

from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.flows.delivery import Worker, WorkerSettings, count_states, run_worker
from actionmail.flows.review.message_changes import Act, change
from actionmail.flows.staff import Role, add
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.rules.delivery.states import State
from actionmail.settings import RelayAddress
from tests.flows.delivery.test_crash import after_restart, fill
from tests.gateways.scripted_smtp import Script, ScriptedServer, scripted_server
from tests.samples import light_hash

LETTERS, KILLS, SEED = 500, 50, 20260304
# Leases so short that what a killed worker left comes round again within the test.
SETTINGS = WorkerSettings(
    batch=40,
    window=20,  # as many as go over two connections
    claim_lease=timedelta(seconds=1),
    window_lease=timedelta(seconds=3),
    idle=0.02,
    first_pause=0.05,
)


def work(url: str, port: int) -> None:
    """A worker's process: nothing but a signal ends it."""
    forbid_other_hosts()
    relay = SmtpRelay(RelayAddress(host="127.0.0.1", port=port, tls="none"), hello="client.example")
    run_worker(
        Worker(
            name=f"killed:{os.getpid()}",
            write=Database(url).write,
            relay=relay,
            clock=lambda: datetime.now(UTC),
            wait=threading.Event().wait,
            say=lambda line: None,
            jitter=random.random,
            settings=SETTINGS,
        )
    )


class Workers:
    """Two at work, each replaced as soon as it is killed; forked from a process that has all modules, to be quick."""

    def __init__(self, database: Database, server: ScriptedServer) -> None:
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([__name__])
        self._arguments = (database.engine.url.render_as_string(hide_password=False), server.port)
        self.running = [self._start(), self._start()]

    def _start(self) -> BaseProcess:
        process = self._processes.Process(target=work, args=self._arguments, daemon=True)
        process.start()
        return process

    def kill(self, number: int) -> None:
        process = self.running[number]
        assert process.is_alive(), "a worker ended by itself"
        process.kill()
        process.join()
        self.running[number] = self._start()

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.join()


def until(server: ScriptedServer, taken: int, *, seconds: float = 4.0) -> None:
    end = time.monotonic() + seconds
    while len(server.taken) < taken and time.monotonic() < end:
        time.sleep(0.001)


@pytest.mark.slow
def test_fifty_kills_lose_no_letter_and_double_only_ambiguous_ones(any_database: Database) -> None:
    ids = fill(any_database, LETTERS)
    chance = random.Random(SEED)

    def slowly(verb: str, _argument: str) -> bytes | None:
        if verb == "BODY":
            time.sleep(0.001)
        return None

    with scripted_server(Script(answer=slowly)) as server:
        workers = Workers(any_database, server)
        try:
            for number in range(KILLS):
                until(server, (number + 1) * LETTERS // (KILLS + 5))
                time.sleep(chance.uniform(0, 0.03))
                workers.kill(chance.randrange(2))
        finally:
            workers.end()
        kills = KILLS + 2
        after_restart(any_database, server, minutes=6)
        after_restart(any_database, server, minutes=30)
        with any_database.write() as session:
            assert set(count_states(session)) <= {State.ACCEPTED, State.HELD}
            deaths = session.scalar(
                select(func.count()).select_from(Event).where(Event.reason_code == "worker_ended_meanwhile")
            )
            assert deaths is not None
            held = list(session.scalars(select(Message.id).where(Message.state == State.HELD)))
            # Twice in doubt: that, and only that, is for a person to decide.
            for id_ in held:
                assert doubts(any_database, id_) == 2
            if held:
                by = add(session, "rita@example.org", Role.REVIEWER, light_hash(), now=datetime.now(UTC)).id
            for id_ in held:
                change(session, id_, Act.RELEASE, reason="sent once more", by=by, now=datetime.now(UTC))
        after_restart(any_database, server, minutes=31)
        arrived = [(message_from_bytes(taken.raw)["Message-ID"], taken.raw) for taken in server.taken]

    with any_database.read() as session:
        assert count_states(session) == {State.ACCEPTED: LETTERS}
        rows = session.scalars(select(Message).where(Message.id.in_(ids))).all()
    flagged = {row.message_id for row in rows if row.possible_duplicate}
    copies = Counter(message_id for message_id, _raw in arrived)
    assert set(copies) == {row.message_id for row in rows}  # 0 lost
    assert len(set(arrived)) == LETTERS  # every copy of a letter is the same, to the byte
    assert {message_id for message_id, count in copies.items() if count > 1} <= flagged
    assert deaths + len(held) <= kills * SETTINGS.window
    assert len(arrived) - LETTERS <= deaths + len(held)


def doubts(database: Database, id_: int) -> int:
    """How often nobody could know whether this letter had gone out."""
    with database.read() as session:
        steps = session.scalars(
            select(Event.to_state).where(Event.message_id == id_, Event.from_state == State.SENDING)
        )
        return sum(step in {State.AMBIGUOUS, State.HELD} for step in steps)
