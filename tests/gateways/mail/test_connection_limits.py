"""A server that takes so many letters over one connection, and no more: the others go over the next, at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from actionmail.rules.delivery.states import Handover, Signal, State
from tests.gateways.mail.test_direct import one_server, to, world
from tests.gateways.mail.test_smtp import NO_PIPELINING, parcel, relay_to
from tests.gateways.scripted_smtp import Script, ScriptedServer, scripted_server

OPENSMTPD = ("MAIL", b"452 4.5.3 Too many recipients: Too many messages sent")
EXIM = ("MAIL", b"421 too many messages in this connection")
FORMS = (
    OPENSMTPD,
    EXIM,
    ("MAIL", b"421 4.3.2 Too many messages over this connection!"),
    ("MAIL", b"452 4.5.3 Too many messages in one session!"),
    ("RCPT", b"452 4.5.3 Error: too many recipients"),
    ("RCPT", b"421 4.5.3 too many recipients in this session!"),
    ("RCPT", b"450 Requested mail action not taken: too many messages in this connection"),
    ("RCPT", b"550 This message has exceeded the max number of messages per session. Open a new session. IB510"),
)

either_way = pytest.mark.parametrize("words", [Script().words, NO_PIPELINING], ids=["pipelining", "one by one"])


def after(letters: int, verb: str, given: bytes) -> Callable[[str, str], bytes | None]:
    """Answers `given` to the command `verb` of every letter on a connection after so many that it took."""
    taken: Counter[int] = Counter()

    def answer(asked: str, _argument: str) -> bytes | None:
        connection = threading.get_ident()
        if asked == "CONNECT":
            taken[connection] = 0
        if asked == "BODY":
            taken[connection] += 1
        return given if asked == verb and taken[connection] >= letters else None

    return answer


def assert_accepted(done: Handover, letters: int) -> None:
    assert done.trouble is None
    assert len(done.outcomes) == letters
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}


@either_way
@pytest.mark.parametrize(("verb", "given"), FORMS)
def test_the_letter_that_is_one_too_many_goes_over_a_new_connection(
    words: tuple[str, ...], verb: str, given: bytes
) -> None:
    """Once it is known, no connection has one too many."""
    script = Script(words=words, answer=after(5, verb, given))
    with scripted_server(script) as server, relay_to(server, connections=1) as relay:
        assert_accepted(relay.deliver([parcel(n) for n in range(1, 8)]), 7)
        assert server.connections == 2
        assert_accepted(relay.deliver([parcel(n) for n in range(8, 31)]), 23)
    assert [taken.sender for taken in server.taken] == [f"b+{n}@act.example.org" for n in range(1, 31)]
    assert server.connections == 6
    assert sum(line.startswith("MAIL") for line in server.commands) == 31


@either_way
@pytest.mark.parametrize(("verb", "given"), [OPENSMTPD, EXIM])
def test_who_keeps_the_connection_open_is_taken_leave_of(words: tuple[str, ...], verb: str, given: bytes) -> None:
    script = Script(words=words, answer=after(5, verb, given))
    with scripted_server(script) as server, relay_to(server, connections=1) as relay:
        relay.deliver([parcel(n) for n in range(1, 7)])
        assert "quit" in server.commands


@either_way
def test_two_connections_are_renewed_each(words: tuple[str, ...]) -> None:
    script = Script(words=words, answer=after(5, *EXIM))
    with scripted_server(script) as server, relay_to(server) as relay:
        assert_accepted(relay.deliver([parcel(n) for n in range(1, 101)]), 100)
    assert len({taken.sender for taken in server.taken}) == 100
    assert server.connections <= 22


@either_way
def test_what_a_kept_connection_refuses_first_goes_over_a_new_one(words: tuple[str, ...]) -> None:
    script = Script(words=words, answer=after(5, *EXIM))
    with scripted_server(script) as server, relay_to(server) as relay:
        assert_accepted(relay.deliver([parcel(n) for n in range(1, 6)]), 5)
        assert_accepted(relay.deliver([parcel(6)]), 1)
    assert server.connections == 2


@either_way
@pytest.mark.parametrize(("verb", "given"), FORMS)
def test_who_says_so_of_the_first_letter_means_our_pace(words: tuple[str, ...], verb: str, given: bytes) -> None:
    """There would be no end."""
    script = Script(words=words, answer=after(0, verb, given))
    with scripted_server(script) as server, relay_to(server, connections=1) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 4)])
    assert {outcome.state for outcome in done.outcomes.values()} == {State.DEFERRED}
    assert len(done.outcomes) == 3
    assert server.connections <= 3


def test_a_pace_in_the_same_words_is_not_taken_for_the_connections_limit() -> None:
    """It is asked again over one new connection, says the same, and no connection is renewed early for it."""

    def answer(verb: str, _argument: str) -> bytes | None:
        is_enough = verb == "MAIL" and len(server.taken) == 2 and len(server.commands) < 12
        return b"450 4.7.1 too many messages from you" if is_enough else None

    with scripted_server(Script(words=NO_PIPELINING, answer=answer)) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 10)])
    assert (done.outcomes[3].state, done.outcomes[3].signal) == (State.DEFERRED, Signal.SLOW_RELAY)
    assert [done.outcomes[n].state for n in (1, 2, *range(4, 10))] == [State.ACCEPTED] * 8
    assert server.connections == 2


@either_way
def test_greylisting_of_one_recipient_ends_no_connection(words: tuple[str, ...]) -> None:
    given = b"450 4.2.0 Greylisted, too many messages from a stranger"
    script = Script(words=words, answer=lambda verb, what: given if verb == "RCPT" and "senator2@" in what else None)
    with scripted_server(script) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 4)])
    assert [done.outcomes[n].state for n in (1, 2, 3)] == [State.ACCEPTED, State.DEFERRED, State.ACCEPTED]
    assert server.connections == 1


def test_what_was_learnt_is_forgotten_after_an_hour() -> None:
    most = [1]

    def answer(verb: str, argument: str) -> bytes | None:
        return after_one(verb, argument) if most else None

    after_one = after(1, *OPENSMTPD)
    with scripted_server(Script(answer=answer)) as server, relay_to(server, connections=1) as relay:
        relay.deliver([parcel(n) for n in (1, 2)])
        most.clear()
        relay.deliver([parcel(n) for n in (3, 4)])
        assert server.connections == 4
        relay._limit.until = 0.0
        relay.deliver([parcel(n) for n in range(5, 11)])
        assert server.connections == 5


@either_way
@pytest.mark.parametrize(("verb", "given"), FORMS)
def test_of_letters_that_go_directly(verb: str, given: bytes, words: tuple[str, ...]) -> None:
    """What one domain's server takes is known at the next handover too."""
    script = Script(words=words, answer=after(2, verb, given))
    with world({"127.0.0.2": script}, one_server()) as here:
        assert_accepted(here.relay.deliver([to("legislature.example", n) for n in range(1, 6)]), 5)
        server = here.servers["127.0.0.2"]
        asked = count_of_mail(server)
        assert_accepted(here.relay.deliver([to("legislature.example", n) for n in range(6, 11)]), 5)
        assert count_of_mail(server) - asked == 5
        assert server.connections == 6


def count_of_mail(server: ScriptedServer) -> int:
    return sum(line.startswith("MAIL") for line in server.commands)
