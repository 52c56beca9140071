"""What can mean that a connection has carried enough, and what cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actionmail.rules.delivery.answers import classify
from actionmail.rules.delivery.connection_limits import may_be_of_connection
from actionmail.rules.delivery.domain_word import read_as_domains
from actionmail.rules.delivery.states import Outcome, Phase

Reader = Callable[[Phase, int, str], Outcome]

ENOUGH = (
    "452 4.5.3 Too many recipients: Too many messages sent",  # OpenSMTPD
    "421 too many messages in this connection",  # Exim
    "421 4.3.2 Too many messages over this connection",
    "421 Max message per connection reached, closing transmission channel",  # Yahoo
    "450 Requested mail action not taken: too many messages in this connection",  # 163
    "550 This message has exceeded the max number of messages per session. Open a new session and try again. IB510",
    "452 4.5.3 Error: too many recipients",  # Postfix
    "451 4.7.0 Too many mails for this session; try again later",
    "450 4.7.1 too many emails",
    "421 4.7.0 session message limit reached",
    "452 4.5.3 Too many transactions",
)
SOMETHING_ELSE = (
    "450 4.2.0 Greylisted: too many messages from an unknown sender",
    "450 4.2.1 This mailbox is receiving too many messages right now",
    "452 4.2.2 Mailbox full: too many messages stored",
    "451 4.7.1 You have sent too many messages per hour",  # our allowance
    "550 5.7.1 Your account has sent too many messages today",
    "421 4.7.0 too many connections",
    "450 4.7.1 too many errors",
    "454 4.7.0 slow down",
    "450 4.4.2 mail for this domain is delayed, connection refused",
    "550 5.7.1 too many recipients were spammed",
    "554 5.4.6 too many hops",
)


@pytest.mark.parametrize("phase", [Phase.MAIL, Phase.RCPT])
@pytest.mark.parametrize("read", [classify, read_as_domains])
@pytest.mark.parametrize(("answer", "may"), [*((a, True) for a in ENOUGH), *((a, False) for a in SOMETHING_ELSE)])
def test_by_words(phase: Phase, read: Reader, answer: str, may: bool) -> None:
    code, _space, words = answer.partition(" ")
    assert may_be_of_connection(read(phase, int(code), words)) is may


@pytest.mark.parametrize("phase", [Phase.CONNECT, Phase.DATA, Phase.BODY])
def test_only_of_a_letters_beginning(phase: Phase) -> None:
    assert not may_be_of_connection(classify(phase, 452, "4.5.3 too many messages in one connection"))
