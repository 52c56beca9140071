"""No transaction is open while a password is hashed (50 ms, 64 MiB): whoever writes meanwhile would wait for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from actionmail.cli.staff.commands import staff as staff_commands
from actionmail.db.engine import Database
from actionmail.flows import staff
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.hashing import watched_hashing
from tests.samples import NOW, light_hash
from tests.web.staff_pages import PASSWORD, StaffBrowser, at, hire, staff_app

ADMIN, AUTHOR = "ada@example.org", "anna@example.org"
NEW = "four words are plenty"


@pytest.fixture
def here(settings: Settings, any_database: Database) -> Settings:
    url = any_database.engine.url.render_as_string(hide_password=False)
    return replace(settings, database_url=url.replace("postgresql+psycopg:", "postgresql:"))


@pytest.fixture
def app(here: Settings, any_database: Database, tmp_path: Path) -> Flask:
    hire(any_database, ADMIN, Role.ADMIN)
    hire(any_database, AUTHOR, Role.AUTHOR)
    return at(staff_app(here, tmp_path), lambda: NOW)


def signing_in(app: Flask, database: Database) -> None:
    assert StaffBrowser(app).sign_in(AUTHOR).status_code == 303


def signing_in_as_nobody(app: Flask, database: Database) -> None:
    assert StaffBrowser(app).sign_in("nobody@example.org").status_code == 422


def own_password(app: Flask, database: Database) -> None:
    browser = StaffBrowser(app)
    browser.sign_in(AUTHOR)
    browser.get("/staff/password")
    assert browser.post("/staff/password", current=PASSWORD, new=NEW, again=NEW).status_code == 303


def by_an_admin(app: Flask, database: Database) -> None:
    admin = StaffBrowser(app)
    admin.sign_in(ADMIN)
    page = admin.get("/staff/accounts")
    numbers = {int(number) for number in re.findall(r"/staff/accounts/(\d+)/password", page.text)}
    answers = {admin.post(f"/staff/accounts/{number}/password").status_code for number in numbers}
    assert 200 in answers


def invitation(app: Flask, database: Database) -> None:
    with database.write() as session:
        link = staff.invite(session, "new@example.org", Role.AUTHOR, now=NOW)
    browser = StaffBrowser(app)
    browser.get(link.path)
    assert browser.post(link.path, new=NEW, again=NEW).location == "/staff/sign-in"


def reset(app: Flask, database: Database) -> None:
    with database.write() as session:
        link = staff.reset_link(session, AUTHOR, now=NOW)
    browser = StaffBrowser(app)
    browser.get(link.path)
    assert browser.post(link.path, new=NEW, again=NEW).location == "/staff/sign-in"


@pytest.mark.parametrize("change", [signing_in, signing_in_as_nobody, own_password, by_an_admin, invitation, reset])
def test_no_page_hashes_in_a_transaction(
    app: Flask, any_database: Database, here: Settings, change: Callable[[Flask, Database], None]
) -> None:
    with watched_hashing(here.database_url) as hashes:
        change(app, any_database)
    assert hashes.all > 0
    assert hashes.inside == 0


@pytest.mark.parametrize(
    "arguments",
    [("add", "new@example.org", "--role", "author"), ("password", AUTHOR)],
)
def test_no_command_hashes_in_a_transaction(here: Settings, any_database: Database, arguments: tuple[str, ...]) -> None:
    hire(any_database, AUTHOR, Role.AUTHOR)
    with watched_hashing(here.database_url) as hashes:
        done = CliRunner().invoke(staff_commands, list(arguments), obj=here)
    assert done.exit_code == 0, done.output
    assert (hashes.all, hashes.inside) == (1, 0)


def test_the_watch_sees_a_hash_in_a_transaction(here: Settings, any_database: Database) -> None:
    with watched_hashing(here.database_url) as hashes, any_database.write() as session:
        staff.accounts(session)
        light_hash(PASSWORD)
    assert (hashes.all, hashes.inside) == (1, 1)
