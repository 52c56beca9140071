"""Signing in to an IMAP server: LOGIN, AUTHENTICATE PLAIN, or a token (XOAUTH2, OAUTHBEARER)."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from actionmail.gateways.mail.tokens import oauthbearer, token_from, xoauth2

_BY_TOKEN: Final[dict[str, Callable[[str, str], bytes]]] = {"XOAUTH2": xoauth2, "OAUTHBEARER": oauthbearer}
_REFUSED_TOKEN: Final = {"XOAUTH2": b"", "OAUTHBEARER": b"\x01"}  # to the challenge that says why (RFC 7628 3.2.3)


class NoWay(Exception):
    """The server takes no sign-in that we have; `offered` are those that it names."""

    def __init__(self, offered: str) -> None:
        super().__init__(offered)
        self.offered = offered


class Credentials(Struct, frozen=True, kw_only=True):
    """A password, or the words of a command that prints a token."""

    password: str = ""
    token_command: Sequence[str] = ()

    def __repr__(self) -> str:  # the password stays out of logs and tracebacks
        return "Credentials()"


def sign_in(client: imaplib.IMAP4, username: str, credentials: Credentials) -> None:
    """Raises NoWay, TokenError, imaplib.IMAP4.error, OSError."""
    offered = [word.removeprefix("AUTH=") for word in client.capabilities if word.startswith("AUTH=")]
    takes_login = "LOGINDISABLED" not in client.capabilities
    if credentials.token_command:
        _with_token(client, username, credentials.token_command, offered)
    elif takes_login and f"{username}{credentials.password}".isascii():
        client.login(username, credentials.password)
    elif "PLAIN" in offered:
        answer = f"\0{username}\0{credentials.password}".encode()
        client.authenticate("PLAIN", lambda _challenge: answer)
    elif takes_login and username.isascii():
        _with_literal(client, username, credentials.password)
    else:
        raise NoWay(", ".join(offered))


def _with_token(client: imaplib.IMAP4, username: str, command: Sequence[str], offered: Sequence[str]) -> None:
    way = next((name for name in _BY_TOKEN if name in offered), "")
    if not way:
        raise NoWay(", ".join(offered))
    answers = [_BY_TOKEN[way](username, token_from(command))]
    client.authenticate(way, lambda _challenge: answers.pop() if answers else _REFUSED_TOKEN[way])


def _with_literal(client: imaplib.IMAP4, username: str, password: str) -> None:
    """A quoted string is ASCII, a literal is octets (RFC 3501 4.3)."""
    quoted = username.replace("\\", "\\\\").replace('"', '\\"')
    client.literal = password.encode()  # type: ignore[assignment]  # sent after the command, as for APPEND
    status, _words = client.xatom("LOGIN", f'"{quoted}"')
    if status != "OK":
        raise imaplib.IMAP4.error("LOGIN")
    client.state = "AUTH"
