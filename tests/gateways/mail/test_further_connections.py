"""A second connection beside the first: it takes nothing away from the letters, whatever a server makes of it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from actionmail.rules.delivery.states import Handover, State
from tests.gateways.mail.test_smtp import parcel, relay_to
from tests.gateways.scripted_smtp import PATIENT, Script, scripted_server


def states(*handovers: Handover) -> set[State]:
    assert not any(done.trouble for done in handovers)
    return {outcome.state for done in handovers for outcome in done.outcomes.values()}


@pytest.mark.parametrize("beginning", [b"250-looking at it\r\n", b"2"], ids=["a line", "an octet"])
def test_an_answer_of_which_a_part_came_does_not_stop_the_other_connection(beginning: bytes) -> None:
    others_came = threading.Event()

    def wait(raw: bytes) -> None:
        if b"am.1@" in raw:
            server.begin_answer(beginning)
            assert others_came.wait(60)
        elif len(server.taken) >= 37:
            others_came.set()

    given = b"250 2.0.0 ok".removeprefix(beginning)
    script = Script(
        before_body_answer=wait, answer=lambda verb, raw: given if verb == "BODY" and "am.1@" in raw else None
    )
    with scripted_server(script) as server, relay_to(server, timeouts=replace(PATIENT, final_dot=5.0)) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 41)])
    assert states(done) == {State.ACCEPTED}
    assert server.connections == 2


@pytest.mark.parametrize("goodbye", [b"421 4.4.2 idle for too long!", b"451 4.4.2 Timeout waiting for data!"])
def test_what_a_server_said_on_a_kept_connection_is_no_answer_to_a_letter(goodbye: bytes) -> None:
    with scripted_server() as server, relay_to(server) as relay:
        relay.deliver([parcel(n) for n in range(1, 41)])
        server.say_to_all(goodbye)
        done = relay.deliver([parcel(n) for n in range(41, 81)])
    assert states(done) == {State.ACCEPTED}
    assert (len(server.taken), server.connections) == (80, 4)
