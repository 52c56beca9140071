"""Correct a row of the roster by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.roster.reports import BY, sentences
from actionmail.flows.roster import corrections as corrections_flow
from actionmail.flows.roster.dataset_versions import Curator
from actionmail.rules.roster.seats import CORRECTABLE
from actionmail.settings import Settings

_WHY = click.option("--why", required=True, help="Why; kept with it. Name no supporter.")


@click.command()
@click.argument("key")
@click.argument("field", type=click.Choice(CORRECTABLE))
@click.argument("value")
@_WHY
@BY
@click.pass_obj
def correct(settings: Settings, key: str, field: str, value: str, why: str, by: str) -> None:
    """Let FIELD of the legislator KEY be VALUE ("" for none) from now on, whatever datasets say."""
    curator = Curator(by=by, now=datetime.now(UTC))
    with sentences(), open_database(settings).write() as session:
        made = corrections_flow.correct(session, key, field, value, why=why, curator=curator)
    click.echo(f"The {field} of {key} is {made.value!r} from now on; the dataset says {made.replaced!r}.")


@click.command()
@click.argument("key")
@click.argument("field", type=click.Choice(CORRECTABLE))
@_WHY
@BY
@click.pass_obj
def withdraw(settings: Settings, key: str, field: str, why: str, by: str) -> None:
    """End a correction: the dataset's value stands again."""
    curator = Curator(by=by, now=datetime.now(UTC))
    with sentences(), open_database(settings).write() as session:
        value = corrections_flow.withdraw(session, key, field, why=why, curator=curator)
    click.echo(f"The {field} of {key} is {value!r} again, as the dataset says.")


@click.command()
@click.pass_obj
def corrections(settings: Settings) -> None:
    """List the corrections in force: what, who, when, why."""
    with open_database(settings).read() as session:
        in_force = corrections_flow.in_force(session)
    if not in_force:
        click.echo("No correction is in force.")
    for made in in_force:
        click.echo(
            f"{made.key}  {made.field} {made.value!r} (dataset: {made.replaced!r})  by {made.made_by}, "
            f"{made.made_at:%Y-%m-%d}: {made.why}"
        )
