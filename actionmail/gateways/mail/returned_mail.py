"""Where returned mail lies: a Maildir, standard input, or an IMAP mailbox. Nothing is deleted, and nothing answered.

A mail is marked as done only after the caller says so; until then it is found again. Files are read, never parsed here.
"""

from __future__ import annotations

import imaplib
import os
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from actionmail.gateways.mail.imap_sign_in import Credentials, NoWay, sign_in
from actionmail.gateways.mail.tokens import TokenError, TokenFault
from actionmail.settings import is_loopback

LARGEST: int = 2_000_000  # octets read of one mail; no report needs more
_ANSWER_SECONDS = 60.0  # seconds for each answer of an IMAP server


class ReturnsFault(StrEnum):
    """Why returned mail cannot be got at."""

    NO_MAILDIR = "no_maildir"  # `detail` is the folder that it lacks
    UNREADABLE = "unreadable"  # a folder or a file; `detail` is the system's reason
    NOT_MOVED = "not_moved"  # the same
    BAD_URL = "bad_url"  # `detail` is the parser's reason
    NO_IMAP_URL = "no_imap_url"
    PASSWORD_IN_URL = "password_in_url"  # noqa: S105  # a code, no password
    BAD_MAILBOX_NAME = "bad_mailbox_name"
    NO_PASSWORD = "no_password"  # noqa: S105  # a code, no password
    UNTRUSTED = "untrusted"  # the certificate; `detail` is OpenSSL's reason
    UNREACHABLE = "unreachable"  # `detail` is the kind of error
    REFUSED = "refused"  # user name or password
    TOKEN_REFUSED = "token_refused"  # noqa: S105  # a code, no token
    NO_WAY = "no_way"  # it takes no sign-in that we have; `detail` are those that it names
    TOKEN_NOT_STARTED = "token_not_started"  # noqa: S105  # the command; `detail` is the system's reason
    TOKEN_TOO_SLOW = "token_too_slow"  # noqa: S105  # `detail` is how many seconds it had
    TOKEN_FAILED = "token_failed"  # noqa: S105  # `detail` is its exit status
    TOKEN_EMPTY = "token_empty"  # noqa: S105  # what it printed is no token
    NO_MAILBOX = "no_mailbox"  # `detail` is its name
    ENDED = "ended"  # the server ended the talk; `detail` is the kind of error


class ReturnsError(Exception):
    """The mail in `place`, a path or a host, cannot be got at."""

    def __init__(self, fault: ReturnsFault, place: Path | str = "", detail: str | None = "") -> None:
        super().__init__(fault, str(place), detail)
        self.fault = fault
        self.place = str(place)
        self.detail = detail or ""


class Mail(Struct, frozen=True, kw_only=True):
    """One mail as it came. `key` is its place's own name for it."""

    key: str
    raw: bytes


class Place(Protocol):
    """Somewhere returned mail lies."""

    def new(self) -> Iterator[Mail]: ...

    def done(self, key: str) -> None: ...


def open_maildir(folder: Path) -> AbstractContextManager[Place]:
    """The mail in `new/`; what is done moves to `cur/`, marked as seen. Raises ReturnsError."""
    return _opened_maildir(folder)


@contextmanager
def _opened_maildir(folder: Path) -> Iterator[Place]:
    for name in ("new", "cur"):
        if not (folder / name).is_dir():
            raise ReturnsError(ReturnsFault.NO_MAILDIR, folder, name)
    yield _Maildir(folder)


class _Maildir:
    """By its files alone: the standard library's `mailbox` has to parse a mail before it can move it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self) -> Iterator[Mail]:
        try:
            names = sorted(path.name for path in (self._folder / "new").iterdir() if not path.name.startswith("."))
        except OSError as error:
            raise ReturnsError(ReturnsFault.UNREADABLE, self._folder / "new", error.strerror) from None
        for name in names:
            path = self._folder / "new" / name
            if path.is_symlink() or not path.is_file():
                continue
            try:
                with path.open("rb") as file:
                    raw = file.read(LARGEST)
            except FileNotFoundError:
                continue  # another process took it
            except OSError as error:
                raise ReturnsError(ReturnsFault.UNREADABLE, path, error.strerror) from None
            yield Mail(key=name, raw=raw)

    def done(self, key: str) -> None:
        target = self._folder / "cur" / f"{key.partition(':')[0]}:2,S"
        try:
            os.replace(self._folder / "new" / key, target)  # noqa: PTH105
        except FileNotFoundError:
            pass  # another process was first
        except OSError as error:
            raise ReturnsError(ReturnsFault.NOT_MOVED, self._folder / "cur", error.strerror) from None


def read_one(stream: BinaryIO) -> bytes:
    """The mail on standard input. Reads to its end, so that the mail server never meets a closed pipe."""
    raw = stream.read(LARGEST)
    while stream.read(65536):
        pass
    return raw


class ImapAddress(Struct, frozen=True, kw_only=True):
    """An IMAP mailbox. `tls` is "implicit", "starttls", or "none" (this machine only)."""

    host: str
    port: int
    tls: str
    username: str
    mailbox: str


def parse_imap(url: str) -> ImapAddress:
    """Read `imaps://user@host[:port][/mailbox]` or `imap://…` (STARTTLS). Raises ReturnsError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ReturnsError(ReturnsFault.BAD_URL, detail=str(error)) from None
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username:
        raise ReturnsError(ReturnsFault.NO_IMAP_URL)
    if parts.password is not None:
        raise ReturnsError(ReturnsFault.PASSWORD_IN_URL)
    mailbox = unquote(parts.path.strip("/")) or "INBOX"
    if not re.fullmatch(r"[A-Za-z0-9 ._/-]{1,200}", mailbox):
        raise ReturnsError(ReturnsFault.BAD_MAILBOX_NAME)
    tls = "implicit" if parts.scheme == "imaps" else "none" if is_loopback(parts.hostname) else "starttls"
    return ImapAddress(
        host=parts.hostname,
        port=port or (993 if tls == "implicit" else 143),
        tls=tls,
        username=unquote(parts.username),
        mailbox=mailbox,
    )


@contextmanager
def open_imap(
    address: ImapAddress, password: str, *, token_command: Sequence[str] = (), trust: ssl.SSLContext | None = None
) -> Iterator[Place]:
    """The unseen mail of a mailbox; what is done is marked as seen. Certificates are verified. Raises ReturnsError.

    With `token_command` its output signs in, and `password` does not count.
    """
    context = trust or ssl.create_default_context()
    try:
        client = _connected(address, context)
    except ssl.SSLCertVerificationError as error:
        raise ReturnsError(ReturnsFault.UNTRUSTED, address.host, error.verify_message) from None
    except (imaplib.IMAP4.error, OSError) as error:
        raise ReturnsError(ReturnsFault.UNREACHABLE, address.host, type(error).__name__) from None
    try:
        _sign_in(client, address, Credentials(password=password, token_command=token_command))
        with _talking(address):
            status, _ = client.select(f'"{address.mailbox}"')
        if status != "OK":
            raise ReturnsError(ReturnsFault.NO_MAILBOX, address.host, address.mailbox)
        yield _Imap(client, address)
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            client.logout()


def _sign_in(client: imaplib.IMAP4, address: ImapAddress, credentials: Credentials) -> None:
    try:
        sign_in(client, address.username, credentials)
    except NoWay as error:
        raise ReturnsError(ReturnsFault.NO_WAY, address.host, error.offered) from None
    except TokenError as error:
        raise ReturnsError(_TOKEN_FAULTS[error.fault], address.host, error.detail) from None
    except (imaplib.IMAP4.abort, OSError) as error:
        raise ReturnsError(ReturnsFault.ENDED, address.host, type(error).__name__) from None
    except imaplib.IMAP4.error:
        fault = ReturnsFault.TOKEN_REFUSED if credentials.token_command else ReturnsFault.REFUSED
        raise ReturnsError(fault, address.host) from None


_TOKEN_FAULTS = {
    TokenFault.NOT_STARTED: ReturnsFault.TOKEN_NOT_STARTED,
    TokenFault.TOO_SLOW: ReturnsFault.TOKEN_TOO_SLOW,
    TokenFault.FAILED: ReturnsFault.TOKEN_FAILED,
    TokenFault.NO_TOKEN: ReturnsFault.TOKEN_EMPTY,
}


def _connected(address: ImapAddress, context: ssl.SSLContext) -> imaplib.IMAP4:
    if address.tls == "implicit":
        return imaplib.IMAP4_SSL(address.host, address.port, ssl_context=context, timeout=_ANSWER_SECONDS)
    client = imaplib.IMAP4(address.host, address.port, timeout=_ANSWER_SECONDS)
    if address.tls == "starttls":
        client.starttls(context)
    return client


@contextmanager
def _talking(address: ImapAddress) -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, OSError) as error:
        raise ReturnsError(ReturnsFault.ENDED, address.host, type(error).__name__) from None


class _Imap:
    def __init__(self, client: imaplib.IMAP4, address: ImapAddress) -> None:
        self._client = client
        self._address = address

    def new(self) -> Iterator[Mail]:
        with _talking(self._address):
            _, unseen = self._client.uid("SEARCH", "UNSEEN")
        numbers = (unseen[0] or b"").split() if unseen else []
        for number in (n.decode() for n in numbers if n.isdigit()):
            with _talking(self._address):
                _, answer = self._client.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST}>)")
            raw = next((part[1] for part in answer if isinstance(part, tuple) and len(part) > 1), None)
            if isinstance(raw, bytes):
                yield Mail(key=number, raw=raw[:LARGEST])

    def done(self, key: str) -> None:
        with _talking(self._address):
            self._client.uid("STORE", key, "+FLAGS.SILENT", r"(\Seen)")
