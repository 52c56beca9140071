"""Encryption and sign-in, against real TLS servers."""

from __future__ import annotations

import base64
import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.gateways.mail.smtp.errors import OutOfOrder
from actionmail.gateways.mail.smtp.opening import Opening, opened
from actionmail.rules.delivery.states import Handover, State
from actionmail.rules.delivery.trouble import TroubleCode
from actionmail.settings import RelayAddress
from actionmail.web.platform.mail_words import trouble_sentence
from tests.gateways.certificates import Authority
from tests.gateways.mail.test_smtp import SHORT, parcel
from tests.gateways.scripted_smtp import PATIENT, Script, ScriptedServer, scripted_server

TLS_WORDS = ("PIPELINING", "STARTTLS", "AUTH PLAIN LOGIN")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@contextmanager
def relay_to(server: ScriptedServer, trust: ssl.SSLContext, tls: str, **other: Any) -> Iterator[SmtpRelay]:
    address = RelayAddress(host="localhost", port=server.port, tls=tls, **other)
    relay = SmtpRelay(address, hello="client.example", timeouts=PATIENT, trust=trust)
    try:
        yield relay
    finally:
        relay.close()


def script(context: ssl.SSLContext, tls: str, **other: Any) -> Script:
    return Script(tls=context, implicit_tls=tls == "implicit", **({"words": TLS_WORDS} | other))


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_letters_go_out_encrypted_and_signed_in(authority: Authority, tls: str) -> None:
    with (
        scripted_server(script(authority.server("localhost"), tls)) as server,
        relay_to(server, authority.client(), tls, username="anna", password="open sesame") as relay,
    ):
        done = relay.deliver([parcel(n) for n in range(1, 6)])
    assert done.trouble is None
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    credentials = base64.b64encode(b"\0anna\0open sesame").decode()
    assert f"AUTH PLAIN {credentials}" in server.commands
    if tls == "starttls":
        greeted = [command.upper() for command in server.commands[:3]]
        assert greeted == ["EHLO CLIENT.EXAMPLE", "STARTTLS", "EHLO CLIENT.EXAMPLE"]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_two_encrypted_connections_take_turns(authority: Authority, tls: str) -> None:
    words = ("PIPELINING", "STARTTLS")
    with (
        scripted_server(script(authority.server("localhost"), tls, words=words)) as server,
        relay_to(server, authority.client(), tls) as relay,
    ):
        done = relay.deliver([parcel(n, text="A line of it.\r\n" * 3000) for n in range(1, 41)])
    assert done.trouble is None
    assert {outcome.state for outcome in done.outcomes.values()} == {State.ACCEPTED}
    assert len({taken.sender for taken in server.taken}) == len(server.taken) == 40
    assert server.connections == 2


def assert_refused(done: Handover, server: ScriptedServer, words: str) -> None:
    assert done.trouble is not None
    assert words in trouble_sentence(done.trouble)
    assert "sesame" not in trouble_sentence(done.trouble)
    assert done.outcomes == {}
    assert server.taken == []
    assert not any(command.startswith(("MAIL", "RCPT")) for command in server.commands)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("fault", ["wrong name", "expired", "unknown authority"])
def test_a_certificate_that_does_not_hold_pauses_the_relay(
    authority: Authority, tmp_path: Path, tls: str, fault: str
) -> None:
    issuer = Authority(tmp_path) if fault == "unknown authority" else authority
    valid_for = datetime.timedelta(days=-1 if fault == "expired" else 1)
    context = issuer.server("other.example" if fault == "wrong name" else "localhost", valid_for=valid_for)
    with (
        scripted_server(script(context, tls)) as server,
        relay_to(server, authority.client(), tls, username="anna", password="open sesame") as relay,
    ):
        done = relay.deliver([parcel(1)])
    assert_refused(done, server, "certificate")
    assert not any(command.startswith("AUTH") for command in server.commands)


def test_starttls_that_was_stripped_pauses_the_relay(authority: Authority) -> None:
    with (
        scripted_server(Script(words=("PIPELINING", "AUTH PLAIN"))) as server,
        relay_to(server, authority.client(), "starttls", username="anna", password="open sesame") as relay,
    ):
        done = relay.deliver([parcel(1)])
    assert_refused(done, server, "STARTTLS")
    assert not any(command.startswith("AUTH") for command in server.commands)


def test_starttls_that_is_offered_and_then_refused_pauses_the_relay(authority: Authority) -> None:
    answers = {"STARTTLS": [b"454 4.7.0 TLS not available"]}
    with (
        scripted_server(script(authority.server("localhost"), "starttls", answers=answers)) as server,
        relay_to(server, authority.client(), "starttls") as relay,
    ):
        done = relay.deliver([parcel(1)])
    assert_refused(done, server, "454")


def test_words_slipped_in_before_encryption_are_not_believed(authority: Authority) -> None:
    answers = {"STARTTLS": [b"220 ready\r\n250-mx.example\r\n250 AUTH PLAIN"]}
    with (
        scripted_server(Script(words=TLS_WORDS, answers=answers)) as server,
        relay_to(server, authority.client(), "starttls") as relay,
    ):
        done = relay.deliver([parcel(1)])
    assert_refused(done, server, "attack")


@pytest.mark.parametrize("code", [534, 535])
def test_a_refused_password_pauses_the_relay(authority: Authority, code: int) -> None:
    answers = {"AUTH": [f"{code} 5.7.8 anna's password is wrong".encode()] * 9}
    with (
        scripted_server(script(authority.server("localhost"), "starttls", answers=answers)) as server,
        relay_to(server, authority.client(), "starttls", username="anna", password="open sesame") as relay,
    ):
        done = relay.deliver([parcel(1)])
    assert_refused(done, server, str(code))
    assert "anna" not in str(done.trouble)


def test_a_server_without_sign_in_pauses_the_relay(authority: Authority) -> None:
    with (
        scripted_server(script(authority.server("localhost"), "implicit", words=("PIPELINING",))) as server,
        relay_to(server, authority.client(), "implicit", username="anna", password="open sesame") as relay,
    ):
        done = relay.deliver([parcel(1)])
    assert_refused(done, server, "AUTH")


def test_a_handshake_that_never_ends_does_not_hang_the_worker(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []
        threading.Thread(target=lambda: held.append(listener.accept()[0]), daemon=True).start()
        address = RelayAddress(host="localhost", port=listener.getsockname()[1], tls="implicit")
        timeouts = replace(PATIENT, connect=SHORT, greeting=SHORT)
        relay = SmtpRelay(address, hello="client.example", timeouts=timeouts, trust=authority.client())
        trouble = relay.check()
        for connection in held:
            connection.close()
    assert trouble is not None
    assert "timed out" in trouble_sentence(trouble)


def test_a_lost_answer_is_ambiguous_under_encryption_too(authority: Authority) -> None:
    answers = {"BODY": [b""]}
    with (
        scripted_server(script(authority.server("localhost"), "implicit", answers=answers)) as server,
        relay_to(server, authority.client(), "implicit") as relay,
    ):
        done = relay.deliver([parcel(1), parcel(2)])
    assert done.outcomes[1].state is State.AMBIGUOUS
    assert done.outcomes[2].state is State.ACCEPTED


def test_a_socket_on_which_encryption_fails_is_closed_at_once(authority: Authority) -> None:
    """And not when nobody remembers the failure any more."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        closed = pool.submit(_answers_in_plain, listener)
        address = RelayAddress(host="localhost", port=listener.getsockname()[1], tls="implicit")
        opening = Opening(address=address, hello="client.example", timeouts=PATIENT, trust=authority.client())
        with pytest.raises(OutOfOrder) as caught:
            opened(opening, float("inf"))
        assert closed.result()
    assert caught.value.trouble.code is TroubleCode.NO_ENCRYPTION


def _answers_in_plain(listener: socket.socket) -> bool:
    """Whether the client closes its connection then, within seconds."""
    connection, _address = listener.accept()
    with connection:
        connection.settimeout(5)
        connection.sendall(b"220 scripted.example ESMTP\r\n")
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False
        return True
