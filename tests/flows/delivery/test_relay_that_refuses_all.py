"""A relay that passes nothing on for us, and does not say so: no letter may burn, no legislator may be blamed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.throttles import AddressFault
from actionmail.flows.delivery import switches
from actionmail.flows.delivery.rounds import run_once
from actionmail.flows.delivery.running import run_worker
from actionmail.flows.delivery.worker import Worker
from actionmail.rules.delivery.states import State
from actionmail.rules.delivery.trouble import TroubleCode
from tests.flows.delivery.test_delivery import Clock, worker_for
from tests.gateways.scripted_smtp import Script, scripted_server
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fill(database: Database, letters: int, *, accepted: bool = False) -> list[int]:
    """So many letters, each of another supporter, to three legislators of two domains in turn."""
    with database.write() as session:
        campaign = sample_campaign(session)
        people = []
        for number in (1, 2, 3):
            people.append(sample_legislator(session, id=number, email=f"r{number}@d{number % 2}.example"))
        ids = []
        for number in range(letters):
            action = sample_action(session, campaign, email=f"mai{number}@example.org")
            ids.append(sample_message(session, action, people[number % 3], campaign.letters[0]).id)
        if accepted:
            action = sample_action(session, campaign, email="first@example.org")
            sample_message(session, action, people[0], campaign.letters[0], state="accepted", updated_at=NOW)
    return ids


def refusing(words: bytes) -> Script:
    def answer(verb: str, argument: str) -> bytes | None:
        return words + b": " + argument.encode() if verb == "RCPT" else None

    return Script(answer=answer)


def rows(database: Database, ids: list[int]) -> Iterator[Message]:
    with database.read() as session:
        for id_ in ids:
            yield session.get_one(Message, id_)


@pytest.mark.parametrize("words", [b"550 Invalid recipient", b"550 5.1.1 no", b"554 5.7.1 no"])
def test_a_server_that_refuses_everybody_alike_burns_no_letter(
    any_database: Database, clock: Clock, words: bytes
) -> None:
    ids = fill(any_database, 7)
    with scripted_server(refusing(words)) as server, worker_for(any_database, server, clock) as worker:
        done = run_once(worker)
        assert done.trouble is not None
        assert done.trouble.code is TroubleCode.REFUSES_ALL
        assert "@" not in done.trouble.detail
        again = run_once(worker, limit=1, earlier=done.trouble)  # as the worker probes
        assert again.trouble == done.trouble
    assert {(row.state, row.attempts) for row in rows(any_database, ids)} == {("deferred", 0)}
    with any_database.read() as session:
        assert switches(session) == []
        assert session.query(AddressFault).count() == 0


def test_where_the_server_took_a_letter_today_the_mailboxes_are_gone(any_database: Database, clock: Clock) -> None:
    ids = fill(any_database, 2, accepted=True)
    with scripted_server(refusing(b"550 5.1.1 no")) as server, worker_for(any_database, server, clock) as worker:
        assert run_once(worker).states == {State.FAILED: 2}
    assert {row.attempts for row in rows(any_database, ids)} == {1}


def test_the_worker_goes_on_once_the_server_lets_us_relay(database: Database, clock: Clock) -> None:
    ids = fill(database, 6)
    stop = threading.Event()
    refused = 0

    def answer(verb: str, _argument: str) -> bytes | None:
        nonlocal refused
        if verb == "RCPT" and refused < 8:
            refused += 1
            return b"550 Invalid recipient"
        return None

    with scripted_server(Script(answer=answer)) as server:

        def wait(seconds: float) -> bool:
            if len(server.taken) == 6:
                stop.set()
            return stop.is_set()

        with worker_for(database, server, clock) as worker:
            run_worker(Worker(**{**vars(worker), "wait": wait}))
    assert {(row.state, row.attempts) for row in rows(database, ids)} == {("accepted", 1)}
