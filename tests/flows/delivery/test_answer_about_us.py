"""A mail server's word about us at one letter: it costs no try, blames nobody, and keeps no other letter for good."""

from __future__ import annotations

import threading

from actionmail.db.engine import Database
from actionmail.db.throttles import AddressFault
from actionmail.flows.delivery import switches
from actionmail.flows.delivery.running import run_worker
from actionmail.flows.delivery.worker import Worker
from tests.flows.delivery.test_delivery import Clock, worker_for
from tests.flows.delivery.test_relay_that_refuses_all import fill, rows
from tests.gateways.scripted_smtp import Script, scripted_server

LETTERS = 7
AT_ONE = 3  # of them go to the first legislator


def test_an_account_that_is_said_to_be_at_its_limit_at_one_address_keeps_the_others_going(database: Database) -> None:
    clock = Clock()
    ids = fill(database, LETTERS)
    stop = threading.Event()

    def answer(verb: str, argument: str) -> bytes | None:
        is_one = verb == "RCPT" and "r1@" in str(argument)
        return b"550 5.1.1 No more than 100 letters an hour for this account" if is_one else None

    with scripted_server(Script(answer=answer)) as server:
        waits = 0

        def wait(_seconds: float) -> bool:
            nonlocal waits
            waits += 1
            if len(server.taken) == LETTERS - AT_ONE or waits > 200:
                stop.set()
            return stop.is_set()

        with worker_for(database, server, clock) as worker:
            run_worker(Worker(**{**vars(worker), "wait": wait}))
        assert len(server.taken) == LETTERS - AT_ONE
    states = sorted((row.state, row.attempts) for row in rows(database, ids))
    assert states == [("accepted", 1)] * (LETTERS - AT_ONE) + [("deferred", 0)] * AT_ONE
    with database.read() as session:
        assert switches(session) == []
        assert session.query(AddressFault).count() == 0
