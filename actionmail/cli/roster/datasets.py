"""The datasets: import them, load what came with the code, check them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from actionmail.cli.roster import people
from actionmail.cli.roster.blocks import blocks
from actionmail.cli.roster.boundaries import boundaries
from actionmail.cli.roster.files import MB, file_or_url
from actionmail.cli.roster.reports import DRY_RUN, LICENCE, NOTES, YES, list_rows, print_table, sentences
from actionmail.db.engine import Database
from actionmail.flows.lookup.atlas import Atlas
from actionmail.flows.lookup.congress_files import convert_congress_table
from actionmail.flows.lookup.table_text import read_text
from actionmail.flows.lookup.zip_conversion import convert_zip_table
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.flows.roster import committees as committees_flow
from actionmail.flows.roster import district_files, importing
from actionmail.gateways.datasets.yaml_files import read_file
from actionmail.rules.districts.states import CHAMBERS, STATES
from actionmail.rules.roster.committees import from_csv as committees_from_csv
from actionmail.rules.roster.seats import MAX_CSV_BYTES, from_csv
from actionmail.settings import Settings

_DAY = click.DateTime(["%Y-%m-%d"])
_SOURCE = click.option("--source", default="", help="Where it comes from; the file's name if not said.")
_LICENCE = click.option("--licence", default="", help="Under which licence.")


@click.group()
def data() -> None:
    """Who represents whom: legislators and ZIP codes."""


@data.group(name="import")
def import_() -> None:
    """Take a newer dataset. All of it or nothing."""


for _command in (people.people, people.congress, people.committees, people.csv):
    import_.add_command(_command)
for _command in (people.versions, people.undo, people.correct, people.withdraw, people.corrections):
    data.add_command(_command)


import_.add_command(boundaries)
import_.add_command(blocks)


@import_.command()
@click.option("--as-of", type=_DAY, required=True, help="The day from which the districts hold.")
@_SOURCE
@_LICENCE
@DRY_RUN
@YES
@click.pass_obj
@file_or_url(128 * MB)
def zips(settings: Settings, path: Path, as_of: datetime, source: str, licence: str, dry_run: bool, yes: bool) -> None:
    """Import a table of ZIP codes and districts: zip,state,chamber,district,share,method."""
    with sentences():
        packed = convert_zip_table(path, as_of=as_of.date())
        import_zip_table(
            settings, packed, path.name, as_of=as_of, source=source, licence=licence, dry_run=dry_run, yes=yes
        )


@import_.command()
@click.option("--as-of", type=_DAY, required=True, help="The day of the election in which these districts were used.")
@_SOURCE
@_LICENCE
@DRY_RUN
@YES
@click.pass_obj
@file_or_url(64 * MB)
def congress_zips(
    settings: Settings, path: Path, as_of: datetime, source: str, licence: str, dry_run: bool, yes: bool
) -> None:
    """Import a list of ZIP codes and districts of Congress: state_fips,state_abbr,zcta,cd."""
    with sentences():
        packed = convert_congress_table(path, as_of=as_of.date())
        import_zip_table(
            settings,
            packed,
            path.name,
            kind=district_files.CONGRESS_ZIPS,
            as_of=as_of,
            source=source,
            licence=licence,
            dry_run=dry_run,
            yes=yes,
        )


def import_zip_table(
    settings: Settings,
    packed: bytes,
    name: str,
    *,
    kind: str = district_files.ZIPS,
    as_of: datetime,
    source: str = "",
    licence: str = "",
    dry_run: bool = False,
    yes: bool = False,
) -> None:
    """Put a table that came from the file `name` in force: a version and the file in the data folder, or neither."""
    with district_files.in_place() as put, Database(settings.database_url).write() as session:
        report = district_files.import_zips(
            session,
            settings.data_dir,
            packed,
            kind=kind,
            source=source or name,
            source_version=name,
            licence=licence,
            as_of=as_of.date(),
            now=datetime.now(UTC),
            confirmed=yes,
            dry_run=dry_run,
        )
        if not dry_run:
            for file, content in report.files.items():
                put(settings.data_dir / file, content)
    print_table(report)


@data.command()
@click.pass_obj
def load(settings: Settings) -> None:
    """Load the shipped legislators, members of Congress and committees into the database. Again changes nothing."""
    with sentences():
        for name, kind in (("legislators.csv", importing.KIND), ("congress.csv", importing.CONGRESS)):
            file = settings.data_dir / name
            if kind == importing.KIND or file.is_file():
                _load_people(settings, file, kind)
        if (file := settings.data_dir / committees_flow.FILE).is_file():
            _load_committees(settings, file)


def _load_people(settings: Settings, file: Path, kind: str) -> None:
    raw = read_file(file, MAX_CSV_BYTES)
    rows = from_csv(raw, file.name)
    origin = _shipped(file, raw, max(row.as_of for row in rows))
    try:
        with Database(settings.database_url).write() as session:
            report = importing.import_people(session, rows, **origin, kind=kind, whole=True)
    except importing.OlderDataset as newer:
        click.echo(str(newer))
        return
    who = "legislators" if kind == importing.KIND else "members of Congress"
    vacant = f" and {len(report.vacant)} vacant seats" if kind == importing.KIND else ""
    _say(f"{report.sitting:,} {who}{vacant}", report)


def _load_committees(settings: Settings, file: Path) -> None:
    raw = read_text(file)
    rows = committees_from_csv(raw, file.name)
    if not rows:
        return
    origin = _shipped(file, raw, max(row.as_of for row in rows))
    try:
        with Database(settings.database_url).write() as session:
            report = committees_flow.import_committees(session, rows, **origin)
    except importing.OlderDataset as newer:
        click.echo(str(newer))
        return
    _say(f"{report.committees:,} committees with {report.members:,} members", report)


def _shipped(file: Path, raw: bytes, as_of: date) -> dict[str, Any]:
    return {
        "source": file.name,
        "source_version": hashlib.sha256(raw).hexdigest()[:12],
        "licence": LICENCE,
        "as_of": as_of,
        "now": datetime.now(UTC),
        "confirmed": True,  # it was looked at before it was shipped
    }


def _say(what: str, report: importing.ImportReport | committees_flow.Report) -> None:
    click.echo(
        f"{what} as of {report.as_of}: "
        f"{len(report.added):,} added, {len(report.changed):,} changed, {len(report.gone):,} gone."
    )


@data.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Count what is there, list what is odd, and say how old it is. Status 1 if a seat cannot be found."""
    with sentences():
        table = load_district_table(settings.data_dir)
        atlas = Atlas(settings.data_dir / "boundaries")
        with Database(settings.database_url).read() as session:
            status = importing.roster_status(session, now=datetime.now(UTC))
            joins = importing.joins(session, table)
            strange = {
                kind: district_files.out_of_step(session, settings.data_dir, kind) for kind in district_files.FILES
            }
    if status.as_of is None:
        raise click.ClickException("There is no legislator in the database; run `actionmail data load`.")
    held = {state for state, _ in status.counts}
    click.echo("state  upper           lower           legislature")
    for state in STATES:
        cells = []
        for chamber in CHAMBERS:
            count = status.counts.get((state, chamber))
            vacant = f" + {count.vacant} vacant" if count and count.vacant else ""
            cells.append(f"{count.sitting}{vacant}" if count else "-")
        click.echo(f"{state:5}  {cells[0]:14}  {cells[1]:14}  {cells[2]}")
    click.echo(f"\n{status.sitting:,} legislators and {len(status.vacancies)} vacant seats.")
    list_rows("vacant", status.vacancies, all_of_them=True)
    for note in ("missing", "malformed", "shared"):
        list_rows(NOTES[note], status.problems[note], all_of_them=True)
    list_rows(NOTES["personal"], status.problems["personal"])
    _list_seats(
        "districts of the ZIP table without a legislator or a known vacancy",
        [seat for seat in joins.without_legislator if seat[0] in held],
    )
    if empty := sorted({seat[0] for seat in joins.without_legislator} - held):
        click.echo(f"States in the ZIP table of which the roster has nobody: {', '.join(empty)}")
    _list_seats("districts that no ZIP code leads to", [seat for seat in joins.without_zip if seat[0] != "PR"])
    click.echo("Puerto Rico: no ZIP code leads to a district, for want of a table.")
    click.echo(f"\nThe roster is as of {status.as_of}, {status.age_days} days old ({status.version}).")
    age = (datetime.now(UTC).date() - table.as_of).days
    click.echo(
        f"The ZIP table has {len(table):,} ZIP codes and is as of {table.as_of}, {age} days old ({table.version})."
    )
    click.echo(
        f"The list of ZIP codes for Congress is as of {table.congress_as_of} ({table.congress_version})."
        if table.congress_version
        else "There is no list of ZIP codes for Congress."
    )
    drawn = [state for state in sorted(STATES) if atlas.covers(state)]
    click.echo(f"Boundaries are there for {', '.join(drawn) or 'no state'}; elsewhere the geocoder's districts decide.")
    for kind, sentence in strange.items():
        if sentence:
            click.echo(f"{kind}: {sentence}.")
    if joins.without_legislator:
        raise click.exceptions.Exit(1)


def _list_seats(what: str, seats: Sequence[tuple[str, str, str]]) -> None:
    click.echo(f"{len(seats):,} {what}")
    for seat in seats:
        click.echo(f"  {' '.join(seat)}")
