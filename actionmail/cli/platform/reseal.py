"""After a new secret key."""

from __future__ import annotations

import click

from actionmail.cli.delivery.waiting import now
from actionmail.cli.platform.database import ready_database
from actionmail.flows.review.resealing import reseal as reseal_all
from actionmail.settings import Settings
from actionmail.web.privacy.words import number


@click.command()
@click.pass_obj
def reseal(settings: Settings) -> None:
    """Seal what the database keeps secret (second factors, webhooks' secrets) under ACTIONMAIL_SECRET_KEY.

    For a new key, once the old one stands in ACTIONMAIL_SECRET_KEYS_OLD and all processes have both. Again changes
    nothing.
    """
    if not settings.secret_key:
        raise click.ClickException("ACTIONMAIL_SECRET_KEY is not set.")
    with ready_database(settings).write() as session:
        done = reseal_all(session, settings.keys, now=now())
    click.echo(f"Sealed under the new key: {number(done.anew, 'secret')}; {done.already} were before.")
    if done.unreadable:
        raise click.ClickException(
            f"No key that is set opens {number(done.unreadable, 'secret')}; they stay as they are."
        )
