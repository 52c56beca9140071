"""Accounts of the staff, from the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy.orm import Session

from actionmail.cli.platform.database import open_database
from actionmail.cli.staff import words
from actionmail.flows import staff as accounts
from actionmail.flows.privacy import audit
from actionmail.flows.staff import Link, PasswordHash, Role, StaffError
from actionmail.settings import Settings
from actionmail.web.staff import audit_words

_PASSWORD_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)


@click.group()
def staff() -> None:
    """Who may sign in to the staff pages."""


@staff.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(list(Role), case_sensitive=False), required=True)
@_PASSWORD_STDIN
@click.pass_obj
def add(settings: Settings, email: str, role: Role, password_stdin: bool) -> None:
    """Make an account. Without --password-stdin, a new password is printed, once."""
    password = _password(password_stdin)
    hashed = _hashed(password)
    with _change(settings) as session:
        person = accounts.add(session, email, role, hashed, now=datetime.now(UTC))
    click.echo(f"{person.email} may sign in as {person.role.value}.")
    _show(password, password_stdin)


@staff.command("password")
@click.argument("email")
@_PASSWORD_STDIN
@click.pass_obj
def password(settings: Settings, email: str, password_stdin: bool) -> None:
    """Give an account a new password; ends its lockout and its sessions."""
    new = _password(password_stdin)
    hashed = _hashed(new)
    with _change(settings) as session:
        accounts.set_password(session, email, hashed, now=datetime.now(UTC))
    click.echo("The password is changed, and every session of this account is ended.")
    _show(new, password_stdin)


@staff.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(list(Role), case_sensitive=False))
@click.pass_obj
def role(settings: Settings, email: str, role: Role) -> None:
    """Give an account another role."""
    with _change(settings) as session:
        accounts.set_role(session, email, role, now=datetime.now(UTC))
    click.echo(f"The account's role is {role.value} from now on.")


@staff.command("invite")
@click.argument("email")
@click.option("--role", type=click.Choice(list(Role), case_sensitive=False), required=True)
@click.pass_obj
def invite(settings: Settings, email: str, role: Role) -> None:
    """Print a link by which somebody makes themselves an account; no mail is sent."""
    with _change(settings) as session:
        link = accounts.invite(session, email, role, now=datetime.now(UTC))
        _show_link(settings, link, f"{link.email} may make themselves an account as {role.value}.")


@staff.command("reset")
@click.argument("email")
@click.pass_obj
def reset(settings: Settings, email: str) -> None:
    """Print a link by which somebody chooses a new password; no mail is sent."""
    with _change(settings) as session:
        link = accounts.reset_link(session, email, now=datetime.now(UTC))
        _show_link(settings, link, f"{link.email} may choose a new password; the second factor stays.")


@staff.command("second-factor-off")
@click.argument("email")
@click.pass_obj
def second_factor_off(settings: Settings, email: str) -> None:
    """Let an account in by its password alone, for somebody who lost app and recovery codes; ends its sessions."""
    with _change(settings) as session:
        accounts.turn_off_second_factor(session, email, now=datetime.now(UTC))
    click.echo("The second factor is off, and every session of this account is ended.")


@staff.command("list")
@click.pass_obj
def list_accounts(settings: Settings) -> None:
    """Show every account: address, role, and whether it can sign in."""
    now = datetime.now(UTC)
    with open_database(settings).read() as session:
        for account in accounts.accounts(session):
            if account.disabled_at is not None:
                standing = f"disabled since {account.disabled_at:%Y-%m-%d}"
            elif account.locked_until is not None and account.locked_until > now:
                standing = f"locked until {account.locked_until:%Y-%m-%d %H:%M} UTC"
            else:
                standing = "can sign in"
            click.echo(f"{account.email}\t{account.role.value}\t{standing}")


@staff.command("attempts")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 90), help="How far back.")
@click.pass_obj
def show_attempts(settings: Settings, days: int) -> None:
    """Show how often signing in was refused and a new password asked for, by hour (UTC) and account."""
    since = datetime.now(UTC) - timedelta(days=days)
    with open_database(settings).read() as session:
        for tried in audit.attempts(session, since=since):
            account = tried.email or audit_words.NO_ACCOUNT
            click.echo(f"{tried.hour:%Y-%m-%d %H}:00\t{account}\t{audit_words.tried(tried)}")


@staff.command("disable")
@click.argument("email")
@click.pass_obj
def disable(settings: Settings, email: str) -> None:
    """Let an account in no more, and end its sessions."""
    with _change(settings) as session:
        accounts.disable(session, email, now=datetime.now(UTC))
    click.echo("The account is disabled, and its sessions are ended.")


@staff.command("enable")
@click.argument("email")
@click.pass_obj
def enable(settings: Settings, email: str) -> None:
    """Let a disabled account in again, with its old password."""
    with _change(settings) as session:
        accounts.enable(session, email, now=datetime.now(UTC))
    click.echo("The account can sign in again.")


@contextmanager
def _change(settings: Settings) -> Iterator[Session]:
    try:
        with open_database(settings).write() as session:
            yield session
    except StaffError as error:
        raise click.ClickException(words.sentence(error)) from None


def _show_link(settings: Settings, link: Link, sentence: str) -> None:
    if not settings.base_url:
        raise click.ClickException("ACTIONMAIL_BASE_URL is not set, so no link can be made.")
    click.echo(sentence)
    click.echo(f"The link works once, until {link.expires_at:%Y-%m-%d %H:%M} UTC: {settings.base_url}{link.path}")


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else accounts.new_password()


def _hashed(password: str) -> PasswordHash:
    """Before any transaction: it takes a while."""
    try:
        return accounts.hash_password(password)
    except StaffError as error:
        raise click.ClickException(words.sentence(error)) from None


def _show(password: str, from_stdin: bool) -> None:
    if not from_stdin:
        click.echo(f"Password, shown this once: {password}")
