"""Letters go out through a real Courier, Exim and OpenSMTPD, and come back as the reports that these write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.messages import Event
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.rules.delivery.states import Parcel, State
from actionmail.settings import RelayAddress
from tests.conftest import lent
from tests.gateways.scripted_smtp import PATIENT, Script, ScriptedServer, scripted_server
from tests.letters_out import actionmail, environment, queue_letter, state_of
from tests.servers.courier import private_courier
from tests.servers.exim import private_exim
from tests.servers.opensmtpd import private_opensmtpd
from tests.servers.room import MailServer, Room

pytestmark = pytest.mark.slow  # a mail server of its own


@pytest.fixture
def courier() -> Iterator[Room]:
    yield from lent(private_courier(), "NO LETTER WENT THROUGH A REAL COURIER")


@pytest.fixture
def exim() -> Iterator[MailServer]:
    yield from lent(private_exim(), "NO LETTER WENT THROUGH A REAL EXIM")


@pytest.fixture
def opensmtpd() -> Iterator[MailServer]:
    yield from lent(private_opensmtpd(), "NO LETTER WENT THROUGH A REAL OPENSMTPD")


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


def refuse_gone(verb: str, argument: str) -> bytes | None:
    return b"550 5.1.1 User unknown" if verb == "RCPT" and "gone@" in argument else None


def test_what_courier_gives_back_is_read_as_what_it_is(
    database: Database, sqlite_url: str, courier: Room, tmp_path: Path
) -> None:
    id_ = queue_letter(database, "gone@legis.example")
    env = environment(sqlite_url, courier.port)
    with scripted_server(Script(answer=refuse_gone), port=courier.office_port) as office:
        actionmail("worker", "--once", env=env)
        assert state_of(database, id_) == "accepted"
        (report,) = came_to(office, 1)
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "report").write_bytes(report)
    said = actionmail("inbound", "--maildir", str(tmp_path), env=env)
    assert said.splitlines()[0] == "bounce 5.1.1: letter 1, accepted -> bounced"
    with database.read() as session:
        history = list(session.scalars(select(Event).where(Event.message_id == id_).order_by(Event.id)))
    assert history[-2].queue_id in history[-2].text
    assert history[-2].queue_id
    assert "User unknown" in history[-1].text


def test_courier_which_throws_away_what_comes_with_the_final_dot_gets_each_letter_once(courier: Room) -> None:
    letters = [
        Parcel(
            id=number,
            return_path=f"b+{number}@act.example.org",
            recipient=f"senator{number}@legis.example",
            raw=f"Message-ID: <am.{number}@act.example.org>\r\nSubject: x\r\n\r\nHello.\r\n".encode(),
            envelope_id=f"am.{number}@act.example.org",
        )
        for number in range(1, 13)
    ]
    address = RelayAddress(host="127.0.0.1", port=courier.port, tls="none")
    relay = SmtpRelay(address, hello="client.example", timeouts=replace(PATIENT, ahead=1.0))
    with scripted_server(Script(), port=courier.office_port) as office:
        done = relay.deliver(letters)
        relay.close()
        came_to(office, len(letters))
    assert done.trouble is None
    assert {done.outcomes[letter.id].state for letter in letters} == {State.ACCEPTED}
    assert sorted(taken.sender for taken in office.taken) == sorted(letter.return_path for letter in letters)


def came_to(office: ScriptedServer, count: int) -> list[bytes]:
    """Waited for, however long the machine takes."""
    end = time.monotonic() + 300
    while len(office.taken) < count and time.monotonic() < end:
        time.sleep(0.1)
    return [taken.raw for taken in office.taken]
