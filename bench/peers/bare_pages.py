"""The least that can stand behind gunicorn: every page takes 3 ms of the processor, `/healthz` nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

_PAGE_SECONDS = 0.003


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    if environ["PATH_INFO"] != "/healthz":
        until = time.thread_time() + _PAGE_SECONDS
        while time.thread_time() < until:
            sum(range(50))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
