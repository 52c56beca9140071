"""Campaigns and their letters, from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from actionmail.cli.platform.database import open_database
from actionmail.flows.campaigns import campaign_pictures, effects, reading, refusals, saving
from actionmail.flows.campaigns.pictures import PreparedPicture
from actionmail.flows.campaigns.publishing import Choice, StatusChange, Waiting, change_status
from actionmail.gateways.pictures.reencoding import reencode
from actionmail.rules import speech
from actionmail.rules.campaigns.campaign_file import MAX_READ, decode, read_campaign
from actionmail.rules.campaigns.file_places import TOP, Places
from actionmail.rules.campaigns.kinds import LETTER, kind_of
from actionmail.rules.campaigns.letter_language import parse
from actionmail.rules.campaigns.matrix import Fault
from actionmail.rules.campaigns.pictures import MAX_UPLOAD
from actionmail.rules.campaigns.problems import CampaignFileError, LetterError, Problem
from actionmail.settings import Settings
from actionmail.web.campaigns import words
from actionmail.web.campaigns.words.pages import word_names
from actionmail.web.platform import tongues
from actionmail.web.supporter import kinds

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
@click.pass_obj
def campaigns(settings: Settings) -> None:
    """What is asked of legislators, and in which words."""
    speech.learn(tongues.of_installation(settings.data_dir))


@campaigns.command("load")
@click.argument("files", nargs=-1, type=_FILE)
@click.option("--samples", is_flag=True, help="Add the samples, historical posts of 2022, as drafts.")
@click.option("--live", is_flag=True, help="Let new samples be live; only where no letter leaves this machine.")
@click.pass_obj
def load(settings: Settings, files: tuple[Path, ...], samples: bool, live: bool) -> None:
    """Add the campaigns in FILES, or bring them to what the files say.

    A file that is wrong is refused as a whole, with line, column and reason; the others are loaded. Status 1 then.
    """
    if bool(files) == samples or (live and not samples):
        raise click.UsageError("Name a campaign's file or more, or give --samples; --live is for the samples alone.")
    if live and not settings.loopback_only:
        raise click.ClickException(
            "The samples write to real legislators about bills that were decided in 2022, so they go live only where "
            "ACTIONMAIL_LOOPBACK_ONLY=1 keeps every letter on this machine. Without --live they are drafts."
        )
    database = open_database(settings)
    refused = False
    for path in files or sorted((settings.data_dir / "campaigns").glob("*.toml")):
        try:
            text, now = _read(path), datetime.now(UTC)
            picture = _picture(path, text)
            with database.write() as session:
                number = campaign_pictures.keep(session, picture, now=now) if picture else None
                report = saving.load_campaign(session, text, source=path.name, now=now, is_live=live, picture_id=number)
        except CampaignFileError as error:
            refused = True
            click.echo(f"Not loaded: {words.file_error(error)}", err=True)
        except OSError as error:
            refused = True
            click.echo(f"Not loaded: {error}", err=True)
        else:
            click.echo(_sentence(report))
    if refused:
        raise click.exceptions.Exit(1)


def _picture(path: Path, text: str) -> PreparedPicture | None:
    """The picture that a campaign's file names, made anew; None where none lies beside it. Raises CampaignFileError."""
    columns, _ = read_campaign(text, source=path.name)
    beside = path.with_name(columns["picture"]) if columns["picture"] else None
    if beside is None or not beside.is_file():
        return None
    places = Places(text, path.name)
    with beside.open("rb") as opened:
        content = opened.read(MAX_UPLOAD + 1)
    if len(content) > MAX_UPLOAD:
        raise places.refused(TOP, "picture", "picture.too-large", most=MAX_UPLOAD // 1024**2)
    try:
        return campaign_pictures.prepare(columns, content, reencode=reencode)
    except refusals.FormRefused as refused:
        problem = next(iter(refused.faults.values()))[0]
        raise places.refused_for(TOP, "picture", problem) from None


def _read(path: Path) -> str:
    """The text of a file, which may be anything that somebody has on their disk. Raises CampaignFileError, OSError."""
    with path.open("rb") as opened:
        raw = opened.read(MAX_READ + 1)
    if len(raw) > MAX_READ:
        raise CampaignFileError(path.name, (0, 0), Problem("file.too-large", {"most": MAX_READ}))
    return decode(raw, source=path.name)


def _sentence(report: saving.LoadReport) -> str:
    added = f"; new: {', '.join(report.letters_added)}" if report.letters_added else ""
    retired = f"; retired: {', '.join(report.letters_retired)}" if report.letters_retired else ""
    unchanged = f"; it stays {report.status}, whatever the file says" if report.status else ""
    return f"{report.slug}: {report.outcome}{added}{retired}{unchanged}"


@campaigns.command("list")
@click.pass_obj
def list_campaigns(settings: Settings) -> None:
    """Show every campaign: slug, status, state, bill, position, how many letters it has (of other kinds, what people
    did), kind, title.
    """
    with open_database(settings).read() as session:
        every = reading.all_campaigns(session)
        counts = reading.supporters(session)
    for campaign in every:
        count = kinds.kind_of(campaign.kind).counted(counts.get(campaign.id, 0))
        if campaign.kind == LETTER:
            count = f"{len(campaign.letters)} letter{'' if len(campaign.letters) == 1 else 's'}"
        click.echo(
            f"{campaign.slug}\t{campaign.status}\t{campaign.state}\t{campaign.bill}\t{campaign.position}\t{count}"
            f"\t{campaign.kind}\t{campaign.title}"
        )
    if not every:
        click.echo("There is no campaign yet; `actionmail campaigns load FILE` adds one.", err=True)


@campaigns.command("matrix")
@click.argument("slug")
@click.pass_obj
def matrix(settings: Settings, slug: str) -> None:
    """Fill every letter of SLUG for every legislator, and print what came of it as JSON.

    Status 0 when there is no fault, 1 when there is one.
    """
    with open_database(settings).read() as session, _sentences():
        checked = reading.matrix(session, slug)
    rules = [(f"{do}: {words.members(named)}", count) for do, named, count in checked.rules]
    shown = {**asdict(checked), "rules": rules, "faults": [_fault(fault) for fault in checked.faults]}
    click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    if not checked.is_clean:
        raise click.exceptions.Exit(1)


def _fault(fault: Fault) -> dict[str, object]:
    """A fault with its words beside its code."""
    return {"kind": fault.kind, "sentence": words.sentence(fault.problem), **asdict(fault)}


@campaigns.command("export")
@click.argument("slug")
@click.option("--picture", metavar="FOLDER", type=_FOLDER, help="Put its picture there too, under its name.")
@click.pass_obj
def export(settings: Settings, slug: str, picture: Path | None) -> None:
    """Print SLUG with its letters as a file that `campaigns load` reads, here or elsewhere."""
    with open_database(settings).read() as session, _sentences():
        text, named = saving.export(session, slug), campaign_pictures.file_of(session, slug)
    if picture and named:
        name, file = named
        try:
            (picture / name).write_bytes(file.content)
        except OSError as error:
            raise click.ClickException(str(error)) from None
    click.echo(text, nl=False)


_YES = click.option("--yes", is_flag=True, help="Do it without asking.")
_HOLD = click.option("--hold-letters", is_flag=True, help="Hold back the letters that wait; else they go out.")


@campaigns.command("publish")
@click.argument("slug")
@click.option("--at", metavar="TIME", help='When it opens, such as "2027-02-11 09:00" in its time zone; else at once.')
@click.option(
    "--release-letters", is_flag=True, help="Let letters go that were held back when it was paused or closed."
)
@_YES
@click.pass_obj
def publish(settings: Settings, slug: str, at: str | None, release_letters: bool, yes: bool) -> None:
    """Open the page of SLUG, now or by itself later. Refused while its letters have a fault; `campaigns matrix` lists
    them.
    """
    if at is None:
        letters = Waiting.RELEASE if release_letters else Waiting.AS_IT_IS
        _change(settings, slug, StatusChange.PUBLISH, yes, letters=letters)
        return
    try:
        opens_at = datetime.fromisoformat(at.strip())
    except ValueError:
        raise click.BadParameter('give a date and a time, such as "2027-02-11 09:00"', param_hint="--at") from None
    _change(settings, slug, StatusChange.SCHEDULE, yes, opens_at=opens_at)


@campaigns.command("unschedule")
@click.argument("slug")
@_YES
@click.pass_obj
def unschedule(settings: Settings, slug: str, yes: bool) -> None:
    """Make SLUG, which was to open by itself, a draft again."""
    _change(settings, slug, StatusChange.UNSCHEDULE, yes)


@campaigns.command("pause")
@click.argument("slug")
@_HOLD
@_YES
@click.pass_obj
def pause(settings: Settings, slug: str, hold_letters: bool, yes: bool) -> None:
    """Take no more letters for SLUG until it is published again."""
    letters = Waiting.HOLD if hold_letters else Waiting.AS_IT_IS
    _change(settings, slug, StatusChange.PAUSE, yes, letters=letters)


@campaigns.command("close")
@click.argument("slug")
@_HOLD
@_YES
@click.pass_obj
def close(settings: Settings, slug: str, hold_letters: bool, yes: bool) -> None:
    """End SLUG: its page says so and takes no more letters."""
    letters = Waiting.HOLD if hold_letters else Waiting.AS_IT_IS
    _change(settings, slug, StatusChange.CLOSE, yes, letters=letters)


def _change(
    settings: Settings,
    slug: str,
    change: StatusChange,
    yes: bool,
    *,
    opens_at: datetime | None = None,
    letters: Waiting = Waiting.AS_IT_IS,
) -> None:
    """Say what will become of the page and of waiting letters, ask, and do it."""
    database = open_database(settings)
    with database.read() as session, _sentences():
        campaign = reading.campaign_of(session, slug)
        effect = effects.effect(session, campaign, change, letters)
        click.echo(f"{words.page_effect(effect)} {words.letters_effect(effect)}".rstrip())
        for translated in reading.older(campaign) if change.opens_page else ():
            names = word_names(translated.is_older, translated.kind)
            click.echo(f"The translation into {translated.language.name} is older than the original: {names}.")
        how = Choice(opens_at=opens_at, letters=letters, seen=reading.campaign_revision(campaign))
    if not yes:
        click.confirm(f"{change.capitalize()} {slug}?", abort=True)
    with _sentences(), database.write() as session:
        campaign = change_status(session, slug, change, by=None, now=datetime.now(UTC), how=how)
    opens = f" and opens at {campaign.opens_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if campaign.opens_at else ""
    click.echo(f"{slug} is {campaign.status}{opens}.")


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except refusals.UnknownCampaign as error:
        raise click.ClickException(words.unknown(error)) from None
    except refusals.ChangeRefused as error:
        raise click.ClickException(words.sentence(error.problem)) from None
    except refusals.Overtaken as error:
        raise click.ClickException(words.overtaken(error)) from None


@click.group()
@click.pass_obj
def letters(settings: Settings) -> None:
    """The letter language; docs/letters.md describes it."""
    speech.learn(tongues.of_installation(settings.data_dir))


@letters.command("check")
@click.argument("file", type=_FILE)
def check(file: Path) -> None:
    """Try a campaign FILE (its name ends in .toml), or any other text FILE as one part of a letter.

    Status 0 when it is good; 1 with line, column and reason when it is not.
    """
    try:
        text = _read(file)
        if file.suffix == ".toml":
            columns, texts = read_campaign(text, source=file.name)
            is_letter = kind_of(columns["kind"]).writes_letters
            what = f"{len(texts)} letter{'' if len(texts) == 1 else 's'}" if is_letter else columns["kind"]
            click.echo(f"{file.name}: good, {what}")
        else:
            names = parse(text).names
            click.echo(f"{file.name}: good, fields: {', '.join(names) or 'none'}")
    except CampaignFileError as error:
        raise click.ClickException(words.file_error(error)) from None
    except OSError as error:
        raise click.ClickException(str(error)) from None
    except LetterError as error:
        raise click.ClickException(f"{file.name}, {words.letter_error(error)}") from None
