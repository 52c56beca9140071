"""Traces for OpenTelemetry: each request, and each letter from its form to the mail server's answer.

They go to ACTIONMAIL_TRACES_URL (OTLP over HTTP), by a thread, so that no page and no letter waits for it. A letter's
trace has a number that follows from its Message-ID: so the web process and the worker add to the same one without
telling each other, however long the letter waits between them. No address of a visitor or a page, nothing that was
typed, and no words of a mail server stand in it.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, current_app, g, request

from actionmail import __version__
from actionmail.rules.delivery.states import Outcome, Parcel
from actionmail.settings_reading import ExtraMissing
from actionmail.web.platform.request_log import number_of_request

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

_TRACER: Final = "actionmail.tracer"
_MESSAGE_ID: Final = re.compile(rb"^Message-ID:\s*(<[^>\r\n]{1,300}>)", re.IGNORECASE | re.MULTILINE)
_SECONDS: Final = 5.0  # that the collector has for an answer


def trace_pages(app: Flask, url: str) -> None:
    """A span for each request, by its page: its rule's name, never the address. Raises SettingsError."""
    app.extensions[_TRACER] = tracer = provider(url, "actionmail-web").get_tracer("actionmail", __version__)

    @app.before_request
    def _begin() -> None:
        from opentelemetry.trace import SpanKind

        g.traced_from = time.time_ns()
        g.span = tracer.start_span("request", kind=SpanKind.SERVER, start_time=g.traced_from)

    @app.after_request
    def _describe(response: Response) -> Response:
        if "span" in g:
            page = request.endpoint or "none"
            g.span.update_name(page)
            g.span.set_attributes(
                {
                    "actionmail.page": page,
                    "actionmail.request": number_of_request(),
                    "http.request.method": request.method[:10],
                    "http.response.status_code": response.status_code,
                }
            )
        return response

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        if "span" in g:
            g.span.end()


def is_traced() -> bool:
    return _TRACER in current_app.extensions


def note_letters(letters: Mapping[int, str]) -> None:
    """Begin the trace of each letter that came of this request. `letters` are Message-IDs by the letters' numbers."""
    from opentelemetry.trace import Link

    tracer: Tracer = current_app.extensions[_TRACER]
    for number, message_id in letters.items():
        span = tracer.start_span(
            "form",
            context=_context(message_id),
            start_time=g.traced_from,
            links=[Link(g.span.get_span_context())],
            attributes={**_names(number, message_id), "actionmail.request": number_of_request()},
        )
        span.end()


class LetterTraces:
    """What a worker adds to letters' traces."""

    def __init__(self, url: str) -> None:
        """Raises SettingsError."""
        self._tracer = provider(url, "actionmail-worker").get_tracer("actionmail", __version__)

    def handed_over(self, parcel: Parcel, outcome: Outcome, *, began: int, ended: int) -> None:
        """What became of one letter of those that were handed over together; nanoseconds since 1970."""
        match = _MESSAGE_ID.search(parcel.raw.partition(b"\r\n\r\n")[0])
        message_id = match[1].decode("ascii", "replace") if match else f"letter {parcel.id}"
        attributes: dict[str, str | int] = {
            **_names(parcel.id, message_id),
            "actionmail.outcome": outcome.state.value,
            "actionmail.phase": outcome.phase.value,
            "smtp.enhanced_code": outcome.enhanced,
            "smtp.queue_id": outcome.queue_id,
        }
        if outcome.code is not None:
            attributes["smtp.code"] = outcome.code
        span = self._tracer.start_span(
            "handover", context=_context(message_id), start_time=began, attributes=attributes
        )
        span.end(ended)


@cache
def provider(url: str, service: str) -> TracerProvider:
    """Of this process, and none that other libraries would find. Raises SettingsError."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError:
        raise ExtraMissing("ACTIONMAIL_TRACES_URL", "otel") from None
    made = TracerProvider(resource=Resource.create({"service.name": service, "service.version": __version__}))
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=_SECONDS)))
    return made


def _context(message_id: str) -> Context:
    """Within the trace of the letter with this Message-ID."""
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    digest = hashlib.sha256(f"actionmail letter\0{message_id}".encode()).digest()
    parent = SpanContext(
        trace_id=int.from_bytes(digest[:16]),
        span_id=int.from_bytes(digest[16:24]),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
    return set_span_in_context(NonRecordingSpan(parent))


def _names(number: int, message_id: str) -> dict[str, str | int]:
    return {"actionmail.letter": number, "messaging.message.id": message_id}
