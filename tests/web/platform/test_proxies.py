"""Who is at the other end, behind a proxy and not."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest
from flask import Flask

from actionmail.settings import Settings
from tests.web.application import open_app

BASE = "http://127.0.0.1:8000"


def posts(app: Flask, addresses: list[str]) -> list[int]:
    """What each post from one of these addresses is answered with."""
    client = app.test_client()
    page = client.get("/staff/sign-in", base_url=BASE).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answers = []
    for address in addresses:
        answer = client.post(
            "/staff/resets", base_url=BASE, data={"csrf_token": token[1]}, environ_overrides={"REMOTE_ADDR": address}
        )
        answers.append(answer.status_code)
    return answers


@pytest.fixture
def app(site_settings: Settings, site: Flask) -> Flask:
    return open_app(site_settings)


def test_one_network_of_ipv6_is_one_client(app: Flask) -> None:
    answers = posts(app, [f"2001:db8:0:1::{number:x}" for number in range(1, 7)])
    assert answers[-1] == 429
    assert posts(app, ["2001:db8:0:2::1"]) != [429], "another network is another client"


def test_addresses_of_ipv4_are_clients_each(app: Flask) -> None:
    assert 429 not in posts(app, [f"203.0.113.{number}" for number in range(1, 9)])
    assert 429 not in posts(app, [f"::ffff:198.51.100.{number}" for number in range(1, 9)])


def test_something_that_is_no_address_is_a_client_too(app: Flask) -> None:
    assert posts(app, ["unix:"] * 6)[-1] == 429


def test_a_forwarded_header_that_nobody_is_trusted_with_is_logged_once(
    site_settings: Settings, site: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = open_app(site_settings).test_client()
    with caplog.at_level(logging.WARNING):
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            client.get("/healthz", base_url=BASE, headers={header: "203.0.113.9"})
    told = [record.getMessage() for record in caplog.records if "ACTIONMAIL_PROXIES" in record.getMessage()]
    assert len(told) == 1
    assert "203.0.113.9" not in told[0]


def test_where_proxies_are_set_nothing_is_logged(
    site_settings: Settings, site: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = open_app(replace(site_settings, proxies=1)).test_client()
    with caplog.at_level(logging.WARNING):
        client.get("/healthz", base_url=BASE, headers={"X-Forwarded-For": "203.0.113.9"})
    assert "ACTIONMAIL_PROXIES" not in caplog.text
