"""From the form to the mail server's 250 by numbers, in lines of JSON, without anybody's data."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.settings import Settings
from tests.cli.platform.test_metrics import work_once
from tests.cli.platform.test_serve import environment_of
from tests.gateways.scripted_smtp import scripted_server
from tests.samples import sample_campaign, sample_legislators
from tests.web.api.test_acting import PARTNER, Partner
from tests.web.application import on, open_app
from tests.web.supporter_pages import WHO, SupporterBrowser, zip_table


@pytest.fixture
def logged(
    capfd: pytest.CaptureFixture[str], settings: Settings, database: Database, tmp_path: Path
) -> Iterator[SupporterBrowser]:
    """`capfd` before it, since it logs to the stream of then."""
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    data = zip_table(tmp_path / "data")
    loggers = [logging.getLogger(name) for name in ("actionmail", "actionmail.requests")]
    kept = [(logger, list(logger.handlers), logger.propagate) for logger in loggers]
    yield SupporterBrowser(on(database, open_app(replace(settings, data_dir=data, json_log=True, proxies=1))))
    for logger, handlers, propagates in kept:
        logger.handlers[:], logger.propagate = handlers, propagates


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_letter_is_followed_from_its_request_to_the_server_s_answer(
    logged: SupporterBrowser, database: Database, sqlite_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    logged.to_letter()
    sent = logged.send()
    assert sent.status_code == 200, sent.text
    said = capfd.readouterr().err
    told = lines(said)
    (action,) = [line for line in told if line["event"] == "action"]
    with database.read() as session:
        numbers = list(session.scalars(select(Message.id).order_by(Message.id)))
    assert action["letters"] == numbers
    (request,) = [line for line in told if line["event"] == "request" and line["request"] == action["request"]]
    assert (request["page"], request["method"], request["status"]) == ("supporter.send", "POST", 303)
    with scripted_server() as server:
        work, _ = work_once(
            environment_of(sqlite_url), ACTIONMAIL_SMTP_URL=f"smtp://127.0.0.1:{server.port}", ACTIONMAIL_JSON_LOG="1"
        )
    delivered = [line for line in lines(work) if line["event"] == "letter"]
    assert sorted(line["letter"] for line in delivered) == numbers
    assert {(line["outcome"], line["code"]) for line in delivered} == {("accepted", 250)}
    receipt = logged.path.rpartition("/")[2]
    for personal in (WHO["name"], WHO["email"], "53704", receipt, '127.0.0.1"'):
        assert personal not in said, personal
        assert personal not in work.replace("127.0.0.1:", ""), personal


def test_a_letter_from_a_partner_s_page_is_followed_too(
    logged: SupporterBrowser, database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    with database.write() as session:
        session.scalars(select(Campaign)).one().sites = [PARTNER]
    assert Partner(logged.client.application, "ab969").write().status_code == 201
    told = lines(capfd.readouterr().err)
    (action,) = [line for line in told if line["event"] == "action"]
    (request,) = [line for line in told if line["event"] == "request" and line["request"] == action["request"]]
    assert (len(action["letters"]), request["page"]) == (2, "api.act")


def test_a_request_has_its_proxy_s_number_where_that_can_be_one(
    logged: SupporterBrowser, capfd: pytest.CaptureFixture[str]
) -> None:
    ours = logged.client.get("/healthz", headers={"X-Request-ID": "abcdef-123"})
    assert ours.headers["X-Request-ID"] == "abcdef-123"
    for forged in ("short", 'a"\u00e9,}{' * 3, "x" * 65):
        other = logged.client.get("/healthz", headers={"X-Request-ID": forged})
        assert other.headers["X-Request-ID"] != forged
    assert next(line["request"] for line in lines(capfd.readouterr().err) if "request" in line) == "abcdef-123"


def test_what_other_loggers_say_is_a_line_too(logged: SupporterBrowser, capfd: pytest.CaptureFixture[str]) -> None:
    app = logged.client.application
    try:
        raise RuntimeError("one\ntwo")
    except RuntimeError:
        app.logger.exception("It failed on %s", "a page")
    (line,) = lines(capfd.readouterr().err)
    assert (line["event"], line["level"], line["text"]) == ("said", "error", "It failed on a page")
    assert "RuntimeError: one\ntwo" in line["trace"]


def test_without_the_setting_nothing_is_logged_of_a_request(
    supporter: SupporterBrowser, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "X-Request-ID" not in supporter.client.get("/healthz").headers
    assert capfd.readouterr().err == ""
