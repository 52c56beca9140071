"""Faults of the program, told to ACTIONMAIL_SENTRY_DSN without anybody's data.

An error's words may quote what a supporter typed, and so may what stood in variables, in the request, or in the log
before it. So none of that is collected, and what goes out is put together anew from what holds none: the kinds of the
errors, and the places in the program where they arose.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Flask, got_request_exception, request

from actionmail import __version__
from actionmail.settings_reading import ExtraMissing
from actionmail.web.platform.request_log import number_of_request

if TYPE_CHECKING:
    from sentry_sdk.client import BaseClient
    from sentry_sdk.types import Event, Hint

Report = Callable[[BaseException], None]
_KEPT: Final = ("event_id", "timestamp", "level", "platform", "release", "sdk", "tags")
_OF_FRAME: Final = ("filename", "function", "module", "lineno", "in_app")


def report_pages(app: Flask, dsn: str) -> None:
    """Tell of each error that no page answers for. Raises SettingsError."""
    teller = client(dsn)

    def tell(_app: Flask, exception: BaseException, **_more: Any) -> None:
        tags = {"page": request.endpoint or "none", "method": request.method[:10], "request": number_of_request()}
        _tell(teller, exception, {"service": "web", **tags})

    got_request_exception.connect(tell, app, weak=False)


def reporter(dsn: str) -> Report:
    """Tells of what fails in a worker. Raises SettingsError."""
    teller = client(dsn)
    return lambda error: _tell(teller, error, {"service": "worker"})


def _tell(teller: BaseClient, error: BaseException, tags: Mapping[str, str]) -> None:
    """Handed to a thread; never raises for a server that is away."""
    from sentry_sdk.utils import event_from_exception

    event, hint = event_from_exception(error, client_options=teller.options)
    event["tags"] = {name: value for name, value in tags.items() if value}
    teller.capture_event(event, hint)


@cache
def client(dsn: str) -> BaseClient:
    """Of this process; no library finds it, so nothing but `_tell` gives it anything. Raises SettingsError."""
    try:
        from sentry_sdk import Client
    except ModuleNotFoundError:
        raise ExtraMissing("ACTIONMAIL_SENTRY_DSN", "sentry") from None
    teller = Client(
        dsn=dsn,
        release=__version__,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        before_send=scrubbed,
    )
    atexit.register(teller.close, timeout=2.0)
    return teller


def scrubbed(event: Event, _hint: Hint) -> Event:
    """What of an event is told: no error's words, no variables, no request, no log, no name of this machine."""
    report: dict[str, Any] = {name: event[name] for name in _KEPT if name in event}
    errors = event.get("exception", {}).get("values", [])
    report["exception"] = {"values": [_of_error(error) for error in errors]}
    return cast("Event", report)


def _of_error(error: Mapping[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames", [])
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "stacktrace": {"frames": [_of_frame(frame) for frame in frames]},
    }


def _of_frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    return {name: frame[name] for name in _OF_FRAME if name in frame}
