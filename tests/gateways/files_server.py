"""A server on this machine that gives files away as servers on the web do, and misbehaves as asked."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class FilesServer:
    """`files` by path. `cut`: after how many bytes answers break off, in turn. `asked`: each path with its headers.

    `modified` is a date of HTTP. `silence` comes before an answer and `pause` after each piece of it, in seconds;
    `padding` is how many headers of a byte an answer begins with.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.cut: list[int] = []
        self.statuses: list[int] = []
        self.redirects: dict[str, str] = {}
        self.says_length = True
        self.pause = self.silence = 0.0
        self.padding = 0
        self.modified = ""
        self.asked: list[tuple[str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                try:
                    server.answer(self)
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        time.sleep(self.silence)
        headers = handler.headers
        to = self.redirects.get(handler.path)
        body = self.files.get(handler.path.partition("?")[0])
        if to or body is None or self.statuses:
            handler.send_response(302 if to else self.statuses.pop(0) if self.statuses else 404)
            if to:
                handler.send_header("Location", to)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        begin, status = 0, 200
        if headers.get("If-None-Match") == tag:
            handler.send_response(304)
            handler.end_headers()
            return
        if headers.get("Range") and headers.get("If-Range") == tag:
            begin, status = int(headers["Range"].removeprefix("bytes=").rstrip("-")), 206
        handler.send_response(status)
        handler.send_header("ETag", tag)
        if self.modified:
            handler.send_header("Last-Modified", self.modified)
        if status == 206:
            handler.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
        if self.says_length:
            handler.send_header("Content-Length", str(len(body) - begin))
        self._pad(handler)
        handler.end_headers()
        end = begin + self.cut.pop(0) if self.cut else len(body)
        for start in range(begin, min(end, len(body)), 1024):
            handler.wfile.write(body[start : min(start + 1024, end)])
            time.sleep(self.pause)
        handler.close_connection = True

    def _pad(self, handler: BaseHTTPRequestHandler) -> None:
        for _ in range(self.padding):
            handler.send_header("X", "y")
            handler.flush_headers()
            time.sleep(self.pause)


@contextmanager
def files_server(files: Mapping[str, bytes]) -> Iterator[FilesServer]:
    server = FilesServer(files)
    thread = Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()
