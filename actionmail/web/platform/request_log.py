"""The web's log as lines of JSON: each request with its number and its page, and which letters came of it.

No address of a visitor, no address that was opened (a receipt's is its key), nothing that was typed.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter
from typing import Final

from flask import Flask, Response, current_app, g, request

from actionmail.rules.log_lines import Field, log_line

HEADER: Final = "X-Request-ID"
_LOG: Final = logging.getLogger("actionmail.requests")
_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_ENABLED: Final = "actionmail.json_log"


class _AsJson(logging.Formatter):
    """Lines of other loggers."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        if isinstance(record.msg, dict):
            return log_line(record.msg["event"], record.msg["fields"], at=at)
        fields: dict[str, Field] = {"level": record.levelname.lower(), "text": record.getMessage()}
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)
        return log_line("said", fields, at=at)


class _ToStandardError(logging.Handler):
    """Never raises: where a line cannot be written, the page is served all the same."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):  # ValueError: the stream is closed
            print(self.format(record), file=sys.stderr, flush=True)


def write_json_log(app: Flask, *, is_behind_proxy: bool) -> None:
    """Log as JSON on standard error. A request's number is its proxy's X-Request-ID, or else one of ours."""
    handler = _ToStandardError()
    handler.setFormatter(_AsJson())
    app.logger.handlers[:] = _LOG.handlers[:] = [handler]
    app.logger.propagate = _LOG.propagate = False
    _LOG.setLevel(logging.INFO)
    app.extensions[_ENABLED] = True

    @app.before_request
    def _begin() -> None:
        given = request.headers.get(HEADER, "") if is_behind_proxy else ""
        g.request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        g.logged_from = perf_counter()

    @app.after_request
    def _tell(response: Response) -> Response:
        if "request_id" not in g:
            return response
        response.headers[HEADER] = g.request_id
        milliseconds = round((perf_counter() - g.logged_from) * 1000)
        page = request.endpoint or ""
        _write("request", page=page, method=request.method[:10], status=response.status_code, ms=milliseconds)
        return response


def is_json_log() -> bool:
    return _ENABLED in current_app.extensions


def note_action(action: int, letters: list[int]) -> None:
    """Which letters came of this request."""
    _write("action", action=action, letters=letters)


def _write(event: str, **fields: Field) -> None:
    _LOG.info({"event": event, "fields": {"request": g.request_id, **fields}})
