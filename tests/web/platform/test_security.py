"""The guards around every page."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from actionmail.app import create_app
from actionmail.db.engine import Database
from actionmail.settings import Settings, bundled
from actionmail.settings_reading import SettingsError
from tests.web.application import open_app
from tests.web.supporter_pages import BASE, WHO, SupporterBrowser, problems, words

PAGES = ("/", "/privacy", "/campaigns/ab969", "/campaigns/none", "/none", "/receipts/none", "/v/none", "/healthz")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_headers(supporter: SupporterBrowser, path: str) -> None:
    headers = supporter.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_template_has_inline_script_or_style() -> None:
    for path in Path(bundled("templates")).rglob("*.html"):
        source = path.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:|\|\s*safe\b", source), (
            path
        )


def test_form_pages_may_be_kept_for_the_back_button(supporter: SupporterBrowser) -> None:
    assert supporter.get("/campaigns/ab969").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", ""])
def test_another_host_is_refused(site: Flask, host: str) -> None:
    answer = site.test_client().get("/", base_url=BASE, headers={"Host": host})
    assert answer.status_code == 400
    assert "<" not in answer.text


def test_the_session_cookie_is_out_of_reach(supporter: SupporterBrowser) -> None:
    cookie = supporter.get("/campaigns/ab969").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_over_https_the_cookie_is_secure_and_the_browser_told_to_stay(site_settings: Settings, site: Flask) -> None:
    app = open_app(replace(site_settings, base_url="https://act.example.org", proxies=1))
    answer = app.test_client().get(
        "/campaigns/ab969",
        base_url="http://act.example.org",
        headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"},
    )
    assert answer.headers["Set-Cookie"].startswith("__Host-actionmail=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_the_browser_is_told_to_stay_also_where_a_proxy_names_no_scheme(site_settings: Settings, site: Flask) -> None:
    app = open_app(replace(site_settings, base_url="https://act.example.org", proxies=1))
    answer = app.test_client().get("/healthz", base_url="http://act.example.org")
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in site.test_client().get("/healthz", base_url=BASE).headers


def test_the_log_tells_which_host_came_and_which_is_wanted(
    site_settings: Settings, site: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = open_app(replace(site_settings, base_url="https://act.example.org")).test_client()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            client.get("/", base_url="http://127.0.0.1:8000")
    (told,) = [record.getMessage() for record in caplog.records if "came for the host" in record.getMessage()]
    assert "'127.0.0.1:8000'" in told
    assert "https://act.example.org" in told
    with caplog.at_level(logging.WARNING):
        for number in range(100):
            client.get("/", base_url=BASE, headers={"Host": f"scan{number}.example{'x' * 1000}"})
    told = [record.getMessage() for record in caplog.records if "came for the host" in record.getMessage()]
    assert len(told) == 10
    assert max(map(len, told)) < 400


def test_a_post_over_https_needs_no_referer(site_settings: Settings, site: Flask) -> None:
    app = open_app(replace(site_settings, base_url="https://127.0.0.1:8000"))
    client = app.test_client()
    page = client.get("/campaigns/ab969", base_url="https://127.0.0.1:8000")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    data = {**WHO, "csrf_token": token[1]}
    assert client.post("/campaigns/ab969", base_url="https://127.0.0.1:8000", data=data).status_code == 303


@pytest.mark.parametrize("token", ["", "forged"])
def test_a_missing_or_forged_token_keeps_what_was_typed(supporter: SupporterBrowser, token: str) -> None:
    supporter.get("/campaigns/ab969")
    page = supporter.submit(**WHO, csrf_token=token)
    assert page.status_code == 403
    assert "press the button again" in problems(page)
    assert {name: supporter.fields[name] for name in WHO} == WHO
    assert supporter.submit().status_code == 200
    assert supporter.path.endswith("/legislators")


def test_too_many_posts_keep_what_was_typed(supporter: SupporterBrowser) -> None:
    supporter.get("/campaigns/ab969")
    statuses = [supporter.post("/campaigns/ab969", name="").status_code for _ in range(60)]
    assert set(statuses) == {303}  # to the page that tells what is missing
    page = supporter.post("/campaigns/ab969", **WHO)
    assert page.status_code == 429
    assert "wait a minute" in problems(page)
    assert {name: supporter.fields[name] for name in WHO} == WHO


def test_one_application_does_not_use_up_the_limit_of_another(supporter: SupporterBrowser) -> None:
    supporter.get("/campaigns/ab969")
    assert supporter.post("/campaigns/ab969", name="").status_code == 303


def test_more_than_a_page_can_take_has_its_own_page(supporter: SupporterBrowser) -> None:
    supporter.get("/campaigns/ab969")
    page = supporter.submit(name="x" * 300_000)
    assert page.status_code == 413
    assert "too much text" in words(page)
    assert "Nothing was sent" in words(page)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/none", 404), ("POST", "/", 405), ("POST", "/receipts/x", 405)]
)
def test_what_is_not_there_has_a_page(supporter: SupporterBrowser, method: str, path: str, status: int) -> None:
    page = supporter.client.open(path, method=method, base_url=BASE, data=supporter.fields)
    assert page.status_code in {status, 403}  # a post without token is refused before anything else
    assert "<h1>" in page.text


def test_a_crash_is_a_page_and_names_nobody_in_the_log(
    site: Flask, supporter: SupporterBrowser, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(token: str) -> str:
        raise RuntimeError("out of order")

    site.add_url_rule("/crash/<token>", "crash", crash)
    with caplog.at_level(logging.ERROR):
        page = supporter.get("/crash/a-secret-token?email=mai@example.org")
    assert page.status_code == 500
    assert "Something went wrong on our side" in words(page)
    assert "/crash/<token>" in caplog.text
    assert "a-secret-token" not in caplog.text
    assert "mai@example.org" not in caplog.text


def test_a_refusal_of_the_database_names_nobody(database: Database) -> None:
    with pytest.raises(Exception, match="no such table") as caught, database.write() as session:
        from sqlalchemy import text

        session.execute(text("INSERT INTO none VALUES (:name)"), {"name": "Mai Example"})
    assert "Mai Example" not in str(caught.value)


def test_an_installation_without_a_zip_table_does_not_start(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ZIP table"):
        create_app(replace(settings, data_dir=tmp_path))


def test_an_installation_without_a_secret_does_not_start(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="ACTIONMAIL_SECRET_KEY"):
        create_app(replace(settings, secret_key="short"))


def test_cookies_are_those_of_flask_and_are_signed_by_one_signer(site: Flask) -> None:
    ours, flasks = site.session_interface, SecureCookieSessionInterface()
    assert ours.get_signing_serializer(site) is ours.get_signing_serializer(site)  # type: ignore[attr-defined]
    theirs = flasks.get_signing_serializer(site)
    assert theirs
    kept = {"drafts": {"ab969": "key"}}
    assert ours.get_signing_serializer(site).loads(theirs.dumps(kept)) == kept  # type: ignore[attr-defined]
    assert theirs.loads(ours.get_signing_serializer(site).dumps(kept)) == kept  # type: ignore[attr-defined]
