"""One's own account, the second step of signing in, and accounts for admins, over HTTP."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.db.engine import Database
from actionmail.db.staff import StaffMember, StaffSession
from actionmail.flows.staff import MAX_FAILURES, Role
from actionmail.settings import Settings
from tests.audit import audited
from tests.disks import writing_refused
from tests.samples import NOW
from tests.web.clock import Clock
from tests.web.staff_pages import ADA, ANNA, PASSWORD, StaffBrowser, at, hire, staff_app, words

ADMIN, AUTHOR = ADA, ANNA
NEW = "four words are plenty"


@pytest.fixture
def app(app_of_admin: Flask, database: Database) -> Flask:
    hire(database, AUTHOR, Role.AUTHOR)
    return app_of_admin


def browser_of(app: Flask, email: str, password: str = PASSWORD) -> StaffBrowser:
    browser = StaffBrowser(app)
    browser.sign_in(email, password)
    return browser


def turn_on(browser: StaffBrowser, clock: Clock) -> tuple[pyotp.TOTP, list[str]]:
    """Set a second factor up; the app on the telephone, and the recovery codes. Moves on to the next code."""
    page = browser.get("/staff/second-factor")
    found = re.search(r"Key: <code>([A-Z2-7 ]+)</code>", page.text)
    assert found
    telephone = pyotp.TOTP(found[1].replace(" ", ""))
    done = browser.post("/staff/second-factor", code=telephone.at(clock.now), password=PASSWORD)
    assert done.status_code == 200
    clock.move(60)
    return telephone, re.findall(r"<li><code>([a-z2-7-]+)</code></li>", done.text)


def test_a_second_factor_is_set_up_and_asked_for(app: Flask, database: Database, clock: Clock) -> None:
    first = browser_of(app, AUTHOR)
    other = browser_of(app, AUTHOR)
    telephone, codes = turn_on(first, clock)
    assert len(codes) == 10
    assert first.get("/staff/").status_code == 200
    assert other.get("/staff/").status_code == 303  # every other session ended
    with database.read() as session:
        kept = session.scalars(select(StaffMember).where(StaffMember.email == AUTHOR)).one()
        assert telephone.secret not in kept.totp_secret
    again = StaffBrowser(app)
    again.get("/staff/sign-in")
    half = again.post("/staff/sign-in", email=AUTHOR, password=PASSWORD, next="/staff/campaigns")
    assert half.location == "/staff/sign-in/code?next=/staff/campaigns"
    assert again.get("/staff/").status_code == 303  # not in yet
    page = again.get(half.location)
    assert "The second step" in words(page)
    wrong = again.post("/staff/sign-in/code", code="000000", next="/staff/campaigns")
    assert wrong.status_code == 422
    assert "That code did not let you in." in words(wrong)
    right = again.post("/staff/sign-in/code", code=telephone.at(clock.now), next="/staff/campaigns")
    assert (right.status_code, right.location) == (303, "/staff/campaigns")
    assert again.get("/staff/").status_code == 200


def test_no_code_works_twice(app: Flask, clock: Clock) -> None:
    telephone, codes = turn_on(browser_of(app, AUTHOR), clock)
    for code in (telephone.at(clock.now), codes[0]):
        for expected in (303, 422):
            browser = StaffBrowser(app)
            browser.sign_in(AUTHOR)
            browser.get("/staff/sign-in/code")
            assert browser.post("/staff/sign-in/code", code=code).status_code == expected
    mine = StaffBrowser(app)
    mine.sign_in(AUTHOR)
    mine.get("/staff/sign-in/code")
    mine.post("/staff/sign-in/code", code=codes[1])
    assert "8 recovery codes left" in words(mine.get("/staff/second-factor"))


def test_wrong_codes_lock_the_account_though_the_password_is_right(app: Flask, clock: Clock) -> None:
    telephone, codes = turn_on(browser_of(app, AUTHOR), clock)
    for _ in range(MAX_FAILURES):
        browser = StaffBrowser(app)
        assert browser.sign_in(AUTHOR).status_code == 303
        browser.get("/staff/sign-in/code")
        assert browser.post("/staff/sign-in/code", code="123456").status_code == 422
    assert browser.post("/staff/sign-in/code", code=telephone.at(clock.now)).status_code == 422
    assert browser.post("/staff/sign-in/code", code=codes[0]).status_code == 422
    assert StaffBrowser(app).sign_in(AUTHOR).status_code == 422
    clock.move(16 * 60)
    assert StaffBrowser(app).sign_in(AUTHOR).status_code == 303


def test_the_half_way_is_short_and_opens_nothing(app: Flask, clock: Clock) -> None:
    telephone, _ = turn_on(browser_of(app, AUTHOR), clock)
    browser = StaffBrowser(app)
    browser.sign_in(AUTHOR)
    for path in ("/staff/campaigns", "/staff/password", "/staff/second-factor"):
        assert browser.get(path).status_code == 303
    browser.get("/staff/sign-in/code")
    clock.move(11 * 60)
    late = browser.post("/staff/sign-in/code", code=telephone.at(clock.now))
    assert (late.status_code, late.location) == (303, "/staff/sign-in?next=/staff/")
    assert StaffBrowser(app).get("/staff/sign-in/code").status_code == 303


def test_setting_up_needs_the_password_and_the_right_code(app: Flask, database: Database, clock: Clock) -> None:
    browser = browser_of(app, AUTHOR)
    page = browser.get("/staff/second-factor")
    assert 'src="data:image/svg+xml' in page.text
    wrong = browser.post("/staff/second-factor", code="000000", password=PASSWORD)
    assert wrong.status_code == 422
    assert "That is not the code that the app shows now." in words(wrong)
    stolen = browser.post("/staff/second-factor", code="000000", password="not the password")
    assert stolen.status_code == 422
    assert "That is not your password." in words(stolen)
    with database.read() as session:
        assert session.scalars(select(StaffMember.totp_secret)).all() == ["", ""]


def test_recovery_codes_are_made_anew(app: Flask, clock: Clock) -> None:
    browser = browser_of(app, AUTHOR)
    _, old = turn_on(browser, clock)
    browser.get("/staff/second-factor")
    assert browser.post("/staff/second-factor/recovery-codes", password="wrong").status_code == 422
    new = re.findall(
        r"<li><code>([a-z2-7-]+)</code>", browser.post("/staff/second-factor/recovery-codes", password=PASSWORD).text
    )
    assert len(set(new) - set(old)) == 10


def test_the_app_is_turned_off_with_the_password_and_not_where_it_is_demanded(
    app: Flask, settings: Settings, tmp_path: Path, clock: Clock
) -> None:
    browser = browser_of(app, AUTHOR)
    telephone, _ = turn_on(browser, clock)
    browser.get("/staff/second-factor")
    assert browser.post("/staff/second-factor/removal", password="wrong").status_code == 422
    strict = StaffBrowser(at(staff_app(replace(settings, second_factor_required=True), tmp_path), clock))
    strict.sign_in(AUTHOR)
    strict.get("/staff/sign-in/code")
    assert strict.post("/staff/sign-in/code", code=telephone.at(clock.now)).status_code == 303
    strict.get("/staff/second-factor")
    kept = strict.post("/staff/second-factor/removal", password=PASSWORD)
    assert kept.status_code == 422
    assert "this is your last one" in words(kept)
    assert browser.post("/staff/second-factor/removal", password=PASSWORD).status_code == 303
    assert StaffBrowser(app).sign_in(AUTHOR).location == "/staff/"


def test_where_it_is_demanded_nothing_opens_without(
    settings: Settings, database: Database, tmp_path: Path, clock: Clock
) -> None:
    hire(database, AUTHOR, Role.AUTHOR)
    app = at(staff_app(replace(settings, second_factor_required=True), tmp_path), clock)
    browser = browser_of(app, AUTHOR)
    for path in ("/staff/", "/staff/campaigns", "/staff/password"):
        assert browser.get(path).location == "/staff/second-factor"
    turn_on(browser, clock)
    assert browser.get("/staff/campaigns").status_code == 200


def test_changing_ones_password_ends_the_other_sessions(app: Flask) -> None:
    browser, other = browser_of(app, AUTHOR), browser_of(app, AUTHOR)
    browser.get("/staff/password")
    for values, sentence in [
        ({"current": PASSWORD, "new": "short", "again": "short"}, "12 to 1000 characters"),
        ({"current": PASSWORD, "new": NEW, "again": "another one"}, "The two new passwords differ."),
        ({"current": "wrong", "new": NEW, "again": NEW}, "That is not your password."),
    ]:
        page = browser.post("/staff/password", **values)
        assert page.status_code == 422
        assert sentence in words(page)
        assert NEW not in page.text
    assert browser.post("/staff/password", current=PASSWORD, new=NEW, again=NEW).status_code == 303
    assert browser.get("/staff/").status_code == 200
    assert other.get("/staff/").status_code == 303
    assert StaffBrowser(app).sign_in(AUTHOR, NEW).status_code == 303


def found_password(page: TestResponse) -> str:
    found = re.search(r"<p><code>([^<]+)</code></p>", page.text)
    assert found
    return found[1]


def test_ones_sessions_are_listed_and_one_is_ended(app: Flask, clock: Clock) -> None:
    here, there = browser_of(app, AUTHOR), browser_of(app, AUTHOR)
    someone = browser_of(app, ADMIN)
    page = here.get("/staff/account")
    assert words(page).count("(this one)") == 1
    numbers = re.findall(r"/staff/account/sessions/(\d+)/end", page.text)
    (this,) = re.findall(r"\(this one\).*?sessions/(\d+)/end", page.text, re.DOTALL)
    (other,) = set(numbers) - {this}
    someone.get("/staff/account")
    assert someone.post(f"/staff/account/sessions/{other}/end").status_code == 404
    assert here.post(f"/staff/account/sessions/{other}/end").status_code == 303
    assert there.get("/staff/").status_code == 303
    assert here.get("/staff/account").status_code == 200
    assert here.post(f"/staff/account/sessions/{this}/end").status_code == 303
    assert here.get("/staff/").status_code == 303


def test_reading_pages_writes_only_now_and_then(app: Flask, database: Database, clock: Clock) -> None:
    def last_seen() -> datetime:
        with database.read() as session:
            return session.scalars(select(StaffSession.seen_at)).one()

    browser = browser_of(app, AUTHOR)
    clock.move(4 * 60)
    browser.get("/staff/")
    assert last_seen() == NOW
    clock.move(2 * 60)
    browser.get("/staff/")
    assert last_seen() == clock.now
    clock.move(4 * 60 * 60)
    assert browser.get("/staff/").status_code == 303


def test_reading_goes_on_while_the_database_is_locked_or_takes_nothing(
    app: Flask, database: Database, clock: Clock
) -> None:
    browser = browser_of(app, AUTHOR)
    clock.move(10 * 60)
    with database.write() as session:
        session.connection()  # begins: a session waits until it has something to say
        assert browser.get("/staff/").status_code == 200
    clock.move(10 * 60)
    with writing_refused(app.extensions["actionmail"].database):
        assert browser.get("/staff/account").status_code == 200


def test_an_admin_resets_and_shuts_out(app: Flask, database: Database, clock: Clock) -> None:
    admin, author = browser_of(app, ADMIN), browser_of(app, AUTHOR)
    turn_on(author, clock)
    admin.get("/staff/accounts")
    with database.read() as session:
        number = session.scalars(select(StaffMember.id).where(StaffMember.email == AUTHOR)).one()
        own = session.scalars(select(StaffMember.id).where(StaffMember.email == ADMIN)).one()
    assert admin.post(f"/staff/accounts/{number}/second-factor").status_code == 303
    assert author.get("/staff/").status_code == 303
    assert StaffBrowser(app).sign_in(AUTHOR).location == "/staff/"
    reset = admin.post(f"/staff/accounts/{number}/password")
    assert "It is shown this once." in words(reset)
    assert StaffBrowser(app).sign_in(AUTHOR).status_code == 422
    admin.get("/staff/accounts")
    assert admin.post(f"/staff/accounts/{number}/disable").status_code == 303
    assert "shut out since" in words(admin.get("/staff/accounts"))
    assert admin.post(f"/staff/accounts/{number}/enable").status_code == 303
    assert admin.post(f"/staff/accounts/{own}/disable").status_code == 422
    assert admin.post(f"/staff/accounts/{number}/promote").status_code == 404
    assert admin.post("/staff/accounts/999/disable").status_code == 404
    author = browser_of(app, AUTHOR, found_password(reset))
    admin.get("/staff/accounts")
    assert admin.post(f"/staff/accounts/{number}/sign-out").status_code == 303
    assert author.get("/staff/").status_code == 303
    with database.read() as session:
        changes = [action for by, action, on, _ in audited(session) if (by, on) == (own, f"account {number}")]
    assert changes == [
        "second_factor_turned_off",
        "password_set",
        "account_disabled",
        "account_enabled",
        "signed_out_everywhere",
    ]


def test_an_admin_changes_a_role_and_its_rights_hold_at_once(app: Flask, database: Database) -> None:
    admin, author = browser_of(app, ADMIN), browser_of(app, AUTHOR)
    admin.get("/staff/accounts")
    with database.read() as session:
        number = session.scalars(select(StaffMember.id).where(StaffMember.email == AUTHOR)).one()
        own = session.scalars(select(StaffMember.id).where(StaffMember.email == ADMIN)).one()
    assert author.get("/staff/messages").status_code == 403
    assert admin.post(f"/staff/accounts/{number}/role", role="admin").status_code == 303
    assert author.get("/staff/messages").status_code == 200
    author.get("/staff/accounts")
    author.post("/staff/invitations", email="friend@example.org", role="admin")
    assert "friend@example.org, admin, until" in words(admin.get("/staff/accounts"))
    assert admin.post(f"/staff/accounts/{number}/role", role="reviewer").status_code == 303
    page = words(admin.get("/staff/accounts"))
    assert "friend@example.org" not in page, "whoever is no admin any more has invited nobody"
    assert author.get("/staff/campaigns").status_code == 403
    assert admin.post(f"/staff/accounts/{number}/role", role="king").status_code == 422
    assert admin.post(f"/staff/accounts/{own}/role", role="author").status_code == 422
    with database.read() as session:
        changes = [(on, details) for _, _, on, details in audited(session, "role_changed")]
    assert changes == [
        (f"account {number}", {"before": "author", "after": "admin"}),
        (f"account {number}", {"before": "admin", "after": "reviewer"}),
    ]


def test_accounts_are_changed_only_by_whoever_showed_of_late_that_it_is_them(app: Flask, clock: Clock) -> None:
    admin = browser_of(app, ADMIN)
    assert admin.get("/staff/accounts").status_code == 200
    clock.move(10 * 60)
    for response in (
        admin.get("/staff/accounts"),
        admin.post("/staff/invitations", email="new@example.org", role="admin"),
        admin.post("/staff/accounts/2/disable"),
        admin.post("/staff/accounts/2/role", role="admin"),
    ):
        assert response.location == "/staff/confirmation?next=/staff/accounts"
    assert "That holds for 10 minutes." in words(admin.get("/staff/confirmation?next=/staff/accounts"))
    wrong = admin.post("/staff/confirmation", password="wrong", next="/staff/accounts")
    assert wrong.status_code == 422
    assert "That is not your password." in words(wrong)
    assert admin.post("/staff/confirmation", password=PASSWORD, next="/staff/accounts").location == "/staff/accounts"
    page = admin.get("/staff/accounts")
    assert page.status_code == 200
    assert "Invited, and no account yet" not in words(page)
    assert "shut out since" not in words(page)


def test_only_an_admin_sees_accounts(app: Flask, database: Database) -> None:
    browser = browser_of(app, AUTHOR)
    assert browser.get("/staff/accounts").status_code == 403
    browser.get("/staff/")
    assert browser.post("/staff/invitations", email="me@example.org", role="admin").status_code == 403
    assert browser.post("/staff/accounts/1/disable").status_code == 403
    with database.read() as session:
        assert len(session.scalars(select(StaffMember)).all()) == 2
