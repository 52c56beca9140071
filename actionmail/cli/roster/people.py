"""The roster from the command line: import a newer one, go back, correct a row by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from actionmail.cli.roster.files import MB, file_or_url
from actionmail.cli.roster.reports import (
    DRY_RUN,
    LICENCE,
    YES,
    file_names,
    print_committees,
    print_report,
    print_rows,
    sentences,
)
from actionmail.db.engine import Database
from actionmail.flows.roster import committees as committees_flow
from actionmail.flows.roster import corrections as mending
from actionmail.flows.roster import dataset_versions as going_back
from actionmail.flows.roster import importing
from actionmail.gateways.datasets.committees import read_committees
from actionmail.gateways.datasets.congress import read_congress
from actionmail.gateways.datasets.congress_committees import holds_congress, read_congress_committees
from actionmail.gateways.datasets.openstates import read_people
from actionmail.gateways.datasets.openstates_csv import is_openstates, read_openstates_csv
from actionmail.gateways.datasets.yaml_files import read_file
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.roster.seats import CORRECTABLE, MAX_CSV_BYTES, SeatRow, from_csv
from actionmail.settings import Settings

_FILE = click.Path(path_type=Path)
_BLANK = click.option(
    "--blank-missing", is_flag=True, help="Blank phones, addresses and websites that this dataset lacks."
)
_AS_OF = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the dataset is of, if its name does not tell."
)
_VERSION = click.option("--source-version", default="", help="The commit it was taken from, if the file does not tell.")
_BY = click.option("--by", required=True, metavar="WHO", help="Who does this; kept with it.")
_WHY = click.option("--why", required=True, help="Why; kept with it. Name no supporter.")


@click.command()
@DRY_RUN
@YES
@_BLANK
@click.option("--out", type=_FILE, help="Write the roster to this file instead of data/legislators.csv.")
@_AS_OF
@_VERSION
@click.pass_obj
@file_or_url(256 * MB)
def people(
    settings: Settings,
    path: Path,
    dry_run: bool,
    yes: bool,
    blank_missing: bool,
    out: Path | None,
    as_of: datetime | None,
    source_version: str,
) -> None:
    """Import Open States people (a folder or a zip with data/<state>/legislature/*.yml) and write legislators.csv."""
    with sentences():
        found = read_people(path, as_of=as_of.date() if as_of else None, version=source_version)
        _import(
            settings,
            [_Part(found.rows, importing.KIND, out)],
            source="https://github.com/openstates/people",
            version=found.version,
            dry_run=dry_run,
            yes=yes,
            blank_missing=blank_missing,
        )


@click.command()
@DRY_RUN
@YES
@_BLANK
@click.option("--out", type=_FILE, help="Write the members to this file instead of data/congress.csv.")
@_AS_OF
@_VERSION
@click.pass_obj
@file_or_url(8 * MB)
def congress(
    settings: Settings,
    path: Path,
    dry_run: bool,
    yes: bool,
    blank_missing: bool,
    out: Path | None,
    as_of: datetime | None,
    source_version: str,
) -> None:
    """Import legislators-current.yaml of unitedstates/congress-legislators, and write congress.csv.

    Members of Congress have web forms and phones, no e-mail addresses.
    """
    with sentences():
        found = read_congress(path, as_of=as_of.date() if as_of else None, version=source_version)
        _import(
            settings,
            [_Part(found.rows, importing.CONGRESS, out, whole=True)],
            source="https://github.com/unitedstates/congress-legislators",
            version=found.version,
            dry_run=dry_run,
            yes=yes,
            blank_missing=blank_missing,
            doubts=found.doubts,
        )


@click.command()
@DRY_RUN
@YES
@_AS_OF
@_VERSION
@click.pass_obj
@file_or_url(256 * MB)
def committees(
    settings: Settings, path: Path, dry_run: bool, yes: bool, as_of: datetime | None, source_version: str
) -> None:
    """Import committees and their members from a folder or a zip, and write committees.csv.gz.

    The states' from Open States, those of Congress from congress-legislators (committees-current.yaml and
    committee-membership-current.yaml); which of the two it is, the files' names tell.
    """
    with sentences():
        of_congress = holds_congress(path)
        read = read_congress_committees if of_congress else read_committees
        project = "unitedstates/congress-legislators" if of_congress else "openstates/people"
        found = read(path, as_of=as_of.date() if as_of else None, version=source_version)
        with going_back.in_place() as put, Database(settings.database_url).write() as session:
            report = committees_flow.import_committees(
                session,
                found.rows,
                source=f"https://github.com/{project}",
                source_version=found.version,
                licence=LICENCE,
                as_of=found.as_of,
                now=datetime.now(UTC),
                confirmed=yes,
                dry_run=dry_run,
            )
            if not dry_run:
                put(settings.data_dir / committees_flow.FILE, report.file)
    print_committees(report, "would be " if dry_run else "")
    if dry_run:
        needs = " It will need --yes." if report.doubts else ""
        click.echo(f"Nothing was changed (--dry-run).{needs}")
    elif not report.is_new_version:
        click.echo("The same as before: nothing changed.")
    else:
        click.echo(f"The committees are in the database and in {committees_flow.FILE}.")


@click.command()
@DRY_RUN
@YES
@_BLANK
@click.option("--source", default="", help="Where it comes from; the file's name if not said.")
@click.option("--licence", default="", help="Under which licence.")
@click.option("--state", default="", metavar="XX", help="The state of an Open States CSV, if its name does not tell.")
@_AS_OF
@click.pass_obj
@file_or_url(MAX_CSV_BYTES)
def csv(
    settings: Settings,
    path: Path,
    dry_run: bool,
    yes: bool,
    blank_missing: bool,
    source: str,
    licence: str,
    state: str,
    as_of: datetime | None,
) -> None:
    """Import the tool's own CSV (as legislators.csv and congress.csv are), or Open States' bulk CSV of one state.

    It speaks for the states that are in it. --state and --as-of are for the second.
    """
    with sentences():
        raw = read_file(path, MAX_CSV_BYTES)
        if is_openstates(raw):
            rows = read_openstates_csv(path, state=state, as_of=as_of.date() if as_of else None).rows
            source, licence = source or "https://open.pluralpolicy.com/data/legislator-csv", licence or LICENCE
        else:
            rows = from_csv(raw, path.name)
        federal = [row for row in rows if row.chamber in FEDERAL_CHAMBERS]
        of_states = [row for row in rows if row.chamber not in FEDERAL_CHAMBERS]
        parts = [_Part(of_states, importing.KIND), _Part(federal, importing.CONGRESS)]
        _import(
            settings,
            [part for part in parts if part.rows],
            source=source or path.name,
            version=path.name,
            licence=licence,
            dry_run=dry_run,
            yes=yes,
            blank_missing=blank_missing,
        )


@click.command()
@click.option("--kind", type=click.Choice(going_back.KINDS), help="Only imports of this kind.")
@click.pass_obj
def versions(settings: Settings, kind: str | None) -> None:
    """List the imports that changed something, newest first."""
    with Database(settings.database_url).read() as session:
        found = importing.versions(session, kind)
    if not found:
        click.echo("Nothing was imported yet.")
    for one in found:
        standing = "in force" if one.is_current else ""
        if one.undone_at:
            standing = f"undone {one.undone_at:%Y-%m-%d} by {one.undone_by}"
        said = one.source_version[:12] if len(one.source_version) == 40 else one.source_version or one.source
        click.echo(
            f"{one.id:>4}  {one.kind:13}  as of {one.as_of}  imported {one.imported_at:%Y-%m-%d %H:%M} UTC  "
            f"{one.row_count:>6,} rows  {said}{'  ' + standing if standing else ''}"
        )


@click.command()
@click.argument("kind", type=click.Choice(going_back.KINDS), default=importing.KIND)
@_BY
@click.option("--out", type=_FILE, help="Write the roster to this file instead of the one in data/.")
@DRY_RUN
@click.pass_obj
def undo(settings: Settings, kind: str, by: str, out: Path | None, dry_run: bool) -> None:
    """Go back to the version before the last import. Corrections by staff stay in force."""
    if out and kind not in going_back.FILES:
        raise click.UsageError(f"--out is for {' and '.join(going_back.FILES)}.")
    database = Database(settings.database_url)
    with sentences():
        with database.read() as session:
            seen = going_back.undo(session, settings.data_dir, kind, by=by, now=datetime.now(UTC), dry_run=True)
        print_rows(seen.changes)
        if dry_run:
            click.echo("Nothing was changed (--dry-run).")
            return
        with going_back.in_place() as put, database.write() as session:
            done = going_back.undo(
                session, settings.data_dir, kind, by=by, now=datetime.now(UTC), expected=seen.undone.id
            )
            targets = {out or settings.data_dir / name: content for name, content in done.files.items()}
            for target, content in targets.items():
                put(target, content)
    names = f" and in {file_names([target.name for target in targets])}" if targets else ""
    click.echo(
        f"Version {done.undone.id} is undone; version {done.restored.id}, as of {done.restored.as_of}, "
        f"is in force{names}."
    )


@click.command()
@click.argument("key")
@click.argument("field", type=click.Choice(CORRECTABLE))
@click.argument("value")
@_WHY
@_BY
@click.pass_obj
def correct(settings: Settings, key: str, field: str, value: str, why: str, by: str) -> None:
    """Let FIELD of the legislator KEY be VALUE ("" for none) from now on, whatever datasets say."""
    with sentences(), Database(settings.database_url).write() as session:
        made = mending.correct(session, key, field, value, why=why, by=by, now=datetime.now(UTC))
    click.echo(f"The {field} of {key} is {made.value!r} from now on; the dataset says {made.replaced!r}.")


@click.command()
@click.argument("key")
@click.argument("field", type=click.Choice(CORRECTABLE))
@_WHY
@_BY
@click.pass_obj
def withdraw(settings: Settings, key: str, field: str, why: str, by: str) -> None:
    """End a correction: the dataset's value stands again."""
    with sentences(), Database(settings.database_url).write() as session:
        value = mending.withdraw(session, key, field, why=why, by=by, now=datetime.now(UTC))
    click.echo(f"The {field} of {key} is {value!r} again, as the dataset says.")


@click.command()
@click.pass_obj
def corrections(settings: Settings) -> None:
    """List the corrections in force: what, who, when, why."""
    with Database(settings.database_url).read() as session:
        found = mending.in_force(session)
    if not found:
        click.echo("No correction is in force.")
    for one in found:
        click.echo(
            f"{one.key}  {one.field} {one.value!r} (dataset: {one.replaced!r})  by {one.made_by}, "
            f"{one.made_at:%Y-%m-%d}: {one.why}"
        )


class _Part:
    """The rows of one kind and the file they are written to."""

    def __init__(self, rows: Sequence[SeatRow], kind: str, out: Path | None = None, *, whole: bool = False) -> None:
        self.rows, self.kind, self.out, self.whole = rows, kind, out, whole


def _import(
    settings: Settings,
    parts: Sequence[_Part],
    *,
    source: str,
    version: str,
    dry_run: bool,
    yes: bool,
    blank_missing: bool,
    licence: str = LICENCE,
    doubts: Sequence[str] = (),
) -> None:
    """All parts in one transaction, with their files: written before the commit, since a full disk changes nothing."""
    targets: list[Path] = []
    reports = []
    with going_back.in_place() as put, Database(settings.database_url).write() as session:
        for part in parts:
            report = importing.import_people(
                session,
                part.rows,
                source=source,
                source_version=version,
                licence=licence,
                as_of=max(row.as_of for row in part.rows),
                now=datetime.now(UTC),
                kind=part.kind,
                whole=part.whole,
                blank_missing=blank_missing,
                confirmed=yes,
                dry_run=dry_run,
                doubts=doubts,
            )
            reports.append(report)
            if not dry_run:
                targets.append(part.out or settings.data_dir / going_back.FILES[part.kind])
                put(targets[-1], report.roster)
    for report in reports:
        print_report(report)
    for target in targets:
        click.echo(f"The roster is in the database and in {target.name}.")
