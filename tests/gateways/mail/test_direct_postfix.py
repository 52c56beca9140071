"""Letters straight into a real Postfix, which is the server of the receiving domain here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from actionmail.gateways.mail.direct import MailDns, MxRelay, Routes
from actionmail.rules.delivery.states import State
from tests.conftest import lent
from tests.gateways.mail.test_direct import to
from tests.gateways.scripted_smtp import PATIENT
from tests.name_server import name_server
from tests.postfix import Postfix, private_postfix


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    yield from lent(private_postfix(), "NO LETTER WENT STRAIGHT TO A REAL MAIL SERVER")


def test_letters_arrive_once_each_over_two_connections(postfix: Postfix) -> None:
    records = {("example.org", "MX"): ["10 mx.example.org."], ("mx.example.org", "A"): ["127.0.0.1"]}
    with name_server(records) as names:
        lookups = MailDns(["127.0.0.1"], port=names.port, seconds=30)
        routes = Routes(
            lookups=lookups, policy_of=lambda domain: None, own="act.example.org", port=postfix.port, only_here=True
        )
        relay = MxRelay(routes, timeouts=PATIENT)
        done = relay.deliver([to("example.org", number) for number in range(1, 31)])
        relay.close()
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    assert all(outcome.queue_id for outcome in done.outcomes.values())
    assert relay.connections == 2
    end = time.monotonic() + 300  # a letter that is lost would be waited for else
    arrived: list[Path] = []
    while len(arrived) < 30 and time.monotonic() < end:
        arrived = postfix.arrived(postfix.supporters)
    assert len({path.read_bytes().partition(b"Message-ID: ")[2].split()[0] for path in arrived}) == len(arrived) == 30
