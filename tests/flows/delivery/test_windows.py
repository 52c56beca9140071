"""One commit records a window and begins the next: what a worker has in hand meanwhile, and what it costs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.delivery import Worker, WorkerSettings, claim, claim_and_begin, count_states, pause, run_once
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import Actor, PauseCause
from actionmail.rules.delivery.states import State
from tests.executed import executed
from tests.flows.delivery.test_delivery import Clock, events, fill, history, worker_for
from tests.flows.delivery.test_hold_at_once import hold
from tests.gateways.scripted_smtp import Script, scripted_server

TENS = WorkerSettings(window=10)
Step = Callable[[], None]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def at_letter(number: int, step: Step) -> Script:
    """A server at which `step` is done while the letter of this number is on the wire."""
    bodies = 0

    def answer(verb: str, _argument: str) -> bytes | None:
        nonlocal bodies
        bodies += verb == "BODY"
        if verb == "BODY" and bodies == number:
            step()
        return None

    return Script(answer=answer)


def test_a_window_costs_one_commit_and_each_letter_two_changes(any_database: Database, clock: Clock) -> None:
    ids = fill(any_database, 200)
    commits: list[object] = []
    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        run_once(worker, limit=1)  # the pulse, and what is asked once
        event.listen(any_database.engine, "commit", commits.append)
        done = run_once(worker)
    assert done.claimed == len(ids) - 1
    assert len(commits) == 5  # the first claim, its beginning, and an end for the windows of 50, 100 and 49
    assert len(server.taken) == len({taken.sender for taken in server.taken}) == len(ids)


def test_windows_go_by_the_driver_and_on_postgresql_events_with_their_letters(
    any_database: Database, clock: Clock
) -> None:
    fill(any_database, 200)
    built: list[str] = []
    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        run_once(worker, limit=1)
        event.listen(any_database.engine, "before_execute", lambda _at, statement, *_rest: built.append(str(statement)))
        with executed(any_database.engine) as seen:
            run_once(worker)
    about_letters = [statement for statement, _parameters in seen if "messages" in statement]
    assert len(about_letters) > 12
    assert [statement for statement in built if "messages" in statement] == []
    noting = [statement for statement in about_letters if "INSERT INTO events" in statement]
    changing = [statement for statement in about_letters if "UPDATE messages" in statement]
    assert len(noting) == 6  # windows of 50, 100 and 49 are claimed and recorded
    assert len(changing) == 7  # the first one's bodies begin later
    is_one = any_database.engine.dialect.name == "postgresql"
    assert [statement in changing for statement in noting] == [is_one] * 6


def test_a_worker_has_one_window_in_hand_and_all_of_it_is_noted_as_begun(any_database: Database, clock: Clock) -> None:
    fill(any_database, 40)
    in_hand: list[tuple[bool, timedelta]] = []

    def look() -> None:
        with any_database.read() as session:
            for row in session.scalars(select(Message).where(Message.state == State.SENDING)):
                assert row.lease_until is not None
                in_hand.append((row.body_started_at is not None, row.lease_until - clock.now))

    with (
        scripted_server(at_letter(25, look)) as server,
        worker_for(any_database, server, clock, settings=TENS) as worker,
    ):
        run_once(worker)
    assert in_hand == [(True, TENS.window_lease)] * 10
    with any_database.read() as session:
        assert count_states(session) == {State.ACCEPTED: 40}


def test_what_staff_stop_or_hold_in_one_window_keeps_the_next_from_going(any_database: Database, clock: Clock) -> None:
    fill(any_database, 40)

    def stop_all() -> None:
        with any_database.write() as session:
            pause(session, Scope.ALL, "", PauseCause(words="stop"), actor=Actor.staff(1), now=clock.now)

    with (
        scripted_server(at_letter(15, stop_all)) as server,
        worker_for(any_database, server, clock, settings=TENS) as worker,
    ):
        assert run_once(worker).claimed == 20
    with any_database.read() as session:
        assert count_states(session) == {State.ACCEPTED: 20, State.QUEUED: 20}


def test_a_campaign_held_back_in_one_window_keeps_the_next_from_going(any_database: Database, clock: Clock) -> None:
    fill(any_database, 40)

    def hold_back() -> None:
        with any_database.write() as session:
            hold(session)

    with (
        scripted_server(at_letter(15, hold_back)) as server,
        worker_for(any_database, server, clock, settings=TENS) as worker,
    ):
        assert run_once(worker).claimed == 20
    with any_database.read() as session:
        assert count_states(session) == {State.ACCEPTED: 20, State.HELD: 20}


def test_a_round_ends_in_time_for_what_else_there_is_to_do(any_database: Database, clock: Clock) -> None:
    fill(any_database, 40)
    with (
        scripted_server(at_letter(15, lambda: clock.pass_(seconds=6))) as server,
        worker_for(any_database, server, clock, settings=TENS) as worker,
    ):
        assert run_once(worker).claimed == 20
        assert run_once(worker).claimed == 20


def test_a_window_that_is_claimed_and_never_sent_is_ambiguous_and_goes_once_more(
    any_database: Database, clock: Clock
) -> None:
    """The worker was killed right after its commit."""
    (id_,) = fill(any_database, 1)
    with any_database.write() as session:
        taken = claim_and_begin(session, owner="dead:1", now=clock.now, limit=9, lease=TENS.window_lease)
    assert taken.ids == [id_]
    clock.pass_(minutes=21)
    with scripted_server() as server, worker_for(any_database, server, clock) as worker:
        run_once(worker)
    assert len(server.taken) == 1
    assert history(any_database, id_) == ["sending", "ambiguous", "sending", "accepted"]


def test_a_commit_that_was_done_and_whose_answer_was_lost_leaves_no_letter_in_doubt(
    any_database: Database, clock: Clock
) -> None:
    """The database went away at that very moment; the letters that it gave us were not sent."""
    ids = fill(any_database, 40)
    commits = 0

    @contextmanager
    def write() -> Iterator[Session]:
        nonlocal commits
        with any_database.write() as session:
            yield session
        commits += 1
        if commits == 5:  # the pulse, the claim, its beginning, the second window; this is the third
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise OperationalError("COMMIT", None, error)

    with scripted_server() as server, worker_for(any_database, server, clock, settings=TENS) as worker:
        done = run_once(Worker(**{**vars(worker), "write": write, "wait": lambda _seconds: False}))
    assert done.states == {State.ACCEPTED: 40}
    with any_database.read() as session:
        assert count_states(session) == {State.ACCEPTED: 40}
        assert set(session.scalars(select(Message.possible_duplicate))) == {False}
    assert len(server.taken) == len({taken.sender for taken in server.taken}) == len(ids)
    steps = [[step.to_state for step in events(any_database, id_)] for id_ in ids]
    assert steps.count(["sending", "deferred", "sending", "accepted"]) == 10
    assert steps.count(["sending", "accepted", "accepted"]) == 10  # whose answers were recorded, and told again
    assert steps.count(["sending", "accepted"]) == 20


def test_a_letter_that_cannot_be_begun_is_held_and_the_others_of_its_window_go(
    database: Database, clock: Clock
) -> None:
    ids = fill(database, 5)
    with database.write() as session:
        session.connection().exec_driver_sql(
            f"CREATE TRIGGER fails BEFORE UPDATE OF body_started_at ON messages WHEN NEW.id = {ids[2]} "
            "AND NEW.body_started_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a fault'); END"
        )
    with scripted_server() as server, worker_for(database, server, clock) as worker:
        done = run_once(worker)
    assert done.states == {State.ACCEPTED: 4, State.HELD: 1}
    assert history(database, ids[2]) == ["sending", "held"]


@pytest.mark.parametrize("take", [claim, claim_and_begin])
def test_nobody_claims_a_letter_to_somebody_who_went_a_moment_ago(
    any_database: Database, clock: Clock, take: Callable[..., object]
) -> None:
    (id_,) = fill(any_database, 1)
    with any_database.write() as session:
        legislator = session.get_one(Message, id_).legislator_id
        session.connection().exec_driver_sql(f"UPDATE legislators SET status = 'vacant' WHERE id = {legislator}")
        taken = take(session, owner="w:1", now=clock.now, limit=9, lease=TENS.claim_lease)
    assert taken.ids == []  # type: ignore[attr-defined]
