"""Signing in to mail servers that take no ASCII password: others, tokens, and none that we have."""

from __future__ import annotations

import stat
import sys
import time
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from actionmail.cli.delivery.words import returns_error
from actionmail.gateways.mail.returned_mail import ImapAddress, ReturnsError, ReturnsFault, open_imap
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.gateways.mail.tokens import TokenError, TokenFault, token_from
from actionmail.rules.delivery.trouble import Trouble, TroubleCode
from actionmail.settings import RelayAddress, Settings
from actionmail.settings_reading import SettingsError
from actionmail.web.platform.mail_words import trouble_sentence
from tests.gateways.imap_server import ImapServer, imap_server
from tests.gateways.scripted_smtp import PATIENT, Script, scripted_server

PASSWORD = "Grüße£សួស្តី"
TOKEN = "ya29.A-token_of~letters+digits/="


def printing(text: str, *, status: int = 0) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import sys; print({text!r}); sys.exit({status})")


def smtp_trouble(script: Script, **address: object) -> tuple[Trouble | None, list[str]]:
    with scripted_server(script) as server:
        values = {"host": "127.0.0.1", "port": server.port, "tls": "none", "username": "letters", **address}
        relay = SmtpRelay(RelayAddress(**values), hello="client.example", timeouts=PATIENT)  # type: ignore[arg-type]
        try:
            return relay.check(), list(server.commands)
        finally:
            relay.close()


def offers(*ways: str, auth: bytes = b"235 2.7.0 welcome") -> Script:
    return Script(words=("PIPELINING", f"AUTH {' '.join(ways)}"), answers={"AUTH": [auth]})


def test_a_password_beyond_ascii_goes_by_plain_in_utf8() -> None:
    trouble, commands = smtp_trouble(offers("PLAIN", "LOGIN"), password=PASSWORD)
    assert trouble is None
    (sent,) = [command.rpartition(" ")[2] for command in commands if command.startswith("AUTH PLAIN ")]
    assert b64decode(sent).decode() == f"\0letters\0{PASSWORD}"


def test_it_goes_by_login_where_plain_is_not_offered() -> None:
    secret = b64encode(PASSWORD.encode()).decode()

    def answer(verb: str, argument: str) -> bytes | None:
        if verb == "AUTH":
            return b"334 UGFzc3dvcmQ6"
        return b"235 2.7.0 welcome" if verb == secret.upper() else None

    trouble, commands = smtp_trouble(Script(words=("AUTH LOGIN",), answer=answer), password=PASSWORD)
    assert trouble is None
    assert secret in commands


def test_it_goes_by_cram_md5_too() -> None:
    def answer(verb: str, argument: str) -> bytes | None:
        if verb == "AUTH":
            return b"334 " + b64encode(b"<1@mx.example>")
        return None if verb in {"CONNECT", "EHLO", "QUIT"} else b"235 2.7.0 welcome"

    trouble, commands = smtp_trouble(Script(words=("AUTH CRAM-MD5",), answer=answer), password=PASSWORD)
    assert trouble is None
    assert b64decode(commands[2]).startswith(b"letters ")


@pytest.mark.parametrize("ways", [("NTLM", "XOAUTH2"), ("GSSAPI",)])
def test_a_server_that_takes_no_password_is_named_with_what_it_offers(ways: tuple[str, ...]) -> None:
    trouble, commands = smtp_trouble(offers(*ways), password="secret")  # of the test
    assert trouble == Trouble(code=TroubleCode.AUTH_NO_PASSWORD, detail=", ".join(ways))
    sentence = trouble_sentence(trouble)
    assert ", ".join(ways) in sentence
    assert "ACTIONMAIL_SMTP_TOKEN_COMMAND" in sentence
    assert not [command for command in commands if command.startswith("AUTH")]


@pytest.mark.parametrize(
    ("way", "answer"),
    [
        ("XOAUTH2", f"user=letters\x01auth=Bearer {TOKEN}\x01\x01"),
        ("OAUTHBEARER", f"n,a=letters,\x01auth=Bearer {TOKEN}\x01\x01"),
    ],
)
def test_a_token_signs_in(way: str, answer: str) -> None:
    trouble, commands = smtp_trouble(offers("NTLM", way), token_command=printing(TOKEN))
    assert trouble is None
    (sent,) = [command for command in commands if command.startswith(f"AUTH {way} ")]
    assert b64decode(sent.rpartition(" ")[2]).decode() == answer


@pytest.mark.parametrize(("way", "last"), [("XOAUTH2", ""), ("OAUTHBEARER", "AQ==")])
def test_a_refused_token_is_told_without_it(way: str, last: str) -> None:
    def answer(verb: str, argument: str) -> bytes | None:
        if verb == "AUTH":
            return b"334 " + b64encode(b'{"status":"400"}')
        return b"535 5.7.8 refused" if verb in {"", "AQ=="} else None

    script = Script(words=(f"AUTH {way}",), answer=answer)
    trouble, commands = smtp_trouble(script, token_command=printing(TOKEN))
    assert trouble == Trouble(code=TroubleCode.TOKEN_REFUSED, detail="535")
    assert last in commands
    assert TOKEN not in trouble_sentence(trouble)


def test_a_token_that_the_server_does_not_take_is_not_asked_for(tmp_path: Path) -> None:
    mark = tmp_path / "asked"
    trouble, _ = smtp_trouble(offers("PLAIN"), token_command=(sys.executable, "-c", f"open({str(mark)!r}, 'w')"))
    assert trouble == Trouble(code=TroubleCode.AUTH_NO_TOKEN, detail="PLAIN")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("command", "code", "detail"),
    [
        (printing(TOKEN, status=3), TroubleCode.TOKEN_FAILED, "3"),
        (printing(""), TroubleCode.TOKEN_EMPTY, ""),
        (printing("two words"), TroubleCode.TOKEN_EMPTY, ""),
        (printing("x\r\nRCPT"), TroubleCode.TOKEN_EMPTY, ""),
        (("/no/such/command",), TroubleCode.TOKEN_NOT_STARTED, "No such file or directory"),
    ],
)
def test_why_there_is_no_token(command: tuple[str, ...], code: TroubleCode, detail: str) -> None:
    trouble, _ = smtp_trouble(offers("XOAUTH2"), token_command=command)
    assert trouble == Trouble(code=code, detail=detail)
    assert "ACTIONMAIL_SMTP_TOKEN_COMMAND" in trouble_sentence(trouble)


def test_a_command_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = tmp_path / "token"
    script.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {child}\nwait\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(TokenError, check=lambda error: error.fault is TokenFault.TOO_SLOW):
        token_from([str(script)], seconds=1.5)
    number = Path("/proc") / child.read_text().strip()
    for _try in range(200):
        if not number.exists() or "Z" in (number / "stat").read_text().split()[2]:
            return
        time.sleep(0.05)
    pytest.fail("what the command started goes on")


def test_the_command_is_run_without_a_shell(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    assert token_from([*printing("a"), f"; touch {mark}", f"$(touch {mark})"]) == "a"
    assert not mark.exists()


def test_the_settings_of_a_token_command() -> None:
    env = {"ACTIONMAIL_SMTP_URL": "smtps://me%40example.org@mx.example", "ACTIONMAIL_SMTP_TOKEN_COMMAND": "get 'a b' c"}
    relay = Settings.from_env(env).relay
    assert relay is not None
    assert (relay.username, relay.token_command) == ("me@example.org", ("get", "a b", "c"))
    for url in ("smtps://mx.example", "smtps://me:password@mx.example"):
        with pytest.raises(SettingsError, match="token"):
            Settings.from_env({**env, "ACTIONMAIL_SMTP_URL": url})
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.from_env({**env, "ACTIONMAIL_SMTP_TOKEN_COMMAND": "get 'a"})


def imap(server: ImapServer, username: str = "returns") -> ImapAddress:
    return ImapAddress(host="127.0.0.1", port=server.port, tls="none", username=username, mailbox="INBOX")


def test_an_imap_password_beyond_ascii_goes_by_plain() -> None:
    with imap_server({7: b"seven\r\n"}, offered="AUTH=PLAIN") as server:
        with open_imap(imap(server, "rétours"), PASSWORD) as place:
            assert [mail.raw for mail in place.new()] == [b"seven\r\n"]
        assert [b64decode(said).decode() for said in server.answers] == [f"\0rétours\0{PASSWORD}"]


def test_it_goes_as_a_literal_where_plain_is_not_offered() -> None:
    with imap_server({7: b"seven\r\n"}) as server:
        with open_imap(imap(server), PASSWORD) as place:
            assert [mail.raw for mail in place.new()] == [b"seven\r\n"]
        assert [said.decode() for said in server.literals] == [PASSWORD]


@pytest.mark.parametrize("way", ["XOAUTH2", "OAUTHBEARER"])
def test_a_token_opens_an_imap_mailbox(way: str) -> None:
    with imap_server({7: b"seven\r\n"}, offered=f"LOGINDISABLED AUTH={way}") as server:
        with open_imap(imap(server), "", token_command=printing(TOKEN)) as place:
            assert [mail.raw for mail in place.new()] == [b"seven\r\n"]
        (said,) = server.answers
        assert f"auth=Bearer {TOKEN}\x01\x01" in b64decode(said).decode()


def test_an_imap_server_that_takes_no_password_is_named_with_what_it_offers() -> None:
    with imap_server({}, offered="LOGINDISABLED AUTH=NTLM AUTH=XOAUTH2") as server:
        with (
            pytest.raises(ReturnsError, check=lambda error: error.fault is ReturnsFault.NO_WAY) as raised,
            open_imap(imap(server), "secret"),
        ):
            pass
        assert "NTLM, XOAUTH2" in returns_error(raised.value)
        assert not any("secret" in line for line in server.said)


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (printing("wrong"), ReturnsFault.TOKEN_REFUSED),
        (printing(TOKEN, status=2), ReturnsFault.TOKEN_FAILED),
        (printing(""), ReturnsFault.TOKEN_EMPTY),
        (("/no/such/command",), ReturnsFault.TOKEN_NOT_STARTED),
    ],
)
def test_why_a_token_does_not_open_a_mailbox(command: tuple[str, ...], fault: ReturnsFault) -> None:
    with imap_server({}, offered="AUTH=XOAUTH2") as server:
        with (
            pytest.raises(ReturnsError, check=lambda error: error.fault is fault) as raised,
            open_imap(imap(server), "", token_command=command),
        ):
            pass
        assert "{" not in returns_error(raised.value)


def test_a_server_that_ends_while_we_sign_in_did_not_refuse_the_password() -> None:
    with (
        imap_server({}, hang_up_at="LOGIN") as server,
        pytest.raises(ReturnsError, check=lambda error: error.fault is ReturnsFault.ENDED),
        open_imap(imap(server), "secret"),
    ):
        pass
