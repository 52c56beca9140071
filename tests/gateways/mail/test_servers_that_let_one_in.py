"""Real servers with room for one connection of ours get all letters over it: none waits, no pause."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from actionmail.gateways.mail.smtp import SmtpRelay, Timeouts
from actionmail.rules.delivery.states import State
from actionmail.settings import RelayAddress
from tests.conftest import lent
from tests.gateways.mail.test_smtp import parcel
from tests.postfix import private_postfix
from tests.servers.courier import private_courier
from tests.servers.exim import private_exim

pytestmark = pytest.mark.slow  # a mail server of its own


@pytest.fixture(params=["per client", "in all"])
def postfix(request: pytest.FixtureRequest) -> Iterator[int]:
    """A Postfix that refuses, and one that greets nobody as long as its one process is at work."""
    one = private_postfix(most_of_one=1) if request.param == "per client" else private_postfix(most="1")
    for server in lent(one, "NO REAL POSTFIX REFUSED A CONNECTION"):
        yield server.port


@pytest.fixture
def exim() -> Iterator[int]:
    for server in lent(private_exim(most_of_one=1), "NO REAL EXIM REFUSED A CONNECTION"):
        yield server.port


@pytest.fixture
def courier() -> Iterator[int]:
    for server in lent(private_courier(most_of_one=1), "NO REAL COURIER REFUSED A CONNECTION"):
        yield server.port


def assert_takes_all(port: int) -> None:
    """A hundred letters and more: one connection is closed, and the next one opened at once."""
    address = RelayAddress(host="127.0.0.1", port=port, tls="none")
    relay = SmtpRelay(address, hello="client.example", timeouts=Timeouts(further=2.0, ahead=2.0))
    try:
        while relay.check():  # who asked whether the server is up may be counted yet
            time.sleep(0.1)
        for first in (1, 61, 121):
            letters = [parcel(first + n, recipient="b+aaaa@act.example.org") for n in range(60)]
            done = relay.deliver(letters)
            assert done.trouble is None
            assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    finally:
        relay.close()


def test_of_postfix(postfix: int) -> None:
    assert_takes_all(postfix)


def test_of_exim(exim: int) -> None:
    assert_takes_all(exim)


def test_of_courier(courier: int) -> None:
    """That hangs up, and says nothing."""
    assert_takes_all(courier)
