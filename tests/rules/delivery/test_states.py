from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.delivery.answers import classify
from actionmail.rules.delivery.states import (
    BEGINNINGS,
    FINAL,
    TRANSITIONS,
    WAITING,
    IllegalTransition,
    Phase,
    Signal,
    State,
    check_transition,
    lost,
    may_follow,
    queue_id,
    retry_delay,
    server_words,
)
from actionmail.rules.delivery.trouble import Loss, LossCode

ANY = tuple(Phase)[1:]
LATER = ANY[1:]  # MAIL is taken: what follows is no more about us as a whole


@pytest.mark.parametrize(
    ("phases", "code", "text", "state", "signal"),
    [
        ([Phase.BODY], 250, "2.0.0 Ok", State.ACCEPTED, Signal.NONE),
        (ANY, 421, "closing", State.DEFERRED, Signal.NONE),
        (ANY, 450, "4.2.0 greylisted", State.DEFERRED, Signal.NONE),
        (ANY, 451, "try later", State.DEFERRED, Signal.NONE),
        (ANY, 452, "4.3.1 out of space", State.DEFERRED, Signal.NONE),
        (ANY, 421, "4.7.0 too many", State.DEFERRED, Signal.SLOW_RELAY),
        (ANY, 451, "4.7.1 slow down", State.DEFERRED, Signal.SLOW_DOMAIN),
        (ANY, 454, "Throttling failure: Maximum sending rate exceeded.", State.DEFERRED, Signal.SLOW_RELAY),
        ([Phase.RCPT], 552, "too many recipients", State.DEFERRED, Signal.NONE),
        ([Phase.BODY], 552, "message too large", State.HELD, Signal.NONE),
        (ANY, 552, "5.2.2 over quota", State.DEFERRED, Signal.NONE),
        *[
            (LATER, 550, f"{status} no", State.FAILED, Signal.SUSPECT_ADDRESS)
            for status in ("5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
        ],
        (LATER, 550, "5.1.2 no", State.HELD, Signal.SUSPECT_DOMAIN),
        (LATER, 556, "null MX", State.HELD, Signal.SUSPECT_DOMAIN),
        *[
            ([Phase.MAIL], 550, f"{status} no", State.DEFERRED, Signal.PAUSE_RELAY)
            for status in ("5.1.1", "5.1.2", "5.1.8", "5.7.1", "5.7.26")
        ],
        ([Phase.MAIL], 550, "Requested action not taken", State.DEFERRED, Signal.PAUSE_RELAY),
        (ANY, 552, "5.3.4 too big", State.HELD, Signal.NONE),
        (ANY, 554, "5.6.0 bad MIME", State.HELD, Signal.NONE),
        (LATER, 550, "5.7.1 rejected", State.HELD, Signal.SUSPECT_DOMAIN),
        (LATER, 550, "5.7.26 unauthenticated", State.HELD, Signal.SUSPECT_DOMAIN),
        (LATER, 550, "No such user here", State.FAILED, Signal.SUSPECT_ADDRESS),
        (LATER, 554, "Blocked by our spam policy", State.HELD, Signal.SUSPECT_DOMAIN),
        (LATER, 550, "Requested action not taken", State.FAILED, Signal.NONE),
        (LATER, 554, "5.1.15 something new", State.FAILED, Signal.NONE),
        *[(ANY, code, "syntax", State.HELD, Signal.PAUSE_WORKER) for code in (500, 501, 502, 503, 504, 555)],
        ([Phase.MAIL, Phase.DATA, Phase.BODY], 554, "5.5.1 sequence", State.HELD, Signal.PAUSE_WORKER),
        ([Phase.RCPT], 554, "5.5.1 sequence", State.HELD, Signal.NONE),
        *[(ANY, code, "no", State.DEFERRED, Signal.PAUSE_RELAY) for code in (530, 534, 535)],
        (ANY, 530, "5.7.0 Must issue STARTTLS", State.DEFERRED, Signal.PAUSE_RELAY),
        (ANY, 550, "4.4.7 expired upstream", State.DEFERRED, Signal.NONE),
        (ANY, 450, "5.1.1 contradictory", State.DEFERRED, Signal.NONE),
        ([Phase.BODY], 251, "will forward", State.HELD, Signal.NONE),
        ([Phase.BODY], -1, "garbage", State.AMBIGUOUS, Signal.NONE),
        ([Phase.MAIL, Phase.RCPT, Phase.DATA], 250, "out of place", State.DEFERRED, Signal.NONE),
        ([Phase.MAIL, Phase.RCPT, Phase.DATA], -1, "garbage", State.DEFERRED, Signal.NONE),
    ],
)
def test_each_answer_has_its_meaning(phases: list[Phase], code: int, text: str, state: State, signal: Signal) -> None:
    for phase in phases:
        outcome = classify(phase, code, text)
        assert (outcome.state, outcome.signal) == (state, signal), phase
        assert (outcome.phase, outcome.code) == (phase, code)


def test_the_last_line_of_an_answer_gives_the_enhanced_status() -> None:
    outcome = classify(Phase.RCPT, 550, "5.7.1 general remarks\n5.1.1 no such mailbox")
    assert outcome.enhanced == "5.1.1"
    assert outcome.state is State.FAILED


def test_a_full_mailbox_waits_two_hours_at_least() -> None:
    outcome = classify(Phase.RCPT, 552, "5.2.2 mailbox full")
    assert retry_delay(1, 0.0, at_least=outcome.at_least) >= timedelta(hours=2)


@given(st.sampled_from(Phase), st.integers(-1, 999), st.text(max_size=60))
def test_only_250_to_the_final_dot_is_accepted(phase: Phase, code: int, text: str) -> None:
    outcome = classify(phase, code, text)
    assert (outcome.state is State.ACCEPTED) == (phase is Phase.BODY and code == 250)
    assert may_follow(State.SENDING, outcome.state)


@given(st.sampled_from(Phase), st.sampled_from(LossCode), st.text())
def test_a_lost_connection_never_counts_as_accepted(phase: Phase, code: LossCode, detail: str) -> None:
    outcome = lost(phase, Loss(code=code, detail=detail))
    assert outcome.state in {State.DEFERRED, State.AMBIGUOUS}
    assert (outcome.state is State.AMBIGUOUS) == (phase is Phase.BODY)
    assert Loss.read(outcome.text) == Loss(code=code, detail=detail)


@given(st.integers(1, 200), st.floats(0, 1))
def test_waits_grow_and_are_bounded(attempt: int, jitter: float) -> None:
    assert retry_delay(attempt, jitter) <= retry_delay(attempt, 1.0) <= timedelta(hours=8) * 1.2
    assert retry_delay(attempt, 0.0) <= retry_delay(attempt + 1, 0.0)
    assert timedelta(minutes=30) <= retry_delay(attempt, jitter)


def test_the_first_waits_are_those_of_the_schedule() -> None:
    hours = [retry_delay(attempt, 0.0) / timedelta(hours=1) for attempt in range(1, 8)]
    assert hours == [0.5, 1, 2, 4, 8, 8, 8]


@given(st.text())
def test_a_servers_words_are_bounded_and_cannot_move_the_cursor(text: str) -> None:
    words = server_words(text)
    assert len(words) <= 500
    assert all(character.isprintable() or character == "\n" or ord(character) > 0x9F for character in words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.0.0 Ok: queued as 4XyZ12ABCD", "4XyZ12ABCD"),
        ("OK id=1tFx2b-000000001Ab-3cDe", "1tFx2b-000000001Ab-3cDe"),
        ("2.6.0 <x@y> [InternalId=123456, Hostname=z] Queued mail for delivery", "123456"),
        ("Ok 0102019a2b3c4d5e-11111111-2222-000000", "0102019a2b3c4d5e-11111111-2222-000000"),
        ("2.0.0 4ATFCS1x012345 Message accepted for delivery", "4ATFCS1x012345"),
        ("2.0.0 3f1d2c3b Message accepted for delivery", "3f1d2c3b"),  # OpenSMTPD
        ("Message Queued (5C1A2B3D-1234-4ABC-9DEF-0123456789AB.1)", "5C1A2B3D-1234-4ABC-9DEF-0123456789AB.1"),  # Haraka
        ("Ok. 00000000002BCA57.000000006B0B32E5.00006B20", "00000000002BCA57.000000006B0B32E5.00006B20"),  # Courier
        ("fine", ""),
    ],
)
def test_the_servers_own_name_for_a_letter_is_found(text: str, expected: str) -> None:
    assert queue_id(text) == expected


def test_every_state_has_a_row_and_can_be_reached() -> None:
    assert set(TRANSITIONS) == set(State)
    assert {State.NO_CHANNEL, State.EXPIRED, State.CANCELLED, State.REJECTED} == FINAL
    reached = set(BEGINNINGS)
    for _ in State:
        for before in list(reached):
            reached |= TRANSITIONS[before]
    assert reached == set(State)


def test_a_worker_claims_what_waits_and_nothing_else() -> None:
    assert {before for before, after in TRANSITIONS.items() if State.SENDING in after} == WAITING


def test_a_step_that_no_rule_knows_is_refused() -> None:
    check_transition(State.QUEUED, State.SENDING)
    with pytest.raises(IllegalTransition):
        check_transition(State.CANCELLED, State.QUEUED)


def test_nothing_leaves_a_final_state_and_accepted_comes_only_from_sending() -> None:
    assert [before for before, after in TRANSITIONS.items() if State.ACCEPTED in after] == [State.SENDING]
    assert not may_follow("cancelled", "sending")
    assert may_follow("ambiguous", "sending")


@pytest.mark.parametrize(
    "text",
    ["2.0.0 Ok: queued as 4XyZ12ABCD", "Ok: queued as 4XyZ12ABCD", "2.6.0 Ok: queued as a.b-c", "2.0.0 Ok", "Ok"],
)
def test_the_usual_answer_means_what_it_means_the_long_way_round(text: str) -> None:
    assert classify(Phase.BODY, 250, text) == classify(Phase.BODY, 250, f"{text}\n")
    assert classify(Phase.BODY, 250, text).state is State.ACCEPTED
