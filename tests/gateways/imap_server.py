"""A small IMAP server on this machine: one mailbox, one account, the few commands that a reader of mail needs."""

from __future__ import annotations

import base64
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class ImapServer:
    """`mails` by UID; `seen` are the UIDs marked so; `said` is what clients sent, passwords included."""

    mails: dict[int, bytes]
    port: int = 0
    seen: set[int] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    hang_up_at: str = ""  # ends the connection when this command comes
    offered: str = ""  # capabilities beside those that it always has
    answers: list[bytes] = field(default_factory=list)  # to AUTHENTICATE, in base64
    literals: list[bytes] = field(default_factory=list)


@contextmanager
def imap_server(
    mails: dict[int, bytes],
    *,
    trust: ssl.SSLContext | None = None,
    starttls: bool = False,
    hang_up_at: str = "",
    offered: str = "",
) -> Iterator[ImapServer]:
    state = ImapServer(mails=mails, hang_up_at=hang_up_at, offered=offered)

    class Handler(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            if trust is not None and not starttls:
                self.request = trust.wrap_socket(self.request, server_side=True)
            super().setup()

        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            while line := self.rfile.readline():
                state.said.append(line.decode().strip())
                tag, _, rest = line.decode().strip().partition(" ")
                command = rest.upper()
                if state.hang_up_at and state.hang_up_at in command:
                    return
                if command == "STARTTLS":
                    assert trust is not None
                    self.wfile.write(f"{tag} OK begin\r\n".encode())
                    self.request = trust.wrap_socket(self.request, server_side=True)
                    super().setup()
                    continue
                if command.startswith("AUTHENTICATE") or command.endswith("}"):
                    self.wfile.write(f"{tag} {self._signed_in(command)} done\r\n".encode())
                    continue
                self._answer(rest, command)
                verdict = "NO" if "wrong" in rest or ("SELECT" in command and "none" in rest) else "OK"
                self.wfile.write(f"{tag} {verdict} done\r\n".encode())

        def _signed_in(self, command: str) -> str:
            self.wfile.write(b"+ \r\n")
            if command.endswith("}"):
                octets = int(command.rpartition("{")[2].rstrip("}"))
                state.literals.append(self.rfile.read(octets))
                self.rfile.readline()
                return "OK"
            state.answers.append(self.rfile.readline().strip())
            if b"wrong" not in base64.b64decode(state.answers[-1]):
                return "OK"
            self.wfile.write(b"+ " + base64.b64encode(b'{"status":"400"}') + b"\r\n")
            self.rfile.readline()
            return "NO"

        def _answer(self, rest: str, command: str) -> None:
            number = int(found[1]) if (found := re.search(r"UID (?:FETCH|STORE) (\d+)", command)) else 0
            if command == "CAPABILITY":
                words = ["IMAP4rev1", "STARTTLS" if starttls else "", state.offered]
                self.wfile.write(f"* CAPABILITY {' '.join(filter(None, words))}\r\n".encode())
            elif command.startswith("SELECT"):
                self.wfile.write(f"* {len(state.mails)} EXISTS\r\n".encode())
            elif command.startswith("UID SEARCH"):
                unseen = " ".join(str(uid) for uid in sorted(set(state.mails) - state.seen))
                self.wfile.write(f"* SEARCH {unseen}\r\n".encode())
            elif command.startswith("UID FETCH"):
                raw = state.mails[number]
                self.wfile.write(f"* 1 FETCH (UID {number} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
            elif command.startswith("UID STORE"):
                state.seen.add(number)
            elif command == "LOGOUT":
                self.wfile.write(b"* BYE\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that does not trust the certificate ends the handshake: expected."""

    with Server(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
