"""The queue against a real database and a real SMTP server."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import OperationalError

from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.flows.delivery import (
    PeriodicTask,
    Worker,
    WorkerSettings,
    claim,
    count_states,
    recover,
    run_once,
    run_worker,
    start_bodies,
)
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import State, may_follow
from actionmail.settings import RelayAddress
from tests.gateways.scripted_smtp import HANG_UP, PATIENT, Script, ScriptedServer, scripted_server
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message


class Clock:
    def __init__(self) -> None:
        self.now = NOW + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fill(database: Database, letters: int) -> list[int]:
    """So many queued messages, each of another supporter, all to one legislator."""
    with database.write() as session:
        campaign = sample_campaign(session)
        legislator = sample_legislator(session)
        ids = []
        for number in range(letters):
            action = sample_action(session, campaign, email=f"mai{number}@example.org")
            ids.append(sample_message(session, action, legislator, campaign.letters[0]).id)
    return ids


@contextmanager
def worker_for(
    database: Database,
    server: ScriptedServer,
    clock: Clock,
    *,
    name: str = "test:1",
    settings: WorkerSettings | None = None,
) -> Iterator[Worker]:
    address = RelayAddress(host="127.0.0.1", port=server.port, tls="none")
    relay = SmtpRelay(address, hello="client.example", timeouts=PATIENT)
    said: list[str] = []
    try:
        yield Worker(
            name=name,
            write=database.write,
            relay=relay,
            clock=clock,
            wait=threading.Event().wait,
            say=said.append,
            jitter=lambda: 0.0,
            settings=settings or WorkerSettings(),
        )
    finally:
        relay.close()


def message(database: Database, id_: int) -> Message:
    with database.read() as session:
        found = session.get(Message, id_)
        assert found is not None
        return found


def events(database: Database, id_: int) -> list[Event]:
    with database.read() as session:
        return list(session.scalars(select(Event).where(Event.message_id == id_).order_by(Event.id)))


def last_words(database: Database, id_: int) -> str:
    """What the newest event of a message tells."""
    with database.read() as session:
        newest = select(Event.text).where(Event.message_id == id_).order_by(Event.id.desc()).limit(1)
        return session.scalars(newest).one()


def history(database: Database, id_: int) -> list[str]:
    """The states a message went through; each step must be one that the table allows."""
    steps = events(database, id_)
    for step in steps:
        assert may_follow(step.from_state, step.to_state), (step.from_state, step.to_state)
    for before, after in pairwise(steps):
        assert before.to_state == after.from_state
    return [step.to_state for step in steps]


def test_a_queued_letter_goes_out_as_frozen_and_the_log_says_so(any_database: Database, clock: Clock) -> None:
    (id_,) = fill(any_database, 1)
    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        done = run_once(worker)
    assert done.states == {State.ACCEPTED: 1}
    row = message(any_database, id_)
    assert (row.state, row.attempts, row.queue_id, row.last_code) == ("accepted", 1, "4ABCDEF", 250)
    assert row.next_attempt_at is row.lease_owner is row.lease_until is None
    assert history(any_database, id_) == ["sending", "accepted"]
    last = events(any_database, id_)[-1]
    assert (last.actor_kind, last.actor_id) == ("worker", "test:1")
    assert (last.phase, last.smtp_code, last.enhanced) == ("body", 250, "2.0.0")
    with any_database.read() as session:
        frozen = session.get(FrozenLetter, id_)
    assert frozen is not None
    (taken,) = server.taken
    assert (taken.raw, taken.sender, taken.recipients) == (frozen.raw, row.return_path, (row.recipient,))


def test_many_letters_go_out_once_each_in_few_commits(any_database: Database, clock: Clock) -> None:
    ids = fill(any_database, 200)
    commits: list[object] = []
    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        event.listen(any_database.engine, "commit", commits.append)
        run_once(worker)
    assert len(commits) / len(ids) <= 0.05
    assert len(server.reads) / len(ids) <= 1.5
    assert len(server.taken) == len({taken.sender for taken in server.taken}) == 200
    with any_database.read() as session:
        assert count_states(session) == {State.ACCEPTED: 200}
    assert history(any_database, ids[-1]) == ["sending", "accepted"]


def test_a_letter_deferred_is_tried_on_schedule_with_the_same_bytes(any_database: Database, clock: Clock) -> None:
    (id_,) = fill(any_database, 1)
    script = Script(answers={"BODY": [b"451 4.3.0 try later"] * 3})
    with scripted_server(script) as server, worker_for(any_database, server, clock) as worker:
        for hours in (0.5, 1, 2):
            run_once(worker)
            row = message(any_database, id_)
            assert (row.state, last_words(any_database, id_)) == ("deferred", "4.3.0 try later")
            assert row.next_attempt_at == clock.now + timedelta(hours=hours)
            clock.pass_(hours=hours, seconds=-1)
            assert run_once(worker).claimed == 0
            clock.pass_(seconds=1)
        run_once(worker)
    assert message(any_database, id_).state == "accepted"
    assert message(any_database, id_).attempts == 4
    assert len(set(server.bodies)) == 1


def test_a_letter_refused_is_never_tried_again(any_database: Database, clock: Clock) -> None:
    (id_,) = fill(any_database, 1)
    script = Script(answers={"RCPT": [b"550 5.1.1 unknown"] * 9})
    with scripted_server(script) as server, worker_for(any_database, server, clock) as worker:
        run_once(worker)
        clock.pass_(hours=50)
        assert run_once(worker).claimed == 0
    assert message(any_database, id_).state == "failed"
    assert events(any_database, id_)[-1].text == "5.1.1 unknown"


def test_waiting_ends_when_the_time_is_over(any_database: Database, clock: Clock) -> None:
    (id_,) = fill(any_database, 1)
    script = Script(answers={"MAIL": [b"450 4.3.2 not now"] * 99})
    with scripted_server(script) as server, worker_for(any_database, server, clock) as worker:
        for _ in range(200):
            run_once(worker)
            clock.pass_(hours=1)
    row = message(any_database, id_)
    assert row.state == "failed"
    assert row.attempts > 10
    assert events(any_database, id_)[-1].reason_code == "given_up"


def test_a_letter_whose_time_was_over_before_its_turn_expires(any_database: Database, clock: Clock) -> None:
    (id_,) = fill(any_database, 1)
    clock.pass_(hours=97)
    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        assert run_once(worker).claimed == 0
    assert history(any_database, id_) == ["expired"]
    assert server.connections == 0


def test_a_lost_answer_is_ambiguous_then_tried_once_more_then_held(any_database: Database, clock: Clock) -> None:
    (id_,) = fill(any_database, 1)
    with (
        scripted_server(Script(answers={"BODY": [HANG_UP] * 5})) as server,
        worker_for(any_database, server, clock) as worker,
    ):
        run_once(worker)
        assert message(any_database, id_).state == "ambiguous"
        assert not message(any_database, id_).possible_duplicate
        for _ in range(50):
            clock.pass_(hours=1)
            run_once(worker)
    assert message(any_database, id_).state == "held"
    assert message(any_database, id_).possible_duplicate
    assert history(any_database, id_) == ["sending", "ambiguous", "sending", "held"]
    assert len(server.bodies) == 2
    assert len(set(server.bodies)) == 1


def test_a_relay_out_of_order_uses_up_no_attempt(any_database: Database, clock: Clock) -> None:
    ids = fill(any_database, 3)
    script = Script(answers={"CONNECT": [b"421 4.3.2 too busy"] * 2, "MAIL": [b"530 5.7.0 sign in first"]})
    with scripted_server(script) as server, worker_for(any_database, server, clock) as worker:
        for _ in range(3):
            assert run_once(worker).trouble is not None
        for id_ in ids:
            row = message(any_database, id_)
            assert (row.state, row.attempts, row.body_started_at) == ("deferred", 0, None)
        assert run_once(worker).states == {State.ACCEPTED: 3}
    assert len(server.taken) == 3


def test_an_altered_or_missing_letter_is_held_and_not_sent(any_database: Database, clock: Clock) -> None:
    altered, missing, good = fill(any_database, 3)
    with any_database.write() as session:
        session.execute(update(FrozenLetter).where(FrozenLetter.message_id == altered).values(raw=b"Other\r\n"))
        session.execute(text("DELETE FROM frozen_letters WHERE message_id = :id"), {"id": missing})
    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        run_once(worker)
    assert [message(any_database, id_).state for id_ in (altered, missing, good)] == ["held", "held", "accepted"]
    assert len(server.taken) == 1


def test_two_claims_never_share_a_letter(any_database: Database, clock: Clock) -> None:
    fill(any_database, 40)
    got: list[list[int]] = []

    def take(owner: str) -> None:
        while True:
            with any_database.write() as session:
                ids = claim(session, owner=owner, now=clock(), limit=3, lease=timedelta(minutes=5)).ids
            if not ids:
                return
            got.append(ids)

    threads = [threading.Thread(target=take, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [id_ for ids in got for id_ in ids]
    assert len(everything) == len(set(everything)) == 40
    assert all(len(ids) <= 3 for ids in got)


def test_a_lease_that_ran_out_gives_back_or_makes_ambiguous(any_database: Database, clock: Clock) -> None:
    before, during = fill(any_database, 2)
    with any_database.write() as session:
        claim(session, owner="dead:1", now=clock(), limit=9, lease=timedelta(minutes=5))
        start_bodies(session, [during], owner="dead:1", now=clock(), lease=timedelta(minutes=20))
    clock.pass_(minutes=5)
    with any_database.write() as session:
        assert recover(session, actor=Actor.worker("b:2"), now=clock()) == [before]
        assert recover(session, actor=Actor.worker("b:2"), now=clock()) == []
    clock.pass_(minutes=15)
    with any_database.write() as session:
        assert recover(session, actor=Actor.worker("b:2"), now=clock()) == [during]
    assert message(any_database, before).state == "deferred"
    assert message(any_database, during).state == "ambiguous"
    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        run_once(worker)
    assert message(any_database, during).possible_duplicate
    assert not message(any_database, before).possible_duplicate
    assert history(any_database, during) == ["sending", "ambiguous", "sending", "accepted"]


def test_what_another_worker_took_over_is_not_sent(any_database: Database, clock: Clock) -> None:
    (id_,) = fill(any_database, 1)
    with any_database.write() as session:
        claim(session, owner="slow:1", now=clock(), limit=9, lease=timedelta(minutes=5))
    clock.pass_(minutes=6)
    with any_database.write() as session:
        assert start_bodies(session, [id_], owner="slow:1", now=clock(), lease=timedelta(minutes=20)) == []


@pytest.mark.parametrize(("verb", "sent", "given_back"), [("CONNECT", 0, 50), ("BODY", 50, 0)])
def test_a_worker_told_to_stop_gives_back_what_it_has_not_begun(
    any_database: Database, clock: Clock, verb: str, sent: int, given_back: int
) -> None:
    fill(any_database, 80)
    stop = threading.Event()

    def answer(got: str, _argument: str) -> bytes | None:
        if got == verb:
            stop.set()
        return None

    with scripted_server(Script(answer=answer)) as server, worker_for(any_database, server, clock) as worker:
        run_worker(Worker(**{**vars(worker), "wait": stop.wait}))
    with any_database.read() as session:
        states = count_states(session)
        rows = session.scalars(select(Message).where(Message.state.in_(["deferred", "queued"]))).all()
    assert len(server.taken) == sent
    wanted = {State.ACCEPTED: sent, State.DEFERRED: given_back, State.QUEUED: 80 - sent - given_back}
    assert states == {state: count for state, count in wanted.items() if count}
    assert {(row.attempts, row.lease_owner) for row in rows} == {(0, None)}


def test_the_worker_waits_for_its_relay_and_goes_on_when_it_is_back(database: Database, clock: Clock) -> None:
    fill(database, 3)
    stop = threading.Event()
    waits: list[float] = []
    with scripted_server(Script(answers={"CONNECT": [b"421 busy"] * 3})) as server:

        def wait(seconds: float) -> bool:
            waits.append(seconds)
            if len(server.taken) == 3:
                stop.set()
            return stop.is_set()

        said: list[str] = []
        with worker_for(database, server, clock) as worker:
            run_worker(Worker(**{**vars(worker), "wait": wait, "say": said.append}))
    pauses = [seconds for seconds in waits if seconds >= 5]
    assert pauses == [5, 10, 20]
    assert len(server.taken) == 3
    assert sum("unwelcome (421)" in line for line in said) == 3
    assert not any("@" in line for line in said)


def test_chores_come_in_their_time_and_a_failing_one_ends_nothing(database: Database, clock: Clock) -> None:
    fill(database, 1)
    done: list[str] = []

    def task(name: str, **columns: Any) -> PeriodicTask:
        def do() -> bool:
            done.append(name)
            if name == "fails":
                raise OperationalError("", None, Exception("disk I/O error"))
            return name == "long" and done.count(name) < 3  # three times in a row, then it has caught up

        return PeriodicTask(name="a task", do=do, **columns)

    periodic_tasks = [
        task("hourly", every=timedelta(hours=1)),
        task("fails", every=timedelta(hours=1)),
        task("long", every=timedelta(hours=1)),
        task("posts", every=timedelta(minutes=1), needs_relay=True),
    ]
    rounds = 0

    def wait(seconds: float) -> bool:
        nonlocal rounds
        if seconds:
            rounds += 1
            clock.pass_(minutes=10)
        return rounds == 9

    said: list[str] = []
    script = Script(answers={"CONNECT": [b"421 busy"] * 3})
    with scripted_server(script) as server, worker_for(database, server, clock) as worker:
        run_worker(Worker(**{**vars(worker), "wait": wait, "say": said.append, "periodic_tasks": periodic_tasks}))
    assert len(server.taken) == 1
    assert Counter(done) == {"hourly": 2, "fails": 2, "long": 4, "posts": 7}  # no post while the relay is out of order
    assert sum("a task is left for later: disk I/O error" in line for line in said) == 2


def test_a_locked_database_makes_the_worker_wait_and_loses_no_result(
    sqlite_url: str, database: Database, clock: Clock, tmp_path: Path
) -> None:
    ids = fill(database, 2)
    other = Database(sqlite_url)
    with other.engine.connect() as lock:

        def answer(verb: str, _argument: str) -> bytes | None:
            if verb == "BODY" and not lock.in_transaction():
                lock.exec_driver_sql("SELECT 1")  # BEGIN IMMEDIATE: the lock is ours while the letter is on the wire
            return None

        def wait(seconds: float) -> bool:
            if seconds:
                lock.rollback()
            return False

        said: list[str] = []
        impatient = Database(sqlite_url)
        with impatient.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 10")
        with scripted_server(Script(answer=answer)) as server, worker_for(impatient, server, clock) as worker:
            done = run_once(Worker(**{**vars(worker), "wait": wait, "say": said.append}))
        impatient.engine.dispose()
    other.engine.dispose()
    assert done.states == {State.ACCEPTED: 2}
    assert any("locked" in line for line in said)
    assert [message(database, id_).state for id_ in ids] == ["accepted", "accepted"]
    assert len(server.taken) == 2


@pytest.mark.parametrize(("begun", "attempts"), [(False, 1), (True, 2)])
def test_a_lease_that_ends_before_the_letters_turn_uses_up_no_try(
    any_database: Database, begun: bool, attempts: int
) -> None:
    """Others before it kept the worker waiting; nothing of this letter went out."""
    with any_database.write() as session:
        campaign = sample_campaign(session)
        action = sample_action(session, campaign)
        leased = {"lease_owner": "other:1", "lease_until": NOW, "body_started_at": NOW if begun else None}
        legislator = sample_legislator(session)
        id_ = sample_message(
            session,
            action,
            legislator,
            campaign.letters[0],
            state="sending",
            attempts=1,
            next_attempt_at=None,
            **leased,
        ).id
    with any_database.write() as session:
        assert recover(session, actor=Actor.worker("this:1"), now=NOW + timedelta(seconds=1)) == [id_]
    assert message(any_database, id_).attempts == attempts
