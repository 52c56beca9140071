"""The command group `staff`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from actionmail.cli.staff.commands import staff
from actionmail.db.engine import Database
from actionmail.db.staff import StaffMember
from actionmail.flows import staff as accounts
from actionmail.settings import Settings
from tests.samples import NOW, light_hash


def run(settings: Settings, *arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(staff, list(arguments), obj=settings, input=given)


def can_sign_in(database: Database, email: str, password: str) -> bool:
    with database.write() as session:
        verdict = accounts.verify(accounts.credentials(session, email), password)
        return accounts.sign_in(session, verdict, now=NOW) is not None


def test_a_new_account_gets_a_password_that_works(settings: Settings, database: Database) -> None:
    result = run(settings, "add", "Anna@example.org", "--role", "admin")
    assert result.exit_code == 0
    password = result.output.splitlines()[-1].removeprefix("Password, shown this once: ")
    assert can_sign_in(database, "anna@example.org", password)


def test_a_password_from_standard_input_is_not_printed(settings: Settings, database: Database) -> None:
    given = "correct horse battery"
    result = run(settings, "add", "anna@example.org", "--role", "reviewer", "--password-stdin", given=f"{given}\n")
    assert result.exit_code == 0
    assert given not in result.output
    assert can_sign_in(database, "anna@example.org", given)


def test_disable_list_enable_and_password(settings: Settings, database: Database) -> None:
    run(settings, "add", "anna@example.org", "--role", "author")
    assert run(settings, "list").output == "anna@example.org\tauthor\tcan sign in\n"
    assert run(settings, "disable", "anna@example.org").exit_code == 0
    assert "\tdisabled since 20" in run(settings, "list").output
    assert run(settings, "enable", "anna@example.org").exit_code == 0
    changed = run(settings, "password", "anna@example.org", "--password-stdin", given="another long password\n")
    assert changed.exit_code == 0
    assert can_sign_in(database, "anna@example.org", "another long password")


def test_links_are_printed(settings: Settings, database: Database) -> None:
    invited = run(settings, "invite", "anna@example.org", "--role", "admin")
    assert invited.exit_code == 0
    secret = invited.output.strip().rpartition(f"{settings.base_url}/staff/invitations/")[2]
    with database.write() as session:
        assert accounts.accept(session, secret, light_hash(), now=datetime.now(UTC))
    reset = run(settings, "reset", "anna@example.org")
    assert reset.exit_code == 0
    secret = reset.output.strip().rpartition(f"{settings.base_url}/staff/resets/")[2]
    with database.write() as session:
        assert accounts.reset(session, secret, light_hash("another long password"), now=datetime.now(UTC))
    assert can_sign_in(database, "anna@example.org", "another long password")
    nowhere = run(replace(settings, base_url=""), "reset", "anna@example.org")
    assert nowhere.exit_code == 1
    assert "ACTIONMAIL_BASE_URL is not set" in nowhere.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "no address", "--role", "admin"), "not an e-mail address"),
        (("add", "anna@example.org", "--role", "admin", "--password-stdin"), "12 to 1000 characters"),
        (("disable", "nobody@example.org"), "Nobody of the staff"),
        (("reset", "nobody@example.org"), "Nobody of the staff"),
        (("invite", "no address", "--role", "admin"), "not an e-mail address"),
        (("password", "nobody@example.org"), "Nobody of the staff"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_status_1(
    settings: Settings, database: Database, arguments: tuple[str, ...], words: str
) -> None:
    result = run(settings, *arguments, given="short\n")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert words in result.output


def test_a_lost_second_factor_is_turned_off(settings: Settings, database: Database) -> None:
    with database.write() as session:
        accounts.add(session, "ada@example.org", accounts.Role.ADMIN, light_hash(), now=NOW)
        session.execute(update(StaffMember).values(totp_secret="sealed"))
    result = run(settings, "second-factor-off", "ada@example.org")
    assert result.exit_code == 0, result.output
    with database.read() as session:
        assert not accounts.accounts(session)[0].has_second_factor
    assert run(settings, "second-factor-off", "nobody@example.org").exit_code == 1


def test_a_role_is_changed(settings: Settings, database: Database) -> None:
    run(settings, "add", "anna@example.org", "--role", "admin")
    assert run(settings, "role", "anna@example.org", "author").exit_code == 0
    assert run(settings, "list").output.startswith("anna@example.org\tauthor\t")
    unknown = run(settings, "role", "nobody@example.org", "author")
    assert (unknown.exit_code, "Nobody of the staff" in unknown.output) == (1, True)
