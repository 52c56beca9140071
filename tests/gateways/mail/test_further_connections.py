"""A second connection beside the first: it takes nothing away from the letters, whatever a server makes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from actionmail.rules.delivery.states import Handover, State
from actionmail.rules.delivery.trouble import TroubleCode
from tests.gateways.mail.test_smtp import NO_PIPELINING, SHORT, parcel, relay_to
from tests.gateways.scripted_smtp import HANG_UP, PATIENT, SILENCE, Script, scripted_server


def on_all_but_the_first(wanted: str, given: bytes) -> Callable[[str, str], bytes | None]:
    """Answers `given` to the command `wanted` on every connection but the first."""
    connections: dict[int, None] = {}

    def answer(verb: str, _argument: str) -> bytes | None:
        connections.setdefault(threading.get_ident())
        is_first = threading.get_ident() == next(iter(connections))
        return given if verb == wanted and not is_first else None

    return answer


def states(*handovers: Handover) -> set[State]:
    assert not any(done.trouble for done in handovers)
    return {outcome.state for done in handovers for outcome in done.outcomes.values()}


@pytest.mark.parametrize("answer", [b"421 4.7.0 too many connections", HANG_UP, SILENCE])
def test_a_server_that_lets_no_second_connection_in_gets_all_over_the_first(answer: bytes) -> None:
    """And is not asked again soon."""
    script = Script(answers={"CONNECT": [b"220 scripted.example ESMTP", answer]})
    with (
        scripted_server(script) as server,
        relay_to(server, timeouts=replace(PATIENT, further=SHORT)) as relay,
    ):
        for first in (1, 41):
            done = relay.deliver([parcel(n) for n in range(first, first + 40)])
            assert done.trouble is None
            assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    assert (len(server.taken), server.connections) == (80, 2)


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("MAIL", b"421 4.7.0 too many connections!"),
        ("MAIL", b"450 4.7.1 too many concurrent connections"),
        ("MAIL", b"530 5.7.0 authentication required"),
        ("MAIL", HANG_UP),
        ("RCPT", b"421 4.7.0 too many connections!"),
        ("RCPT", b"450 4.7.0 too many connections"),
        ("RCPT", HANG_UP),
        ("DATA", b"451 4.7.0 too many connections"),
        ("BODY", b"432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded"),
        ("BODY", b"451 4.7.0 too many concurrent connections"),
    ],
)
@pytest.mark.parametrize("words", [Script().words, NO_PIPELINING], ids=["pipelining", "one by one"])
def test_what_a_second_connection_is_refused_goes_over_the_first(
    words: tuple[str, ...], verb: str, given: bytes
) -> None:
    """No letter is put off, no rate is halved, nothing pauses, and the server is not asked again soon."""
    script = Script(words=words, answer=on_all_but_the_first(verb, given))
    with scripted_server(script) as server, relay_to(server) as relay:
        done = [relay.deliver([parcel(n) for n in range(first, first + 40)]) for first in (1, 41)]
    assert states(*done) == {State.ACCEPTED}
    assert (len(server.taken), server.connections) == (80, 2)


def test_several_lanes_ask_a_full_server_once() -> None:
    script = Script(answers={"CONNECT": [b"220 scripted.example ESMTP", *[SILENCE] * 20]})
    with (
        scripted_server(script) as server,
        relay_to(server, connections=20, timeouts=replace(PATIENT, further=SHORT)) as relay,
    ):
        done = relay.deliver([parcel(n) for n in range(1, 101)])
    assert states(done) == {State.ACCEPTED}
    assert server.connections == 2


def test_who_took_letters_and_then_ends_a_connection_is_not_full() -> None:
    """Some take so many letters over one connection, and no more."""
    script = Script(answers={"BODY": [b"250 2.0.0 ok"] * 7 + [b"421 4.7.0 enough for one connection!"]})
    with scripted_server(script) as server, relay_to(server) as relay:
        relay.deliver([parcel(n) for n in range(1, 41)])
        assert server.connections == 3
        assert relay._lanes(40) == 2


def test_a_server_that_was_away_is_not_full_when_it_is_back() -> None:
    def answer(verb: str, _argument: str) -> bytes | None:
        if verb == "CONNECT" and server.taken:
            return HANG_UP
        return HANG_UP if verb == "MAIL" and len(server.taken) >= 10 else None

    with scripted_server(Script(words=NO_PIPELINING, answer=answer)) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 41)])
        assert done.trouble is not None
        assert done.trouble.code is TroubleCode.UNREACHABLE
        assert relay._lanes(40) == 2


@pytest.mark.parametrize("answer", [b"421 4.7.0 too many connections", HANG_UP])
def test_a_connection_that_was_just_closed_may_count_for_a_moment(answer: bytes) -> None:
    """With room for one, Exim says so to who opens the next one at once."""
    welcome = b"220 scripted.example ESMTP"
    script = Script(answers={"CONNECT": [welcome, answer, welcome, answer, welcome]})
    timeouts = replace(PATIENT, connection_letters=10)
    with scripted_server(script) as server, relay_to(server, connections=1, timeouts=timeouts) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 31)])
    assert states(done) == {State.ACCEPTED}
    assert server.connections == 5


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
