"""Full and read-only disks, a PostgreSQL that crashes, servers in bad mood: nothing is lost, and nobody has to come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.flows.delivery import Round, Worker, count_states, run_once
from actionmail.rules.delivery.rates import Limits
from actionmail.rules.delivery.states import State
from tests.disks import CannotMount, PageLimit, Tmpfs, tmpfs
from tests.flows.delivery.test_crash import fill as begin
from tests.flows.delivery.test_crash import start_worker
from tests.flows.delivery.test_delivery import Clock, fill, history, message, worker_for
from tests.gateways.scripted_smtp import Script, ScriptedServer, scripted_server
from tests.postgres import NoPostgres, PostgresServer

LETTERS = 30


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def own_tmpfs(tmp_path: Path, sqlite_template: Path) -> Iterator[Tmpfs]:
    try:
        with tmpfs(tmp_path / "disk", sqlite_template) as disk:
            yield disk
    except CannotMount as error:
        pytest.skip(f"no tmpfs: {error}")


@pytest.fixture(params=["tmpfs", "page limit"])
def disk(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Tmpfs | PageLimit:
    if request.param == "tmpfs":
        return request.getfixturevalue("own_tmpfs")  # type: ignore[no-any-return]
    return PageLimit(tmp_path, sqlite_template)


def in_mid_delivery(weather: Callable[[], None]) -> Callable[[str, str], bytes | None]:
    """The weather breaks when the server has half a window of letters."""
    bodies = 0

    def answer(verb: str, _argument: str) -> bytes | None:
        nonlocal bodies
        bodies += verb == "BODY"
        if bodies == 7 and verb == "BODY":
            weather()
        return None

    return answer


def deliver_through(
    database: Database, server: ScriptedServer, clock: Clock, clears: Callable[[], None]
) -> tuple[Round, list[str]]:
    """One round of a worker for which the weather clears after it has waited three times."""
    waits: list[float] = []
    said: list[str] = []

    def wait(seconds: float) -> bool:
        if seconds:
            waits.append(seconds)
        if len(waits) == 3:
            waits.append(0)
            clears()
        return False

    with worker_for(database, server, clock) as worker:
        done = run_once(Worker(**{**vars(worker), "wait": wait, "say": said.append}))
    return done, said


def assert_each_went_once(database: Database, server: ScriptedServer, ids: list[int]) -> None:
    with database.read() as session:
        assert count_states(session) == {State.ACCEPTED: len(ids)}
        assert not session.scalars(select(Message.id).where(Message.possible_duplicate)).all()
    assert len(server.taken) == len({taken.sender for taken in server.taken}) == len(ids)
    for id_ in ids:
        assert history(database, id_) == ["sending", "accepted"]


def test_a_disk_that_fills_in_mid_delivery_loses_no_answer(disk: Tmpfs | PageLimit, clock: Clock) -> None:
    database = disk.open()
    ids = fill(database, LETTERS)
    with scripted_server(Script(answer=in_mid_delivery(disk.fill))) as server:
        done, said = deliver_through(database, server, clock, disk.clear)
    assert done.states == {State.ACCEPTED: LETTERS}
    assert sum("the database is in distress" in line for line in said) == 3
    assert any("full" in line for line in said)
    assert not any("@" in line for line in said)
    assert_each_went_once(database, server, ids)
    database.engine.dispose()


def test_a_worker_on_a_full_disk_sends_nothing_that_it_could_not_note(disk: Tmpfs | PageLimit, clock: Clock) -> None:
    database = disk.open()
    ids = fill(database, LETTERS)
    disk.fill()
    seen: list[int] = []

    def clears() -> None:
        seen.append(len(server.taken))
        disk.clear()

    with scripted_server() as server:
        done, _said = deliver_through(database, server, clock, clears)
    assert seen == [0]
    assert done.states == {State.ACCEPTED: LETTERS}
    assert_each_went_once(database, server, ids)
    database.engine.dispose()


def test_a_worker_that_meets_a_read_only_file_system_waits_until_it_can_write(own_tmpfs: Tmpfs, clock: Clock) -> None:
    database = own_tmpfs.open()
    ids = fill(database, LETTERS)
    database.engine.dispose()
    read_only = own_tmpfs.read_only()
    read_only.__enter__()

    def clears() -> None:
        read_only.__exit__(None, None, None)

    with scripted_server() as server:
        done, said = deliver_through(database, server, clock, clears)
    assert sum("the database is in distress" in line for line in said) == 3
    assert done.states == {State.ACCEPTED: LETTERS}
    assert_each_went_once(database, server, ids)
    database.engine.dispose()


def test_a_database_that_turns_read_only_in_mid_delivery_loses_no_answer(database: Database, clock: Clock) -> None:
    ids = fill(database, LETTERS)

    def turn(value: int) -> None:
        connection = database.engine.raw_connection()
        connection.cursor().execute(f"PRAGMA query_only={value}")
        connection.close()

    with scripted_server(Script(answer=in_mid_delivery(lambda: turn(1)))) as server:
        done, said = deliver_through(database, server, clock, lambda: turn(0))
    assert any("readonly" in line for line in said)
    assert done.states == {State.ACCEPTED: LETTERS}
    assert_each_went_once(database, server, ids)


@pytest.mark.postgres
@pytest.mark.parametrize("weather", ["crashed", "read-only"])
def test_a_postgresql_that_crashes_or_turns_read_only_in_mid_delivery_loses_no_answer(
    own_postgres: PostgresServer, own_postgres_url: str, clock: Clock, weather: str
) -> None:
    database = Database(own_postgres_url)
    ids = fill(database, LETTERS)
    outage = own_postgres.away() if weather == "crashed" else own_postgres.read_only()
    failed: list[NoPostgres] = []

    def crash() -> None:
        try:
            outage.__enter__()
        except NoPostgres as error:
            failed.append(error)

    with scripted_server(Script(answer=in_mid_delivery(crash))) as server:
        done, said = deliver_through(database, server, clock, lambda: outage.__exit__(None, None, None))
    if failed:
        pytest.skip(str(failed[0]))
    assert sum("the database is in distress" in line for line in said) >= 3
    assert done.states == {State.ACCEPTED: LETTERS}
    assert_each_went_once(database, server, ids)
    database.engine.dispose()


@pytest.mark.postgres
def test_a_worker_started_while_the_database_is_away_waits_for_it(
    own_postgres: PostgresServer, own_postgres_url: str
) -> None:
    database = Database(own_postgres_url)
    begin(database, 3)
    with scripted_server() as server:
        try:
            with own_postgres.away():
                process = start_worker(database, server)
                assert process.stdout is not None
                first = process.stdout.readline()
        except NoPostgres as error:
            pytest.skip(str(error))
        for _ in range(30_000):
            if len(server.taken) == 3:
                break
            threading.Event().wait(0.01)
        process.terminate()
        output, _none = process.communicate(timeout=300)
    assert "cannot be used yet" in first
    assert len(server.taken) == 3
    assert "nothing is left half done" in output
    with database.read() as session:
        assert count_states(session) == {State.ACCEPTED: 3}
    database.engine.dispose()


def through_the_days(database: Database, server: ScriptedServer, clock: Clock, **limits: Any) -> None:
    """A worker at work for 97 hours."""
    end = clock.now + timedelta(hours=97)
    with worker_for(database, server, clock) as worker:
        this = Worker(**{**vars(worker), "limits": Limits(**limits)})
        while clock.now < end:
            run_once(this)
            clock.pass_(minutes=10)


def test_452_after_ten_recipients_defers_the_rest_and_no_letter_is_lost(database: Database, clock: Clock) -> None:
    """Some servers count recipients over the whole connection and not for each letter."""
    ids = fill(database, 19)  # over one connection
    recipients: dict[int, int] = {}

    def answer(verb: str, _argument: str) -> bytes | None:
        if verb != "RCPT":
            return None
        count = recipients[server.connections] = recipients.get(server.connections, 0) + 1
        return b"452 4.5.3 too many recipients" if count > 10 else None

    with scripted_server(Script(answer=answer)) as server, worker_for(database, server, clock) as worker:
        run_once(worker)
        with database.read() as session:
            assert count_states(session) == {State.ACCEPTED: 10, State.DEFERRED: 9}
        for hours in (0.5, 1):
            worker.relay.close()  # the server ended the connection meanwhile
            clock.pass_(hours=hours)
            run_once(worker)
        with database.read() as session:
            assert count_states(session) == {State.ACCEPTED: 19}
            assert max(session.scalars(select(Message.attempts))) == 2
    assert len(server.taken) == len(ids)


def test_a_server_that_takes_one_letter_an_hour_gets_them_all(database: Database, clock: Clock) -> None:
    ids = fill(database, 8)
    taken_at = []

    def answer(verb: str, _argument: str) -> bytes | None:
        if verb == "MAIL" and taken_at and clock.now < taken_at[-1] + timedelta(hours=1):
            return b"451 4.7.1 one letter an hour, please"
        if verb == "BODY":
            taken_at.append(clock.now)
        return None

    with scripted_server(Script(answer=answer)) as server:
        through_the_days(database, server, clock)
    with database.read() as session:
        assert count_states(session) == {State.ACCEPTED: 8}
        refused = session.scalars(select(Event).where(Event.smtp_code == 451)).all()
    assert len(server.taken) == len({taken.sender for taken in server.taken}) == 8
    # A refusal is a try, and nothing else is.
    assert sum(message(database, id_).attempts for id_ in ids) == 8 + len(refused)
