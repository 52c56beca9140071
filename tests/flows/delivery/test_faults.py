"""One task, one letter or one mail on which the program fails, a log that is gone, tables that are gone: the rest goes
on."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select, text

from actionmail.db.engine import BUSY_TIMEOUT_SECONDS, Database
from actionmail.db.messages import FrozenLetter, Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.delivery import (
    PeriodicTask,
    TablesMissing,
    Worker,
    count_states,
    run_once,
    run_worker,
    supporter_mail,
)
from actionmail.rules.delivery.states import Handover, Parcel, State
from tests.disks import CannotMount, tmpfs
from tests.flows.delivery.test_crash import after_restart, start_worker
from tests.flows.delivery.test_crash import fill as begin
from tests.flows.delivery.test_delivery import Clock, fill, history, last_words, worker_for
from tests.gateways.scripted_smtp import Script, ScriptedServer, scripted_server

FROM = "letters@act.example.org"
LETTERS = 30


@pytest.fixture
def clock() -> Clock:
    return Clock()


def changed(worker: Worker, **values: object) -> Worker:
    return Worker(**{**vars(worker), **values})


def stops_after(looks: int) -> Callable[[float], bool]:
    """A `wait` that lets a worker look for letters so often, and then tells it to stop."""
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        if seconds:
            waits.append(seconds)
        return len(waits) >= looks

    return wait


def test_a_task_that_raises_stops_neither_letters_nor_the_other_tasks(any_database: Database, clock: Clock) -> None:
    fill(any_database, 3)
    done: list[str] = []
    said: list[str] = []

    def fails() -> bool:
        raise KeyError("mai@example.org")

    def does() -> bool:
        done.append("done")
        return False

    tasks = (
        PeriodicTask(name="fails", every=timedelta(hours=1), do=fails),
        PeriodicTask(name="does", every=timedelta(hours=1), do=does),
    )
    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        run_worker(changed(worker, periodic_tasks=tasks, say=said.append, wait=stops_after(1)))
    with any_database.read() as session:
        assert count_states(session) == {State.ACCEPTED: 3}
    assert done == ["done"]
    assert any("fails" in line and "KeyError" in line for line in said)
    assert not any("@" in line for line in said)


def test_a_letter_that_cannot_be_signed_is_held_and_the_others_go(any_database: Database, clock: Clock) -> None:
    ids = fill(any_database, 5)
    bad = b"no header\r\n"
    with any_database.write() as session:
        session.get_one(FrozenLetter, ids[2]).raw = bad
        session.get_one(Message, ids[2]).sha256 = hashlib.sha256(bad).hexdigest()
    said: list[str] = []

    def sign(raw: bytes) -> bytes:
        if raw == bad:
            raise IndexError("a header of mai@example.org")
        return raw

    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        done = run_once(changed(worker, sign=sign, say=said.append))
    assert done.states == {State.ACCEPTED: 4, State.HELD: 1}
    assert history(any_database, ids[2]) == ["sending", "held"]
    assert "IndexError" in last_words(any_database, ids[2])
    assert not any("@" in line for line in said)


def test_a_letter_whose_row_cannot_be_read_is_held_and_the_others_go(database: Database, clock: Clock) -> None:
    """SQLite keeps whatever type it is given."""
    ids = fill(database, 5)
    with database.write() as session:
        session.execute(text("UPDATE frozen_letters SET raw = 'words' WHERE message_id = :id"), {"id": ids[2]})
    with scripted_server() as server, worker_for(database, server, clock) as worker:
        done = run_once(worker)
    assert done.states == {State.ACCEPTED: 4, State.HELD: 1}
    assert history(database, ids[2]) == ["sending", "held"]


def test_an_answer_that_cannot_be_recorded_leaves_the_others_recorded(database: Database, clock: Clock) -> None:
    ids = fill(database, 5)
    with database.write() as session:
        session.execute(text("UPDATE messages SET attempts = 'once' WHERE id = :id"), {"id": ids[2]})
    said: list[str] = []
    answers = [b"451 4.3.0 later"] * 5
    with scripted_server(Script(answers={"BODY": answers})) as server, worker_for(database, server, clock) as worker:
        done = run_once(changed(worker, say=said.append))
    assert done.states == {State.DEFERRED: 4}
    assert any(f"letter {ids[2]}" in line for line in said)
    with database.read() as session:
        states = dict(session.execute(select(Message.id, Message.state)).all())
    assert states == {id_: "sending" if id_ == ids[2] else "deferred" for id_ in ids}


def test_a_handover_that_raises_leaves_its_letters_ambiguous_and_the_worker_at_work(
    any_database: Database, clock: Clock
) -> None:
    ids = fill(any_database, 3)

    class Breaks:
        def check(self) -> None:
            return None

        def deliver(self, parcels: Sequence[Parcel]) -> Handover:
            raise LookupError("mai@example.org")

    said: list[str] = []
    reported: list[Exception] = []
    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        run_worker(changed(worker, relay=Breaks(), say=said.append, report=reported.append, wait=stops_after(1)))
        assert any("LookupError" in line for line in said)
        assert [type(error) for error in reported] == [LookupError]
        assert not any("@" in line for line in said)
        clock.pass_(minutes=21)
        done = run_once(worker)
    assert done.states == {State.ACCEPTED: 3}
    assert history(any_database, ids[0]) == ["sending", "ambiguous", "sending", "accepted"]


def test_what_looks_after_old_letters_may_fail_and_new_letters_go(database: Database, clock: Clock) -> None:
    ids = fill(database, 4)
    with database.write() as session:
        session.execute(
            text("UPDATE messages SET state = 'sending', lease_until = '1999', body_started_at = 'x' WHERE id = :id"),
            {"id": ids[0]},
        )
    said: list[str] = []
    with scripted_server() as server, worker_for(database, server, clock) as worker:
        done = run_once(changed(worker, say=said.append))
    assert done.states == {State.ACCEPTED: 3}
    assert any("ValueError" in line for line in said)


def test_a_mail_to_a_supporter_that_cannot_be_signed_leaves_the_others_alone(
    any_database: Database, clock: Clock
) -> None:
    ids = fill(any_database, 3)
    with any_database.write() as session:
        for id_ in ids:
            supporter_mail.put(
                session,
                supporter_mail.Kind.ANSWER,
                message_id=id_,
                recipient="mai@example.org",
                raw=f"Subject: {id_}\r\n\r\nHello\r\n".encode(),
                due=clock.now,
            )

    said: list[str] = []

    def sign(raw: bytes) -> bytes:
        if raw.startswith(f"Subject: {ids[1]}\r".encode()):
            raise IndexError
        return raw

    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        taken, trouble = supporter_mail.send(
            any_database.write, worker.relay, from_address=FROM, now=clock.now, sign=sign, say=said.append
        )
        assert (taken, trouble, len(server.taken)) == (2, None, 2)
        assert len(said) == 1
        assert "IndexError in supporter_mail.py, line " in said[0]
        with any_database.read() as session:
            assert session.scalars(select(SupporterMail.message_id)).all() == [ids[1]]
        later = clock.now + timedelta(days=1)
        again, _ = supporter_mail.send(any_database.write, worker.relay, from_address=FROM, now=later)
    assert again == 1  # once the program is mended, it is not lost


def test_tables_that_are_gone_end_the_worker_with_what_to_do(any_database: Database, clock: Clock) -> None:
    fill(any_database, 3)
    with any_database.write() as session:
        session.execute(text("DROP TABLE switches"))
    said: list[str] = []
    with scripted_server() as server, worker_for(any_database, server, clock) as worker, pytest.raises(TablesMissing):
        run_worker(changed(worker, say=said.append, wait=stops_after(3)))
    assert said == []


class Stage:
    """A mail server that stops before its answer to one letter until it is told to go on."""

    def __init__(self, letters: int) -> None:
        self._letters = letters
        self._bodies = 0
        self.reached, self.may_go_on = threading.Event(), threading.Event()

    def answer(self, verb: str, _argument: str) -> bytes | None:
        self._bodies += verb == "BODY"
        if verb == "BODY" and self._bodies == self._letters:
            self.reached.set()
            self.may_go_on.wait(60)
        return None


@contextmanager
def out_of_order(database: Database) -> Iterator[None]:
    """Meanwhile nobody else can write."""
    url = database.engine.url
    if url.get_backend_name() == "sqlite":
        with database.write() as session:
            session.connection()  # the lock is taken here
            yield
        return
    name = sql.Identifier(url.database or "")
    admin = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(everybody, [url.database])
        yield
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


def meet_distress(process: subprocess.Popen[str], server: ScriptedServer) -> None:
    """Wait until all letters went out, and then longer than a worker waits for a lock before it says so."""
    wait_for(lambda: len(server.taken) == LETTERS)
    with suppress(subprocess.TimeoutExpired):
        process.wait(BUSY_TIMEOUT_SECONDS + 2)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            break
        threading.Event().wait(0.01)


def assert_each_went_once(database: Database, server: ScriptedServer, process: subprocess.Popen[str]) -> None:
    """Also after a restart, half an hour later."""

    def is_done() -> bool:
        with database.read() as session:
            return process.poll() is not None or count_states(session) == {State.ACCEPTED: LETTERS}

    wait_for(is_done)
    process.terminate()
    process.wait(300)
    after_restart(database, server, minutes=30)
    senders = [taken.sender for taken in server.taken]
    assert (len(senders) - len(set(senders)), len(set(senders))) == (0, LETTERS)
    assert process.returncode == 0


@pytest.mark.slow
def test_a_worker_whose_log_is_a_closed_pipe_keeps_its_answers(any_database: Database) -> None:
    begin(any_database, LETTERS)
    stage = Stage(17)
    with scripted_server(Script(answer=stage.answer)) as server:
        process = start_worker(any_database, server)
        assert stage.reached.wait(60)
        assert process.stdout is not None
        process.stdout.close()
        any_database.engine.dispose()
        with out_of_order(any_database):
            stage.may_go_on.set()
            meet_distress(process, server)
        assert_each_went_once(any_database, server, process)


@pytest.mark.slow
def test_a_worker_whose_log_fills_the_disk_of_its_database_keeps_its_answers(
    tmp_path: Path, sqlite_template: Path
) -> None:
    try:
        with tmpfs(tmp_path / "disk", sqlite_template) as disk:
            database = disk.open()
            begin(database, LETTERS)
            stage = Stage(17)
            with (
                scripted_server(Script(answer=stage.answer)) as server,
                (tmp_path / "disk" / "worker.log").open("w") as log,
            ):
                process = start_worker(database, server, log=log)
                assert stage.reached.wait(60)
                os.write(log.fileno(), b"\n" * (-os.fstat(log.fileno()).st_size % 4096))  # a page is on disk already
                disk.fill()
                stage.may_go_on.set()
                meet_distress(process, server)
                disk.clear()
                assert_each_went_once(database, server, process)
            database.engine.dispose()
    except CannotMount as error:
        pytest.skip(f"no tmpfs: {error}")


@pytest.mark.slow
def test_a_worker_whose_log_is_full_from_the_start_delivers(database: Database) -> None:
    begin(database, 3)
    with scripted_server() as server, Path("/dev/full").open("w") as log:
        process = start_worker(database, server, "--once", log=log)
        assert process.wait(60) == 0
    assert len(server.taken) == 3
