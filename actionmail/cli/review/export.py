"""`actionmail export`: letters, supporters who asked for news, and actions, as CSV or JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.platform.owners_file import owners_file
from actionmail.cli.progress import progress
from actionmail.db.replica import LargeReads
from actionmail.flows.campaigns.reading import campaign_of
from actionmail.flows.campaigns.refusals import UnknownCampaign
from actionmail.flows.review import exports
from actionmail.flows.review.exports import ActionFilter, Format, Table
from actionmail.flows.review.filters import Filter, Moment
from actionmail.rules.actions.news_columns import COLUMNS, PLAIN
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Command = Callable[..., Any]

_DAY = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
_OF_EACH = (
    click.option("--campaign", default="", metavar="SLUG", help="Of this campaign."),
    click.option("--since", type=_DAY, help="From then on; by the campaign's clocks, or without one in UTC."),
    click.option("--until", type=_DAY, help="Before then."),
    click.option("--source", default="", help="Who came by a link with this ?source=."),
    click.option(
        "--format",
        "file_format",
        type=click.Choice(tuple(map(str, Format))),
        default=Format.CSV.value,
        show_default=True,
    ),
    click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; without it, standard output."),
)
_OF_LETTERS = (
    click.option("--letter", default="", help="By the letter's name, in all versions; with --campaign."),
    click.option("--state", type=click.Choice(tuple(map(str, State))), help="Where the letter stands."),
    click.option("--legislator", "target", default="", metavar="PART", help="By a part of the legislator's name."),
    click.option("--committee", default="", metavar="KEY", help="To those who sit on it now."),
    click.option("--us-state", default="", metavar="XX", help="Of the legislator's seat."),
    click.option("--district", default=""),
    click.option("--party", default=""),
    click.option("--domain", default="", help="Behind the @ of the legislator's address."),
    click.option("--code", default="", help="Of any answer that was no yes: 550, or 5.1.1."),
    click.option("--answer", default="", help="Words of such an answer."),
    click.option("--language", default="", metavar="TAG", help="In which the supporter read the page."),
    click.option("--words", default="", help="Of the supporter: name, address, what they wrote."),
    click.option(
        "--moment",
        type=click.Choice(tuple(map(str, Moment))),
        default=Moment.MADE.value,
        help="What --since and --until are about.",
    ),
    click.option("--number", default="", help="Message-ID or number."),
    click.option("--near", type=click.IntRange(0), default=0, metavar="ACTION", help="From its network, within a day."),
    click.option("--alike", type=click.IntRange(0), default=0, metavar="ACTION", help="With its own paragraph."),
)
_PEOPLE = click.option("--with-people", is_flag=True, help="With the supporters' names, addresses and ZIP codes.")


def _with(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.group()
def export() -> None:
    """Tables for a spreadsheet or another program, of one moment however long they take.

    Each export is written down in the audit trail. A file appears when it is whole, readable by its owner only.
    docs/exports.md describes the columns.
    """


@export.command("messages")
@_with(*_OF_EACH, *_OF_LETTERS, _PEOPLE)
@click.pass_obj
def messages(settings: Settings, /, file_format: str, out: Path | None, with_people: bool, **wanted: Any) -> None:
    """The letters that fit, newest first, as the send log finds them."""

    def make(session: Session) -> Table:
        parts = {**wanted, **_moments(session, wanted)}
        parts["state"] = State(wanted["state"]) if wanted["state"] else None
        parts["moment"] = Moment(wanted["moment"])
        return exports.message_table(session, Filter(**parts), with_people=with_people)

    _export(settings, make, Format(file_format), out)


@export.command("supporters")
@_with(*_OF_EACH)
@click.option("--columns", type=click.Choice(tuple(COLUMNS)), default=PLAIN.code, show_default=True, help="Whose.")
@click.pass_obj
def supporters(settings: Settings, /, file_format: str, out: Path | None, columns: str, **wanted: Any) -> None:
    """Who asked for news, once each, and did not take it back."""

    def make(session: Session) -> Table:
        chosen = ActionFilter(**{**wanted, **_moments(session, wanted)})
        return exports.supporter_table(session, chosen, columns=COLUMNS[columns])

    _export(settings, make, Format(file_format), out)


@export.command("actions")
@_with(*_OF_EACH, _PEOPLE)
@click.option("--us-state", default="", metavar="XX", help="Where the supporter lives.")
@click.pass_obj
def actions(settings: Settings, /, file_format: str, out: Path | None, with_people: bool, **wanted: Any) -> None:
    """What supporters did, newest first, of every kind of campaign, whether it counts or not."""

    def make(session: Session) -> Table:
        chosen = ActionFilter(**{**wanted, **_moments(session, wanted)})
        return exports.action_table(session, chosen, with_people=with_people)

    _export(settings, make, Format(file_format), out)


def _moments(session: Session, wanted: dict[str, Any]) -> dict[str, datetime | None]:
    """`since` and `until` as instants. Raises UnknownCampaign."""
    zone = ZoneInfo(campaign_of(session, wanted["campaign"]).timezone) if wanted["campaign"] else UTC
    moments = {}
    for name in ("since", "until"):
        moments[name] = _instant(wanted[name].replace(tzinfo=zone)) if wanted[name] else None
    return moments


def _instant(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise click.ClickException(f"{moment.date()} is too far away.") from None


def _export(settings: Settings, make: Callable[[Session], Table], file_format: Format, out: Path | None) -> None:
    database = open_database(settings)
    try:
        with LargeReads(database, settings.read_database_url).database().snapshot() as session:
            table = make(session)
            with database.write() as noting:
                exports.note(noting, table, file_format=file_format, by=None, now=datetime.now(UTC))
            with ExitStack() as stack:
                _write(stack.enter_context(owners_file(out)) if out else sys.stdout.buffer, table, file_format)
    except UnknownCampaign as error:
        raise click.ClickException(f'There is no campaign "{error.slug}".') from None
    except OSError as error:
        raise click.ClickException(f"The file cannot be written: {error.strerror}.") from None
    rows = f"{table.count:,} row{'' if table.count == 1 else 's'}"
    click.echo(f"{rows}: {out or 'standard output'}", err=out is None)


def _write(stream: IO[bytes], table: Table, file_format: Format) -> None:
    with progress(table.count, table.what.value.capitalize()) as bar:
        for rows, text in exports.written(table, file_format):
            stream.write(text.encode())
            bar.update(rows)
    stream.flush()
