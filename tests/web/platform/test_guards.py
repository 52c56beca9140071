"""Every staff page demands a sign-in and a permission: walked over the application's own map of addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from actionmail.db.engine import Database
from actionmail.flows.staff import PERMISSIONS, Permission, Role
from actionmail.settings import Settings
from tests.audit import audited
from tests.web.staff_pages import StaffBrowser, hire, signed_in, staff_app

# Before anybody is signed in.
OPEN = {
    "staff.sign_in",
    "staff.try_sign_in",
    "staff.code",
    "staff.try_code",
    "links.ask",
    "links.try_ask",
    "links.reset",
    "links.try_reset",
    "links.invitation",
    "links.accept",
    "passkeys.ask_to_sign_in",
    "passkeys.sign_in",
}
# One's own, whatever the role.
OWN = {
    "staff.home",
    "staff.sign_out",
    "staff.confirmation",
    "staff.confirm",
    "account.index",
    "account.end_session",
    "account.password",
    "account.second_factor",
    "account.recovery_codes",
    "account.remove_app",
    "passkeys.index",
    "passkeys.new",
    "passkeys.add",
    "passkeys.remove",
    "passkeys.ask_to_confirm",
    "passkeys.confirm",
}
ADDRESS_OF = {role: f"{role.value}@example.org" for role in Role}


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    for role, email in ADDRESS_OF.items():
        hire(database, email, role)
    return staff_app(settings, tmp_path)


def staff_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff")]


def permission_of(app: Flask, rule: Rule) -> Permission | None:
    """What `require` demands; AttributeError for a view without it."""
    found: Permission | None = app.view_functions[rule.endpoint].guard  # type: ignore[attr-defined]
    return found


def with_nothing(rule: Rule) -> str:
    """An address of it, of something that is not there."""
    return re.sub(r"<(int[^:>]*:)?[^>]+>", lambda match: "999" if match[1] else "nothing", rule.rule)


def ask(browser: StaffBrowser, rule: Rule) -> list[tuple[int, str]]:
    """Status and place of each method's answer, with a thing in the address that is not there."""
    path = with_nothing(rule)
    asked = {"GET": browser.get, "POST": browser.post}
    answers = [asked[method](path) for method in sorted(rule.methods or ()) if method in asked]
    assert answers
    return [(answer.status_code, answer.location or "") for answer in answers]


def test_each_staff_page_is_open_ones_own_or_behind_a_permission(app: Flask) -> None:
    rules = {rule.endpoint: rule for rule in staff_rules(app)}
    assert set(rules) >= OPEN | OWN
    for endpoint in set(rules) - OPEN:
        assert (permission_of(app, rules[endpoint]) is None) == (endpoint in OWN), endpoint


def test_whoever_is_not_signed_in_is_sent_to_sign_in(app: Flask) -> None:
    for rule in staff_rules(app):
        if rule.endpoint not in OPEN:
            browser = StaffBrowser(app)
            browser.get("/staff/sign-in")
            for status, place in ask(browser, rule):
                assert (status, place.partition("?")[0]) == (303, "/staff/sign-in"), rule


def test_whoever_has_no_permission_is_refused_and_that_is_written_down(app: Flask, database: Database) -> None:
    browsers = {role: StaffBrowser(app) for role in Role}
    for role, browser in browsers.items():
        browser.sign_in(ADDRESS_OF[role])
    tried = 0
    for rule in staff_rules(app):
        permission = None if rule.endpoint in OPEN else permission_of(app, rule)
        for role in Role:
            if permission is not None and permission not in PERMISSIONS[role]:
                browsers[role].get("/staff/")
                answers = ask(browsers[role], rule)
                assert {status for status, _ in answers} == {403}, (rule, role)
                tried += len(answers)
    with database.read() as session:
        refusals = audited(session, "permission_refused")
    assert len(refusals) == tried > 30


def test_whoever_may_is_told_that_a_thing_is_not_there(app: Flask) -> None:
    admin = StaffBrowser(app)
    admin.sign_in(ADDRESS_OF[Role.ADMIN])
    for rule in staff_rules(app):
        if rule.arguments and rule.endpoint not in OPEN:
            admin.get("/staff/account")
            assert {status for status, _ in ask(admin, rule)} <= {404, 405}, rule


def test_a_forged_post_about_what_is_not_there_is_refused_and_no_failure(app: Flask) -> None:
    """The page that was posted to is shown again where a token is wrong: where there is one."""
    reader = signed_in(app, ADDRESS_OF[Role.ADMIN])
    posted = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(posted) > 50
    answers: dict[str, list[int]] = {}
    for rule in posted:
        path = with_nothing(rule)
        clients = (app.test_client(), reader.client)
        answers[path] = [
            client.post(path, base_url=reader.site, data={"name": "Mai"}).status_code for client in clients
        ]
    failed = {path: statuses for path, statuses in answers.items() if max(statuses) >= 500}
    assert not failed
