"""Real servers that take five letters over one connection get all of them at once: none is put off, no pace slows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.rules.delivery.states import State
from actionmail.settings import RelayAddress
from tests.conftest import lent
from tests.gateways.mail.test_smtp import parcel
from tests.gateways.scripted_smtp import PATIENT
from tests.servers.exim import private_exim
from tests.servers.opensmtpd import private_opensmtpd
from tests.servers.room import MailServer

pytestmark = pytest.mark.slow  # a mail server of its own


@pytest.fixture
def exim() -> Iterator[MailServer]:
    """That says 421, and keeps the connection open."""
    yield from lent(private_exim(most_letters=5), "NO REAL EXIM TOOK FEW LETTERS")


@pytest.fixture
def opensmtpd() -> Iterator[MailServer]:
    """That says 452, of recipients, and keeps the connection open."""
    yield from lent(private_opensmtpd(most_letters=5), "NO REAL OPENSMTPD TOOK FEW LETTERS")


def assert_takes_all(server: MailServer, *, too_many: int) -> None:
    """Each connection that was open when the server first said so may have one too many; none has from then on."""
    address = RelayAddress(host="127.0.0.1", port=server.port, tls="none")
    relay = SmtpRelay(address, hello="client.example", timeouts=PATIENT)
    try:
        for first in (1, 41):
            done = relay.deliver([parcel(first + n, recipient="b+aaaa@act.example.org") for n in range(40)])
            assert done.trouble is None
            assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
        assert 16 <= relay.connections <= 16 + too_many
    finally:
        relay.close()


def test_of_exim(exim: MailServer) -> None:
    assert_takes_all(exim, too_many=2)


def test_of_opensmtpd(opensmtpd: MailServer) -> None:
    assert_takes_all(opensmtpd, too_many=2)
