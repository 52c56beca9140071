"""What a receiving domain's own server says, read as its own word."""

from __future__ import annotations

import pytest

from actionmail.rules.delivery.answers import classify
from actionmail.rules.delivery.domain_word import may_go_elsewhere, read_as_domains
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.states import Blame, Phase, Signal, State, lost, refused_here
from actionmail.rules.delivery.trouble import Loss, LossCode

_ = Signal


@pytest.mark.parametrize(
    ("phase", "answer", "state", "blame", "signal"),
    [
        (Phase.CONNECT, "554 5.7.1 blocked using zen.example.org", State.HELD, Blame.DOMAIN, _.SUSPECT_DOMAIN),
        (Phase.CONNECT, "554 No SMTP service here", State.HELD, Blame.DOMAIN, _.SUSPECT_DOMAIN),
        (Phase.CONNECT, "421 4.3.2 try later", State.DEFERRED, Blame.NOBODY, _.NONE),
        (Phase.CONNECT, "-1 ", State.DEFERRED, Blame.NOBODY, _.NONE),
        (Phase.MAIL, "550 5.1.8 Domain of sender not found", State.HELD, Blame.US, _.SUSPECT_DOMAIN),
        (Phase.MAIL, "450 4.1.8 Domain of sender not found", State.DEFERRED, Blame.NOBODY, _.NONE),
        (Phase.MAIL, "530 5.7.0 Must issue a STARTTLS command first", State.HELD, Blame.DOMAIN, _.SUSPECT_DOMAIN),
        (Phase.MAIL, "550 5.1.1 no such user", State.HELD, Blame.DOMAIN, _.SUSPECT_DOMAIN),
        (Phase.MAIL, "550 no", State.HELD, Blame.DOMAIN, _.SUSPECT_DOMAIN),
        (Phase.RCPT, "550 5.1.1 no such user", State.FAILED, Blame.MAILBOX, _.SUSPECT_ADDRESS),
        (Phase.RCPT, "554 5.7.1 <x@a.example>: Relay access denied", State.HELD, Blame.DOMAIN, _.SUSPECT_DOMAIN),
        (Phase.RCPT, "550 5.4.5 Daily sending quota exceeded", State.DEFERRED, Blame.US, _.SLOW_DOMAIN),
        (Phase.RCPT, "421 4.7.0 too many messages from you", State.DEFERRED, Blame.US, _.SLOW_DOMAIN),
        (Phase.RCPT, "501 5.5.4 Syntax error", State.HELD, Blame.US, _.SUSPECT_DOMAIN),
        (Phase.RCPT, "450 4.2.0 Greylisted", State.DEFERRED, Blame.NOBODY, _.NONE),
        (Phase.BODY, "250 ok", State.ACCEPTED, Blame.NOBODY, _.NONE),
    ],
)
def test_what_is_said_concerns_the_domain_alone(
    phase: Phase, answer: str, state: State, blame: Blame, signal: Signal
) -> None:
    code, _space, words = answer.partition(" ")
    outcome = read_as_domains(phase, int(code), words)
    assert (outcome.phase, outcome.state, outcome.blame, outcome.signal) == (phase, state, blame, signal)
    assert outcome.code == int(code)


def test_no_answer_stops_a_worker_or_the_others_letters() -> None:
    for code in (421, 450, 451, 452, 454, 500, 501, 503, 521, 530, 535, 550, 552, 553, 554):
        for words in ("", "5.7.1 quota", "relaying denied", "authentication required", "account suspended", "too fast"):
            for phase in Phase:
                assert read_as_domains(phase, code, words).signal not in {_.PAUSE_RELAY, _.PAUSE_WORKER, _.SLOW_RELAY}


@pytest.mark.parametrize(
    ("outcome", "may"),
    [
        (classify(Phase.RCPT, 450, "later"), True),
        (classify(Phase.DATA, 451, "later"), True),
        (lost(Phase.RCPT, Loss(code=LossCode.ENDED)), True),
        (lost(Phase.BODY, Loss(code=LossCode.ENDED)), False),
        (classify(Phase.BODY, 451, "later"), False),
        (classify(Phase.RCPT, 550, "5.1.1 no"), False),
        (classify(Phase.RCPT, 452, "4.2.2 mailbox full"), False),
        (refused_here(Reason.TOO_LARGE), False),
    ],
)
def test_the_next_server_is_asked_only_while_nobody_can_have_the_letter(outcome, may: bool) -> None:  # type: ignore[no-untyped-def]
    assert may_go_elsewhere(outcome) is may
