"""A worker that sends straight to the receiving domains, with their servers on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.delivery import switches
from actionmail.flows.delivery.rounds import run_once
from actionmail.flows.delivery.worker import Worker
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.states import State
from actionmail.rules.delivery.trouble import TroubleCode
from tests.flows.delivery.test_delivery import Clock, worker_for
from tests.gateways.mail.test_direct import World, world
from tests.gateways.scripted_smtp import Script, scripted_server
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_message

RECORDS = {("one.example", "A"): ["127.0.0.2"], ("two.example", "A"): ["127.0.0.3"]}
BLOCKED = Script(answers={"CONNECT": [b"554 5.7.1 client host blocked using zen.example.org"] * 99})


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fill(database: Database, letters: Mapping[str, int]) -> None:
    """So many letters to each mailbox, each of another supporter."""
    with database.write() as session:
        campaign = sample_campaign(session)
        for number, (mailbox, count) in enumerate(letters.items()):
            person = sample_legislator(session, id=number + 1, email=mailbox)
            for one in range(count):
                action = sample_action(session, campaign, email=f"mai{number}.{one}@example.org")
                sample_message(session, action, person, campaign.letters[0])


def states(database: Database) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with database.read() as session:
        for row in session.query(Message):
            found.setdefault(row.domain, set()).add(row.state)
    return found


def direct(worker: Worker, here: World) -> Worker:
    return replace(worker, relay=here.relay)


def test_letters_of_several_domains_go_out_once_each(any_database: Database, clock: Clock) -> None:
    fill(any_database, {"a@one.example": 12, "b@one.example": 3, "c@two.example": 5})
    with (
        world({"127.0.0.2": Script(), "127.0.0.3": Script()}, RECORDS) as here,
        scripted_server() as unused,
        worker_for(any_database, unused, clock) as worker,
    ):
        assert run_once(direct(worker, here)).states == {State.ACCEPTED: 20}
        assert here.taken() == {"127.0.0.2": 15, "127.0.0.3": 5}
        bodies = [taken.raw for server in here.servers.values() for taken in server.taken]
        assert len(set(bodies)) == 20
        assert unused.connections == 0


def test_a_domain_that_does_not_want_us_is_stopped_and_others_are_not(any_database: Database, clock: Clock) -> None:
    fill(any_database, {"a@one.example": 2, "b@one.example": 2, "c@two.example": 3})
    with (
        world({"127.0.0.2": BLOCKED, "127.0.0.3": Script()}, RECORDS) as here,
        scripted_server() as unused,
        worker_for(any_database, unused, clock) as worker,
    ):
        done = run_once(direct(worker, here))
        assert done.trouble is None
    assert states(any_database) == {"one.example": {"held"}, "two.example": {"accepted"}}
    with any_database.read() as session:
        (stop,) = switches(session)
        assert (stop.scope, stop.key) == (Scope.DOMAIN, "one.example")
        assert stop.words.startswith("554 5.7.1 client host blocked")


def test_where_every_domain_refuses_us_alike_no_letter_is_burnt(any_database: Database, clock: Clock) -> None:
    fill(any_database, {"a@one.example": 2, "c@two.example": 2})
    with (
        world({"127.0.0.2": BLOCKED, "127.0.0.3": BLOCKED}, RECORDS) as here,
        scripted_server() as unused,
        worker_for(any_database, unused, clock) as worker,
    ):
        done = run_once(direct(worker, here))
        assert done.trouble is not None
        assert done.trouble.code is TroubleCode.REFUSED_EVERYWHERE
    with any_database.read() as session:
        assert {(row.state, row.attempts) for row in session.query(Message)} == {("deferred", 0)}
        assert switches(session) == []


def test_a_domain_that_is_not_there_is_told_in_the_stop(any_database: Database, clock: Clock) -> None:
    fill(any_database, {"a@gone.example": 2, "b@gone.example": 1, "c@two.example": 1})
    with (
        world({"127.0.0.3": Script()}, RECORDS) as here,
        scripted_server() as unused,
        worker_for(any_database, unused, clock) as worker,
    ):
        assert run_once(direct(worker, here)).states == {State.ACCEPTED: 1, State.HELD: 3}
    with any_database.read() as session:
        (stop,) = switches(session)
        assert (stop.key, stop.reason_code, stop.words) == ("gone.example", "no_mail_there", "gone.example")
