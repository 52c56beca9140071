"""The numbers of requests, and the web's log as lines of JSON: each request's page, and which letters came of it.

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


def number_requests(app: Flask, *, is_behind_proxy: bool) -> None:
    """Each request gets a number, which its answer bears: its proxy's X-Request-ID, or else one of ours."""

    @app.before_request
    def _number() -> None:
        given = request.headers.get(HEADER, "") if is_behind_proxy else ""
        g.request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)

    @app.after_request
    def _tell(response: Response) -> Response:
        if number := number_of_request():
            response.headers[HEADER] = number
        return response


def number_of_request() -> str:
    """Of the request at hand; "" where requests have none, or an earlier guard refused this one."""
    return str(g.get("request_id", ""))


def write_json_log(app: Flask) -> None:
    """Log as JSON on standard error; requests are numbered before (`number_requests`)."""
    handler = _ToStandardError()
    handler.setFormatter(_AsJson())
    app.logger.handlers[:] = _LOG.handlers[:] = [handler]
    app.logger.propagate = _LOG.propagate = False
    _LOG.setLevel(logging.INFO)
    app.extensions[_ENABLED] = True

    @app.before_request
    def _begin() -> None:
        g.logged_from = perf_counter()

    @app.after_request
    def _tell(response: Response) -> Response:
        if "logged_from" not in g:
            return response
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
