"""Tokens with which programs read, from the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.staff import words
from actionmail.flows import staff
from actionmail.flows.staff import StaffError, TokenLine
from actionmail.rules.staff.api_scopes import ApiScope, last_moment
from actionmail.settings import Settings


@click.group()
def tokens() -> None:
    """What programs may read through the API."""


@tokens.command("new")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in ApiScope]),
    multiple=True,
    required=True,
    help="May be given again.",
)
@click.option("--until", metavar="DAY", help="The last day (UTC) on which it holds, such as 2026-12-31.")
@click.pass_obj
def new(settings: Settings, name: str, scopes: tuple[str, ...], until: str | None) -> None:
    """Make a token for the program NAME and print it, once."""
    try:
        expires_at = last_moment(until or "")
    except ValueError:
        raise click.ClickException("--until is a day, such as 2026-12-31.") from None
    try:
        with open_database(settings).write() as session:
            secret, number = staff.make_token(
                session, name.strip(), [ApiScope(code) for code in scopes], expires_at=expires_at, now=_now()
            )
    except StaffError as error:
        raise click.ClickException(words.sentence(error)) from None
    click.echo(f"Token {number}, shown this once: {secret}")


@tokens.command("list")
@click.pass_obj
def list_tokens(settings: Settings) -> None:
    """Show every token: number, program, scopes, when it was used last, and whether it holds."""
    now = _now()
    with open_database(settings).read() as session:
        for token in staff.tokens(session):
            used = f"used last on {token.used_on}" if token.used_on else "never used"
            click.echo("\t".join([str(token.id), token.name, " ".join(token.scopes), used, _standing(token, now)]))


@tokens.command("revoke")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.pass_obj
def revoke(settings: Settings, number: int) -> None:
    """End token NUMBER for good."""
    with open_database(settings).write() as session:
        done = staff.revoke_token(session, number, now=_now())
    if not done:
        raise click.ClickException("There is no such token. It may be revoked already.")
    click.echo("The token is revoked: it opens nothing any more.")


def _standing(token: TokenLine, now: datetime) -> str:
    if token.revoked_at is not None:
        return f"revoked {token.revoked_at:%Y-%m-%d}"
    if token.expires_at is None:
        return "holds"
    return f"{'holds until' if token.holds(now) else 'over since'} {token.expires_at:%Y-%m-%d %H:%M} UTC"


def _now() -> datetime:
    return datetime.now(UTC)
