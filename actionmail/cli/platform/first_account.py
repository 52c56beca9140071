"""The account that an installation begins with."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.staff.words import sentence
from actionmail.db.engine import Database
from actionmail.flows import staff as accounts
from actionmail.flows.staff import Role, StaffError
from actionmail.settings import Settings


def is_address(email: str) -> bool:
    try:
        accounts.canonical_email(email)
    except StaffError:
        return False
    return True


def first_account(settings: Settings, email: str | None, *, is_from_stdin: bool, asks: bool) -> None:
    """Make one where that is asked for; ask where nobody has one yet."""
    database = open_database(settings)
    with database.read() as session:
        there = {account.email for account in accounts.accounts(session)}
    if email is None and there:
        click.echo(f"Accounts    {len(there)} are there.")
        return
    if email is None and asks:
        email = click.prompt("Your own e-mail address, for an account with every right", value_proc=_address)
    if email is None:
        click.echo("Accounts    none yet: actionmail setup --admin ADDRESS")
        return
    if accounts.canonical_email(email) in there:
        click.echo(f"Accounts    {email} has one already; it stays as it is.")
        return
    password = _password(is_from_stdin=is_from_stdin, asks=asks)
    try:
        _make(settings, database, email, password)
    except StaffError as error:
        raise click.ClickException(sentence(error)) from None


def _address(answer: str) -> str:
    if not is_address(answer):
        raise click.UsageError("That is no e-mail address.")
    return answer


def _make(settings: Settings, database: Database, email: str, password: str) -> None:
    """With the password, or "": the link by which one is chosen. Raises StaffError."""
    now = datetime.now(UTC)
    if password:
        hashed = accounts.hash_password(password)
        with database.write() as session:
            person = accounts.add(session, email, Role.ADMIN, hashed, now=now)
        click.echo(f"Accounts    {person.email} may sign in at {settings.base_url}/staff/")
        return
    with database.write() as session:
        link = accounts.invite(session, email, Role.ADMIN, now=now)
    click.echo(f"Accounts    by this link, once, until {link.expires_at:%Y-%m-%d}, {link.email} makes themselves one:")
    click.echo(f"            {settings.base_url}{link.path}")


def _password(*, is_from_stdin: bool, asks: bool) -> str:
    if is_from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not asks:
        return ""
    given: str = click.prompt(
        "A password for it (nothing: a link is shown by which one is chosen)",
        hide_input=True,
        default="",
        show_default=False,
        confirmation_prompt=True,
    )
    return given
