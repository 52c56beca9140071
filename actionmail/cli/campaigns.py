"""Campaigns and their letters, from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from actionmail.db.engine import Database
from actionmail.flows import author
from actionmail.rules import letters as letter_rules
from actionmail.rules.campaign_file import CampaignFileError, decode, read_campaign
from actionmail.settings import Settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def campaigns() -> None:
    """What is asked of legislators, and in which words."""


@campaigns.command("load")
@click.argument("files", nargs=-1, type=_FILE)
@click.pass_obj
def load(settings: Settings, files: tuple[Path, ...]) -> None:
    """Add the campaigns in FILES, or bring them to what the files say; without FILES, the two samples.

    A file that is wrong is refused as a whole, with line, column and reason; the others are loaded. Status 1 then.
    """
    database = Database(settings.database_url)
    refused = False
    for path in files or sorted((settings.data_dir / "campaigns").glob("*.toml")):
        try:
            text = decode(path.read_bytes(), source=path.name)
            with database.write() as session:
                report = author.load_campaign(session, text, source=path.name, now=datetime.now(UTC))
        except (CampaignFileError, OSError) as error:
            refused = True
            click.echo(f"Not loaded: {error}", err=True)
        else:
            click.echo(_sentence(report))
    if refused:
        raise click.exceptions.Exit(1)


def _sentence(report: author.LoadReport) -> str:
    added = f"; new: {', '.join(report.letters_added)}" if report.letters_added else ""
    retired = f"; retired: {', '.join(report.letters_retired)}" if report.letters_retired else ""
    return f"{report.slug}: {report.outcome}{added}{retired}"


@campaigns.command("list")
@click.pass_obj
def list_campaigns(settings: Settings) -> None:
    """Show every campaign: slug, status, state, bill, position, number of letters, title."""
    with Database(settings.database_url).read() as session:
        found = author.all_campaigns(session)
    for campaign in found:
        count = f"{len(campaign.letters)} letter{'' if len(campaign.letters) == 1 else 's'}"
        click.echo(
            f"{campaign.slug}\t{campaign.status}\t{campaign.state}\t{campaign.bill}\t{campaign.position}\t{count}"
            f"\t{campaign.title}"
        )
    if not found:
        click.echo("There is no campaign yet; `actionmail campaigns load` adds the two samples.", err=True)


@click.group()
def letters() -> None:
    """The letter language; docs/letters.md describes it."""


@letters.command("check")
@click.argument("file", type=_FILE)
def check(file: Path) -> None:
    """Try a campaign FILE (its name ends in .toml), or any other text FILE as one part of a letter.

    Status 0 when it is good; 1 with line, column and reason when it is not.
    """
    try:
        text = decode(file.read_bytes(), source=file.name)
        if file.suffix == ".toml":
            _columns, found = read_campaign(text, source=file.name)
            click.echo(f"{file.name}: good, {len(found)} letter{'' if len(found) == 1 else 's'}")
        else:
            names = letter_rules.parse(text).names
            click.echo(f"{file.name}: good, fields: {', '.join(names) or 'none'}")
    except (CampaignFileError, OSError) as error:
        raise click.ClickException(str(error)) from None
    except letter_rules.LetterError as error:
        raise click.ClickException(f"{file.name}, {error}") from None
