"""The command line: one door among two. Each command parses, calls one flow and prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError

from actionmail import __version__
from actionmail.cli.later import LaterGroup
from actionmail.settings import Settings
from actionmail.settings_names import sentence_of_unknown, unknown_names
from actionmail.settings_reading import CONFIG, DEFAULT_CONFIG, SettingsError, load_config

# In which module each command is. Loaded when called, so that the worker does not carry the web along.
_COMMANDS = {
    "audit": "privacy.audit",
    "backup": "platform.backup",
    "campaigns": "campaigns.commands",
    "data": "roster.datasets",
    "db": "platform.db",
    "demo": "platform.demo",
    "dkim": "delivery.dkim",
    "doctor": "platform.doctor",
    "export": "review.export",
    "inbound": "delivery.inbound",
    "inbox": "delivery.inbox",
    "letters": "campaigns.commands",
    "lookup": "lookup.commands",
    "metrics": "platform.metrics",
    "migrate": "platform.migrate",
    "petitions": "campaigns.petitions",
    "queue": "delivery.queue",
    "reseal": "platform.reseal",
    "restore": "platform.restore",
    "retention": "privacy.retention",
    "secret": "platform.serve",
    "serve": "platform.serve",
    "setup": "platform.setup",
    "staff": "staff.commands",
    "supporters": "privacy.supporters",
    "tokens": "staff.tokens",
    "wake": "delivery.wake",
    "worker": "delivery.worker",
}

_WITHOUT_SETTINGS = frozenset({"demo", "inbox", "secret"})  # to be tried where another installation is, too
_MAKES_SETTINGS = frozenset({"setup"})  # and reads the file by itself, which need not be there yet
_SAYS_ITSELF = frozenset({"doctor"})  # which names are no settings
TRY_AGAIN_LATER = 75  # EX_TEMPFAIL: the mail server keeps the mail, and pipes it in again
NAMES_DATABASE = "actionmail.names_database"  # in a context: a command says which database it writes into

PREPARED_LOST = (
    "A prepared statement got lost between here and PostgreSQL, as behind PgBouncer before 1.21 in transaction mode: "
    "add ?prepared=off to ACTIONMAIL_DATABASE_URL (&prepared=off behind other parameters)."
)
TABLES_ARE_OLD = "The database's tables are missing or old; run `actionmail migrate`."


class _Sentences(LaterGroup):
    """A group whose commands end with a sentence and status 1 where an installation, not the code, is at fault."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        """Run. Where a mail server pipes a mail in, all that fails ends with TRY_AGAIN_LATER, lest the mail be lost."""
        is_piped_into = _is_piped_into(sys.argv[1:] if args is None else args)
        try:
            return super().main(args, *more, **options)
        except SystemExit as ending:
            if is_piped_into and ending.code:
                sys.exit(TRY_AGAIN_LATER)
            raise
        except Exception as error:
            if not is_piped_into:
                raise
            from actionmail.flows.delivery.persistence import place_of

            # Not in the error's words, which may quote the mail.
            click.echo(f"Error: a fault of the program, {place_of(error)}", err=True)
            sys.exit(TRY_AGAIN_LATER)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.ClickException(str(error)) from None
        except ArgumentError:
            raise click.ClickException(
                "ACTIONMAIL_DATABASE_URL must look like sqlite:///path or postgresql://user:password@host/name."
            ) from None
        except (OperationalError, ProgrammingError) as error:
            raise click.ClickException(_sentence(error, is_migrating=ctx.invoked_subcommand == "migrate")) from None


def _is_piped_into(words: Sequence[str]) -> bool:
    return "inbound" in words and "--stdin" in words


def _sentence(error: DBAPIError, *, is_migrating: bool) -> str:
    from actionmail.db.trouble import lacks_tables, mixes_connections

    if mixes_connections(error):
        return PREPARED_LOST
    return TABLES_ARE_OLD if lacks_tables(error) and not is_migrating else f"The database says: {error.orig}"


@click.group(cls=_Sentences, modules=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", metavar="FILE", help=f"The file of settings, instead of {CONFIG} or {DEFAULT_CONFIG}.")
@click.version_option(__version__, prog_name="actionmail")
@click.pass_context
def main(ctx: click.Context, config: str | None) -> None:
    """ActionMail: a supporter writes to their own legislators in two minutes.

    Settings are lines NAME=value in a file. What stands in the environment goes before it.
    """
    ctx.meta[NAMES_DATABASE] = True
    if ctx.invoked_subcommand in _MAKES_SETTINGS:
        return
    if config is not None or ctx.invoked_subcommand not in _WITHOUT_SETTINGS:
        load_config(os.environ, config)
        if ctx.invoked_subcommand not in _SAYS_ITSELF:
            _warn_of_unknown_names()
    ctx.obj = Settings.from_env()


def _warn_of_unknown_names() -> None:
    for unknown in unknown_names(os.environ):
        click.echo(f"Warning: {sentence_of_unknown(unknown)}", err=True)
