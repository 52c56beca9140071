"""The datasets: import them, load what came with the code, check them, look a ZIP code up."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from actionmail.db.engine import Database
from actionmail.flows import directory
from actionmail.flows.lookup import LookupRefused, convert_zip_table, find_seats, load_district_table
from actionmail.gateways.openstates import read_people
from actionmail.rules.districts import CHAMBERS, STATES
from actionmail.rules.roster import MAX_CSV_BYTES, DatasetError, SeatRow, from_csv
from actionmail.settings import Settings

LICENCE = "CC0-1.0"
_SHOWN = 20
_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(path_type=Path)


@click.group()
def data() -> None:
    """Who represents whom: legislators and ZIP codes."""


@data.group(name="import")
def import_() -> None:
    """Take a newer dataset. All of it or nothing."""


@import_.command()
@click.argument("path", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--out", type=_FILE, help="Write the roster to this file instead of data/legislators.csv.")
@click.option("--as-of", type=_DAY, help="The day the dataset is of, if its name does not tell.")
@click.option("--source-version", default="", help="The commit it was taken from, if the zip does not tell.")
@click.pass_obj
def people(
    settings: Settings, path: Path, dry_run: bool, out: Path | None, as_of: datetime | None, source_version: str
) -> None:
    """Import Open States people (a folder or a zip with data/<state>/legislature/*.yml) and write legislators.csv."""
    target = out or settings.data_dir / "legislators.csv"
    with _sentences():
        found = read_people(path, as_of=as_of.date() if as_of else None, version=source_version)
        database = Database(settings.database_url)
        staged: Path | None = None
        try:
            with database.write() as session:
                report = directory.import_people(
                    session,
                    found.rows,
                    source="https://github.com/openstates/people",
                    source_version=found.version,
                    licence=LICENCE,
                    as_of=found.as_of,
                    now=datetime.now(UTC),
                    dry_run=dry_run,
                )
                if not dry_run:
                    staged = _stage(target, report.roster)  # before the commit: a full disk changes nothing
            if staged:
                staged.replace(target)
        finally:
            if staged:
                staged.unlink(missing_ok=True)
    _print_report(report)
    if not dry_run:
        click.echo(f"The roster is in the database and in {target.name}.")


@import_.command()
@click.argument("path", type=_FILE)
@click.option("--as-of", type=_DAY, required=True, help="The day from which the districts hold.")
@click.option("--out", type=_FILE, help="Write to this file instead of data/zip_districts.csv.gz.")
@click.option("--dry-run", is_flag=True, help="Check the file, and write nothing.")
@click.pass_obj
def zips(settings: Settings, path: Path, as_of: datetime, out: Path | None, dry_run: bool) -> None:
    """Import a table of ZIP codes and districts: zip,state,chamber,district,share,method."""
    target = out or settings.data_dir / "zip_districts.csv.gz"
    with _sentences():
        packed = convert_zip_table(path, as_of=as_of.date())
        rows = gzip.decompress(packed)
        count = rows.count(b"\n") - 1
        if dry_run:
            click.echo(f"{count:,} rows, all in order. Nothing was written (--dry-run).")
        elif target.is_file() and _unpacked(target) == rows:
            click.echo(f"{count:,} rows, the same as before. Nothing was written.")
        else:
            _stage(target, packed).replace(target)
            click.echo(f"{count:,} rows written to {target.name}; start the web processes anew to use them.")


@data.command()
@click.pass_obj
def load(settings: Settings) -> None:
    """Load the shipped data/legislators.csv into the database. Again changes nothing."""
    file = settings.data_dir / "legislators.csv"
    with _sentences():
        try:
            with file.open("rb") as opened:
                raw = opened.read(MAX_CSV_BYTES + 1)
        except OSError as error:
            raise DatasetError(file.name, f"cannot be read: {error.strerror}") from None
        rows = from_csv(raw, file.name)
        try:
            with Database(settings.database_url).write() as session:
                report = directory.import_people(
                    session,
                    rows,
                    source=file.name,
                    source_version=hashlib.sha256(raw).hexdigest()[:12],
                    licence=LICENCE,
                    as_of=max(row.as_of for row in rows),
                    now=datetime.now(UTC),
                )
        except directory.OlderDataset as newer:
            click.echo(str(newer))
            return
    click.echo(
        f"{report.sitting:,} legislators and {len(report.vacant)} vacant seats as of {report.as_of}: "
        f"{len(report.added):,} added, {len(report.changed):,} changed, {len(report.gone):,} gone."
    )


@data.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Count what is there, list what is odd, and say how old it is. Status 1 if a seat cannot be found."""
    with _sentences():
        table = load_district_table(settings.data_dir)
        with Database(settings.database_url).read() as session:
            status = directory.roster_status(session, now=datetime.now(UTC))
            joins = directory.joins(session, table)
    if status.as_of is None:
        raise click.ClickException("There is no legislator in the database; run `actionmail data load`.")
    click.echo("state  upper         lower         legislature")
    for state in STATES:
        cells = []
        for chamber in CHAMBERS:
            count = status.counts.get((state, chamber))
            vacant = f" + {count.vacant} vacant" if count and count.vacant else ""
            cells.append(f"{count.sitting}{vacant}" if count else "-")
        click.echo(f"{state:5}  {cells[0]:12}  {cells[1]:12}  {cells[2]}")
    click.echo(f"\n{status.sitting:,} legislators and {len(status.vacancies)} vacant seats.")
    _list("vacant", status.vacancies, all_of_them=True)
    for note in ("missing", "malformed", "shared"):
        _list(_NOTES[note], status.problems[note], all_of_them=True)
    _list(_NOTES["personal"], status.problems["personal"])
    _list_seats("districts of the ZIP table without a legislator or a known vacancy", joins.without_legislator)
    _list_seats("districts that no ZIP code leads to", [seat for seat in joins.without_zip if seat[0] != "PR"])
    click.echo("Puerto Rico: no ZIP code leads to a district, for want of a table.")
    click.echo(f"\nThe roster is as of {status.as_of}, {status.age_days} days old ({status.version}).")
    age = (datetime.now(UTC).date() - table.as_of).days
    click.echo(
        f"The ZIP table has {len(table):,} ZIP codes and is as of {table.as_of}, {age} days old ({table.version})."
    )
    if joins.without_legislator:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("zip_code", metavar="ZIP")
@click.option("--state", required=True, metavar="XX", help="The state of the campaign, in two letters.")
@click.pass_obj
def lookup(settings: Settings, zip_code: str, state: str) -> None:
    """Print, as JSON, whom a ZIP code may have elected, and how sure that is."""
    state = state.upper()
    if state not in STATES:
        raise click.ClickException(f"{state!r} is no state; use two letters such as WI.")
    with _sentences():
        table = load_district_table(settings.data_dir)
        found = find_seats(table, zip_code, state=state, chambers=("upper", "lower"))
        candidates: dict[str, list[dict[str, object]]] = {}
        with Database(settings.database_url).read() as session:
            for chamber, seats in found.seats.items():
                candidates[chamber] = [
                    {
                        "district": seat.district,
                        "share": seat.share,
                        "method": seat.method,
                        "legislators": [
                            one.name or "(vacant)"
                            for one in directory.legislators_for(session, state, [(chamber, seat.district)])
                        ],
                    }
                    for seat in seats
                ]
            status = directory.roster_status(session, now=datetime.now(UTC))
    answer = {
        "zip": found.zip,
        "state": found.state,
        "method": found.method,
        "certain": found.is_certain,
        "explanation": found.explanation,
        "data_version": found.data_version,
        "as_of": found.as_of.isoformat(),
        "roster_as_of": status.as_of.isoformat() if status.as_of else None,
        "candidates": candidates,
    }
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    if status.as_of is None:
        click.echo("There is no legislator in the database; run `actionmail data load`.", err=True)


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except (DatasetError, LookupRefused, directory.OlderDataset) as error:
        raise click.ClickException(str(error)) from None


def _stage(target: Path, content: bytes) -> Path:
    """The content in a file beside the target, ready to take its place."""
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
    except OSError as error:
        raise DatasetError(
            target.name, f"cannot be written ({error.strerror}); name another file with --out. Nothing was changed"
        ) from None
    return Path(name)


def _unpacked(file: Path) -> bytes:
    try:
        return gzip.decompress(file.read_bytes())
    except (OSError, EOFError):
        return b""


_NOTES = {
    "missing": "without address",
    "malformed": "malformed address, not used",
    "shared": "address shared with another",
    "personal": "address at a free-mail service",
}


def _print_report(report: directory.ImportReport) -> None:
    would = "would be " if report.dry_run else ""
    scope = "all states" if len(report.states) > 50 else ", ".join(report.states)
    click.echo(f"As of {report.as_of}, {scope}: {report.sitting:,} legislators.")
    _list(f"{would}added", report.added)
    click.echo(f"{len(report.changed):,} {would}changed")
    columns = Counter(column for change in report.changed for column in change.columns)
    for column, count in columns.most_common():
        click.echo(f"  {column}: {count:,}")
    _list(f"{would}gone", report.gone)
    _list("kept an older phone, address or website that this dataset lacks", report.kept)
    _list("vacant", report.vacant)
    for note, rows in (
        ("missing", report.missing),
        ("malformed", report.malformed),
        ("shared", report.shared),
        ("personal", report.personal),
    ):
        _list(_NOTES[note], rows)
    if report.dry_run:
        click.echo("Nothing was changed (--dry-run).")
    elif not report.is_new_version:
        click.echo("The same as before: nothing changed.")


def _list(what: str, rows: Sequence[SeatRow], *, all_of_them: bool = False) -> None:
    click.echo(f"{len(rows):,} {what}")
    shown = rows if all_of_them else rows[:_SHOWN]
    for row in shown:
        kept = f" [{row.kept}]" if row.kept else ""
        click.echo(f"  {row.seat}{': ' + row.name if row.name else ''}{kept}")
    if len(shown) < len(rows):
        click.echo(f"  … and {len(rows) - len(shown):,} more")


def _list_seats(what: str, seats: Sequence[tuple[str, str, str]]) -> None:
    click.echo(f"{len(seats):,} {what}")
    for seat in seats:
        click.echo(f"  {' '.join(seat)}")
