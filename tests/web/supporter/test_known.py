"""A browser fills the form in for who comes back: only if ticked, only there, and no longer than wanted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from actionmail.db.actions import Draft
from actionmail.db.engine import Database
from tests.samples import sample_petition
from tests.web.supporter_pages import WHO, SupporterBrowser, words

PAGE = "/campaigns/ab969"
COOKIE = "actionmail-known"


def known(browser: SupporterBrowser) -> str:
    cookie = browser.client.get_cookie(COOKIE, domain="127.0.0.1")
    return cookie.value if cookie else ""


def come_back(browser: SupporterBrowser) -> dict[str, str]:
    """Another day: the session's cookie is gone with the browser's window."""
    browser.client.delete_cookie("actionmail", domain="127.0.0.1")
    browser.get(PAGE)
    return {name: browser.fields[name] for name in ("name", "email", "zip", "phone")}


def test_nobody_is_known_who_did_not_tick_it(supporter: SupporterBrowser) -> None:
    supporter.to_letter()
    supporter.send()
    assert known(supporter) == ""
    assert set(come_back(supporter).values()) == {""}


def test_who_ticked_it_finds_the_form_filled_in_here_and_nowhere_else(
    site: Flask, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.to_letter(remember="y", phone="608 555 0100")
    supporter.send()
    assert list(come_back(supporter).values()) == ["Mai Example", WHO["email"], "53704", "608 555 0100"]
    assert "remember" in supporter.fields
    stranger = SupporterBrowser(site)
    stranger.get(PAGE)
    assert stranger.fields["email"] == ""
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_the_cookie_is_for_no_script_and_no_other_site(supporter: SupporterBrowser) -> None:
    supporter.get(PAGE)
    answer = supporter.post(PAGE, **{**WHO, "zip": "53704", "remember": "y"})
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE)]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_another_campaign_knows_them_too(supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        sample_petition(session)
    supporter.to_letter(remember="y")
    supporter.get("/campaigns/clemency")
    assert supporter.fields["email"] == WHO["email"]
    supporter.submit(consent="y")
    assert come_back(supporter)["name"] == "Mai Example"


@pytest.mark.parametrize("how", ["the button", "the box", "erasure"])
def test_who_is_to_be_forgotten_is(supporter: SupporterBrowser, how: str) -> None:
    supporter.to_letter(remember="y")
    if how == "the button":
        assert "Forget me on this device" in words(supporter.get(PAGE))
        supporter.submit(go="forget")
    elif how == "the box":
        supporter.get(PAGE)
        del supporter.fields["remember"]
        supporter.submit()
    else:
        receipt = supporter.send()
        assert receipt.status_code == 200
        supporter.get(f"{supporter.path}/erasure")
        supporter.submit()
    assert known(supporter) == ""
    assert come_back(supporter)["email"] == ""


@pytest.mark.parametrize("value", ["", "x", "eyJuYW1lIjoiTWFpIn0.aaa.bbb", "é" * 10])
def test_what_we_did_not_sign_fills_nothing_in(supporter: SupporterBrowser, value: str) -> None:
    supporter.client.set_cookie(COOKIE, value, domain="127.0.0.1")
    assert set(come_back(supporter).values()) == {""}


def test_it_ends_after_half_a_year(supporter: SupporterBrowser) -> None:
    supporter.to_letter(remember="y")
    cookies = supporter.client._cookies
    expires = next(cookie for cookie in cookies.values() if cookie.key == COOKIE).max_age
    assert timedelta(seconds=expires or 0) == timedelta(days=180)
