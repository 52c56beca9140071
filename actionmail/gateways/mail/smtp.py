"""The mail server that takes our letters, spoken to over kept connections.

The standard library's client keeps its EHLO, AUTH and parsing; added are PIPELINING (RFC 2920: the body of one letter
travels with the opening of the next, so that a letter costs one write and one round trip), an end to every wait, and
answers as data: nothing of smtplib leaves this module.
"""

from __future__ import annotations

import re
import select
import smtplib
import socket
import ssl
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

from actionmail.rules.delivery.states import (
    Handover,
    Outcome,
    Parcel,
    Phase,
    Signal,
    State,
    Trouble,
    classify,
    lost,
    refused_here,
)
from actionmail.settings import RelayAddress


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long to wait, in seconds (RFC 5321 4.5.3.2), and how long to keep a connection."""

    connect: float = 30.0
    greeting: float = 300.0
    mail: float = 300.0
    rcpt: float = 300.0
    data: float = 120.0
    final_dot: float = 600.0
    handover: float = 900.0  # everything that one `deliver` does
    connection_letters: int = 100
    connection_age: float = 300.0


class SmtpRelay:
    """The mail server at `address`, over at most `sessions` connections. Not to be shared between threads.

    `hello` is the name given in EHLO; `trust` is what TLS certificates are checked with (the system's, unless given).
    """

    def __init__(
        self,
        address: RelayAddress,
        *,
        hello: str,
        sessions: int = 1,
        timeouts: Timeouts | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._address = address
        self._hello = hello
        self._timeouts = timeouts or Timeouts()
        self._trust = trust or (ssl.create_default_context() if address.tls != "none" else None)
        self._sessions: list[_Session | None] = [None] * sessions
        self._pool = ThreadPoolExecutor(sessions) if sessions > 1 else None
        self._may_pipeline = True
        self.connections = 0  # opened so far

    def check(self) -> Trouble | None:
        """Whether the server lets us in right now; a connection that it did let in is kept for `deliver`."""
        try:
            self._session(0, monotonic() + self._timeouts.handover)
        except _OutOfOrder as error:
            return Trouble(sentence=error.sentence)
        return None

    def deliver(self, parcels: Sequence[Parcel]) -> Handover:
        """Try each parcel once. Returns within `Timeouts.handover` seconds and a little; raises nothing expected."""
        work = _Work(parcels)
        end = monotonic() + self._timeouts.handover
        lanes = range(min(len(self._sessions), len(parcels)))
        if self._pool and len(lanes) > 1:
            for lane in [self._pool.submit(self._lane, index, work, end) for index in lanes]:
                lane.result()
        else:
            self._lane(0, work, end)
        return Handover(outcomes=work.outcomes, trouble=work.trouble)

    def close(self) -> None:
        """Take leave of the server."""
        for index, session in enumerate(self._sessions):
            if session:
                session.quit()
            self._sessions[index] = None
        if self._pool:
            self._pool.shutdown()

    def _lane(self, index: int, work: _Work, end: float) -> None:
        """One connection's share: reopened where it was lost, given up after three losses in a row."""
        losses = 0
        while work.waiting and not work.trouble:
            try:
                session = self._session(index, end)
                session.run(work)
            except _OutOfOrder as error:
                work.trouble = Trouble(sentence=error.sentence)
                self._drop(index)
            except _Lost as error:
                self._drop(index)
                if session.distrusts_pipelining:
                    self._may_pipeline = False
                losses = (0 if session.was_useful else losses) + session.blame(work, error.why)
                if losses >= _LOSSES_IN_A_ROW:
                    work.trouble = Trouble(sentence="The mail server keeps ending the connection without an answer.")
            else:
                losses = 0
                if session.is_worn:
                    session.quit()
                    self._sessions[index] = None
            if monotonic() >= end and work.waiting and not work.trouble:
                work.trouble = Trouble(sentence="The mail server is too slow to be of use.")

    def _session(self, index: int, end: float) -> _Session:
        """An open connection, kept or new. Raises _OutOfOrder."""
        kept = self._sessions[index]
        if kept and not kept.is_worn:
            kept.begin(end, is_new=False)
            return kept
        if kept:
            kept.quit()
            self._sessions[index] = None
        client = _Client(self._hello, self._trust if self._address.tls == "implicit" else None)
        client.deadline = end
        try:
            self._open(client)
        except _OutOfOrder:
            client.close()
            raise
        except ssl.SSLCertVerificationError as error:
            client.close()
            raise _OutOfOrder(f"The mail server's certificate is not to be trusted: {error.verify_message}.") from None
        except ssl.SSLError as error:
            client.close()
            raise _OutOfOrder(f"No encrypted connection to the mail server: {error.reason or 'failed'}.") from None
        except (smtplib.SMTPException, OSError, _Lost) as error:
            client.close()
            raise _OutOfOrder(f"The mail server cannot be reached: {_name_of(error)}.") from None
        self.connections += 1
        session = _Session(client, self._timeouts, may_pipeline=self._may_pipeline)
        session.begin(end, is_new=True)
        self._sessions[index] = session
        return session

    def _open(self, client: _Client) -> None:
        """Greeting, EHLO, TLS and AUTH. Raises _OutOfOrder, _Lost, OSError or SMTPException."""
        address = self._address
        client.timeout = self._timeouts.connect
        client.timeout_now = self._timeouts.greeting
        code, _words = client.connect(address.host, address.port)
        if code != 220:
            raise _OutOfOrder(f"The mail server does not want us now: its greeting is {code}.")
        self._greet(client)
        if address.tls == "starttls":
            if not client.has_extn("starttls"):
                raise _OutOfOrder("The mail server offers no encryption (STARTTLS), and this installation demands it.")
            code, _words = client.docmd("STARTTLS")
            if code != 220:
                raise _OutOfOrder(f"The mail server would not start encryption: {code}.")
            assert self._trust is not None
            client.secure(self._trust, address.host)
            self._greet(client)
        if address.username is not None:
            if not client.has_extn("auth"):
                raise _OutOfOrder("The mail server offers no sign-in (AUTH), and a user name is set.")
            try:
                client.login(address.username, address.password or "")
            except smtplib.SMTPAuthenticationError as error:
                raise _OutOfOrder(
                    f"The mail server refused the user name or the password ({error.smtp_code})."
                ) from None
            except smtplib.SMTPResponseException as error:
                raise _OutOfOrder(f"Signing in to the mail server failed ({error.smtp_code}).") from None

    def _greet(self, client: _Client) -> None:
        code, _words = client.ehlo()
        if code == 421 or not 200 <= code < 600:
            raise _OutOfOrder(f"The mail server ended the conversation at EHLO: {code}.")
        if code != 250:
            code, _words = client.helo()
        if code != 250:
            raise _OutOfOrder(f"The mail server refused our greeting (EHLO): {code}.")

    def _drop(self, index: int) -> None:
        session = self._sessions[index]
        if session:
            session.client.close()
        self._sessions[index] = None


_LOSSES_IN_A_ROW = 3


class _OutOfOrder(Exception):
    """The server refuses this installation, or cannot be reached."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _Lost(Exception):
    """The connection is of no more use."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Work:
    """The parcels of one handover, shared by its connections (a deque's and a dict's single steps are atomic)."""

    def __init__(self, parcels: Iterable[Parcel]) -> None:
        self.waiting = deque(parcels)
        self.outcomes: dict[int, Outcome] = {}
        self.trouble: Trouble | None = None

    def take(self) -> Parcel | None:
        if self.trouble:
            return None
        try:
            return self.waiting.popleft()
        except IndexError:
            return None

    def put_back(self, parcel: Parcel) -> None:
        self.waiting.appendleft(parcel)


class _Session:
    """One open connection, and the letter that is on it."""

    def __init__(self, client: _Client, timeouts: Timeouts, *, may_pipeline: bool) -> None:
        self.client = client
        self.was_useful = False  # whether a letter was settled since `begin` by an answer other than a goodbye
        self.distrusts_pipelining = False
        self._timeouts = timeouts
        self._pipelining = may_pipeline and client.has_extn("pipelining")
        self._takes_size = client.has_extn("size")
        self._tells_fate = client.has_extn("dsn")  # RFC 3461
        self._size_limit = _whole(client.esmtp_features.get("size", ""))
        self._opened = monotonic()
        self._letters = 0
        self._is_new = True
        self._answered = False
        self._current: Parcel | None = None
        self._following: Parcel | None = None
        self._phase = Phase.MAIL
        self._refusal: Outcome | None = None

    def begin(self, end: float, *, is_new: bool) -> None:
        self.client.deadline = end
        self.was_useful = self._answered = False
        self._is_new = is_new

    @property
    def is_worn(self) -> bool:
        return (
            self._letters >= self._timeouts.connection_letters
            or monotonic() - self._opened > self._timeouts.connection_age
        )

    def run(self, work: _Work) -> None:
        """Deliver until there is no more work or the connection is worn. Raises _Lost or _OutOfOrder."""
        self._put_on(self._take(work))
        self._send_ahead(b"", self._current)
        while self._current:
            parcel = self._current
            self._refusal = None
            self._open_transaction(parcel)
            if self._refusal is None:
                outcome = self._send_body(parcel, work)
            else:
                outcome = self._refusal
                self._react_before(outcome, work)
                self._reset(work)
            work.outcomes[parcel.id] = outcome
            self._refusal = None
            self._put_on(None)
            self._react_after(outcome, work)
            self.was_useful = True
            if self._following:
                self._put_on(self._following)
            else:
                self._put_on(self._take(work))
                self._send_ahead(b"", self._current)

    def _put_on(self, parcel: Parcel | None) -> None:
        if parcel:
            self._following = None
        self._current = parcel
        self._phase = Phase.MAIL

    def blame(self, work: _Work, why: str) -> int:
        """After _Lost: settle the letter that was on the wire or put it back. Returns 1 if the server is to blame."""
        if self._following:
            work.put_back(self._following)
        parcel, self._current, self._following = self._current, None, None
        if parcel is None:
            return 1
        if self._refusal is not None:
            work.outcomes[parcel.id] = self._refusal
            return 1
        went_stale = not self._is_new and not self._answered
        if self._phase is not Phase.BODY and (went_stale or self.distrusts_pipelining):
            work.put_back(parcel)
            return 0
        work.outcomes[parcel.id] = lost(self._phase, why)
        return 1

    def quit(self) -> None:
        self.client.timeout_now = min(5.0, self._timeouts.mail)
        self.client.deadline = monotonic() + 5.0
        try:
            self.client.quit()
        except (smtplib.SMTPException, OSError, _Lost):
            self.client.close()

    def _take(self, work: _Work) -> Parcel | None:
        """The next parcel that this server can take at all; the others are settled on the way."""
        while not self.is_worn and (parcel := work.take()):
            refusal = self._why_not(parcel)
            if refusal is None:
                self._letters += 1
                return parcel
            work.outcomes[parcel.id] = refusal
        return None

    def _why_not(self, parcel: Parcel) -> Outcome | None:
        raw = parcel.raw
        if not raw.endswith(b"\r\n") or not raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r"):
            return refused_here("The letter's lines do not all end in CR LF.")
        if not (_is_path(parcel.recipient) and _is_path(parcel.return_path)):
            return refused_here("The address cannot be written in an SMTP command.")
        if not (parcel.recipient.isascii() and parcel.return_path.isascii()) and not self.client.has_extn("smtputf8"):
            return refused_here(
                "The address needs SMTPUTF8 (RFC 6531), which the mail server does not offer.", state=State.FAILED
            )
        if not raw.isascii() and not self.client.has_extn("8bitmime"):
            return refused_here("The letter needs 8BITMIME (RFC 6152), which the mail server does not offer.")
        if self._size_limit and len(raw) > self._size_limit:
            return refused_here(f"The letter has {len(raw)} octets; the mail server takes {self._size_limit}.")
        return None

    def _send_ahead(self, before: bytes, parcel: Parcel | None) -> None:
        """Send `before` and, where the server offers PIPELINING, the opening of `parcel` with it."""
        if parcel and self._pipelining:
            before += b"".join(self._commands(parcel))
        if before:
            self.client.timeout_now = self._timeouts.mail
            self.client.send(before)

    def _commands(self, parcel: Parcel) -> tuple[bytes, bytes, bytes]:
        mail, rcpt = f"MAIL FROM:<{parcel.return_path}>", f"RCPT TO:<{parcel.recipient}>"
        if self._takes_size:
            mail += f" SIZE={len(parcel.raw)}"
        if not parcel.raw.isascii():
            mail += " BODY=8BITMIME"
        if not (parcel.recipient.isascii() and parcel.return_path.isascii()):
            mail += " SMTPUTF8"
        if self._tells_fate:
            mail += " RET=HDRS" + (f" ENVID={_xtext(parcel.envelope_id)}" if parcel.envelope_id else "")
            rcpt += " NOTIFY=FAILURE,DELAY"
        return f"{mail}\r\n".encode(), f"{rcpt}\r\n".encode(), b"DATA\r\n"

    def _open_transaction(self, parcel: Parcel) -> None:
        """MAIL, RCPT and DATA, or the reading of their answers; what was refused stands in `_refusal`."""
        commands = None if self._pipelining else self._commands(parcel)
        for step, phase in enumerate((Phase.MAIL, Phase.RCPT, Phase.DATA)):
            if self._refusal is not None and commands:
                return
            if self._refusal is None:
                self._phase = phase
            self.client.timeout_now = (self._timeouts.mail, self._timeouts.rcpt, self._timeouts.data)[step]
            if commands:
                self.client.send(commands[step])
            try:
                code, words = self._answer()
            except _Lost:
                # Some servers offer PIPELINING and then drop what came early.
                self.distrusts_pipelining = self._pipelining and self._refusal is None
                raise
            if phase is Phase.DATA and code == 354:
                if self._refusal is not None:  # RFC 2920 3.1: nobody is left to send it to, and still it asks
                    self.client.send(b".\r\n")
                    self._answer()
            elif phase is Phase.DATA or not 200 <= code < 300:
                self._refusal = self._refusal or classify(phase, code, words)
            if code in {421, -1}:
                raise _Lost(f"The mail server answered {code}.")

    def _send_body(self, parcel: Parcel, work: _Work) -> Outcome:
        self._phase = Phase.BODY
        self.client.timeout_now = self._timeouts.final_dot
        self._following = self._take(work) if self._pipelining else None
        body = _stuffed(parcel.raw) + b".\r\n"
        if self._following:
            body += b"".join(self._commands(self._following))
        self.client.send(body)
        return classify(Phase.BODY, *self._answer())

    def _reset(self, work: _Work) -> None:
        self._following = self._take(work) if self._pipelining else None
        self._send_ahead(b"RSET\r\n", self._following)
        self.client.timeout_now = self._timeouts.mail
        self._answer()

    def _answer(self) -> tuple[int, str]:
        code, words = self.client.getreply()
        self._answered = True
        return code, words.decode("utf-8", "replace")

    def _react_before(self, refusal: Outcome, work: _Work) -> None:
        """What a refusal says about more than this letter, as long as the letter is still on hand."""
        assert self._current is not None
        if self._pipelining and (refusal.signal is Signal.PAUSE_WORKER or _OUT_OF_STEP.search(refusal.text)):
            self.distrusts_pipelining = True
            self._refusal = None
            raise _Lost("The mail server does not take several commands at once after all.")
        if refusal.signal is Signal.PAUSE_RELAY:
            work.put_back(self._current)
            self._current = None
            raise _OutOfOrder(f"The mail server wants other credentials or encryption ({refusal.code}).")

    def _react_after(self, outcome: Outcome, work: _Work) -> None:
        """What an answer says about more than this letter, now that the letter is settled."""
        if outcome.signal is Signal.PAUSE_RELAY:
            sentence = f"The mail server wants other credentials or encryption ({outcome.code})."
        elif outcome.signal is Signal.PAUSE_WORKER:
            sentence = (
                f"The mail server did not understand us ({outcome.code}); one letter is held for a person to see."
            )
        elif outcome.code in {421, -1}:
            raise _Lost(f"The mail server answered {outcome.code}.")
        else:
            return
        if self._following:
            work.put_back(self._following)
            self._following = None
        raise _OutOfOrder(sentence)


class _Client(smtplib.SMTP):
    """The standard library's client, with an end to every wait: `timeouts` seconds each, and `deadline` for all."""

    def __init__(self, hello: str, implicit_tls: ssl.SSLContext | None) -> None:
        self.timeout_now = 300.0
        self.deadline = float("inf")
        self._implicit_tls = implicit_tls
        self._unread, self._read = b"", 0  # what came, and how much of it was read
        self._waits = 0.0  # the socket's timeout
        super().__init__(local_hostname=hello)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), max(0.01, min(timeout, self.deadline - monotonic())))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread, self._read, self._waits = b"", 0, 0.0
        if self._implicit_tls:
            return _shake_hands(connection, self._implicit_tls, host, self._end())
        return connection

    def secure(self, trust: ssl.SSLContext, host: str) -> None:
        """After the answer to STARTTLS: encrypt, and forget what was said before (RFC 3207 4.2)."""
        assert self.sock is not None
        if self._read < len(self._unread):
            raise _OutOfOrder("The mail server sent something between STARTTLS and encryption; that is an attack.")
        self.sock = _shake_hands(self.sock, trust, host, self._end())
        self._waits = 0.0
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def send(self, s: str | bytes | bytearray | memoryview) -> None:  # type: ignore[override]
        data: bytes | bytearray | memoryview = s.encode() if isinstance(s, str) else s
        end = self._end()
        try:
            while (sent := self._socket(end).send(data)) < len(data):
                data = memoryview(data)[sent:]
        except TimeoutError:
            raise self._lost("The mail server stopped reading.") from None
        except OSError as error:
            raise self._lost(f"The connection ended: {_name_of(error)}.") from None

    def getreply(self) -> tuple[int, bytes]:
        """The code of the last line, and all lines' words. Raises _Lost."""
        lines: list[bytes] = []
        end = self._end()
        while len(lines) < _REPLY_LINES:
            line = self._line(end)
            code, sign, words = line[:3], line[3:4], line[4:].strip()
            if not code.isdigit() or sign not in _SIGNS:
                return -1, line.strip()
            if sign != b"-":
                return int(code), b"\n".join([*lines, words]) if lines else words
            lines.append(words)
        raise self._lost("The mail server's answer has no end.")

    def _line(self, end: float) -> bytes:
        while (newline := self._unread.find(b"\n", self._read)) < 0:
            if len(self._unread) - self._read > _LINE_LENGTH:
                raise self._lost("The mail server's answer has an overlong line.")
            try:
                more = self._socket(end).recv(_LINE_LENGTH)
            except TimeoutError:
                raise self._lost("The mail server did not answer in time.") from None
            except OSError as error:
                raise self._lost(f"The connection ended: {_name_of(error)}.") from None
            if not more:
                raise self._lost("The mail server ended the connection.")
            self._unread, self._read = self._unread[self._read :] + more, 0
        line = self._unread[self._read : newline]
        self._read = newline + 1
        return line.rstrip(b"\r")

    def _socket(self, end: float) -> socket.socket:
        """The socket, which waits until `end` and at most a fiftieth longer: setting it anew is a system call."""
        if self.sock is None:
            raise self._lost("The connection is closed.")
        left = end - monotonic()
        if left <= 0:
            raise TimeoutError
        if not left <= self._waits <= left * 1.02:
            self._waits = left * 1.01
            self.sock.settimeout(self._waits)
        return self.sock

    def _end(self) -> float:
        return min(monotonic() + self.timeout_now, self.deadline)

    def _lost(self, why: str) -> _Lost:
        self.close()
        return _Lost(why)


_LINE_LENGTH = 4096  # RFC 5321 4.5.3.1.5 says 512; some servers are talkative
_REPLY_LINES = 128
_SIGNS = frozenset({b"-", b" ", b""})
_OUT_OF_STEP = re.compile(r"synchroni[sz]ation|pipelin", re.IGNORECASE)
_PLAIN_XTEXT = re.compile(r"[!-*,-<>-~]{1,100}")
_PATH = re.compile(r"[^\x00-\x20\x7f<>\"\\]+@[^\x00-\x20\x7f<>\"\\@]+")


def _shake_hands(connection: socket.socket, trust: ssl.SSLContext, host: str, end: float) -> ssl.SSLSocket:
    """TLS on `connection`, done before `end`. Raises ssl.SSLError, OSError or TimeoutError."""
    secured = trust.wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)
    secured.settimeout(0)
    while True:
        left = end - monotonic()
        if left <= 0:
            secured.close()
            raise TimeoutError("no encryption in time")
        try:
            secured.do_handshake()
            return secured
        except ssl.SSLWantReadError:
            select.select([secured], [], [], left)
        except ssl.SSLWantWriteError:
            select.select([], [secured], [], left)


def _stuffed(raw: bytes) -> bytes:
    """RFC 5321 4.5.2: a line that begins with a dot gets another."""
    if raw.startswith(b"."):
        raw = b"." + raw
    return raw.replace(b"\r\n.", b"\r\n..")


def _is_path(address: str) -> bool:
    return len(address) <= 254 and _PATH.fullmatch(address) is not None


def _xtext(text: str) -> str:
    if _PLAIN_XTEXT.fullmatch(text):
        return text
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text)[:100]


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 20 else 0


def _name_of(error: Exception) -> str:
    """What went wrong, without the addresses and words that an exception may carry."""
    if isinstance(error, _Lost):
        return error.why.removesuffix(".")
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
