"""Where a request comes from: an IP address, whatever a proxy's header says, or nothing."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.settings import Settings
from actionmail.web.platform.client_address import parse_address
from tests.samples import sample_campaign, sample_legislators
from tests.web.application import open_app
from tests.web.supporter_pages import BASE, WHO, SupporterBrowser, zip_table


class ProxiedBrowser(SupporterBrowser):
    """A browser behind a proxy that says this of it."""

    def __init__(self, app: Flask, forwarded: str) -> None:
        super().__init__(app)
        self.client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded


@pytest.fixture
def app(any_database: Database, settings: Settings, tmp_path: Path) -> Flask:
    with any_database.write() as session:
        sample_legislators(session)
        sample_campaign(session)
    url = any_database.engine.url.render_as_string(hide_password=False)
    return open_app(replace(settings, database_url=url, proxies=1, data_dir=zip_table(tmp_path / "data")))


ADDRESSES = {
    "203.0.113.9": "203.0.113.9",
    "203.0.113.9:47110": "203.0.113.9",
    "2001:DB8:0:0:0:0:0:1": "2001:db8::1",
    "[2001:db8::1]:47110": "2001:db8::1",
    "fe80::1%a-zone-whose-name-is-longer-than-any-column": "fe80::1",
    "2001:0db8:0000:0000:0000:0000:192.168.100.100%e": "2001:db8::c0a8:6464",
    "0000:0000:0000:0000:0000:ffff:255.255.255.2555": "",
    "::ffff:203.0.113.9": "203.0.113.9",
    "x" * 47: "",
    "unknown": "",
    "203.0.113.9\t": "203.0.113.9",
}


@pytest.mark.parametrize("forwarded", ADDRESSES)
def test_a_letter_goes_whatever_the_proxy_calls_its_sender(app: Flask, any_database: Database, forwarded: str) -> None:
    browser = ProxiedBrowser(app, forwarded)
    browser.get("/campaigns/ab969")
    browser.submit(**{**WHO, "zip": "53704"})
    page = browser.send()
    assert page.status_code == 200
    assert browser.path.startswith("/receipts/")
    with any_database.read() as session:
        assert session.scalar(select(Action.consent_address)) == ADDRESSES[forwarded]


def test_the_limit_on_posts_counts_the_address_not_how_it_is_written(settings: Settings, database: Database) -> None:
    app = open_app(replace(settings, proxies=1))
    seen: list[str | None] = []

    @app.get("/where")
    def where() -> str:
        seen.append(request.remote_addr)
        return ""

    for forwarded in ("2001:db8::1", "[2001:DB8::1]:1", "2001:0db8::0001"):
        app.test_client().get("/where", base_url=BASE, headers={"X-Forwarded-For": forwarded})
    assert seen == ["2001:db8::1"] * 3


_NUMBERS = st.integers(min_value=0, max_value=300).map(str) | st.sampled_from(["", "00", "01", "1e1", "1 ", "١"])


@given(st.lists(_NUMBERS, min_size=3, max_size=5).map(".".join))
def test_four_numbers_are_an_address_where_the_standard_library_says_so(text: str) -> None:
    try:
        address = str(IPv4Address(text.strip()))
    except ValueError:
        address = ""
    assert parse_address(text) == address
