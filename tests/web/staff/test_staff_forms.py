"""No staff form loses what was typed: not to an old token, an ended session or a database in trouble."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from actionmail.db.engine import Database
from actionmail.flows.staff import SESSION_LENGTH, Role
from actionmail.settings import Settings
from actionmail.web.platform.security import TOKEN_SECONDS
from tests.web.staff_pages import BASE, PASSWORD, StaffBrowser, hire, words

HOME = "/staff/campaigns/ab969"
FORMS = {
    "/staff/drafts": {"title": "What I typed", "slug": "ab970", "bill": "AB 970"},
    f"{HOME}/details": {"title": "What I typed", "bill": "AB 970", "deadline": "soon"},
    f"{HOME}/page": {"summary": "What I typed", "privacy_line": "Nobody.", "notice": ""},
    f"{HOME}/translations/es": {"title": "What I typed", "summary": "Por qué", "notice": ""},
    f"{HOME}/letter": {"name": "What I typed", "subjects": "One\nTwo", "body": "Mine <b>", "closing": "Bye"},
    f"{HOME}/letter?letter=everyone": {"name": "everyone", "body": "What I typed"},
    f"{HOME}/copies": {"title": "What I typed", "slug": "ab970"},
}


def serve(app: Flask, database: Database) -> None:
    """Let the application work with another database, or the same one in another condition."""
    app.extensions["actionmail"] = replace(app.extensions["actionmail"], database=database)


def fields(page: TestResponse) -> dict[str, str]:
    """What the page's form would post: names and values of inputs and text areas."""
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", page.text):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and (("checkbox" not in tag and "radio" not in tag) or " checked" in tag):
            found[name[1]] = html.unescape(value[1])
    for name_, value_ in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>\n?(.*?)</textarea>', page.text, re.DOTALL):
        found[name_] = html.unescape(value_)
    return found


def comes_back(page: TestResponse, typed: dict[str, str]) -> None:
    back = fields(page)
    assert {name: back.get(name) for name in typed} == typed


def test_an_old_token_brings_the_same_page_back_filled(browser: StaffBrowser) -> None:
    for path in FORMS:
        revision = fields(browser.get(path)).get("revision", "")
        page = browser.client.post(
            path, base_url=BASE, data={**FORMS[path], "revision": revision, "csrf_token": "old"}
        )  # fmt: skip
        assert page.status_code == 403
        assert "Nothing was changed, because this page had been open for a long time" in words(page)
        comes_back(page, {**FORMS[path], "revision": revision} if revision else FORMS[path])
        assert "What I typed" not in str(page.headers)
        assert fields(page)["csrf_token"] != "old"


def test_the_page_that_came_back_can_be_saved(browser: StaffBrowser) -> None:
    typed = {**FORMS[f"{HOME}/page"], "revision": fields(browser.get(f"{HOME}/page"))["revision"]}
    page = browser.client.post(f"{HOME}/page", base_url=BASE, data=typed)
    done = browser.client.post(f"{HOME}/page", base_url=BASE, data=fields(page))
    assert done.status_code == 303
    assert "What I typed" in browser.get(f"{HOME}/page").text


@pytest.mark.parametrize(
    ("path", "name"), [("/staff/campaigns/ab969/delivery/mail", "text"), ("/staff/reviews/1/rejections", "reason")]
)
def test_what_others_will_read_is_given_back_too(browser: StaffBrowser, path: str, name: str) -> None:
    page = browser.client.post(path, base_url=BASE, data={name: "What I typed", "csrf_token": "old"})
    assert page.status_code == 403
    comes_back(page, {name: "What I typed"})


def test_an_old_token_is_never_a_change(browser: StaffBrowser) -> None:
    page = browser.client.post(f"{HOME}/changes/pause", base_url=BASE, data={"csrf_token": "old"})
    assert page.status_code == 403
    assert "Status live" in words(browser.get(HOME))


@pytest.mark.parametrize("path", [f"{HOME}/page", f"{HOME}/letter?letter=everyone"])
@pytest.mark.parametrize("hours", [SESSION_LENGTH, timedelta(seconds=TOKEN_SECONDS) + SESSION_LENGTH])
def test_an_ended_session_gives_the_text_back_after_signing_in(
    app: Flask, browser: StaffBrowser, path: str, hours: timedelta
) -> None:
    browser.get(path)
    later = datetime.now(UTC) + hours
    app.extensions["actionmail"] = replace(app.extensions["actionmail"], clock=lambda: later)
    page = browser.post(path, **FORMS[path])
    assert page.status_code == 403
    assert "your session has ended" in words(page)
    assert "What I typed" in words(page)  # also to read and copy
    comes_back(page, FORMS[path])
    kept = fields(page)
    assert browser.sign_in("anna@example.org").status_code == 303
    filled = browser.client.post(path, base_url=BASE, data=kept)  # its token is of the session before
    assert filled.status_code == 403
    comes_back(filled, FORMS[path])


def test_who_never_signed_in_gets_nothing_but_their_own_text(app: Flask) -> None:
    stranger = StaffBrowser(app)
    page = stranger.client.post(f"{HOME}/page", base_url=BASE, data={"summary": "Mine"})
    assert page.status_code == 403
    assert "The bill names grounds" not in page.text
    empty = stranger.client.post(f"{HOME}/changes/pause", base_url=BASE)
    assert (empty.status_code, empty.location) == (303, "/staff/sign-in")


def test_who_may_not_write_gets_no_page_of_the_editor(app: Flask, database: Database) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    reviewer = StaffBrowser(app)
    reviewer.sign_in("rita@example.org")
    page = reviewer.client.post(f"{HOME}/page", base_url=BASE, data={"summary": "Mine", "csrf_token": "old"})
    assert page.status_code == 403
    assert "you may not write" in words(page)


@pytest.mark.parametrize("path", [f"{HOME}/page", f"{HOME}/copies"])
def test_a_database_that_takes_nothing_brings_the_same_page_back_filled(
    app: Flask, browser: StaffBrowser, settings: Settings, path: str
) -> None:
    revision = fields(browser.get(path)).get("revision", "")
    typed = FORMS[path]
    serve(app, Database(f"{settings.database_url.replace('sqlite:///', 'sqlite:///file:')}?mode=ro&uri=true"))
    page = browser.post(path, **typed, revision=revision)
    assert page.status_code == 503
    assert "What you typed is still on this page" in words(page)
    comes_back(page, typed)


@pytest.mark.parametrize("path", ["/staff/drafts", f"{HOME}/letter"])
def test_a_database_that_is_away_keeps_what_was_typed(app: Flask, browser: StaffBrowser, path: str) -> None:
    browser.get(path)
    there = app.extensions["actionmail"].database
    serve(app, Database("sqlite:////nowhere/at/all.sqlite3"))
    page = browser.post(path, **FORMS[path])
    assert page.status_code == 503
    comes_back(page, FORMS[path])
    serve(app, there)
    assert browser.client.post(path, base_url=BASE, data=fields(page)).status_code in {303, 409, 422}


def test_too_many_posts_from_one_network_bring_a_page_that_posts_again(browser: StaffBrowser) -> None:
    browser.get(f"{HOME}/preview")
    asked = {"legislator": "1", "supporter": "0", "subject": "0"}
    pages = [browser.post(f"{HOME}/tests", **asked) for _ in range(11)]
    assert [page.status_code for page in pages] == [303] * 10 + [429]
    assert "please wait a minute and press the button again" in words(pages[-1])
    comes_back(pages[-1], asked)


def test_a_reason_typed_in_the_send_log_comes_back(app: Flask, database: Database) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    reviewer = StaffBrowser(app)
    reviewer.sign_in("rita@example.org")
    reason = {"reason": "The reason I typed"}
    page = reviewer.client.post("/staff/messages/1/holds", base_url=BASE, data={**reason, "csrf_token": "old"})
    assert page.status_code == 403
    assert "please press the button again" in words(page)
    comes_back(page, reason)


def test_a_rule_that_was_put_together_comes_back(browser: StaffBrowser) -> None:
    rule = {"do": "leave out", "parties": "Democratic", "search": "Uma Pattern", "go": "add"}
    page = browser.client.post(f"{HOME}/rules", base_url=BASE, data={**rule, "csrf_token": "old"})
    assert page.status_code == 403
    assert "please press the button again" in words(page)
    comes_back(page, rule)


ACCOUNTS_FORGED = "Nothing was changed, because this page had been open for a long time."


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/staff/invitations", {"email": "new@example.org", "role": "reviewer"}),
        ("/staff/password", {"current": "secret one", "new": "secret two", "again": "secret two"}),
        ("/staff/second-factor", {"code": "123456", "password": "secret one"}),
        ("/staff/confirmation", {"password": "secret one", "next": "/staff/accounts"}),
    ],
)
def test_a_form_of_an_account_comes_back_without_what_is_secret(
    app: Flask, database: Database, path: str, typed: dict[str, str]
) -> None:
    hire(database, "admin@example.org", Role.ADMIN)
    admin = StaffBrowser(app)
    admin.sign_in("admin@example.org")
    admin.get("/staff/second-factor")
    page = admin.client.post(path, base_url=BASE, data={**typed, "csrf_token": "old"})
    assert page.status_code == 403
    assert ACCOUNTS_FORGED in words(page)
    assert "secret one" not in page.text and "secret two" not in page.text and "123456" not in fields(page).values()
    comes_back(page, {name: value for name, value in typed.items() if name in ("email", "next")})


def test_signing_in_from_an_old_page_asks_once_more_and_keeps_the_address(app: Flask) -> None:
    browser = StaffBrowser(app)
    browser.get("/staff/sign-in")
    typed = {"email": "anna@example.org", "password": PASSWORD, "next": f"{HOME}/page"}
    page = browser.client.post("/staff/sign-in", base_url=BASE, data={**typed, "csrf_token": "old"})
    assert page.status_code == 403
    assert ACCOUNTS_FORGED in words(page)
    assert PASSWORD not in page.text
    comes_back(page, {"email": "anna@example.org", "next": f"{HOME}/page"})
    done = browser.client.post("/staff/sign-in", base_url=BASE, data={**fields(page), "password": PASSWORD})
    assert (done.status_code, done.location) == (303, f"{HOME}/page")


def test_too_many_tries_to_sign_in_keep_the_address(app: Flask) -> None:
    browser = StaffBrowser(app)
    browser.get("/staff/sign-in")
    typed = {"email": "nobody@example.org", "password": "wrong"}
    pages = [browser.post("/staff/sign-in", **typed) for _ in range(11)]
    assert [page.status_code for page in pages] == [422] * 10 + [429]
    assert "wait a minute, fill them in" in words(pages[-1])
    comes_back(pages[-1], {"email": "nobody@example.org"})


def test_a_button_of_an_account_says_that_nothing_was_changed(app: Flask, database: Database) -> None:
    hire(database, "admin@example.org", Role.ADMIN)
    admin = StaffBrowser(app)
    admin.sign_in("admin@example.org")
    data = {"role": "admin", "csrf_token": "old"}
    page = admin.client.post("/staff/accounts/1/role", base_url=BASE, data=data)
    assert page.status_code == 403
    assert ACCOUNTS_FORGED in words(page)
    assert "role" not in fields(page)  # no button that would do what a forged post asked for


def test_a_stranger_gets_no_page_of_the_accounts(app: Flask) -> None:
    stranger = StaffBrowser(app)
    for path in ("/staff/invitations", "/staff/password", "/staff/confirmation"):
        page = stranger.client.post(path, base_url=BASE, data={"email": "x@example.org", "csrf_token": "old"})
        assert (page.status_code, page.location) == (303, "/staff/sign-in")
