"""A petition is handed over: a PDF to print, and a table."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionmail.cli.campaigns.paper_writing import look, make_waiting, write_paper
from actionmail.cli.platform.database import open_database
from actionmail.cli.platform.owners_file import owners_file
from actionmail.cli.progress import progress
from actionmail.flows.actions import petition_papers
from actionmail.flows.campaigns.refusals import UnknownCampaign
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.papers import UnprintableText
from actionmail.rules.csv_export import csv_lines
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.settings import Settings
from actionmail.web.campaigns.words import petitions as words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

_OUT = click.Path(dir_okay=False, path_type=Path)


@click.group()
def petitions() -> None:
    """Petitions as they are handed over."""


@petitions.command("export")
@click.argument("slug")
@click.option("--pdf", type=_OUT, help="A paper to print: cover, text, signatures by state and district, comments.")
@click.option("--csv", "table", type=_OUT, help="A table for a spreadsheet.")
@click.option("--leave-out-comments", is_flag=True, help="Print it without those comments that no font here can print.")
@click.pass_obj
def export(settings: Settings, slug: str, pdf: Path | None, table: Path | None, leave_out_comments: bool) -> None:
    """Write the signatures of SLUG that count now: confirmed, not taken back, not taken out of the count.

    Both files tell of the same moment, whoever signs meanwhile. They have names and places, and no addresses. A file
    appears when it is whole, readable by its owner only.
    """
    if pdf is None and table is None:
        raise click.UsageError("Name a file: --pdf FILE, --csv FILE, or both.")
    if pdf == table:
        raise click.UsageError("Name two files.")
    database, now = open_database(settings), datetime.now(UTC)
    with _sentences(), database.snapshot() as session:
        campaign = petition_papers.petition_of(session, slug)
        number = petition_papers.number_of(session, campaign)
        without = _to_leave_out(session, campaign, leave_out_comments) if pdf else frozenset()
        if table:
            _write_table(table, session, campaign)
        if pdf:
            _write_paper(pdf, session, campaign, number=number, without=without, now=now)
    with database.write() as session:
        record(session, AuditAction.PETITION_EXPORTED, ObjectKind.CAMPAIGN, slug, by=None, now=now, count=number)
    left_out = f"; without {len(without):,} comments" if without else ""
    files = ", ".join(str(path) for path in (pdf, table) if path)
    click.echo(f"{number:,} signature{'' if number == 1 else 's'}: {files}{left_out}")


@petitions.command("make")
@click.pass_obj
def make(settings: Settings) -> None:
    """Make the papers that staff asked for on a petition's page, then end. A worker starts this by itself."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    make_waiting(open_database(settings), clock=lambda: datetime.now(UTC), say=click.echo)


def _to_leave_out(session: Session, campaign: Campaign, may_leave_out: bool) -> frozenset[int]:
    """Whose comments are not printed. Raises ClickException where something else cannot be, or they may not be left."""
    looked = look(session, campaign)
    if looked.unprintable and not (may_leave_out and looked.is_only_comments):
        raise click.ClickException(words.unprintable(looked))
    return looked.comments


def _write_table(path: Path, session: Session, campaign: Campaign) -> None:
    rows = (words.row(signature, campaign.timezone) for signature in petition_papers.signatures(session, campaign))
    with owners_file(path) as stream:
        for line in csv_lines(words.TABLE_HEAD, rows):
            stream.write(line.encode())


def _write_paper(
    path: Path, session: Session, campaign: Campaign, *, number: int, without: frozenset[int], now: datetime
) -> None:
    comments = (comment for comment in petition_papers.comments(session, campaign) if comment.number not in without)
    with progress(number, "Signatures") as bar:
        printed = write_paper(
            path, session, campaign, comments, number=number, now=now, progress=lambda done: bar.update(done - bar.pos)
        )
    click.echo(f"{printed.pages:,} page{'' if printed.pages == 1 else 's'}", err=True)


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except UnknownCampaign as error:
        raise click.ClickException(f'There is no petition "{error.slug}".') from None
    except UnprintableText as error:
        characters = " ".join(error.characters)
        raise click.ClickException(f"No font on this machine has these characters: {characters}") from None
    except OSError as error:
        raise click.ClickException(f"The file cannot be written: {error.strerror}.") from None
