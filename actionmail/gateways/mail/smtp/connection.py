"""Octets to and from a mail server, with an end to every wait."""

from __future__ import annotations

import hmac
import re
import select
import smtplib
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable
from math import ceil
from time import monotonic

from actionmail.gateways.mail.smtp.errors import Lost, OutOfOrder, name_of
from actionmail.rules.delivery.trouble import LossCode, TroubleCode

_LINE_LENGTH = 4096  # RFC 5321 4.5.3.1.5 says 512; some servers are talkative
_REPLY_LINES = 128
_MOST_CHALLENGES = 5
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_SIGNS = frozenset({b"-", b" ", b""})
_USUAL_ANSWERS = re.compile(rb"(?:250 [^\r\n]*\r\n){2}354 [^\r\n]*\r\n")  # to MAIL, RCPT and DATA
_WHOLE_ANSWER = re.compile(rb"(?:[0-9]{3}-[^\n]*\n)*(?![0-9]{3}-)[^\n]*\n")


class Connection(smtplib.SMTP):
    """The standard library's client, with an end to every wait: `timeouts` seconds each, and `deadline` for all."""

    def __init__(self, hello: str, implicit_tls: ssl.SSLContext | None) -> None:
        self.timeout_now = 300.0
        self.deadline = float("inf")
        self._implicit_tls = implicit_tls
        self._unread, self._read = b"", 0  # what came, and how much of it was read
        self._answer_until = 0.0  # the end of the wait for the answer that is being read; 0 before it is waited for
        self._expected_until = 0.0  # likewise of the answer to be read next
        self.was_looked_for = False  # whether that answer was, and not all of it was here
        self._steps = 0  # of AUTH, taken
        self.greeting = b""  # the server's first words
        super().__init__(local_hostname=hello)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), max(0.01, min(timeout, self.deadline - monotonic())))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # All waits are ours: a socket with a timeout of its own asks the system before each of its calls.
        connection.settimeout(0)
        self._unread, self._read = b"", 0
        if self._implicit_tls:
            return _shake_hands(connection, self._implicit_tls, host, self._end())
        return connection

    def secure(self, trust: ssl.SSLContext, host: str) -> None:
        """After the answer to STARTTLS: encrypt, and forget what was said before (RFC 3207 4.2)."""
        assert self.sock is not None
        if self._read < len(self._unread):
            raise OutOfOrder(TroubleCode.STARTTLS_INJECTED)
        self.sock = _shake_hands(self.sock, trust, host, self._end())
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def send(self, s: str | bytes | bytearray | memoryview) -> None:  # type: ignore[override]
        data: bytes | bytearray | memoryview = s.encode() if isinstance(s, str) else s
        end = self._end()
        if end <= monotonic():
            raise self._lost(LossCode.NOT_READING)
        while data:
            try:
                sent = self._socket().send(data)
            except _NOT_YET as error:
                self._wait(error, select.POLLOUT, end, LossCode.NOT_READING)
            except OSError as error:
                raise self._lost(LossCode.BROKE_OFF, name_of(error)) from None
            else:
                data = memoryview(data)[sent:] if sent < len(data) else b""

    def auth(
        self, mechanism: str, authobject: Callable[..., str | None], *, initial_response_ok: bool = True
    ) -> tuple[int, bytes]:
        """As in the standard library, which takes ASCII alone: user names and passwords go in UTF-8 (RFC 4616 2).

        Raises SMTPAuthenticationError.
        """
        initial = authobject() if initial_response_ok else None
        self._steps = 0 if initial is None else 1
        code, words = self.docmd("AUTH", mechanism if initial is None else f"{mechanism} {_encoded(initial)}")
        for _step in range(_MOST_CHALLENGES):
            if code != 334:
                break
            self._steps += 1
            code, words = self.docmd(_encoded(authobject(_decoded(words)) or ""))
        if code in {235, 503}:
            return code, words
        raise smtplib.SMTPAuthenticationError(code, words)

    def auth_login(self, challenge: bytes | None = None) -> str:  # type: ignore[override]
        """The user name, then the password; what the server asks in between is words."""
        return str(self.user if challenge is None or self._steps < 2 else self.password)

    def auth_cram_md5(self, challenge: bytes | None = None) -> str | None:  # type: ignore[override]
        """RFC 2195, likewise in UTF-8."""
        if challenge is None:
            return None
        user, password = str(self.user), str(self.password)
        return f"{user} {hmac.new(password.encode(), challenge, 'md5').hexdigest()}"

    @property
    def has_answer(self) -> bool:
        """Whether the next answer has arrived, to the end of its last line; or more than is an answer."""
        is_whole = _WHOLE_ANSWER.match(self._unread, self._read) is not None
        return is_whole or len(self._unread) - self._read > _LINE_LENGTH

    @property
    def has_news(self) -> bool:
        """Whether something came that was not asked for: a goodbye, or the end of the connection."""
        if self.sock is None or self._read < len(self._unread):
            return True
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return bool(poll.poll(0))

    def skip_usual_answers(self) -> bool:
        """Whether those to MAIL, RCPT and DATA came and are what they mostly are; they count as read then."""
        answers = _USUAL_ANSWERS.match(self._unread, self._read)
        if answers:
            self._read = answers.end()
        return answers is not None

    def expect(self) -> None:
        """Begin to wait for the next answer, `timeout_now` seconds, though it be read later."""
        self._expected_until, self.was_looked_for = self._end(), False

    def take_in(self) -> bool:
        """Read what came of the expected answer, without waiting; whether it is all here. Raises Lost."""
        self.was_looked_for = True
        try:
            self._receive()
        except _NOT_YET:  # of TLS, half a record came
            is_here = False
        else:
            is_here = self.has_answer
        if not is_here and monotonic() >= self._expected_until:
            raise self._lost(LossCode.NO_ANSWER)
        return is_here

    def patience_left(self) -> float:
        """Seconds for which the expected answer may be waited for; 0 where there is no need to wait for octets."""
        if self.sock is None or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()):
            return 0.0
        return max(0.0, self._expected_until - monotonic())

    def fileno(self) -> int:
        """Of the socket; -1 for none."""
        return self.sock.fileno() if self.sock else -1

    def getreply(self) -> tuple[int, bytes]:
        """The code of the last line, and all lines' words. Raises Lost."""
        lines: list[bytes] = []
        self._answer_until, self._expected_until = self._expected_until, 0.0
        while len(lines) < _REPLY_LINES:
            line = self._line()
            code, sign, words = line[:3], line[3:4], line[4:].strip()
            if not code.isdigit() or sign not in _SIGNS:
                return -1, line.strip()
            if sign != b"-":
                return int(code), b"\n".join([*lines, words]) if lines else words
            lines.append(words)
        raise self._lost(LossCode.ANSWER_ENDLESS)

    def _line(self) -> bytes:
        while (newline := self._unread.find(b"\n", self._read)) < 0:
            if len(self._unread) - self._read > _LINE_LENGTH:
                raise self._lost(LossCode.ANSWER_OVERLONG)
            if not self._answer_until:  # with PIPELINING three answers of four are here when they are asked for
                self._answer_until = self._end()
            try:
                self._receive()
            except _NOT_YET as error:
                self._wait(error, select.POLLIN, self._answer_until, LossCode.NO_ANSWER)
        line = self._unread[self._read : newline]
        self._read = newline + 1
        return line.rstrip(b"\r")

    def _receive(self) -> None:
        """Add what came to what is unread. Raises Lost, and one of _NOT_YET where nothing came."""
        try:
            more = self._socket().recv(_LINE_LENGTH)
        except _NOT_YET:
            raise
        except OSError as error:
            raise self._lost(LossCode.BROKE_OFF, name_of(error)) from None
        if not more:
            raise self._lost(LossCode.ENDED)
        self._unread, self._read = self._unread[self._read :] + more, 0

    def _socket(self) -> socket.socket:
        if self.sock is None:
            raise self._lost(LossCode.ENDED_BY_US)
        return self.sock

    def _wait(self, why: OSError, event: int, end: float, late: LossCode) -> None:
        """Until the socket is ready for what it was not ready for. Raises Lost, `late`, if that is not before `end`."""
        if not _is_ready(self._socket(), why, event, end):
            raise self._lost(late)

    def _end(self) -> float:
        return min(monotonic() + self.timeout_now, self.deadline)

    def _lost(self, code: LossCode, detail: str = "") -> Lost:
        self.close()
        return Lost(code, detail)


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _decoded(words: bytes) -> bytes:
    """A challenge; b"" for one that is none."""
    try:
        return b64decode(words.strip())
    except ValueError:
        return b""


def _shake_hands(connection: socket.socket, trust: ssl.SSLContext, host: str, end: float) -> ssl.SSLSocket:
    """TLS on `connection`, done before `end`. Raises ssl.SSLError, OSError or TimeoutError."""
    secured = trust.wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)
    try:
        while (why := _what_it_waits_for(secured)) is not None:
            if not _is_ready(secured, why, select.POLLIN, end):
                raise TimeoutError("no encryption in time")
    except OSError:
        secured.close()
        raise
    return secured


def _what_it_waits_for(secured: ssl.SSLSocket) -> OSError | None:
    """Go on with the handshake as far as it goes; None once it is done."""
    try:
        secured.do_handshake()
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
        return error
    return None


def _is_ready(sock: socket.socket, why: OSError, event: int, end: float) -> bool:
    """Wait for `event`, or what TLS said that it needs instead, until `end`; whether it came."""
    if isinstance(why, ssl.SSLWantReadError):
        event = select.POLLIN
    elif isinstance(why, ssl.SSLWantWriteError):
        event = select.POLLOUT
    left = end - monotonic()
    if left <= 0:
        return False
    poll = select.poll()
    poll.register(sock, event)
    return bool(poll.poll(ceil(left * 1000)))
