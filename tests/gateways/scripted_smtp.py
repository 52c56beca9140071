"""A real SMTP server, in a thread, that answers as its script says and remembers what it was told."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from actionmail.gateways.mail.smtp import Timeouts

HANG_UP = b""  # instead of an answer: close the connection
SILENCE = b"\0"  # instead of an answer: say nothing, and keep the connection open

# How long a client waits for an answer that will come, however slow the machine is.
PATIENT = Timeouts(connect=60, greeting=60, mail=60, ahead=60, rcpt=60, data=60, final_dot=60, handover=300)

EHLO_WORDS = ("PIPELINING", "SIZE 10240000", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN")


@dataclass
class Script:
    """Answers by command. A sequence is used up in order over all connections; then, and by default, success.

    `words` are what EHLO offers; `answer(verb, argument)` may decide by itself, returning None to leave it to the rest.
    """

    answers: dict[str, Sequence[bytes]] = field(default_factory=dict)
    words: Sequence[str] = EHLO_WORDS
    answer: Callable[[str, str], bytes | None] = lambda verb, argument: None
    before_body_answer: Callable[[bytes], object] = lambda raw: None  # may take its time: other connections go on
    drip: float = 0.0  # seconds between the octets of each answer
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    flush_after_mail: bool = False  # lie about PIPELINING: drop whatever came with a command
    flush_after_dot: bool = False  # the same for what came with the final dot, as Courier does


@dataclass(frozen=True)
class Taken:
    """A letter for which this server answered 250 to the final dot."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class ScriptedServer:
    def __init__(self, script: Script, host: str = "127.0.0.1", port: int = 0) -> None:
        self.script = script
        self.commands: list[str] = []
        self.taken: list[Taken] = []
        self.bodies: list[bytes] = []  # also those that were refused
        self.connections = 0
        self.reads: list[bytes] = []
        self._used: dict[str, int] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family)
        self._listener.settimeout(0.05)
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        self._closing.set()
        self._acceptor.join()
        self._listener.close()
        for connection in self._open:
            connection.close()

    def begin_answer(self, octets: bytes) -> None:
        """Send these on the first connection."""
        self._open[0].sendall(octets)

    def say_to_all(self, words: bytes) -> None:
        """Say something unasked on every connection; with "!" at the end, hang up."""
        for connection in self._open:
            connection.sendall(words.removesuffix(b"!") + b"\r\n")
            if words.endswith(b"!"):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _address = self._listener.accept()
            except TimeoutError:
                continue
            connection.settimeout(30)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(connection)
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.script.implicit_tls and self.script.tls:
                connection = self.script.tls.wrap_socket(connection, server_side=True)
            _Conversation(self, connection).run()
        except (OSError, _HungUp):
            pass
        finally:
            connection.close()

    def next_answer(self, verb: str, argument: str) -> bytes:
        with self._lock:
            chosen = self.script.answer(verb, argument)
            if chosen is not None:
                return chosen
            used = self._used.get(verb, 0)
            self._used[verb] = used + 1
        scripted = self.script.answers.get(verb, ())
        return (
            scripted[used]
            if used < len(scripted)
            else _DEFAULTS.get(verb, b"500 5.5.1 what?" if verb != "BODY STARTS" else b"on")
        )


_DEFAULTS = {
    "CONNECT": b"220 scripted.example ESMTP",
    "HELO": b"250 scripted.example",
    "MAIL": b"250 2.1.0 ok",
    "RCPT": b"250 2.1.5 ok",
    "DATA": b"354 go on",
    "BODY": b"250 2.0.0 Ok: queued as 4ABCDEF",
    "RSET": b"250 2.0.0 ok",
    "QUIT": b"221 2.0.0 bye",
    "STARTTLS": b"220 2.0.0 ready",
    "AUTH": b"235 2.7.0 welcome",
    "NOOP": b"250 ok",
}


class _HungUp(Exception):
    pass


class _Conversation:
    def __init__(self, server: ScriptedServer, connection: socket.socket) -> None:
        self._server = server
        self._connection = connection
        self._unread = b""
        self._sender: str | None = None
        self._recipients: list[str] = []

    def run(self) -> None:
        self._say(self._server.next_answer("CONNECT", ""))
        while True:
            line = self._line().decode("utf-8", "replace")
            self._server.commands.append(line)
            verb, _space, argument = line.partition(" ")
            verb = verb.upper()
            if self._server.script.flush_after_mail and verb in {"MAIL", "RCPT"}:
                self._unread = b""
            if verb == "EHLO":
                default = "\r\n".join([f"250-{word}" for word in ("scripted.example", *self._server.script.words)])
                scripted = self._server.script.answers.get("EHLO")
                answer = self._server.next_answer("EHLO", argument) if scripted else default.encode()
                if not scripted:
                    head, _newline, last = default.rpartition("\r\n")
                    answer = f"{head}\r\n{last.replace('250-', '250 ', 1)}".encode().lstrip()
            elif verb == "DATA" and not self._recipients and self._server.script.answer("DATA", "") is None:
                answer = b"503 5.5.1 no recipients" if self._sender is None else b"554 5.5.1 no valid recipients"
            elif verb == "RCPT" and self._sender is None:
                answer = b"503 5.5.1 need MAIL first"
            else:
                answer = self._server.next_answer(verb, argument)
            self._say(answer)
            if verb == "MAIL" and answer[:1] == b"2":
                self._sender, self._recipients = _path(argument), []
            elif verb == "RCPT" and answer[:1] == b"2":
                self._recipients.append(_path(argument))
            elif verb == "RSET":
                self._sender, self._recipients = None, []
            elif verb == "DATA" and answer[:3] == b"354":
                self._body()
            elif verb == "STARTTLS" and answer[:3] == b"220" and self._server.script.tls:
                self._connection = self._server.script.tls.wrap_socket(self._connection, server_side=True)
            elif verb == "QUIT":
                raise _HungUp

    def _body(self) -> None:
        lines: list[bytes] = []
        if self._server.next_answer("BODY STARTS", "") == HANG_UP:
            self._line()
            raise _HungUp
        while (line := self._line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        raw = b"".join(line + b"\r\n" for line in lines)
        self._server.bodies.append(raw)
        self._server.script.before_body_answer(raw)
        answer = self._server.next_answer("BODY", raw.decode("latin-1"))
        if answer[:3] == b"250":
            self._server.taken.append(Taken(self._sender or "", tuple(self._recipients), raw))
        self._sender, self._recipients = None, []
        if self._server.script.flush_after_dot:
            self._unread = b""
        self._say(answer)

    def _line(self) -> bytes:
        while b"\r\n" not in self._unread:
            more = self._connection.recv(65536)
            if not more:
                raise _HungUp
            self._server.reads.append(more)
            self._unread += more
        line, _end, self._unread = self._unread.partition(b"\r\n")
        return line

    def _say(self, answer: bytes) -> None:
        if answer == HANG_UP:
            raise _HungUp
        if answer == SILENCE:
            return
        last = answer.endswith(b"!")  # say it, then hang up
        data = answer.removesuffix(b"!") + b"\r\n"
        if self._server.script.drip:
            for octet in data:
                self._connection.sendall(bytes([octet]))
                if self._server._closing.wait(self._server.script.drip):
                    raise _HungUp
        else:
            self._connection.sendall(data)
        if last:
            raise _HungUp


def _path(argument: str) -> str:
    return argument[argument.index("<") + 1 : argument.index(">")]


@contextmanager
def scripted_server(script: Script | None = None, host: str = "127.0.0.1", port: int = 0) -> Iterator[ScriptedServer]:
    server = ScriptedServer(script or Script(), host, port)
    try:
        yield server
    finally:
        server.stop()
