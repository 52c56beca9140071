"""A server on this machine that takes webhooks, and checks them as a receiver does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any


class HookServer:
    """`statuses` are answered in turn, then 204. `got` is each request: its headers in lower case, and its body.

    `dripping` seconds pass between 90 headers of an answer; `body` is how many bytes it has, and `sent` how many went.
    """

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.location = ""
        self.dripping = 0.0
        self.body = self.sent = 0
        self.got: list[tuple[dict[str, str], bytes]] = []
        self._lock = Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with server._lock:
                    server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                    status = server.statuses.pop(0) if server.statuses else 204
                try:
                    server.answer(self, status)
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/hooks"

    def answer(self, handler: BaseHTTPRequestHandler, status: int) -> None:
        handler.send_response(status)
        if self.location:
            handler.send_header("Location", self.location)
        for _ in range(90 if self.dripping else 0):
            handler.send_header("X", "y")
            handler.flush_headers()
            time.sleep(self.dripping)
        handler.send_header("Content-Length", str(self.body))
        handler.end_headers()
        while self.sent < self.body:
            handler.wfile.write(b" " * 65_536)
            self.sent += 65_536

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.got]

    @property
    def keys(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]


@contextmanager
def hook_server() -> Iterator[HookServer]:
    server = HookServer()
    thread = Thread(target=server.http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As Standard Webhooks 1.0 has a receiver check it: HMAC-SHA256 over id, timestamp and body with dots between."""
    content = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return any(part == f"v1,{wanted}" for part in headers["webhook-signature"].split(" "))
