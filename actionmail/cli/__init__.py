"""The command line: one door among two. Each command parses, calls one flow and prints."""

from __future__ import annotations

import click
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from actionmail import __version__
from actionmail.cli.campaigns import campaigns, letters
from actionmail.cli.data import data, lookup
from actionmail.cli.delivery import inbox, queue, worker
from actionmail.cli.demo import demo
from actionmail.cli.serve import migrate, secret, serve
from actionmail.cli.staff import staff
from actionmail.settings import Settings, SettingsError


class _Sentences(click.Group):
    """A group whose commands end with a sentence and status 1 where an installation, not the code, is at fault."""

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
            raise click.ClickException(
                f"The database says: {error.orig}. If its tables are missing or old, run `actionmail migrate`."
            ) from None


@click.group(cls=_Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="actionmail")
@click.pass_context
def main(ctx: click.Context) -> None:
    """ActionMail: a supporter writes to their own legislators in two minutes."""
    ctx.obj = Settings.from_env()


for command in (campaigns, data, demo, inbox, letters, lookup, migrate, queue, secret, serve, staff, worker):
    main.add_command(command)
