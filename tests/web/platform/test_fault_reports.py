"""What Sentry is told of a fault, as a server on this machine gets it: where it arose, and nothing of anybody."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from actionmail.db.engine import Database
from actionmail.settings import Settings
from actionmail.settings_reading import SettingsError
from actionmail.web.platform.fault_reports import client, reporter, scrubbed
from tests.gateways.hook_server import HookServer, hook_server
from tests.samples import sample_campaign, sample_legislators
from tests.web.application import on, open_app
from tests.web.supporter_pages import WHO, SupporterBrowser, zip_table

REASON = "My son walks to that school every day."
PERSONAL = (WHO["name"], WHO["email"], "53704", REASON, "Mai Example's telephone", "lead.example.org", "actionmail=")


@pytest.fixture
def ingest() -> Iterator[HookServer]:
    with hook_server() as server:
        yield server


@pytest.fixture
def dsn(ingest: HookServer) -> str:
    return f"http://public@127.0.0.1:{ingest.http.server_address[1]}/7"


@pytest.fixture
def browser(settings: Settings, database: Database, dsn: str, tmp_path: Path) -> SupporterBrowser:
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    here = replace(settings, data_dir=zip_table(tmp_path / "data"), sentry_dsn=dsn)
    return SupporterBrowser(on(database, open_app(here)))


def envelopes(ingest: HookServer, dsn: str) -> list[str]:
    """Each whole, with the headers of its request."""
    client(dsn).flush(timeout=60)
    found = []
    for headers, body in ingest.got:
        found.append(f"{json.dumps(headers)}\n{unpacked(headers.get('content-encoding', ''), body).decode()}")
    return found


def unpacked(encoding: str, body: bytes) -> bytes:
    """The library takes brotli where that is installed, as other tests have it."""
    if encoding == "br":
        import brotli

        return bytes(brotli.decompress(body))
    assert encoding in {"", "gzip"}
    return gzip.decompress(body) if encoding else body


def event_of(envelope: str) -> dict[str, Any]:
    (event,) = [json.loads(line) for line in envelope.splitlines()[1:] if '"exception"' in line]
    return dict(event)


def break_page(browser: SupporterBrowser, email: str) -> None:
    """From now on the application fails, with everything in its words and variables that a supporter typed."""
    app = browser.client.application

    def clock() -> datetime:
        supporter = {"name": WHO["name"], "email": email, "zip": "53704"}
        logging.getLogger("actionmail").warning("About to fail for %s", email)
        try:
            raise KeyError(f"{supporter['name']} of 53704")
        except KeyError as error:
            error.add_note(REASON)
            raise LookupError(f"no letter of {email}: {REASON}") from error

    app.extensions["actionmail"] = replace(app.extensions["actionmail"], clock=clock)


def test_a_fault_of_a_page_is_told_with_where_it_arose_and_with_nobody_s_data(
    browser: SupporterBrowser, ingest: HookServer, dsn: str
) -> None:
    browser.to_letter()
    break_page(browser, WHO["email"])
    browser.client.environ_base["HTTP_USER_AGENT"] = "Mai Example's telephone"
    browser.client.environ_base["HTTP_REFERER"] = f"https://lead.example.org/?who={WHO['email']}"
    failed = browser.send(personal=REASON)
    assert failed.status_code == 500
    (told,) = envelopes(ingest, dsn)
    for personal in PERSONAL:
        assert personal not in told, personal
    event = event_of(told)
    assert [error["type"] for error in event["exception"]["values"]] == ["KeyError", "LookupError"]
    frames = event["exception"]["values"][1]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "clock"
    assert any(frame["module"].startswith("actionmail.web.") for frame in frames)
    number = failed.headers["X-Request-ID"]
    assert event["tags"] == {"service": "web", "page": "supporter.send", "method": "POST", "request": number}
    assert set(event) <= {"event_id", "timestamp", "level", "platform", "release", "sdk", "tags", "exception"}


def test_what_is_no_fault_is_not_told(browser: SupporterBrowser, ingest: HookServer, dsn: str) -> None:
    for path in ("/nowhere", "/receipts/" + "r" * 43):
        assert browser.client.get(path, base_url="http://127.0.0.1:8000").status_code == 404
    browser.client.application.logger.error("A sentence about %s", WHO["email"])
    assert envelopes(ingest, dsn) == []


def test_a_fault_of_a_worker_is_told_the_same_way(ingest: HookServer, dsn: str) -> None:
    try:
        letter = f"Dear Senator, {REASON}"
        raise ValueError(f"{WHO['email']} wrote {letter}")
    except ValueError as error:
        reporter(dsn)(error)
    (told,) = envelopes(ingest, dsn)
    assert not any(personal in told for personal in PERSONAL)
    event = event_of(told)
    assert (event["tags"], event["exception"]["values"][0]["type"]) == ({"service": "worker"}, "ValueError")


def test_a_server_that_is_away_keeps_no_page(settings: Settings, database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    here = replace(settings, data_dir=zip_table(tmp_path / "data"), sentry_dsn="http://public@127.0.0.1:9/7")
    browser = SupporterBrowser(on(database, open_app(here)))
    browser.to_letter()
    break_page(browser, WHO["email"])
    assert browser.send().status_code == 500


def test_whatever_a_library_adds_to_an_event_stays_here() -> None:
    """The last wall: nothing is let through that is not named."""
    frame = {
        "function": "f",
        "lineno": 1,
        "module": "actionmail.app",
        "vars": {"email": WHO["email"]},
        "abs_path": "/a",
    }
    event: Any = {
        "event_id": "1",
        "level": "error",
        "message": REASON,
        "logentry": {"message": "%s", "params": [WHO["email"]]},
        "server_name": "lead.example.org",
        "user": {"email": WHO["email"]},
        "request": {"url": "https://act.example.org/receipts/x", "headers": {"Cookie": "actionmail=1"}, "data": WHO},
        "breadcrumbs": {"values": [{"message": WHO["name"]}]},
        "extra": {"sys.argv": [WHO["name"]]},
        "contexts": {"trace": {"data": WHO}},
        "modules": {},
        "threads": {"values": [{"stacktrace": {"frames": [frame]}}]},
        "exception": {
            "values": [
                {
                    "type": "E",
                    "module": "m",
                    "value": REASON,
                    "mechanism": {"type": "generic", "data": WHO},
                    "stacktrace": {"frames": [frame]},
                },
                {"type": "F", "module": None, "value": REASON, "stacktrace": None},
            ]
        },
        "_meta": {"exception": WHO},
    }
    told = json.dumps(scrubbed(event, {}))
    assert not any(personal in told for personal in PERSONAL)
    assert json.loads(told)["exception"]["values"][0]["stacktrace"]["frames"] == [
        {"function": "f", "lineno": 1, "module": "actionmail.app"}
    ]


@pytest.mark.parametrize("value", ["nonsense", "https://sentry.example.org/1", "https://key@sentry.example.org/hidden"])
def test_an_address_that_is_none_is_said_and_not_shown(value: str) -> None:
    with pytest.raises(SettingsError, match="ACTIONMAIL_SENTRY_DSN must look like") as caught:
        Settings.from_env({"ACTIONMAIL_SENTRY_DSN": value})
    assert value not in str(caught.value)


def test_it_may_lie_in_a_file_and_is_in_no_repr(tmp_path: Path) -> None:
    (tmp_path / "dsn").write_text("https://hidden@sentry.example.org/1\n")
    settings = Settings.from_env({"ACTIONMAIL_SENTRY_DSN_FILE": str(tmp_path / "dsn")})
    assert settings.sentry_dsn == "https://hidden@sentry.example.org/1"
    assert "hidden" not in repr(settings)
    alone = {"ACTIONMAIL_SENTRY_DSN": settings.sentry_dsn, "ACTIONMAIL_LOOPBACK_ONLY": "1"}
    assert Settings.from_env(alone).sentry_dsn == ""
