"""Letters go out through a real Exim and a real OpenSMTPD, and come back as the reports that these write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.messages import Event
from tests.conftest import unavailable
from tests.letters_out import actionmail, environment, queue_letter, state_of
from tests.servers.exim import private_exim
from tests.servers.opensmtpd import private_opensmtpd
from tests.servers.room import MailServer, NoServer


@pytest.fixture
def exim() -> Iterator[MailServer]:
    try:
        with private_exim() as running:
            yield running
    except NoServer as error:
        unavailable(f"NO LETTER WENT THROUGH A REAL EXIM: {error}")


@pytest.fixture
def opensmtpd() -> Iterator[MailServer]:
    try:
        with private_opensmtpd() as running:
            yield running
    except NoServer as error:
        unavailable(f"NO LETTER WENT THROUGH A REAL OPENSMTPD: {error}")


def out_and_back(database: Database, url: str, server: MailServer, recipient: str) -> tuple[str, str, Event]:
    """What the command says of the report, where the letter stands then, and the last line of its history."""
    id_ = queue_letter(database, recipient)
    env = environment(url, server.port)
    actionmail("worker", "--once", env=env)
    assert state_of(database, id_) == "accepted"
    server.arrived()
    said = actionmail("inbound", "--maildir", str(server.returns), env=env)
    with database.read() as session:
        last = list(session.scalars(select(Event).where(Event.message_id == id_).order_by(Event.id)))[-1]
    return said.splitlines()[0], state_of(database, id_), last


@pytest.mark.parametrize(
    ("recipient", "said", "state", "words"),
    [
        ("gone@legis.example", "bounce 5.1.1: letter 1, accepted -> bounced", "bounced", "User unknown"),
        ("who@nowhere.example", "bounce 5.0.0: letter 1, accepted -> bounced", "bounced", "Unrouteable address"),
        ("no.room@full.example", "full 5.0.0: letter 1, accepted -> deferred", "deferred", "mailbox is full"),
        ("office@legis.example", "behind 5.1.1: letter 1, accepted -> bounced", "bounced", "User unknown"),
    ],
)
def test_what_exim_gives_back_is_read_as_what_it_is(
    database: Database, sqlite_url: str, exim: MailServer, recipient: str, said: str, state: str, words: str
) -> None:
    read, now, last = out_and_back(database, sqlite_url, exim, recipient)
    assert (read, now) == (said, state)
    assert words in last.text


@pytest.mark.parametrize(
    ("recipient", "said", "state"),
    [
        ("gone@legis.example", "bounce 5.0.0: letter 1, accepted -> bounced", "bounced"),
        ("office@legis.example", "behind 5.0.0: letter 1, accepted -> bounced", "bounced"),
    ],
)
def test_what_opensmtpd_gives_back_is_read_as_what_it_is(
    database: Database, sqlite_url: str, opensmtpd: MailServer, recipient: str, said: str, state: str
) -> None:
    read, now, last = out_and_back(database, sqlite_url, opensmtpd, recipient)
    assert (read, now) == (said, state)
    assert "Invalid recipient" in last.text
