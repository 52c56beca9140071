"""Passkeys over HTTP: the pages, and what a browser's script posts."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from actionmail.db.engine import Database
from actionmail.flows.staff import FRESH, Role
from actionmail.settings import Settings
from tests.authenticator import SoftPasskey
from tests.web.clock import Clock
from tests.web.staff_pages import PASSWORD, StaffBrowser, hire, staff_app, words

ORIGIN = "http://localhost:8000"
ADMIN, AUTHOR = "ada@example.org", "anna@example.org"


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path, clock: Clock) -> Flask:
    return app_at(settings, database, tmp_path, clock)


def app_at(
    settings: Settings,
    database: Database,
    folder: Path,
    clock: Clock,
    *,
    base_url: str = ORIGIN,
    demanded: bool = False,
) -> Flask:
    hire(database, ADMIN, Role.ADMIN)
    hire(database, AUTHOR, Role.AUTHOR)
    app = staff_app(replace(settings, base_url=base_url, second_factor_required=demanded), folder)
    app.extensions["actionmail"] = replace(app.extensions["actionmail"], clock=clock)
    return app


def browser(app: Flask, email: str = "", password: str = PASSWORD) -> StaffBrowser:
    opened = StaffBrowser(app, ORIGIN)
    if email:
        opened.sign_in(email, password)
    return opened


def options_of(page: TestResponse) -> str:
    found = re.search(r'data-options="([^"]+)"', page.text)
    assert found, words(page)
    return unescape(found[1])


def add(opened: StaffBrowser, name: str = "Telephone") -> tuple[SoftPasskey, TestResponse]:
    key = SoftPasskey(ORIGIN)
    opened.get("/staff/passkeys")
    page = opened.post("/staff/passkeys/new", name=name)
    assert "needs JavaScript and a browser that knows passkeys" in words(page)
    return key, opened.post("/staff/passkeys", name=name, answer=key.make(options_of(page)))


def use(opened: StaffBrowser, key: SoftPasskey, where: str = "sign-in", **values: str) -> TestResponse:
    page = opened.post(f"/staff/{where}/passkey/challenges", **values)
    return opened.post(f"/staff/{where}/passkey", answer=key.use(options_of(page)), **values)


def test_a_passkey_is_added_and_signs_in_alone(app: Flask) -> None:
    first = browser(app, AUTHOR)
    key, done = add(first)
    assert done.text.count("<li><code>") == 10
    assert first.get("/staff/").status_code == 200
    page = words(first.get("/staff/passkeys"))
    assert "Telephone" in page
    assert "not yet" in page
    assert "Passkeys : 1" in words(first.get("/staff/account"))
    other = browser(app)
    assert "Use a passkey instead" in words(other.get("/staff/sign-in"))
    assert use(other, key, next="/staff/campaigns").location == "/staff/campaigns"
    assert AUTHOR in words(other.get("/staff/"))
    assert "not yet" not in words(first.get("/staff/passkeys"))


def test_after_the_password_comes_the_passkey(app: Flask) -> None:
    key, _ = add(browser(app, AUTHOR))
    opened = browser(app)
    opened.get("/staff/sign-in")
    half = opened.post("/staff/sign-in", email=AUTHOR, password=PASSWORD)
    assert half.location == "/staff/sign-in/code?next=/staff/"
    page = opened.get(half.location)
    assert "Use my passkey" in words(page)
    assert "authenticator app shows" not in words(page)
    assert opened.get("/staff/campaigns").status_code == 303
    assert use(opened, key).location == "/staff/"


def test_an_answer_is_good_once_and_in_the_browser_that_was_asked(app: Flask) -> None:
    key, _ = add(browser(app, AUTHOR))
    first, other = browser(app), browser(app)
    for opened in (first, other):
        opened.get("/staff/sign-in")
    answer = key.use(options_of(first.post("/staff/sign-in/passkey/challenges")))
    assert other.post("/staff/sign-in/passkey", answer=answer).status_code == 422
    assert first.post("/staff/sign-in/passkey", answer=answer).status_code == 303
    first.get("/staff/")
    first.post("/staff/sign-out")
    first.get("/staff/sign-in")
    refused = first.post("/staff/sign-in/passkey", answer=answer)
    assert refused.status_code == 422
    assert "That passkey did not let you in." in words(refused)
    assert first.get("/staff/").status_code == 303


def test_the_page_is_the_same_whether_anybody_has_a_passkey_or_not(app: Flask) -> None:
    def asked() -> str:
        page = browser_at_sign_in(app).post("/staff/sign-in/passkey/challenges")
        return re.sub(r'"challenge": ?"[^"]+"', "", options_of(page))

    before = asked()
    add(browser(app, AUTHOR))
    assert asked() == before


def test_passkeys_are_changed_only_by_whoever_showed_of_late_that_it_is_them(app: Flask, clock: Clock) -> None:
    opened = browser(app, AUTHOR)
    key, _ = add(opened)
    clock.move(FRESH.seconds)
    for response in (
        opened.get("/staff/passkeys"),
        opened.post("/staff/passkeys/new", name="x"),
        opened.post("/staff/passkeys", name="x", answer="{}"),
        opened.post("/staff/passkeys/1/removal"),
    ):
        assert response.location == "/staff/confirmation?next=/staff/passkeys"
    assert "Use a passkey instead" in words(opened.get("/staff/confirmation?next=/staff/passkeys"))
    assert use(opened, SoftPasskey(ORIGIN), "confirmation", next="/staff/passkeys").status_code == 422
    assert use(opened, key, "confirmation", next="/staff/passkeys").location == "/staff/passkeys"
    assert opened.get("/staff/passkeys").status_code == 200


def test_a_passkey_is_removed_but_nobody_elses(app: Flask) -> None:
    opened, someone = browser(app, AUTHOR), browser(app, ADMIN)
    add(opened)
    (number,) = re.findall(r"/staff/passkeys/(\d+)/removal", opened.get("/staff/passkeys").text)
    someone.get("/staff/passkeys")
    assert someone.post(f"/staff/passkeys/{number}/removal").status_code == 404
    assert opened.post(f"/staff/passkeys/{number}/removal").status_code == 303
    assert "Your passkeys" not in words(opened.get("/staff/passkeys"))
    assert browser(app).sign_in(AUTHOR).location == "/staff/"


def test_a_bad_name_and_a_false_answer_are_said(app: Flask) -> None:
    opened = browser(app, AUTHOR)
    opened.get("/staff/passkeys")
    for name, answer, sentence in [("", "{}", "at most 60 characters"), ("Key", "{}", "was not made")]:
        page = opened.post("/staff/passkeys", name=name, answer=answer)
        assert page.status_code == 422
        assert sentence in words(page)


def test_a_passkey_is_enough_where_a_second_factor_is_demanded(
    settings: Settings, database: Database, tmp_path: Path, clock: Clock
) -> None:
    app = app_at(settings, database, tmp_path, clock, demanded=True)
    opened = browser(app, AUTHOR)
    page = opened.get("/staff/second-factor")
    assert 'href="/staff/passkeys"' in page.text
    add(opened)
    assert opened.get("/staff/campaigns").status_code == 200
    (number,) = re.findall(r"/staff/passkeys/(\d+)/removal", opened.get("/staff/passkeys").text)
    kept = opened.post(f"/staff/passkeys/{number}/removal")
    assert kept.status_code == 422
    assert "this is your last one. First add another." in words(kept)


def test_an_admin_removes_somebodys_factors(app: Flask) -> None:
    key, _ = add(browser(app, AUTHOR))
    admin = browser(app, ADMIN)
    (number,) = re.findall(r"/staff/accounts/(\d+)/second-factor", admin.get("/staff/accounts").text)
    assert admin.post(f"/staff/accounts/{number}/second-factor").status_code == 303
    assert use(browser_at_sign_in(app), key).status_code == 422
    assert browser(app).sign_in(AUTHOR).location == "/staff/"


def browser_at_sign_in(app: Flask) -> StaffBrowser:
    opened = browser(app)
    opened.get("/staff/sign-in")
    return opened


def test_where_the_address_allows_no_passkeys_the_pages_say_so(
    settings: Settings, database: Database, tmp_path: Path, clock: Clock
) -> None:
    app = app_at(settings, database, tmp_path, clock, base_url="http://127.0.0.1:8000")
    opened = StaffBrowser(app)
    assert "Use a passkey instead" not in words(opened.get("/staff/sign-in"))
    assert opened.post("/staff/sign-in/passkey/challenges").status_code == 422
    assert opened.post("/staff/sign-in/passkey", answer="{}").status_code == 422
    opened.sign_in(AUTHOR)
    assert "this site has none. An authenticator app works here." in words(opened.get("/staff/passkeys"))
    assert opened.post("/staff/passkeys/new", name="x").status_code == 422
    assert opened.post("/staff/passkeys", name="x", answer="{}").status_code == 422
