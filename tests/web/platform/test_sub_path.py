"""The site below a path of a host, such as https://www.example.org/act: every link, cookie, redirect and mail."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from actionmail.cli.platform.service_files import Proxy, proxy_lines
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import FrozenLetter
from actionmail.flows.staff import Role
from actionmail.rules.delivery.envelope import letter_text
from actionmail.rules.staff.passkeys import site_of
from actionmail.settings import Settings
from actionmail.settings_reading import SettingsError
from actionmail.web.platform import embedding
from tests.samples import sample_campaign, sample_legislators, sample_petition
from tests.web.application import on, open_app
from tests.web.staff_pages import ADA, PASSWORD, StaffBrowser, hire
from tests.web.supporter_pages import WHO, SupporterBrowser, zip_table

HOST = "http://127.0.0.1:8000"
SITE = f"{HOST}/act"
_LINKS = {"href", "src", "action", "formaction", "poster"}


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []  # attribute and address

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = dict(attrs)
        for name, value in attrs:
            if name in _LINKS and value is not None:
                self.found.append((name, value))
        if tag == "meta" and (got.get("property") or "") in {"og:url", "og:image"}:
            self.found.append(("content", got.get("content") or ""))


def links(page: TestResponse) -> list[tuple[str, str]]:
    reader = _Links()
    reader.feed(page.text)
    return reader.found


@pytest.fixture
def below(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, ADA, Role.ADMIN)
    with database.write() as session:
        sample_campaign(session)
        sample_petition(session)
        sample_legislators(session)
    data = zip_table(tmp_path / "data")
    return on(database, open_app(replace(settings, base_url=SITE, data_dir=data)))


def crawled(client: FlaskClient, start: str) -> Iterator[tuple[str, TestResponse]]:
    """Every page that links lead to from there, once."""
    seen, waiting = {start}, deque([start])
    while waiting:
        path = waiting.popleft()
        page = client.get(path, base_url=HOST)
        yield path, page
        addresses = [value for name, value in links(page) if name == "href"] if page.mimetype == "text/html" else []
        for address in [*addresses, page.headers.get("Location", "")]:
            parts = urlsplit(urljoin(f"{HOST}{path}", address))
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            is_here = f"{parts.scheme}://{parts.netloc}" == HOST and "sign-out" not in target
            if is_here and target not in seen and len(seen) < 250:
                seen.add(target)
                waiting.append(target)


def check(path: str, page: TestResponse) -> None:
    assert page.status_code < 400, (path, page.status_code)
    if page.mimetype != "text/html":
        return
    for name, address in links(page):
        if address.startswith(("#", "?", "mailto:", "tel:", "data:")):
            continue
        url = urljoin(f"{HOST}{path}", address)
        if url.startswith(HOST):
            assert url.startswith((f"{SITE}/", f"{SITE}?")), (path, name, address)


def test_every_page_that_a_visitor_comes_to_is_below_the_path(below: Flask) -> None:
    pages = dict(crawled(below.test_client(), "/act/"))
    for path, page in pages.items():
        check(path, page)
    assert {"/act/", "/act/campaigns/ab969", "/act/privacy"} <= set(pages)
    for document in ("/act/news.atom", "/act/news.json", "/act/sitemap.xml", "/act/robots.txt"):
        text = below.test_client().get(document, base_url=HOST).text
        for url in re.findall(rf"{HOST}/[^\s\"'<]*", text):
            assert url.startswith(f"{SITE}/") and not url.startswith(f"{SITE}/act"), (document, url)
    assert "Disallow: /act/staff/" in below.test_client().get("/act/robots.txt", base_url=HOST).text


def test_every_page_of_the_staff_is_below_the_path(below: Flask) -> None:
    browser = StaffBrowser(below)
    asked = browser.get("/act/staff/messages?state=queued")
    assert asked.headers["Location"].startswith("/act/staff/sign-in?next=/act/staff/messages")
    browser.get(asked.headers["Location"])
    wish = "/act/staff/messages?state=queued"
    done = browser.post("/act/staff/sign-in", email=ADA, password=PASSWORD, next=wish)
    assert (done.status_code, done.headers["Location"]) == (303, wish)
    count = 0
    for path, page in crawled(browser.client, "/act/staff/"):
        check(path, page)
        count += 1
    assert count > 40


@pytest.mark.parametrize(
    "wish", ["/staff/", "//evil.example/act/staff/", "/actual/staff/", "https://evil.example/act/staff/"]
)
def test_signing_in_leads_nowhere_else(below: Flask, wish: str) -> None:
    browser = StaffBrowser(below)
    browser.get("/act/staff/sign-in")
    done = browser.post("/act/staff/sign-in", email=ADA, password=PASSWORD, next=wish)
    assert done.headers["Location"] == "/act/staff/"


def test_a_letter_is_sent_and_its_links_lead_back(below: Flask, database: Database) -> None:
    browser = SupporterBrowser(below)
    browser.get("/act/campaigns/ab969")
    browser.submit(**{**WHO, "zip": "53704"})
    receipt = browser.send()
    assert (receipt.status_code, browser.path.startswith("/act/receipts/")) == (200, True)
    assert f"{SITE}/receipts/" in receipt.text
    with database.read() as session:
        raw = session.scalars(select(FrozenLetter.raw)).first()
    assert raw is not None
    (link,) = set(re.findall(rf"{HOST}/[^\s]+", letter_text(raw)))
    assert link.startswith(f"{SITE}/v/")
    assert below.test_client().get(urlsplit(link).path, base_url=HOST).status_code == 200


def test_the_cookie_is_for_the_path_alone(below: Flask, settings: Settings) -> None:
    page = below.test_client().get("/act/campaigns/ab969", base_url=HOST)
    assert "Path=/act" in page.headers["Set-Cookie"].split("; ")
    secure = open_app(replace(settings, base_url="https://www.example.org/act", data_dir=settings.data_dir))
    kept = secure.test_client().get("/act/staff/sign-in", base_url="https://www.example.org").headers["Set-Cookie"]
    assert kept.startswith("__Secure-actionmail=")
    assert {"Secure", "Path=/act"} <= set(kept.split("; "))


def test_what_a_browser_keeps_of_its_owner_is_for_the_path_alone_too(below: Flask) -> None:
    """Else whatever stands at the root of the host would get their name and address with each request."""
    browser = SupporterBrowser(below)
    browser.get("/act/campaigns/ab969")
    kept = browser.post(browser.path, **WHO, remember="y")
    gone = browser.post(browser.path, go="forget")
    for answer in (kept, gone):
        (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("actionmail-known=")]
        assert "Path=/act" in cookie.split("; ")
    assert browser.client.get_cookie("actionmail-known", domain="127.0.0.1", path="/act") is None


@pytest.mark.parametrize("path", ["/", "/healthz", "/actual", "/staff/", "/ACT/"])
def test_beside_the_path_nothing_is(below: Flask, path: str) -> None:
    answer = below.test_client().get(path, base_url=HOST)
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert below.test_client().get("/act", base_url=HOST).status_code == 200
    assert below.test_client().get("/act/healthz", base_url=HOST).status_code == 200


def test_a_path_is_read_and_what_is_none_is_refused() -> None:
    for given, prefix in (("/act", "/act"), ("/act/", "/act"), ("/a/b_c-1", "/a/b_c-1"), ("", ""), ("/", "")):
        settings = Settings.from_env({"ACTIONMAIL_BASE_URL": f"https://www.example.org{given}"})
        assert (settings.prefix, settings.origin) == (prefix, "https://www.example.org")
    for wrong in ("/a b", "/../x", "/a?b", "/a#b", "//a", "/é", "/a;b"):
        with pytest.raises(SettingsError, match="a path of letters"):
            Settings.from_env({"ACTIONMAIL_BASE_URL": f"https://www.example.org{wrong}"})
    with pytest.raises(SettingsError, match="ACTIONMAIL_BASE_URL"):
        Settings.from_env({"ACTIONMAIL_BASE_URL": "https://ada:secret@www.example.org/act"})


def test_passkeys_are_bound_to_the_host_and_the_proxy_passes_the_path_on() -> None:
    site = site_of("https://www.example.org/act")
    assert site is not None
    assert (site.host, site.origin) == ("www.example.org", "https://www.example.org")
    settings = Settings(base_url="https://www.example.org/act")
    assert "location /act/ {" in proxy_lines(Proxy.NGINX, settings)
    assert "ProxyPass /act/ http://127.0.0.1:8000/act/" in proxy_lines(Proxy.APACHE, settings)
    assert "reverse_proxy /act/* 127.0.0.1:8000" in proxy_lines(Proxy.CADDY, settings)
    assert "use_backend actionmail if { path_beg /act/ }" in proxy_lines(Proxy.HAPROXY, settings)
    assert "default_backend" not in proxy_lines(Proxy.HAPROXY, settings)


def test_what_is_embedded_stays_within_below_the_path(below: Flask, settings: Settings, database: Database) -> None:
    """Links to its own steps lead on within the frame; those to other sites open beside it."""
    with database.write() as session:
        session.execute(update(Campaign).where(Campaign.slug == "ab969").values(sites=["https://partner.example"]))
    client = below.test_client(use_cookies=False)
    begun = client.get("/act/embed/ab969", base_url=HOST)
    assert begun.location.startswith("/act/embed/")
    page = client.get(begun.location, base_url=HOST)
    within = re.findall(r'<a (?![^>]*target=)[^>]*href="(/[^"]+)"', page.text)
    assert within
    assert {href.split("/campaigns/")[0] for href in within} == {begun.location.split("/campaigns/")[0]}
    beside = re.findall(r'<a [^>]*target="_blank" href="([^"]+)"', page.text)
    assert not [href for href in beside if "/embed/" in href]


def test_an_embedded_visit_that_is_over_begins_again_below_the_path(below: Flask, settings: Settings) -> None:
    class Yesterday(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - 2 * embedding.SECONDS

    signed = URLSafeTimedSerializer(settings.secret_key, salt="actionmail embedded", signer=Yesterday)
    state = signed.dumps({"s": "ab969", "t": {}, "v": {}})
    over = below.test_client().get(f"/act/embed/{state}/campaigns/ab969", base_url=HOST)
    assert over.location == "/act/embed/ab969"
