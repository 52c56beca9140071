"""A mail server on this machine that keeps every letter in a folder and sends none on: for demo and trial.

A letter is `<time>-<random>.eml`, byte for byte as it came; beside it `<same name>.json` holds the envelope.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import socket
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from msgspec import Struct

from actionmail.rules.delivery.mail_text import header_text, headers_of

HOST = "127.0.0.1"
LARGEST_LETTER = 1_000_000  # octets
SHOWN = 500  # letters in a listing
_NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


class InboxError(Exception):
    """The inbox cannot be opened: `place` is the folder that cannot be made, or the number of the port in use.

    `detail` is the system's reason.
    """

    def __init__(self, place: Path | int, detail: str | None) -> None:
        super().__init__(place, detail)
        self.place = place
        self.detail = detail or ""


class KeptLetter(Struct, frozen=True, kw_only=True):
    """One letter as it came: the envelope, and what its bytes say. `text` is "" in a listing."""

    name: str
    received_at: str  # ISO 8601, UTC
    envelope_from: str
    envelope_to: tuple[str, ...]
    subject: str
    sender: str
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    raw: bytes = b""


class Inbox:
    """The letters of one folder, newest first."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self.folder = folder
        self.port = port

    def letters(self) -> list[KeptLetter]:
        """The newest letters, at most `SHOWN`, without their text."""
        names = sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)
        return [letter for name in names[:SHOWN] if (letter := self._read(name, whole=False))]

    def letter(self, name: str) -> KeptLetter | None:
        return self._read(name, whole=True)

    def _read(self, name: str, *, whole: bool) -> KeptLetter | None:
        if not _NAME.fullmatch(name):
            return None
        try:
            raw = (self.folder / f"{name}.eml").read_bytes()
            envelope = json.loads((self.folder / f"{name}.json").read_bytes())
        except OSError:
            return None
        parser = BytesParser(policy=policy.default)
        message = parser.parsebytes(raw, headersonly=not whole)
        return KeptLetter(
            name=name,
            received_at=envelope["received_at"],
            envelope_from=envelope["from"],
            envelope_to=tuple(envelope["to"]),
            subject=header_text(message, "Subject"),
            sender=header_text(message, "From"),
            headers=tuple(headers_of(message)) if whole else (),
            text=_text_of(message) if whole else "",
            raw=raw if whole else b"",
        )


@contextmanager
def open_inbox(folder: Path, *, port: int, clock: Callable[[], datetime]) -> Iterator[Inbox]:
    """Take letters on 127.0.0.1:`port` (0: any free one) until the block ends. Raises InboxError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InboxError(folder, error.strerror) from None
    try:
        listener = socket.create_server((HOST, port))
    except OSError as error:
        raise InboxError(port, error.strerror) from None
    controller = _LoopbackController(_Keeper(folder, clock), listener)
    controller.start()
    try:
        yield Inbox(folder, port=controller.port)
    finally:
        controller.stop()


class _LoopbackController(Controller):
    """aiosmtpd in a thread, on a listening socket that is already ours."""

    def __init__(self, handler: _Keeper, listener: socket.socket) -> None:
        super().__init__(
            handler,
            hostname=HOST,
            port=listener.getsockname()[1],
            data_size_limit=LARGEST_LETTER,
            ident="ActionMail inbox",
            server_hostname="inbox.localhost",
        )
        self._listener = listener

    def _create_server(self) -> Coroutine[Any, Any, asyncio.Server]:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)


class _Keeper:
    """Writes what arrives."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: Sequence[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        now = self._clock()
        name = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        about = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "received_at": now.isoformat(timespec="seconds")}
        try:
            _write(self._folder / f"{name}.json", json.dumps(about, ensure_ascii=False, indent=1).encode())
            _write(self._folder / f"{name}.eml", envelope.original_content or b"")
        except OSError as error:
            return f"452 4.3.1 The inbox cannot keep it: {error.strerror}"
        return f"250 2.0.0 Ok: queued as {name}"


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing."""
    half = path.with_suffix(f"{path.suffix}.part")
    half.write_bytes(content)
    os.replace(half, path)  # noqa: PTH105


def _text_of(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain",))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")
