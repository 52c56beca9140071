"""Signing in and out over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from actionmail.app import create_app
from actionmail.db.engine import Database
from actionmail.db.staff import StaffMember
from actionmail.flows import staff
from actionmail.flows.staff import MAX_FAILURES, Role
from actionmail.settings import Settings
from tests.audit import actions, attempts, audited
from tests.samples import NOW
from tests.web.staff_pages import BASE, PASSWORD, StaffBrowser, hire, staff_app, words

EMAIL = "rita@example.org"


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, EMAIL, Role.REVIEWER)
    return staff_app(settings, tmp_path)


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    return StaffBrowser(app)


def test_signing_in_leads_to_the_staff_pages(browser: StaffBrowser) -> None:
    response = browser.sign_in(EMAIL)
    assert (response.status_code, response.location) == (303, "/staff/")
    page = browser.get("/staff/")
    assert page.status_code == 200
    assert f"You are signed in as {EMAIL}, reviewer." in words(page)
    assert browser.get("/staff/sign-in").status_code == 303


def test_the_application_as_it_is_put_together_keeps_passwords_at_full_cost(
    site_settings: Settings, database: Database
) -> None:
    hire(database, EMAIL, Role.REVIEWER)
    assert stored_costs_less(database)
    assert StaffBrowser(create_app(site_settings)).sign_in(EMAIL).status_code == 303
    assert not stored_costs_less(database)


def stored_costs_less(database: Database) -> bool:
    """Whether the only account's password is kept at another cost than argon2-cffi takes by default."""
    with database.read() as session:
        return PasswordHasher().check_needs_rehash(session.scalars(select(StaffMember.password_hash)).one())


def test_a_refusal_says_the_same_whatever_the_reason(app: Flask, database: Database) -> None:
    hire(database, "ben@example.org", Role.ADMIN)
    hire(database, "zoe@example.org", Role.ADMIN)
    with database.write() as session:
        staff.disable(session, "zoe@example.org", now=NOW)
        known = staff.credentials(session, "ben@example.org")
        for _ in range(MAX_FAILURES):
            staff.sign_in(session, staff.verify(known, "wrong"), now=app.extensions["actionmail"].clock())
    seen = set()
    for email, password in [
        (EMAIL, "not the password"),
        ("nobody@example.org", PASSWORD),
        ("zoe@example.org", PASSWORD),  # disabled
        ("ben@example.org", PASSWORD),  # locked
    ]:
        response = StaffBrowser(app).sign_in(email, password)
        assert response.status_code == 422
        assert "<title>Error: Sign in" in response.text
        assert password not in response.text
        seen.add(words(response))
    assert len(seen) == 1
    (text,) = seen
    assert "did not let you in" in text
    assert "locked for 15 minutes" in text


def test_the_address_typed_is_kept_and_the_password_is_not(browser: StaffBrowser) -> None:
    response = browser.sign_in('"><b>rita@example.org', "not the password")
    assert 'value="&#34;&gt;&lt;b&gt;rita@example.org"' in response.text
    assert "not the password" not in response.text


def test_what_is_unknown_is_written_down_without_its_address(browser: StaffBrowser, database: Database) -> None:
    browser.sign_in("nobody@example.org")
    with database.read() as session:
        assert attempts(session) == [("sign_in", 0, 1)]


@pytest.mark.parametrize(
    ("wish", "goes_to"),
    [
        ("/staff/messages", "/staff/messages"),
        ("/staff/messages?state=failed", "/staff/messages?state=failed"),
        ("", "/staff/"),
        ("/", "/staff/"),
        ("/staff", "/staff/"),
        ("/staffroom", "/staff/"),
        ("/staff/sign-in", "/staff/"),
        ("/staff/../campaigns/ab969", "/staff/"),
        ("//evil.example/staff/", "/staff/"),
        ("https://evil.example/staff/", "/staff/"),
        ("https:/staff/", "/staff/"),
        ("\\\\evil.example/staff/", "/staff/"),
        ("/staff/\\evil.example", "/staff/"),
        ("/staff/\r\nLocation: https://evil.example", "/staff/"),
        ("//[/staff/", "/staff/"),
    ],
)
def test_after_signing_in_one_goes_only_to_staff_pages(browser: StaffBrowser, wish: str, goes_to: str) -> None:
    assert browser.sign_in(EMAIL, next=wish).location == goes_to


def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(browser: StaffBrowser) -> None:
    response = browser.get("/staff/messages?state=failed")
    assert response.status_code == 303
    assert response.location == "/staff/sign-in?next=/staff/messages?state%3Dfailed"
    assert 'name="next" value="/staff/messages?state=failed"' in browser.get(response.location).text


@pytest.mark.parametrize("path", ["/staff/", "/staff/sign-in", "/staff/messages", "/staff/messages/1"])
def test_no_staff_page_is_stored(browser: StaffBrowser, path: str) -> None:
    assert browser.get(path).headers["Cache-Control"] == "no-store"
    browser.sign_in(EMAIL)
    assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_nothing_of_an_earlier_session_survives_signing_in(browser: StaffBrowser) -> None:
    with browser.client.session_transaction(base_url=BASE) as session:
        session["planted"] = "by somebody else"
    browser.sign_in(EMAIL)
    with browser.client.session_transaction(base_url=BASE) as session:
        assert "planted" not in session
        assert isinstance(session["staff"], str)


@pytest.mark.parametrize("kept", [None, "1", "", 1, [], {}, {"id": 1, "stamp": "x", "at": 1}])
def test_a_session_of_another_shape_is_nobody(browser: StaffBrowser, kept: object) -> None:
    with browser.client.session_transaction(base_url=BASE) as session:
        session["staff"] = kept
    assert browser.get("/staff/").status_code == 303


def test_signing_out_ends_this_session(browser: StaffBrowser) -> None:
    browser.sign_in(EMAIL)
    assert browser.post("/staff/sign-out").location == "/staff/sign-in"
    assert browser.get("/staff/").status_code == 303


def test_signing_out_everywhere_ends_the_others_too(app: Flask, browser: StaffBrowser, database: Database) -> None:
    other = StaffBrowser(app)
    other.sign_in(EMAIL)
    browser.sign_in(EMAIL)
    browser.post("/staff/sign-out", everywhere="1")
    assert other.get("/staff/").status_code == 303
    with database.read() as session:
        assert actions(session)[-1] == "signed_out_everywhere"


def test_disabling_an_account_ends_its_sessions_at_once(browser: StaffBrowser, database: Database) -> None:
    browser.sign_in(EMAIL)
    with database.write() as session:
        staff.disable(session, EMAIL, now=NOW)
    assert browser.get("/staff/").status_code == 303


def test_a_post_without_a_token_is_refused(browser: StaffBrowser) -> None:
    values = {"email": EMAIL, "password": PASSWORD}
    assert browser.client.post("/staff/sign-in", base_url=BASE, data=values).status_code == 403
    assert browser.get("/staff/").status_code == 303


def test_signing_in_can_be_tried_ten_times_a_minute(browser: StaffBrowser) -> None:
    browser.get("/staff/sign-in")
    answers = [browser.post("/staff/sign-in", email="x", password="x").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_an_author_may_not_see_the_send_log_and_the_trail_says_so(browser: StaffBrowser, database: Database) -> None:
    hire(database, "otto@example.org", Role.AUTHOR)
    browser.sign_in("otto@example.org")
    response = browser.get("/staff/messages/1")
    assert response.status_code == 403
    assert response.headers["Cache-Control"] == "no-store"
    assert "with it you may not see the send log" in words(response)
    with database.read() as session:
        refused = audited(session)[-1]
    assert refused[1:] == ("permission_refused", "page /staff/messages/1", {"permission": "see_messages"})
    assert browser.post("/staff/messages/1/cancellations", reason="x").status_code == 403
    assert "Send log" not in browser.get("/staff/").text
