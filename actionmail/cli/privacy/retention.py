"""What goes some time after a campaign's end."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from actionmail.cli.delivery.periodic_tasks import RETENTION
from actionmail.cli.platform.database import ready_database
from actionmail.flows.delivery.sweeps import sweep_out
from actionmail.flows.privacy import campaign_retention
from actionmail.flows.privacy.campaign_retention import Retention
from actionmail.settings import Settings
from actionmail.web.privacy.words import LOG_NOT_EMPTIED, number


@click.command()
@click.option("--dry-run", is_flag=True, help="Erase nobody; say for each campaign how many would go, and when.")
@click.pass_obj
def retention(settings: Settings, dry_run: bool) -> None:
    """Erase the supporters of campaigns that keep them no longer (`erase_after_days`), but who asked for news.

    A worker does the same by itself every hour.
    """
    database = ready_database(settings)
    now = datetime.now(UTC)
    with database.read() as session:
        every = campaign_retention.retentions(session, now=now)
    for policy in every:
        click.echo(_line(policy, now))
    if not every:
        click.echo("No campaign says how long it keeps its supporters.")
    if dry_run:
        return
    count = sweep_out(RETENTION, write=database.write, clock=lambda: now)
    click.echo(f"Erased: {number(count, 'action')}.")
    if count and not database.empty_log():
        click.echo(LOG_NOT_EMPTIED, err=True)


def _line(policy: Retention, now: datetime) -> str:
    actions = number(policy.count, "action")
    if policy.due is None:
        return f"{policy.slug}: goes on; {actions} would go {policy.days:,} days after its end"
    ended = f"{policy.slug}: ended {policy.ended_at:%Y-%m-%d}"
    return f"{ended}; {actions} to go {'now' if policy.due <= now else f'on {policy.due:%Y-%m-%d}'}"
