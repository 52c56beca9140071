"""The relay against real servers that answer on script."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

import pytest

from actionmail.gateways.mail.smtp import SmtpRelay, Timeouts
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.states import Parcel, Phase, Signal, State
from actionmail.rules.delivery.trouble import LossCode, TroubleCode
from actionmail.settings import RelayAddress
from actionmail.web.platform.mail_words import trouble_sentence
from tests.gateways.scripted_smtp import HANG_UP, PATIENT, SILENCE, Script, ScriptedServer, scripted_server

# For a server that is silent, or drips, where it ought to answer.
SHORT = 0.3
NO_PIPELINING = ("SIZE 10240000", "8BITMIME")


def parcel(number: int = 1, text: str = "Hello.", **other: Any) -> Parcel:
    raw = f"Message-ID: <am.{number}@act.example.org>\r\nSubject: x\r\n\r\n{text}\r\n".encode()
    fields: dict[str, Any] = {
        "id": number,
        "return_path": f"b+{number}@act.example.org",
        "recipient": f"senator{number}@legislature.example",
        "raw": raw,
        "envelope_id": f"am.{number}@act.example.org",
    }
    return Parcel(**(fields | other))


@contextmanager
def relay_to(server: ScriptedServer, *, timeouts: Timeouts = PATIENT, **other: Any) -> Iterator[SmtpRelay]:
    address = RelayAddress(host="127.0.0.1", port=server.port, tls="none")
    relay = SmtpRelay(address, hello="client.example", timeouts=timeouts, **other)
    try:
        yield relay
    finally:
        relay.close()


@pytest.fixture(params=["pipelining", "one by one"])
def words(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return Script().words if request.param == "pipelining" else NO_PIPELINING  # type: ignore[return-value]


def test_letters_arrive_byte_for_byte_over_one_connection(words: tuple[str, ...]) -> None:
    letters = [parcel(n, text=f".dot first\r\n..two\r\nLetter {n}.") for n in range(1, 8)]
    with scripted_server(Script(words=words)) as server, relay_to(server) as relay:
        done = relay.deliver(letters)
        more = relay.deliver([parcel(8)])
    assert done.trouble is None
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    assert done.outcomes[1].queue_id == "4ABCDEF"
    assert more.outcomes[8].state is State.ACCEPTED
    assert [taken.raw for taken in server.taken[:7]] == [letter.raw for letter in letters]
    assert server.taken[0].sender == "b+1@act.example.org"
    assert server.taken[0].recipients == ("senator1@legislature.example",)
    assert server.connections == 1


def test_where_pipelining_is_offered_a_body_travels_with_the_next_opening() -> None:
    with scripted_server() as server, relay_to(server, connections=1) as relay:
        relay.deliver([parcel(n) for n in range(1, 21)])
    writes_for_letters = len(server.reads) - 2  # EHLO and QUIT
    assert writes_for_letters <= 21 + 2
    assert "MAIL FROM:<b+2@act.example.org> SIZE=" in "\n".join(server.commands)
    assert any(command.endswith("RET=HDRS ENVID=am.1@act.example.org") for command in server.commands)


def test_a_connection_is_kept_for_a_hundred_letters() -> None:
    with scripted_server() as server, relay_to(server, connections=1) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 251)])
    assert len(done.outcomes) == len(server.taken) == 250
    assert server.connections == 3


def test_several_connections_share_the_letters() -> None:
    with scripted_server() as server, relay_to(server, connections=4) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 101)])
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    assert len({taken.sender for taken in server.taken}) == len(server.taken) == 100
    assert 1 < server.connections <= 4


def test_while_one_connection_waits_for_an_answer_the_other_goes_on() -> None:
    """All letters but the first, and the one whose opening went out with its body, go over the other. Which one that
    is depends on how many the other one had taken by then.
    """
    others_came = threading.Event()

    def wait(raw: bytes) -> None:
        if b"am.1@" in raw:
            assert others_came.wait(60)
        elif len(server.taken) >= 37:  # and this one
            others_came.set()

    with scripted_server(Script(before_body_answer=wait)) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 41)])
    assert done.trouble is None
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    senders = [taken.sender for taken in server.taken]
    assert senders[38] == "b+1@act.example.org"
    assert sorted(senders) == sorted(f"b+{n}@act.example.org" for n in range(1, 41))
    assert server.connections == 2


def test_what_is_out_of_order_stops_both_connections_and_no_letter_is_lost() -> None:
    def answer(verb: str, argument: str) -> bytes | None:
        return b"554 5.7.0 This account may not send mail now" if verb == "MAIL" and "b+9@" in argument else None

    with scripted_server(Script(answer=answer)) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 41)])
        again = relay.deliver([parcel(n) for n in range(101, 121)])
    assert done.trouble is not None
    assert done.trouble.code is TroubleCode.ACCOUNT_STOPPED
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    told = {f"b+{id_}@act.example.org" for id_ in done.outcomes}
    assert {taken.sender for taken in server.taken[: len(told)]} == told
    assert 7 <= len(told) <= 11
    assert len(again.outcomes) == 20


def test_a_fault_of_the_program_on_one_connection_leaves_none_in_the_middle_of_a_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_given: object) -> NoReturn:
        raise RuntimeError

    with scripted_server() as server, relay_to(server) as relay:
        assert relay.check() is None
        with monkeypatch.context() as patched:
            patched.setattr("actionmail.gateways.mail.smtp.relay.opened", broken)
            with pytest.raises(RuntimeError):
                relay.deliver([parcel(n) for n in range(1, 41)])
        done = relay.deliver([parcel(n) for n in range(41, 61)])
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    assert {taken.sender for taken in server.taken} >= {f"b+{n}@act.example.org" for n in range(41, 61)}
    assert server.connections == 3


def test_few_letters_open_no_second_connection() -> None:
    with scripted_server() as server, relay_to(server) as relay:
        relay.deliver([parcel(n) for n in range(1, 20)])
    assert server.connections == 1


CONCERNS_ONE = [
    (b"450 4.2.0 greylisted", State.DEFERRED),
    (b"550 5.1.1 unknown user", State.FAILED),
    (b"554 5.7.1 refused by policy", State.HELD),
    (b"552 5.2.2 mailbox full", State.DEFERRED),
]


@pytest.mark.parametrize(
    ("phase", "answer", "state"),
    [
        *[(phase, *row) for phase in (Phase.RCPT, Phase.DATA, Phase.BODY) for row in CONCERNS_ONE],
        (Phase.MAIL, *CONCERNS_ONE[0]),
        (Phase.MAIL, *CONCERNS_ONE[3]),
    ],
)
def test_a_refusal_concerns_one_letter_and_the_next_goes_on(
    words: tuple[str, ...], phase: Phase, answer: bytes, state: State
) -> None:
    script = Script(words=words, answers={phase.value.upper(): [answer]})
    with scripted_server(script) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(1), parcel(2)])
    assert done.outcomes[1].state is state
    assert done.outcomes[1].phase is phase
    assert done.outcomes[1].code == int(answer[:3])
    assert done.outcomes[2].state is State.ACCEPTED
    assert len(server.taken) == 1
    assert server.connections == 1


@pytest.mark.parametrize(
    ("verb", "answer", "code"),
    [
        ("MAIL", b"550 5.1.1 unknown user", TroubleCode.SENDER_REFUSED),
        ("MAIL", b"554 5.7.1 refused by policy", TroubleCode.SENDER_REFUSED),
        ("MAIL", b"554 5.7.0 This account may not send mail now", TroubleCode.ACCOUNT_STOPPED),
        ("RCPT", b"553 5.7.1 <b@act.example.org> is no sender address of the account x", TroubleCode.SENDER_REFUSED),
        ("RCPT", b"550 relay not permitted", TroubleCode.NO_RELAYING),
        ("RCPT", b"550 5.4.5 Daily sending quota exceeded", TroubleCode.SENDING_LIMIT),
        ("DATA", b"550 5.4.5 Daily sending quota exceeded", TroubleCode.SENDING_LIMIT),
        ("BODY", b"550 5.4.5 Daily sending quota exceeded!", TroubleCode.SENDING_LIMIT),
    ],
)
def test_a_refusal_of_us_is_trouble_and_no_letter_was_tried(
    words: tuple[str, ...], verb: str, answer: bytes, code: TroubleCode
) -> None:
    with scripted_server(Script(words=words, answers={verb: [answer]})) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(1), parcel(2)])
        assert done.trouble is not None
        assert (done.trouble.code, done.outcomes) == (code, {})
        assert done.trouble.detail == " ".join(answer.decode().split()[: 2 if b" 5." in answer[:6] else 1])
        again = relay.deliver([parcel(1), parcel(2)])
    assert {outcome.state for outcome in again.outcomes.values()} == {State.ACCEPTED}
    assert len(server.taken) == 2


def test_a_goodbye_to_rset_costs_the_next_letter_nothing() -> None:
    answers = {"RCPT": [b"550 5.1.1 unknown user"], "RSET": [b"421 4.7.0 goodbye!"]}
    with scripted_server(Script(answers=answers)) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 5)])
    after = server.reads[next(n for n, read in enumerate(server.reads) if read.startswith(b"RSET")) + 1 :]
    assert any(b"MAIL" in read and b"RCPT" in read for read in after)  # several commands at once, still
    assert [done.outcomes[n].state for n in range(1, 5)] == [State.FAILED] + [State.ACCEPTED] * 3


def test_a_server_that_wants_a_body_for_nobody_gets_a_lone_dot() -> None:
    def answer(verb: str, argument: str) -> bytes | None:
        if verb == "RCPT" and "senator1" in argument:
            return b"550 5.1.1 unknown user"
        return b"354 go on" if verb == "DATA" else None

    with scripted_server(Script(answer=answer)) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(1), parcel(2)])
    assert done.outcomes[1].state is State.FAILED
    assert done.outcomes[2].state is State.ACCEPTED
    assert server.bodies[0] == b""
    assert server.taken[-1].raw == parcel(2).raw


@pytest.mark.parametrize(
    ("verb", "phase", "state"),
    [
        ("MAIL", Phase.MAIL, State.DEFERRED),
        ("RCPT", Phase.RCPT, State.DEFERRED),
        ("DATA", Phase.DATA, State.DEFERRED),
        ("BODY STARTS", Phase.BODY, State.AMBIGUOUS),
        ("BODY", Phase.BODY, State.AMBIGUOUS),
    ],
)
def test_a_lost_connection_is_ambiguous_only_once_the_body_began(verb: str, phase: Phase, state: State) -> None:
    script = Script(words=NO_PIPELINING, answers={verb: [HANG_UP]})
    with scripted_server(script) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(1), parcel(2)])
    assert (done.outcomes[1].state, done.outcomes[1].phase) == (state, phase)
    assert done.outcomes[2].state is State.ACCEPTED
    assert server.connections == 2


@pytest.mark.parametrize("verb", ["BODY STARTS", "BODY"])
def test_with_pipelining_the_letter_behind_a_lost_one_is_simply_sent_again(verb: str) -> None:
    with scripted_server(Script(answers={verb: [HANG_UP]})) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(1), parcel(2)])
    assert done.outcomes[1].state is State.AMBIGUOUS
    assert done.outcomes[2].state is State.ACCEPTED
    assert [taken.sender for taken in server.taken] == ["b+2@act.example.org"]


def test_an_answer_to_the_final_dot_that_never_comes_is_ambiguous() -> None:
    timeouts = replace(PATIENT, final_dot=SHORT)
    with scripted_server(Script(answers={"BODY": [SILENCE]})) as server, relay_to(server, timeouts=timeouts) as relay:
        done = relay.deliver([parcel(1)])
    assert done.outcomes[1].state is State.AMBIGUOUS
    assert done.outcomes[1].text == LossCode.NO_ANSWER


@pytest.mark.parametrize("fault", ["drips", "overlong line", "endless", "nonsense"])
@pytest.mark.parametrize("phase", [Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY])
def test_an_answer_that_cannot_be_read_is_ambiguous_only_after_the_body(
    words: tuple[str, ...], phase: Phase, fault: str
) -> None:
    """Where the server had said that it takes several commands at once, the letter may first go again one by one."""
    bad = {
        "drips": b"250 2.0.0 ok, but ever so slowly",
        "overlong line": b"250-" + b"x" * 100_000,
        "endless": b"\r\n".join([b"250-again"] * 1000),
        "nonsense": b"\xff\xfe\x00 huh",
    }

    def answer(verb: str, _argument: str) -> bytes | None:
        script.drip = 0.05 if fault == "drips" and verb == phase.value.upper() else 0.0
        return bad[fault] if verb == phase.value.upper() else None

    script = Script(words=words, answer=answer)
    waits = {Phase.MAIL: "mail", Phase.RCPT: "rcpt", Phase.DATA: "data", Phase.BODY: "final_dot"}
    timeouts = replace(PATIENT, **{waits[phase]: SHORT}) if fault == "drips" else PATIENT
    with scripted_server(script) as server, relay_to(server, timeouts=timeouts) as relay:
        done = relay.deliver([parcel(1), parcel(2)])
    assert done.outcomes
    states = {outcome.state for outcome in done.outcomes.values()}
    assert states == {State.AMBIGUOUS if phase is Phase.BODY else State.DEFERRED}
    assert {outcome.phase for outcome in done.outcomes.values()} == {phase}
    assert len(server.bodies) <= (len(done.outcomes) if phase is Phase.BODY else 0)


def test_a_250_followed_by_a_hang_up_is_accepted() -> None:
    answers = {"BODY": [b"250 2.0.0 Ok: queued as 77AA!"]}
    with scripted_server(Script(answers=answers)) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(1), parcel(2)])
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    assert [taken.sender for taken in server.taken] == ["b+1@act.example.org", "b+2@act.example.org"]


def test_a_kept_connection_that_went_stale_costs_no_attempt() -> None:
    answers = {"BODY": [b"250 2.0.0 ok!"]}
    with scripted_server(Script(answers=answers)) as server, relay_to(server) as relay:
        relay.deliver([parcel(1)])
        done = relay.deliver([parcel(2)])
    assert done.trouble is None
    assert done.outcomes[2].state is State.ACCEPTED


@pytest.mark.parametrize("lie", ["drops", "resents"])
def test_a_server_that_lies_about_pipelining_gets_one_command_at_a_time(lie: str) -> None:
    def resent(verb: str, _argument: str) -> bytes | None:
        return b"503 5.5.1 SMTP synchronization error" if verb == "RCPT" and len(server.reads) < 3 else None

    script = Script(flush_after_mail=True) if lie == "drops" else Script(answer=resent)
    timeouts = replace(PATIENT, rcpt=1.0)  # for the answers that never come
    with scripted_server(script) as server, relay_to(server, timeouts=timeouts) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 4)])
    assert done.trouble is None
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    assert len(server.taken) == 3


def test_what_is_thrown_away_with_the_final_dot_is_not_waited_for() -> None:
    """Courier does so; each letter arrives once, and none uses up a try or is in doubt."""
    with (
        scripted_server(Script(flush_after_dot=True)) as server,
        relay_to(server, timeouts=replace(PATIENT, ahead=1.0)) as relay,
    ):
        done = relay.deliver([parcel(n) for n in range(1, 6)])
        assert server.connections == 2
        done_again = relay.deliver([parcel(n) for n in range(6, 9)])
    assert (done.trouble, done_again.trouble) == (None, None)
    assert {outcome.state for outcome in (done.outcomes | done_again.outcomes).values()} == {State.ACCEPTED}
    assert [taken.sender for taken in server.taken] == [f"b+{n}@act.example.org" for n in range(1, 9)]
    assert server.connections == 2


@pytest.mark.parametrize(("greeting", "connections"), [(b"220 mx ESMTP Exim 4.98", 3), (b"220 mx ESMTP Postfix", 1)])
def test_exim_gets_ten_letters_over_one_connection(greeting: bytes, connections: int) -> None:
    """What comes after them it takes, and leaves until its queue is run again."""
    script = Script(answers={"CONNECT": [greeting] * 9})
    with scripted_server(script) as server, relay_to(server, connections=1) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 26)])
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    assert (len(server.taken), server.connections) == (25, connections)


def test_who_got_mail_ahead_has_seconds_and_not_minutes() -> None:
    assert Timeouts().ahead <= 15


def test_a_server_that_only_hangs_up_is_left_alone_after_three_times() -> None:
    def answer(verb: str, _argument: str) -> bytes | None:
        return HANG_UP if verb == "MAIL" else None

    with scripted_server(Script(words=NO_PIPELINING, answer=answer)) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 11)])
    assert done.trouble is not None
    assert len(done.outcomes) == 3
    assert server.connections == 3


def test_421_ends_the_connection_and_the_rest_goes_over_a_new_one(words: tuple[str, ...]) -> None:
    script = Script(words=words, answers={"BODY": [b"421 4.3.2 going down!"]})
    with scripted_server(script) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(1), parcel(2)])
    assert done.outcomes[1].state is State.DEFERRED
    assert done.outcomes[2].state is State.ACCEPTED
    assert server.connections == 2


@pytest.mark.parametrize(
    "script",
    [
        Script(answers={"CONNECT": [b"554 5.7.1 you are not welcome"] * 9}),
        Script(answers={"CONNECT": [b"421 4.3.2 too busy"] * 9}),
        Script(answers={"CONNECT": [HANG_UP] * 9}),
        Script(answers={"CONNECT": [SILENCE] * 9}),
        Script(answers={"CONNECT": [b"220-" + b"x" * 100_000] * 9}),
        Script(answers={"CONNECT": [b"\r\n".join([b"220-again"] * 1000)] * 9}),
        Script(answers={"EHLO": [HANG_UP] * 9}),
        Script(answers={"MAIL": [b"530 5.7.0 authentication required"] * 9}),
        Script(answers={"MAIL": [b"530 5.7.0 must issue STARTTLS first"] * 9}, words=NO_PIPELINING),
        Script(drip=0.05),
    ],
    ids=["554", "421", "hangs up", "silent", "overlong line", "endless", "EHLO", "530", "530 one by one", "drips"],
)
def test_a_server_that_refuses_us_is_trouble_and_no_letter_is_tried(script: Script) -> None:
    with scripted_server(script) as server, relay_to(server, timeouts=replace(PATIENT, greeting=SHORT)) as relay:
        done = relay.deliver([parcel(1), parcel(2)])
    assert done.trouble is not None
    assert trouble_sentence(done.trouble).endswith(".")
    assert "senator" not in trouble_sentence(done.trouble)
    assert done.outcomes == {}
    assert server.bodies == []


def test_a_port_where_nobody_listens_is_trouble() -> None:
    with scripted_server() as server:
        pass
    with relay_to(server) as relay:
        assert relay.check() is not None
        done = relay.deliver([parcel(1)])
    assert done.trouble is not None
    assert "refused" in trouble_sentence(done.trouble)
    assert done.outcomes == {}


def test_the_check_keeps_its_connection_for_the_letters() -> None:
    with scripted_server() as server, relay_to(server) as relay:
        assert relay.check() is None
        relay.deliver([parcel(1)])
    assert server.connections == 1


def test_a_server_that_does_not_understand_us_holds_one_letter_and_gives_back_the_rest() -> None:
    script = Script(words=NO_PIPELINING, answers={"MAIL": [b"501 5.5.4 bad syntax"]})
    with scripted_server(script) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(1), parcel(2)])
    assert done.trouble is not None
    assert done.outcomes[1].state is State.HELD
    assert done.outcomes[1].signal is Signal.PAUSE_WORKER
    assert set(done.outcomes) == {1}


@pytest.mark.parametrize(
    ("bad", "state", "reason"),
    [
        (parcel(1, raw=b"Subject: x\n\nbare newline\r\n"), State.HELD, Reason.BAD_LINE_ENDS),
        (parcel(1, raw=b"Subject: x\r\n\r\nno end"), State.HELD, Reason.BAD_LINE_ENDS),
        (parcel(1, raw=b"Subject: x\r\n\r\nbare return\r.\r\n"), State.HELD, Reason.BAD_LINE_ENDS),
        (parcel(1, raw=b"Subject: x\r\n\r\nends with return\r"), State.HELD, Reason.BAD_LINE_ENDS),
        (parcel(1, raw=b"Subject: x\r\n\r\ntwice\r\r\n"), State.HELD, Reason.BAD_LINE_ENDS),
        (parcel(1, raw=b""), State.HELD, Reason.BAD_LINE_ENDS),
        (parcel(1, recipient="a@b.example>\r\nRCPT TO:<c@d.example"), State.HELD, Reason.BAD_ADDRESS),
        (parcel(1, recipient="สมชาย@ไทย.example"), State.FAILED, Reason.NEEDS_SMTPUTF8),
        (parcel(1, text="x" * 3000), State.HELD, Reason.TOO_LARGE),
        (parcel(1, text="né"), State.HELD, Reason.NEEDS_8BITMIME),
    ],
)
def test_what_cannot_go_on_this_wire_is_not_tried(bad: Parcel, state: State, reason: Reason) -> None:
    with scripted_server(Script(words=("PIPELINING", "SIZE 2000"))) as server, relay_to(server) as relay:
        done = relay.deliver([bad, parcel(2)])
    assert (done.outcomes[1].state, done.outcomes[1].reason) == (state, reason)
    assert done.outcomes[2].state is State.ACCEPTED
    assert len(server.taken) == 1


def test_an_address_that_needs_smtputf8_goes_where_it_is_offered() -> None:
    with scripted_server(Script(words=("SMTPUTF8", "8BITMIME"))) as server, relay_to(server) as relay:
        done = relay.deliver([parcel(1, recipient="สมชาย@xn--o3cw4h.example")])
    assert done.outcomes[1].state is State.ACCEPTED
    assert any(command.endswith(" SMTPUTF8") for command in server.commands)


def test_a_handover_ends_although_the_server_answers_ever_so_slowly() -> None:
    """Each of its answers comes in time; all of them would take ten seconds."""
    timeouts = replace(PATIENT, handover=2)

    def slowly(verb: str, _argument: str) -> bytes | None:
        if verb == "RCPT":
            server._closing.wait(0.1)
        return None

    with scripted_server(Script(answer=slowly)) as server, relay_to(server, timeouts=timeouts) as relay:
        done = relay.deliver([parcel(n) for n in range(1, 101)])
    assert done.trouble is not None
    assert 1 <= len(server.taken) < 50
    assert len(done.outcomes) <= len(server.taken) + 1


@pytest.mark.parametrize(
    "broken",
    [{"raw": "a text"}, {"raw": None}, {"return_path": "b+2\ud800@act.example.org"}, {"envelope_id": 2}],
)
def test_a_letter_on_which_the_program_fails_is_held_and_the_others_go(
    words: tuple[str, ...], broken: dict[str, Any]
) -> None:
    letters = [parcel(1), parcel(2, **broken), parcel(3)]
    with scripted_server(Script(words=(*words, "SMTPUTF8", "DSN"))) as server, relay_to(server) as relay:
        done = relay.deliver(letters)
    assert done.trouble is None
    assert [done.outcomes[n].state for n in (1, 2, 3)] == [State.ACCEPTED, State.HELD, State.ACCEPTED]
    assert done.outcomes[2].reason is Reason.PROGRAM_FAILED
    assert len(server.taken) == 2
