"""Say in plain sentences what an installation still lacks."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from actionmail.cli import TABLES_ARE_OLD
from actionmail.cli.delivery.words import skew
from actionmail.db.engine import Database
from actionmail.flows.review.installation import Check, Finding, findings
from actionmail.settings import NO_PROXY, Settings
from actionmail.web.roster.words import out_of_step_sentence, roster_sentence

# `{as_of}` and `{count}` are the finding's, `{detail}` what the looking said.
_WELL = {
    Check.WEB_SETTINGS: "the web process has the settings it needs.",
    Check.WORKER_SETTINGS: "the worker has a mail server for its letters; whether it answers was not tried.",
    Check.TABLES: "the database's tables are up to date.",
    Check.CLOCK: "this machine's clock is the database's, within a minute.",
    Check.ROSTER_AGE: "the roster is as of {as_of}, fresh enough.",
    Check.ELECTIONS: "the ZIP table has {count:,} ZIP codes, for the districts of {as_of}.",
}
_AMISS = {
    Check.PROXY: NO_PROXY,
    Check.TABLES: TABLES_ARE_OLD,
}


@click.command()
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Check settings, database, data and mail server's address. Status 1 if something is amiss."""
    amiss = 0
    for finding in findings(settings, Database(settings.database_url), now=datetime.now(UTC)):
        amiss += not finding.is_well
        click.echo(f"{'well' if finding.is_well else 'AMISS'}: {sentence(finding)}")
    if amiss:
        raise click.exceptions.Exit(1)


def sentence(finding: Finding) -> str:
    if finding.check is Check.CLOCK and not finding.is_well:
        return f"{skew(finding.skew)} No worker sends from here until both are right (NTP)."
    if finding.check is Check.DISTRICT_FILES:
        return f"{finding.kind}: {out_of_step_sentence(finding.version)}."
    if finding.error is not None:
        return f"The ZIP table cannot be used: {roster_sentence(finding.error)}"
    words = _WELL[finding.check] if finding.is_well else _AMISS.get(finding.check, "{detail}")
    return words.format(as_of=finding.as_of, count=finding.count, detail=finding.detail)
