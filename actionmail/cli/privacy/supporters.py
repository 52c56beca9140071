"""One supporter, from the command line: found, exported, erased. The pages do the same by the same flows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from actionmail.cli.platform.database import open_database, shown_url
from actionmail.cli.platform.owners_file import owners_file
from actionmail.db.engine import Database
from actionmail.flows.privacy import supporter_export
from actionmail.flows.privacy import supporters as finding
from actionmail.flows.privacy.erasure import BeingSent
from actionmail.flows.privacy.supporter_erasure import (
    Erasing,
    Prospect,
    SupporterChanged,
    erase_supporter,
    prospect,
)
from actionmail.flows.privacy.supporters import Hit
from actionmail.rules.staff.audit_codes import ErasureReason, SoughtBy
from actionmail.settings import Settings
from actionmail.web.privacy import words
from actionmail.web.supporter.forms import canonical_email

_OUT = click.Path(dir_okay=False, path_type=Path)


@click.group()
def supporters() -> None:
    """What is kept of one supporter."""


@supporters.command("find")
@click.argument("address", required=False)
@click.option("--name", metavar="PART", help="By a part of their name instead; the newest first.")
@click.option("--receipt", metavar="LINK", help="By the link of a receipt instead.")
@click.option("--before", type=click.IntRange(1, 2**63 - 1), help="With --name, only actions below this number.")
@click.pass_obj
def find(settings: Settings, address: str | None, name: str | None, receipt: str | None, before: int | None) -> None:
    """Show what the supporter with this e-mail ADDRESS did: number, time (UTC), campaign, name, address."""
    if sum(given is not None for given in (address, name, receipt)) != 1:
        raise click.UsageError("Give one of ADDRESS, --name and --receipt.")
    database = open_database(settings)
    with database.read() as session:
        if name is not None:
            sought_by, hits = SoughtBy.NAME, finding.by_name(session, name, before=before)
        elif receipt is not None:
            sought_by, hits = SoughtBy.RECEIPT, finding.of_action(session, finding.by_receipt(session, receipt))
        else:
            sought_by, hits = SoughtBy.ADDRESS, finding.by_address(session, _canonical(address or ""))
    shown = hits[: finding.ON_A_PAGE]
    with database.write() as session:
        finding.note_search(session, sought_by, len(shown), by=None, now=datetime.now(UTC))
    if not shown:
        raise click.ClickException("Nobody fits.")
    for hit in shown:
        click.echo("\t".join([str(hit.number), f"{hit.at:%Y-%m-%d %H:%M}", hit.campaign, hit.name, hit.email]))
    if len(hits) > len(shown):
        click.echo(f"There are older ones: --before {shown[-1].number}", err=True)


@supporters.command("export")
@click.argument("address")
@click.option("--out", type=_OUT, metavar="FILE", help="Write it there, readable by its owner only, and print nothing.")
@click.pass_obj
def export(settings: Settings, address: str, out: Path | None) -> None:
    """Write all that is kept of the supporter with this e-mail ADDRESS, as one JSON document (docs/privacy.md)."""
    database, now = open_database(settings), datetime.now(UTC)
    number = _newest(database, _canonical(address)).number
    with database.write() as session:
        supporter_export.note_export(session, number, by=None, now=now)
    with database.snapshot() as session:
        document = supporter_export.export(session, number, secret=settings.keys.oldest, now=now)
        if out is None:
            for piece in document:
                click.echo(piece, nl=False)
            return
        try:
            with owners_file(out) as file:
                file.writelines(document)
        except OSError as error:
            raise click.ClickException(f"The file cannot be written: {error.strerror}.") from None
    click.echo(f"Written: {out}")


@supporters.command("erase")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in ErasureReason]),
    default=ErasureReason.REQUEST.value,
    show_default=True,
    help="Why; it stays in the audit trail.",
)
@click.option("--organisation-too", is_flag=True, help="Also take off an organisation for which they signed.")
@click.pass_obj
def erase(settings: Settings, address: str, yes: bool, reason: str, organisation_too: bool) -> None:
    """Erase the supporter with this e-mail ADDRESS: who they are, their words, and what has not left.

    What was handed to a mail server cannot be called back. It cannot be undone.
    """
    database = open_database(settings)
    number = _newest(database, _canonical(address)).number
    with database.read() as session:
        erasure = prospect(session, number)
    if erasure is None:
        raise click.ClickException("Nobody fits.")
    if not yes:
        click.confirm(f"{_would(erasure)} In {shown_url(database)}. Erase it for good?", abort=True)
    how = Erasing(reason=ErasureReason(reason), is_ended=organisation_too)
    try:
        with database.write() as session:
            done = erase_supporter(session, number, seen=erasure.seen, how=how, by=None, now=datetime.now(UTC))
    except BeingSent as error:
        raise click.ClickException(words.being_sent(error)) from None
    except SupporterChanged:
        raise click.ClickException(words.CHANGED) from None
    click.echo(words.erased(done))
    if not database.empty_log():
        click.echo(words.LOG_NOT_EMPTIED, err=True)


def _would(erasure: Prospect) -> str:
    """What it comes to."""
    drafts = f" and {words.number(erasure.drafts, 'draft')}" if erasure.drafts else ""
    organisations = f" Signed for: {', '.join(erasure.organisations)}." if erasure.organisations else ""
    not_sent, left = words.number(erasure.not_sent, "letter"), words.number(erasure.left, "letter")
    return (
        f"{words.number(erasure.actions, 'action')}{drafts}; {not_sent} not sent, and never to be; {left} handed over, "
        f"and not to be called back.{organisations}"
    )


def _canonical(address: str) -> str:
    try:
        return canonical_email(address)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _newest(database: Database, address: str) -> Hit:
    with database.read() as session:
        hits = finding.by_address(session, address)
    if not hits:
        raise click.ClickException("Nobody fits.")
    return hits[0]
