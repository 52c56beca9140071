"""What the commands of the datasets share: refusals as sentences, reports in words, files whole or not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from actionmail.flows.roster import dataset_versions, importing
from actionmail.flows.roster.committees import Report, SuspiciousCommittees
from actionmail.flows.roster.corrections import CorrectionRefused
from actionmail.flows.roster.district_files import SuspiciousTable, TableReport
from actionmail.rules.roster.seats import DatasetError, SeatRow

LICENCE = "CC0-1.0"
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
YES = click.option("--yes", is_flag=True, help="Import it although it looks suspicious: you looked at the difference.")
_SHOWN = 20


@contextmanager
def sentences() -> Iterator[None]:
    try:
        yield
    except importing.SuspiciousDataset as suspicious:
        _print_difference(suspicious.report, "would be ")
        raise click.ClickException(f"{suspicious} If it is right, say so with --yes.") from None
    except SuspiciousTable as suspicious:
        _print_changes_of(suspicious.report)
        raise click.ClickException(f"{suspicious} If it is right, say so with --yes.") from None
    except SuspiciousCommittees as suspicious:
        raise click.ClickException(f"{suspicious} If it is right, say so with --yes.") from None
    except (
        DatasetError,
        importing.OlderDataset,
        importing.NothingToUndo,
        dataset_versions.VersionMoved,
        CorrectionRefused,
    ) as error:
        raise click.ClickException(str(error)) from None


NOTES = {
    "missing": "without address",
    "malformed": "malformed address, not used",
    "shared": "address shared with another",
    "personal": "address at a free-mail service",
}


def print_report(report: importing.ImportReport) -> None:
    scope = "all states" if len(report.states) > 50 else ", ".join(report.states)
    click.echo(f"As of {report.as_of}, {scope}: {report.sitting:,} legislators.")
    _print_difference(report, "would be " if report.dry_run else "")
    list_rows("kept an older phone, address or website that this dataset lacks", report.kept)
    list_rows("vacant", report.vacant)
    for note, rows in (
        ("missing", report.missing),
        ("malformed", report.malformed),
        ("shared", report.shared),
        ("personal", report.personal),
    ):
        list_rows(NOTES[note], rows)
    if report.corrected:
        click.echo(f"{len(report.corrected):,} corrections by staff stay in force")
        for one in report.corrected[:_SHOWN]:
            dataset = f"the dataset says {one.dataset!r}" if one.dataset != one.value else "the dataset now agrees"
            click.echo(
                f"  {one.row.seat}: {one.row.name}: {one.field} {one.value!r} by {one.made_by}, "
                f"{one.made_at:%Y-%m-%d}; {dataset}"
            )
    for doubt in report.doubts:
        click.echo(f"Look at this: {doubt}")
    if report.dry_run:
        needs = " It will need --yes." if report.doubts else ""
        click.echo(f"Nothing was changed (--dry-run).{needs}")
    elif not report.is_new_version:
        click.echo("The same as before: nothing changed.")
    elif not (report.added or report.changed or report.gone):
        click.echo("The same legislators as before; only the source or the day of the data is another.")


def _print_difference(report: importing.ImportReport, would: str) -> None:
    list_rows(f"{would}added", report.added)
    print_changes(f"{would}changed", report.changed)
    list_rows(f"{would}gone", report.gone)


def print_changes(what: str, changes: Sequence[importing.Change]) -> None:
    """How many changed in which field, and the first of them value by value."""
    click.echo(f"{len(changes):,} {what}")
    for column, count in Counter(column for change in changes for column in change.columns).most_common():
        click.echo(f"  {column}: {count:,}")
    for change in changes[:_SHOWN]:
        said = "; ".join(
            f"{column} {getattr(change.before, column)!r} -> {getattr(change.after, column)!r}"
            for column in change.columns
        )
        click.echo(f"  {change.after.seat}: {change.after.name or '(vacant)'}: {said}")
    if len(changes) > _SHOWN:
        click.echo(f"  … and {len(changes) - _SHOWN:,} more")


def print_committees(report: Report, would: str) -> None:
    click.echo(
        f"As of {report.as_of}: {report.committees:,} committees with {report.members:,} members, "
        f"{report.strangers:,} of them not in the roster."
    )
    changed = [after for _, after in report.changed]
    for what, rows in ((f"{would}added", report.added), (f"{would}changed", changed), (f"{would}gone", report.gone)):
        click.echo(f"{len(rows):,} {what}")
        for row in rows[:_SHOWN]:
            click.echo(f"  {row.state} {row.chamber}: {row.name} ({len(row.members)} members)")
        if len(rows) > _SHOWN:
            click.echo(f"  … and {len(rows) - _SHOWN:,} more")
    for doubt in report.doubts:
        click.echo(f"Look at this: {doubt}")


def print_table(report: TableReport) -> None:
    """What an import of boundaries or ZIP codes did, or would do."""
    _print_changes_of(report)
    for doubt in report.doubts:
        click.echo(f"Look at this: {doubt}")
    if report.dry_run:
        needs = " It will need --yes." if report.doubts and report.files else ""
        click.echo(f"Nothing was changed (--dry-run).{needs}")
    elif not report.is_new_version:
        click.echo("The same as before: nothing changed.")
    elif not report.files:
        click.echo("The files in the data folder are these already; they are a version now.")
    else:
        if not _has_changes(report):
            click.echo("The same districts as before; only the source or the day of the data is another.")
        click.echo(f"Written: {file_names(list(report.files))}.")


def _has_changes(report: TableReport) -> bool:
    zips = report.zips
    return any(one.added or one.gone or one.changed for one in report.redrawn) or bool(
        zips and (zips.added or zips.gone or zips.changed)
    )


def file_names(names: Sequence[str]) -> str:
    """The names of a few files, or how many they are."""
    return ", ".join(names) if len(names) <= 4 else f"{len(names)} files"


def _print_changes_of(report: TableReport) -> None:
    for one in report.redrawn:
        click.echo(f"{one.state} {one.chamber}: {one.after} districts, before {one.before}.")
        print_rows(dataset_versions.redrawn(one))
    if report.zips:
        click.echo(f"{report.zips.rows:,} rows.")
        print_rows(dataset_versions.zips_changed(report.zips))


def print_rows(changes: Sequence[dataset_versions.Change]) -> None:
    """Each change with the first of its rows."""
    for change in changes:
        click.echo(change.sentence)
        for row in change.rows[:_SHOWN]:
            click.echo(f"  {row}")
        if len(change.rows) > _SHOWN:
            click.echo(f"  … and {len(change.rows) - _SHOWN:,} more")


def list_rows(what: str, rows: Sequence[SeatRow], *, all_of_them: bool = False) -> None:
    click.echo(f"{len(rows):,} {what}")
    shown = rows if all_of_them else rows[:_SHOWN]
    for row in shown:
        kept = f" [{row.kept}]" if row.kept else ""
        click.echo(f"  {row.seat}{': ' + row.name if row.name else ''}{kept}")
    if len(shown) < len(rows):
        click.echo(f"  … and {len(rows) - len(shown):,} more")
