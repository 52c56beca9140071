"""Invitations and resets over HTTP, with a real mail server on this machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from actionmail.db.engine import Database
from actionmail.flows.staff import Role
from actionmail.gateways.mail.maildir_server import Inbox, KeptLetter, open_inbox
from actionmail.settings import RelayAddress, Settings
from tests.web.staff_pages import BASE, PASSWORD, StaffBrowser, hire, staff_app, words

ADMIN, AUTHOR = "ada@example.org", "anna@example.org"
NEW = "four words are plenty"


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with open_inbox(tmp_path / "letters", port=0, clock=lambda: datetime.now(UTC)) as opened:
        yield opened


@pytest.fixture
def waiting() -> list[Callable[[], None]]:
    """What is done later."""
    return []


@pytest.fixture
def app(
    settings: Settings, database: Database, tmp_path: Path, inbox: Inbox, waiting: list[Callable[[], None]]
) -> Flask:
    hire(database, ADMIN, Role.ADMIN)
    hire(database, AUTHOR, Role.AUTHOR)
    relay = RelayAddress(host="127.0.0.1", port=inbox.port, tls="none")
    app = staff_app(replace(settings, relay=relay), tmp_path)
    app.extensions["actionmail"] = replace(app.extensions["actionmail"], later=waiting.append)
    return app


def do(waiting: list[Callable[[], None]]) -> None:
    while waiting:
        waiting.pop(0)()


def only_letter(inbox: Inbox) -> KeptLetter:
    (kept,) = inbox.letters()
    letter = inbox.letter(kept.name)
    assert letter
    return letter


def link_in(text: str) -> str:
    found = re.search(rf"{BASE}(/staff/(?:resets|invitations)/[\w-]+)", text)
    assert found
    return found[1]


def admin_of(app: Flask) -> StaffBrowser:
    browser = StaffBrowser(app)
    browser.sign_in(ADMIN)
    browser.get("/staff/accounts")
    return browser


def test_an_invitation_goes_by_mail_and_lets_in(app: Flask, inbox: Inbox) -> None:
    admin = admin_of(app)
    done = admin.post("/staff/invitations", email="New@Example.org", role="reviewer")
    assert done.status_code == 303
    page = admin.get(done.location)
    assert "took an invitation to new@example.org" in words(page)
    assert "new@example.org, reviewer, until" in words(page)
    letter = only_letter(inbox)
    assert letter.envelope_to == ("new@example.org",)
    assert b"Auto-Submitted: auto-generated" in letter.raw
    assert b"From: Example Org <letters@act.example.org>" in letter.raw
    assert b"text/plain" in letter.raw
    link = link_in(letter.text)
    new = StaffBrowser(app)
    for _ in range(2):  # a scanner's looking uses nothing up
        page = new.get(link)
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert "For the account of new@example.org, reviewer." in words(page)
    assert "12 to 1000 characters" in words(new.post(link, new="short", again="short"))
    assert "differ" in words(new.post(link, new=NEW, again=NEW + "x"))
    assert new.post(link, new=NEW, again=NEW).location == "/staff/sign-in"
    assert "Your account is made." in words(new.get("/staff/sign-in"))
    assert new.post(link, new=NEW, again=NEW).status_code == 404
    assert new.get(link).status_code == 404
    assert new.sign_in("new@example.org", NEW).location == "/staff/"
    assert "no account yet" not in words(admin.get("/staff/accounts"))


def test_an_invitation_is_taken_back(app: Flask, inbox: Inbox) -> None:
    admin = admin_of(app)
    admin.post("/staff/invitations", email="new@example.org", role="author")
    (number,) = re.findall(r"/staff/invitations/(\d+)/removal", admin.get("/staff/accounts").text)
    assert admin.post(f"/staff/invitations/{number}/removal").status_code == 303
    assert StaffBrowser(app).get(link_in(only_letter(inbox).text)).status_code == 404
    admin.get("/staff/accounts")
    assert admin.post(f"/staff/invitations/{number}/removal").status_code == 404


def test_who_cannot_be_invited_is_said_at_the_field(app: Flask, inbox: Inbox) -> None:
    admin = admin_of(app)
    for email, sentence in [(AUTHOR, "has a staff account already"), ("x y", "not an e-mail address")]:
        page = admin.post("/staff/invitations", email=email, role="author")
        assert page.status_code == 422
        assert sentence in words(page)
        assert f'value="{email}"' in page.text
    assert admin.post("/staff/invitations", email="new@example.org", role="king").status_code == 422
    assert inbox.letters() == []


def test_without_mail_the_admin_hands_the_link_over(settings: Settings, database: Database, tmp_path: Path) -> None:
    hire(database, ADMIN, Role.ADMIN)
    app = staff_app(settings, tmp_path)
    page = admin_of(app).post("/staff/invitations", email="new@example.org", role="author")
    assert "It was not mailed. This site cannot send mail" in words(page)
    assert StaffBrowser(app).get(link_in(page.text)).status_code == 200
    asking = StaffBrowser(app)
    asking.get("/staff/sign-in")
    for page in (asking.get("/staff/resets"), asking.post("/staff/resets", email=ADMIN)):
        assert "This site cannot send mail. Ask an admin" in words(page)


def test_a_mail_server_that_refuses_shows_the_link(settings: Settings, database: Database, tmp_path: Path) -> None:
    with open_inbox(tmp_path / "gone", port=0, clock=lambda: datetime.now(UTC)) as gone:
        port = gone.port
    hire(database, ADMIN, Role.ADMIN)
    app = staff_app(replace(settings, relay=RelayAddress(host="127.0.0.1", port=port, tls="none")), tmp_path)
    page = admin_of(app).post("/staff/invitations", email="new@example.org", role="author")
    assert "It was not mailed." in words(page)
    assert link_in(page.text)


def test_a_forgotten_password_is_replaced(app: Flask, inbox: Inbox, waiting: list[Callable[[], None]]) -> None:
    signed_in, browser = StaffBrowser(app), StaffBrowser(app)
    signed_in.sign_in(AUTHOR)
    browser.get("/staff/resets")
    assert browser.post("/staff/resets", email="").status_code == 422
    asked = browser.post("/staff/resets", email=" Anna@example.org")
    assert "If Anna@example.org has an account here, a link is on its way there." in words(asked)
    do(waiting)
    letter = only_letter(inbox)
    assert letter.envelope_to == (AUTHOR,)
    link = link_in(letter.text)
    assert browser.get(link).status_code == 200
    assert browser.post(link, new=NEW, again=NEW).location == "/staff/sign-in"
    assert signed_in.get("/staff/").status_code == 303
    browser.get("/staff/resets")
    assert browser.post(link, new=NEW, again=NEW).status_code == 404
    assert StaffBrowser(app).sign_in(AUTHOR, PASSWORD).status_code == 422
    assert StaffBrowser(app).sign_in(AUTHOR, NEW).location == "/staff/"
    do(waiting)
    notice = [inbox.letter(kept.name) for kept in inbox.letters()]
    assert any(one and "Its password was replaced" in one.text and one.envelope_to == (AUTHOR,) for one in notice)


def test_the_answer_is_the_same_whether_there_is_an_account_or_not(
    app: Flask, database: Database, inbox: Inbox, waiting: list[Callable[[], None]]
) -> None:
    pages = set()
    for email in (AUTHOR, "nobody@example.org"):
        browser = StaffBrowser(app)
        browser.get("/staff/resets")
        asked = browser.post("/staff/resets", email=email)
        assert asked.status_code == 200
        pages.add(words(asked).replace(email, "them"))
    assert len(pages) == 1
    assert len(waiting) == 2  # nothing of the difference was worked out while the page was made
    do(waiting)
    assert only_letter(inbox).envelope_to == (AUTHOR,)


def test_asking_is_limited(app: Flask) -> None:
    browser = StaffBrowser(app)
    browser.get("/staff/resets")
    answers = [browser.post("/staff/resets", email="x@example.org").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_whoever_changes_a_password_gets_a_notice(app: Flask, inbox: Inbox, waiting: list[Callable[[], None]]) -> None:
    browser = StaffBrowser(app)
    browser.sign_in(AUTHOR)
    browser.get("/staff/password")
    assert browser.post("/staff/password", current=PASSWORD, new=NEW, again=NEW).status_code == 303
    do(waiting)
    text = only_letter(inbox).text
    assert "Its password was changed." in text
    assert f"{BASE}/staff/resets" in text
    assert NEW not in text
