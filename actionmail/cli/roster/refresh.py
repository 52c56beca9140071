"""Look for newer datasets where they are published, and take them where told so."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.roster.boundaries import boundaries_readings
from actionmail.cli.roster.calendar import table_readings
from actionmail.cli.roster.choices import ImportChoices
from actionmail.cli.roster.people_imports import committees_readings, congress_readings, people_readings
from actionmail.cli.roster.readings import Reader, Reading, import_readings
from actionmail.cli.roster.reports import print_report, sentences
from actionmail.cli.roster.sources import MB, cache_folder, fetched
from actionmail.cli.roster.zip_imports import congress_zips_readings, zips_readings
from actionmail.flows.roster import refreshing
from actionmail.flows.roster.committees import COMMITTEES
from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.district_files import (
    BOUNDARIES,
    CALENDAR,
    CONGRESS_ZIPS,
    FIRST_DAYS,
    NEW_MAPS,
    SPECIAL_ELECTIONS,
    ZIPS,
)
from actionmail.flows.roster.importing import DatasetReport
from actionmail.flows.roster.reading import CONGRESS, PEOPLE
from actionmail.flows.roster.refreshing import Found, Import, Outcome, Outside, Wish
from actionmail.gateways.http.download import version_held
from actionmail.rules.roster.seats import DatasetError
from actionmail.rules.roster.sources import SOURCES_FILE, Source
from actionmail.settings import Settings
from actionmail.web.roster.refresh_words import found_lines, found_sentence, take_lines
from actionmail.web.roster.words import provenance_sentence

# How each kind is read, and how large its file may be.
_READERS: Mapping[str, tuple[Reader, int]] = {
    PEOPLE: (people_readings, 256 * MB),
    CONGRESS: (congress_readings, 8 * MB),
    COMMITTEES: (committees_readings, 256 * MB),
    BOUNDARIES: (boundaries_readings, 512 * MB),
    ZIPS: (zips_readings, 128 * MB),
    CONGRESS_ZIPS: (congress_zips_readings, 64 * MB),
    FIRST_DAYS: (partial(table_readings, kind=FIRST_DAYS), 2 * MB),
    NEW_MAPS: (partial(table_readings, kind=NEW_MAPS), 2 * MB),
    SPECIAL_ELECTIONS: (partial(table_readings, kind=SPECIAL_ELECTIONS), 2 * MB),
}


@click.command()
@click.argument("kinds", metavar="[DATASET]...", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Say what would change; keep nothing of it, and tell nobody.")
@click.option("--apply", is_flag=True, help="Take what is newer, unless there is something to look at.")
@click.option("--yes", is_flag=True, help="With --apply: take it although there is; you looked at the difference.")
@click.option("--if-due", is_flag=True, help="Only what nobody looked at for ACTIONMAIL_DATA_REFRESH_HOURS.")
@click.pass_obj
def refresh(settings: Settings, kinds: tuple[str, ...], *, dry_run: bool, apply: bool, yes: bool, if_due: bool) -> None:
    """Look for newer datasets at the addresses in sources.toml of the data folder, and say how they differ.

    A DATASET is one of people, congress, committees, boundaries, zips, congress-zips, first-days, new-maps,
    special-elections; without any, all that are in that file. Names and lines for the maps (counties, zcta, places),
    a file of points and Census block files are not looked for: import them with `data import`.

    Nothing is taken without --apply, or apply = "when-without-doubts" in that file. What came of it is on the roster
    page, and a worker mails it to the admins. Status 1 if something could not be had.
    """
    if yes and not apply:
        raise click.UsageError("--yes is for --apply.")
    with sentences():
        known = refreshing.sources_in(settings.data_dir)
        if known is None:
            raise DatasetError(SOURCES_FILE, "no_sources")
    since = datetime.now(UTC) - timedelta(hours=settings.refresh_hours) if if_due else None
    wish = Wish(apply=apply, confirmed=yes, dry_run=dry_run, unless_since=since)
    failed = False
    with _ended_in_order():
        for source in _wanted(known, kinds):
            looking = _Looking(settings, source)
            comparison = refreshing.refresh(looking.outside(), source, wish)
            failed = failed or (comparison is not None and comparison.outcome is Outcome.FAILED)
            _print(source, comparison, () if if_due else looking.reports)
            if dry_run:
                click.echo("Nothing was changed (--dry-run).")
            for line in take_lines(source.kind, comparison) if comparison else ():
                click.echo(line)
    if failed:
        raise click.exceptions.Exit(1)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let SIGTERM, with which a worker ends it, undo what is half done and let go of the dataset."""

    def end(*_: object) -> None:
        raise click.exceptions.Exit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _wanted(known: Sequence[Source], kinds: Sequence[str]) -> list[Source]:
    by_kind = {source.kind: source for source in known}
    for kind in kinds:
        if kind not in by_kind:
            raise click.ClickException(f"{SOURCES_FILE} has no {kind!r}; it has {', '.join(by_kind) or 'nothing'}.")
    return [source for kind, source in by_kind.items() if not kinds or kind in kinds]


@dataclass
class _Looking:
    """One look at one source: what was read of its file, and what the last import of it said."""

    settings: Settings
    source: Source
    readings: Sequence[Reading] = ()
    reports: Sequence[DatasetReport] = field(default=())

    def outside(self) -> Outside:
        database = open_database(self.settings)
        return Outside(write=database.write, fetch=self.fetch, take=self.take, clock=lambda: datetime.now(UTC))

    def fetch(self, source: Source) -> list[Provenance]:
        read, limit = _READERS[source.kind]
        file = fetched(self.settings, source.url, limit)
        etag = version_held(source.url, cache_folder())
        as_of = source.as_of
        if as_of is None and source.kind in CALENDAR:  # true on the day on which it was written
            as_of = datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
        choices = ImportChoices(as_of=as_of, licence=source.licence, url=source.url, etag=etag)
        self.readings = read(self.settings, file, choices)
        return [reading.provenance for reading in self.readings]

    def take(self, how: Import) -> Sequence[DatasetReport]:
        choices = ImportChoices(dry_run=how is Import.DRY, yes=how is Import.CONFIRMED)
        self.reports = import_readings(self.settings, self.readings, choices)
        return self.reports


def _print(source: Source, comparison: Found | None, reports: Sequence[DatasetReport]) -> None:
    if comparison is None:
        click.echo(f"{source.kind}: another process is at it, or looked already.")
        return
    if comparison.outcome is Outcome.SAME or not reports:
        for line in found_lines(source.kind, comparison):
            click.echo(line)
        return
    click.echo(found_sentence(source.kind, comparison))
    if comparison.provenance:
        click.echo(provenance_sentence(comparison.provenance))
    for report in reports:
        print_report(report)
