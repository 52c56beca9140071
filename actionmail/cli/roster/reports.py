"""What the commands of the datasets share: refusals as sentences, and reports in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from actionmail.cli.roster.readings import Reading
from actionmail.flows.roster.committees import CommitteesReport
from actionmail.flows.roster.district_files import DistrictFilesReport
from actionmail.flows.roster.importing import DatasetReport, SuspiciousDataset
from actionmail.flows.roster.legislators import LegislatorsReport, SeatChange
from actionmail.rules.roster.seats import ELECTED, SeatRow
from actionmail.web.roster.words import (
    ROSTER_ERRORS,
    ShownChange,
    committee_text,
    doubt_sentence,
    provenance_sentence,
    redrawn_changes,
    roster_sentence,
    seat_change_text,
    zip_changes,
)

BY = click.option("--by", required=True, metavar="WHO", help="Who does this; kept with it.")
NOTES = {
    "missing": "without address",
    "malformed": "malformed address, not used",
    "shared": "address shared with another",
    "personal": "address at a free-mail service",
}
_SHOWN = 20
_MOST_STATES = 50  # more are all of them
_NAMED_FILES = 4


@contextmanager
def sentences() -> Iterator[None]:
    """Turn what a dataset is refused for into a sentence and status 1."""
    try:
        yield
    except SuspiciousDataset as suspicious:
        _print_difference(suspicious.report)
        raise click.ClickException(f"{roster_sentence(suspicious)} If it is right, say so with --yes.") from None
    except ROSTER_ERRORS as error:
        raise click.ClickException(roster_sentence(error)) from None


def print_reports(readings: Sequence[Reading], reports: Sequence[DatasetReport]) -> None:
    """Where each dataset comes from, and what its import did, or would do."""
    for reading, report in zip(readings, reports, strict=True):
        click.echo(provenance_sentence(reading.provenance))
        print_report(report)
        if report.dry_run:
            _print_dry_run(report)


def print_report(report: DatasetReport) -> None:
    """What an import did, or would do; that nothing was changed, and why not, whoever asks has to say."""
    if isinstance(report, LegislatorsReport):
        _print_legislators(report)
    elif isinstance(report, CommitteesReport):
        _print_committees(report)
    elif isinstance(report, DistrictFilesReport):
        _print_district_files(report)


def _print_legislators(report: LegislatorsReport) -> None:
    scope = "all states" if len(report.states) > _MOST_STATES else ", ".join(report.states)
    click.echo(f"As of {report.as_of}, {scope}: {report.sitting:,} legislators.")
    _print_seats(report, "would be " if report.dry_run else "")
    list_rows("kept an older phone, address or website that this dataset lacks", report.kept)
    list_rows("vacant", report.vacant)
    list_rows("elected and not seated; nobody writes to them before their day", report.waiting)
    for note, words in NOTES.items():
        list_rows(words, report.noted(note))
    _print_corrected(report)
    _print_doubts(report)
    if report.dry_run:
        return
    if not report.is_new_version:
        click.echo("The same as before: nothing changed.")
    elif not (report.added or report.changed or report.gone):
        click.echo("The same legislators as before; only the source or the day of the data is another.")


def _print_committees(report: CommitteesReport) -> None:
    click.echo(
        f"As of {report.as_of}: {report.committees:,} committees with {report.members:,} members, "
        f"{report.strangers:,} of them not in the roster."
    )
    would = "would be " if report.dry_run else ""
    for what, rows in (("added", report.added), ("changed", report.changed), ("gone", report.gone)):
        lines = [f"{committee_text(row)} ({len(row.members)} members)" for row in rows]
        print_changes([ShownChange(what=would + what, rows=lines)])
    _print_doubts(report)
    if report.dry_run:
        return
    if not report.is_new_version:
        click.echo("The same as before: nothing changed.")
    else:
        click.echo("The committees are in the database and in committees.csv.gz.")


def _print_district_files(report: DistrictFilesReport) -> None:
    _print_files_difference(report)
    _print_doubts(report)
    if report.dry_run:
        return
    if not report.is_new_version:
        click.echo("The same as before: nothing changed.")
    elif not report.files:
        click.echo("The files in the data folder are these already; they are a version now.")
    else:
        if not _has_changes(report):
            click.echo("The same districts as before; only the source or the day of the data is another.")
        click.echo(f"Written: {file_names(list(report.files))}.")


def print_layer_files(report: DatasetReport) -> None:
    """What an import of something for the maps did, or would do."""
    assert isinstance(report, DistrictFilesReport)
    _print_doubts(report)
    names = list(report.files)
    if report.dry_run:
        click.echo(f"Would be written: {file_names(names) or 'nothing'}.")
        _print_dry_run(report)
    elif not report.is_new_version:
        click.echo("The same as before: nothing changed.")
    else:
        click.echo(f"Written: {file_names(names) or 'nothing'}.")


def print_changes(changes: Sequence[ShownChange]) -> None:
    """Each change with the first of its rows."""
    for change in changes:
        click.echo(change.sentence)
        for row in change.rows[:_SHOWN]:
            click.echo(f"  {row}")
        _print_more(len(change.rows) - _SHOWN)


def list_rows(what: str, rows: Sequence[SeatRow], *, all_of_them: bool = False) -> None:
    """How many seats, and which; the first of them where not all are wanted."""
    click.echo(f"{len(rows):,} {what}")
    shown = rows if all_of_them else rows[:_SHOWN]
    for row in shown:
        older = f" [{row.kept}]" if row.kept else ""
        click.echo(f"  {row.seat}{': ' + row.name if row.name else ''}{older}{_term(row)}")
    _print_more(len(rows) - len(shown))


def _term(row: SeatRow) -> str:
    """From when, of whoever is elected; until when, of whoever is in office."""
    if row.status == ELECTED:
        return f", from {row.begins}"
    return f", until {row.ends}" if row.ends else ""


def file_names(names: Sequence[str]) -> str:
    """The names of a few files, or how many they are."""
    return ", ".join(names) if len(names) <= _NAMED_FILES else f"{len(names)} files"


def _print_difference(report: DatasetReport) -> None:
    """What a refused import would have done."""
    if isinstance(report, LegislatorsReport):
        _print_seats(report, "would be ")
    elif isinstance(report, DistrictFilesReport):
        _print_files_difference(report)


def _print_seats(report: LegislatorsReport, would: str) -> None:
    list_rows(f"{would}added", report.added)
    _print_seat_changes(f"{would}changed", report.changed)
    list_rows(f"{would}gone", report.gone)


def _print_seat_changes(what: str, changes: Sequence[SeatChange]) -> None:
    """How many changed in which field, and the first of them value by value."""
    click.echo(f"{len(changes):,} {what}")
    counts: Counter[str] = Counter()
    for change in changes:
        counts.update(change.columns)
    for column, count in counts.most_common():
        click.echo(f"  {column}: {count:,}")
    for change in changes[:_SHOWN]:
        click.echo(f"  {seat_change_text(change)}")
    _print_more(len(changes) - _SHOWN)


def _print_corrected(report: LegislatorsReport) -> None:
    if not report.corrected:
        return
    click.echo(f"{len(report.corrected):,} corrections by staff stay in force")
    for standing in report.corrected[:_SHOWN]:
        dataset = "the dataset now agrees"
        if standing.dataset != standing.value:
            dataset = f"the dataset says {standing.dataset!r}"
        click.echo(
            f"  {standing.row.seat}: {standing.row.name}: {standing.field} {standing.value!r} by {standing.made_by}, "
            f"{standing.made_at:%Y-%m-%d}; {dataset}"
        )


def _print_files_difference(report: DistrictFilesReport) -> None:
    for chamber in report.redrawn:
        click.echo(f"{chamber.state} {chamber.chamber}: {chamber.after} districts, before {chamber.before}.")
        print_changes(redrawn_changes(chamber))
    if report.zips:
        click.echo(f"{report.zips.rows:,} rows.")
        print_changes(zip_changes(report.zips))


def _has_changes(report: DistrictFilesReport) -> bool:
    zips = report.zips
    if zips and (zips.added or zips.gone or zips.changed):
        return True
    return any(chamber.added or chamber.gone or chamber.changed for chamber in report.redrawn)


def _print_doubts(report: DatasetReport) -> None:
    for reason in report.doubts:
        click.echo(f"Look at this: {doubt_sentence(reason)}")


def _print_dry_run(report: DatasetReport) -> None:
    writes_nothing = isinstance(report, DistrictFilesReport) and not report.files
    needs = " It will need --yes." if report.doubts and not writes_nothing else ""
    click.echo(f"Nothing was changed (--dry-run).{needs}")


def _print_more(count: int) -> None:
    if count > 0:
        click.echo(f"  … and {count:,} more")
