"""Traces from the form to the mail server's answer, as a collector on this machine gets them: no personal data."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.settings import Settings
from actionmail.settings_reading import SettingsError
from actionmail.web.platform.traces import provider
from tests.cli.platform.test_metrics import work_once
from tests.cli.platform.test_serve import environment_of
from tests.gateways.hook_server import HookServer, hook_server
from tests.gateways.scripted_smtp import scripted_server
from tests.samples import sample_campaign, sample_legislators
from tests.web.application import on, open_app
from tests.web.supporter_pages import WHO, SupporterBrowser, zip_table


@pytest.fixture
def collector() -> Iterator[HookServer]:
    with hook_server() as server:
        yield server


@pytest.fixture
def traced(settings: Settings, database: Database, collector: HookServer, tmp_path: Path) -> SupporterBrowser:
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    here = replace(settings, data_dir=zip_table(tmp_path / "data"), traces_url=collector.url)
    return SupporterBrowser(on(database, open_app(here)))


def spans(collector: HookServer) -> list[tuple[str, Span]]:
    """Each with the name of the service that told it."""
    found = []
    for _, body in collector.got:
        for of_service in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {one.key: one.value.string_value for one in of_service.resource.attributes}
            for scope in of_service.scope_spans:
                found += [(names["service.name"], span) for span in scope.spans]
    return found


def values(span: Span) -> dict[str, str | int]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


def test_a_letter_is_followed_from_its_form_to_the_server_s_answer(
    traced: SupporterBrowser, database: Database, sqlite_url: str, collector: HookServer
) -> None:
    traced.to_letter()
    sent = traced.send()
    assert sent.status_code == 200, sent.text
    with scripted_server() as server:
        relay = f"smtp://127.0.0.1:{server.port}"
        work_once(environment_of(sqlite_url), ACTIONMAIL_SMTP_URL=relay, ACTIONMAIL_TRACES_URL=collector.url)
    provider(collector.url, "actionmail-web").force_flush()
    with database.read() as session:
        letters = {row.id: row.message_id for row in session.execute(select(Message.id, Message.message_id))}
    told = spans(collector)
    (request,) = [span for service, span in told if span.name == "supporter.send" and service == "actionmail-web"]
    assert values(request)["http.response.status_code"] == 303
    assert len(letters) == 2
    for number, message_id in letters.items():
        of_letter = [(one, span) for one, span in told if values(span).get("actionmail.letter") == number]
        (web, form), (worker, handover) = sorted(of_letter, key=lambda pair: pair[0] == "actionmail-worker")
        assert (web, form.name, worker, handover.name) == ("actionmail-web", "form", "actionmail-worker", "handover")
        assert form.trace_id == handover.trace_id
        assert [link.trace_id for link in form.links] == [request.trace_id]
        assert values(form)["actionmail.request"] == values(request)["actionmail.request"] != ""
        assert {values(span)["messaging.message.id"] for _, span in of_letter} == {message_id}
        assert (values(handover)["actionmail.outcome"], values(handover)["smtp.code"]) == ("accepted", 250)
        assert form.start_time_unix_nano <= handover.end_time_unix_nano
    everything = b"".join(body for _, body in collector.got)
    receipt = traced.path.rpartition("/")[2]
    for personal in (WHO["name"], WHO["email"], "53704", receipt, "127.0.0.1"):
        assert personal.encode() not in everything, personal


def test_each_request_has_a_span_by_its_page_and_never_by_its_address(
    traced: SupporterBrowser, collector: HookServer
) -> None:
    for path in ("/healthz", "/receipts/" + "r" * 43, "/nowhere/mai@example.org"):
        traced.client.get(path, base_url="http://127.0.0.1:8000")
    provider(collector.url, "actionmail-web").force_flush()
    told = [span for _, span in spans(collector)]
    assert [span.name for span in told] == ["health.alive", "receipts.receipt", "none"]
    assert [values(span)["http.response.status_code"] for span in told] == [200, 404, 404]
    assert not any(b"rrrr" in body or b"mai@" in body for _, body in collector.got)


def test_a_collector_that_is_away_keeps_no_page_and_no_letter_back(
    settings: Settings, database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    away = "http://127.0.0.1:9/v1/traces"
    here = replace(settings, data_dir=zip_table(tmp_path / "data"), traces_url=away)
    browser = SupporterBrowser(on(database, open_app(here)))
    browser.to_letter()
    assert browser.send().status_code == 200
    with scripted_server() as server:
        relay = f"smtp://127.0.0.1:{server.port}"
        work_once(environment_of(sqlite_url), ACTIONMAIL_SMTP_URL=relay, ACTIONMAIL_TRACES_URL=away)
        assert len(server.taken) == 2


@pytest.mark.parametrize("value", ["127.0.0.1:4318", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:99999/v1/traces"])
def test_an_address_that_is_none_is_said(value: str) -> None:
    with pytest.raises(SettingsError, match="ACTIONMAIL_TRACES_URL must be the whole address of an OTLP receiver"):
        Settings.from_env({"ACTIONMAIL_TRACES_URL": value})


def test_where_only_this_machine_may_be_reached_no_other_collector_is_told() -> None:
    elsewhere = {"ACTIONMAIL_TRACES_URL": "https://traces.example.org/v1/traces"}
    assert Settings.from_env(elsewhere).traces_url
    assert not Settings.from_env({**elsewhere, "ACTIONMAIL_LOOPBACK_ONLY": "1"}).traces_url


_WITHOUT = """
import sys
from importlib.abc import MetaPathFinder

class Nowhere(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"opentelemetry", "sentry_sdk"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nowhere())
from actionmail.cli import main
import actionmail.app, actionmail.cli.delivery.worker, actionmail.cli.platform.doctor
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("name", "value", "extra"),
    [
        ("ACTIONMAIL_TRACES_URL", "http://127.0.0.1:4318/v1/traces", "actionmail[otel]"),
        ("ACTIONMAIL_SENTRY_DSN", "http://key@127.0.0.1:9/1", "actionmail[sentry]"),
    ],
)
def test_without_the_extras_all_runs_and_a_setting_that_needs_one_says_which(
    database: Database, sqlite_url: str, name: str, value: str, extra: str
) -> None:
    def work(**more: str) -> subprocess.CompletedProcess[str]:
        environment = environment_of(sqlite_url, ACTIONMAIL_SMTP_URL="smtp://127.0.0.1:9", **more)
        words = [sys.executable, "-c", _WITHOUT, "worker", "--once"]
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    assert work().returncode == 0
    without = work(**{name: value})
    assert (without.returncode, without.stderr.count("Traceback")) == (1, 0)
    assert f"{name} is set, and what it needs is not installed: pip install '{extra}'" in without.stderr
