"""Numbers for Prometheus: what each process counts, and how things stand in the database.

Processes count into files of one folder, ACTIONMAIL_METRICS_DIR, and `actionmail metrics` adds them up. Only counters
and histograms go that way: a gauge of a process that ended would stay. What rises and falls is read from the database
at the moment of the question.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from actionmail.flows.review.measures import Measures
from actionmail.settings_reading import SettingsError

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram
    from prometheus_client.core import GaugeMetricFamily

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's, read when that is imported
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
_PAGE_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WINDOW_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_QUANTILES = (0.5, 0.95)


def count_into(folder: Path) -> None:
    """Before anything is counted in this process. Raises SettingsError where the folder cannot be written."""
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise SettingsError(
            f"ACTIONMAIL_METRICS_DIR names {folder}, which is no folder that this process may write. Make it, or take "
            "the setting out."
        )
    os.environ[_FOLDER] = str(folder)


def measure_pages(app: Flask, folder: Path) -> None:
    """Count requests and their time by page: its rule's name, never the address, which may be somebody's key.

    Raises SettingsError.
    """
    count_into(folder)
    requests, seconds = _page_metrics()

    @app.before_request
    def _begin() -> None:
        g.measured_from = perf_counter()

    @app.after_request
    def _count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        method = request.method if request.method in _METHODS else "other"
        requests.labels(endpoint, method, str(response.status_code)).inc()
        if "measured_from" in g:  # not where an earlier guard refused it
            seconds.labels(endpoint).observe(perf_counter() - g.measured_from)
        return response


@cache
def _page_metrics() -> tuple[Counter, Histogram]:
    """Once in a process, however many applications it has: prometheus_client refuses a second one of a name."""
    from prometheus_client import Counter, Histogram

    requests = Counter("actionmail_http_requests", "Requests answered.", ["endpoint", "method", "status"])
    text = "Seconds from a request's last byte to its answer."
    return requests, Histogram("actionmail_http_request_seconds", text, ["endpoint"], buckets=_PAGE_SECONDS)


class DeliveryCounters:
    """What a worker counts."""

    def __init__(self, folder: Path) -> None:
        """Raises SettingsError."""
        count_into(folder)
        self._outcomes, self._troubles, self._windows = _delivery_metrics()

    def count(self, outcome: str, code: int | None) -> None:
        self._outcomes.labels(outcome, str(code or "none")).inc()

    def window(self, seconds: float) -> None:
        self._windows.observe(seconds)

    def trouble(self, code: str) -> None:
        self._troubles.labels(code).inc()


@cache
def _delivery_metrics() -> tuple[Counter, Counter, Histogram]:
    from prometheus_client import Counter, Histogram

    text = "Letters handed to the mail server, by what became of it."
    outcomes = Counter("actionmail_handovers", text, ["outcome", "code"])
    troubles = Counter("actionmail_relay_troubles", "Times the mail server was out of order.", ["code"])
    text = "Seconds that the mail server took for some letters in a row."
    return outcomes, troubles, Histogram("actionmail_window_seconds", text, buckets=_WINDOW_SECONDS)


class HouseCollector:
    """Asks the database at each question. `ask` returns None where it does not answer."""

    def __init__(self, ask: Callable[[], Measures | None], clock: Callable[[], datetime]) -> None:
        self._ask = ask
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        measures = self._ask()
        yield _single("database_up", "Whether the database answers.", measures is not None)
        if measures is not None:
            yield from _families(measures, self._clock())


def _families(measured: Measures, now: datetime) -> Iterator[GaugeMetricFamily]:
    by_state = [([state.value], float(count)) for state, count in measured.open_letters.items()]
    yield _gauge("open_letters", "Letters that have a way to go yet, by state.", by_state, "state")
    yield _single("due_letters", "Letters that may go now.", measured.due)
    due_for = _age(measured.due_since, now) if measured.due_since else 0.0
    yield _single("due_seconds", "How long the oldest letter that may go has waited.", due_for)
    if measured.delays:
        delays = [([str(part)], measured.delays[int(part * (len(measured.delays) - 1))]) for part in _QUANTILES]
        text = "Seconds from the form to the mail server, of letters that it took in the last five minutes."
        yield _gauge("delay_seconds", text, delays, "quantile")
    yield _single("stops", "Stops that keep letters from going.", measured.stops)
    yield _single("relay_away", "Whether the mail server was out of order last.", measured.is_relay_away)
    for name, text, at in (
        ("worker_seen_seconds", "How long ago a worker said that it is at work.", measured.worker_seen_at),
        ("inbound_seconds", "How long ago returned mail was looked for.", measured.inbound_at),
        ("backup_seconds", "How long ago a backup was made.", measured.backup_at),
        ("waker_seconds", "How long ago workers were woken through a broker.", measured.waker_at),
        ("roster_seconds", "How old the roster of legislators is.", measured.roster_as_of),
    ):
        if at is not None:
            yield _single(name, text, _age(at, now))


def _age(at: datetime, now: datetime) -> float:
    return (now - at).total_seconds()


def _single(name: str, text: str, value: float) -> GaugeMetricFamily:
    return _gauge(name, text, [([], float(value))])


def _gauge(name: str, text: str, values: Sequence[tuple[list[str], float]], *labels: str) -> GaugeMetricFamily:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"actionmail_{name}", text, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family
