"""Make the ZIP table from the Census Bureau's files of blocks, and measure the one in force against them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from actionmail.cli.roster.files import MB, files_or_urls
from actionmail.cli.roster.reports import DRY_RUN, YES, print_table, sentences
from actionmail.db.engine import Database
from actionmail.flows.lookup.congress_files import pack_congress_rows, read_congress_rows
from actionmail.flows.lookup.zip_conversion import pack_zip_rows, read_zip_rows
from actionmail.flows.roster import district_files, importing
from actionmail.gateways.datasets.block_files import (
    AREAS,
    PEOPLE,
    BlockFile,
    find_block_files,
    read_areas,
    read_codes,
    read_people,
)
from actionmail.gateways.datasets.yaml_files import read_file
from actionmail.rules.districts.blocks import CODES_FILE, Blocks, Part, ZipRow, district_names, zip_rows
from actionmail.rules.districts.blocks import read_codes as read_code_names
from actionmail.rules.districts.measuring import Measure, measure
from actionmail.rules.districts.states import STATES
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import Settings

_LARGEST = 4096 * MB  # the ZIP areas of the whole country are 1 GB
_FEW = 0.01  # of a state's blocks may be in no line of a file
_MANY = 0.10  # of a state's ZIP codes must not lose their area
_SHOWN = 20


@click.command()
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day of the election with these districts."
)
@click.option("--state", "states", multiple=True, metavar="XX", help="Only this state; may be given several times.")
@YES
@DRY_RUN
@click.pass_obj
@files_or_urls(_LARGEST)
def blocks(
    settings: Settings, paths: Sequence[Path], as_of: datetime, states: Sequence[str], yes: bool, dry_run: bool
) -> None:
    """Make the ZIP table anew from the Census Bureau's block files: ZIP areas, districts and, if at hand, people.

    Give all of them at once, in any order, zipped as they come, from the disk or from the web. Which is which is known
    by their first lines. The states and chambers that they speak of get exact rows; everything else stays as it is.
    """
    wanted = {state.upper() for state in states}
    if unknown := sorted(wanted - STATES.keys()):
        raise click.ClickException(f"{unknown[0]!r} is no state; use two letters such as WI.")
    with sentences():
        files = [file for path in paths for file in find_block_files(path)]
        held, by_people = _read(files, wanted)
        before, before_congress = read_zip_rows(settings.data_dir), read_congress_rows(settings.data_dir)
        parts = _parts(settings, held, files, before)
        legislative = [part for part in parts if part.chamber != "us_lower"]
        federal = [part for part in parts if part.chamber == "us_lower"]
        for chamber in dict.fromkeys(part.chamber for part in parts):
            table = before_congress if chamber == "us_lower" else before
            here = [part for part in parts if part.chamber == chamber]
            _print_measure(measure(here, table, chamber, by_people=by_people), by_people=by_people)
        ready: list[tuple[str, bytes]] = []
        if legislative:
            doubts, rows = _merged(before, legislative, as_of.date())
            ready.append((district_files.ZIPS, pack_zip_rows(rows)))
            for doubt in doubts:
                click.echo(f"Look at this: {doubt}")
            if doubts and not (yes or dry_run):
                raise click.ClickException("Nothing was changed. If it is right, say so with --yes.")
        if federal:
            _, rows = _merged(before_congress, federal, as_of.date())
            ready.append((district_files.CONGRESS_ZIPS, pack_congress_rows(rows)))
        reports = []
        with district_files.in_place() as put, Database(settings.database_url).write() as session:
            for kind, packed in ready:
                report = district_files.import_zips(
                    session,
                    settings.data_dir,
                    packed,
                    kind=kind,
                    source="US Census Bureau, block files",
                    source_version=", ".join(path.name for path in paths),
                    licence="public domain (US government)",
                    as_of=as_of.date(),
                    now=datetime.now(UTC),
                    confirmed=yes,
                    dry_run=dry_run,
                )
                reports.append(report)
                if not dry_run:
                    for name, content in report.files.items():
                        put(settings.data_dir / name, content)
    for report in reports:
        print_table(report)


def _read(files: Sequence[BlockFile], wanted: set[str]) -> tuple[Blocks, bool]:
    """All the files in the order in which they need each other, and whether people were counted."""
    areas = [file for file in files if file.kind == AREAS]
    districts = [file for file in files if file.kind not in {AREAS, PEOPLE}]
    people = [file for file in files if file.kind == PEOPLE]
    if not areas:
        raise DatasetError("ZIP areas", "none of the files says which ZIP area a block lies in (tab20_zcta520_...)")
    if not districts:
        raise DatasetError("districts", "none of the files says which district a block lies in (sldl24.zip, ...)")
    held = Blocks(wanted)
    for file in areas:
        begun = time.monotonic()
        for block, zip5, land in read_areas(file):
            held.place(block, zip5, land)
        _done(file, begun)
    held.settle(areas[0].name)
    for file in districts:
        begun = time.monotonic()
        assign, chamber = held.assign, file.kind
        for block, code, line in read_codes(file):
            if not assign(chamber, block, code):
                raise DatasetError(file.name, f"block {block:015} is there twice", line=line)
        _done(file, begun)
    for file in people:
        begun = time.monotonic()
        for block, lived, line in read_people(file):
            if not held.count(block, lived):
                raise DatasetError(file.name, f"block {block:015} is there twice", line=line)
        _done(file, begun)
    if not held.houses():
        raise DatasetError(districts[0].name, "none of its blocks is in a ZIP area of these states")
    if people:
        for state in {state for state, _ in held.houses()}:
            missing, count = held.uncounted(state)
            if missing > _FEW * count:
                raise DatasetError(
                    people[0].name,
                    f"of {state}, {missing:,} of {count:,} blocks have no people told; give the people of each state, "
                    "or name the states with --state",
                )
    return held, bool(people)


def _done(file: BlockFile, begun: float) -> None:
    click.echo(f"{file.name}: {file.kind}, read in {time.monotonic() - begun:.0f} s", err=True)


def _parts(settings: Settings, held: Blocks, files: Sequence[BlockFile], before: Sequence[ZipRow]) -> list[Part]:
    """What each state's blocks come to, under the roster's names. Raises DatasetError with all that join nothing."""
    codes_file = settings.data_dir / CODES_FILE
    named = read_code_names(read_file(codes_file, 1024 * 1024), CODES_FILE) if codes_file.is_file() else {}
    known = {(row.state, row.chamber, row.district) for row in before}
    with Database(settings.database_url).read() as session:
        known |= {(row.state, row.chamber, row.district) for row in importing.dataset_rows(session)}
    parts: list[Part] = []
    strange: list[str] = []
    for state, chamber in held.houses():
        absent, nowhere, count = held.nowhere(state, chamber)
        name = next(file.name for file in files if file.kind == ("upper" if chamber == "legislature" else chamber))
        if absent > _FEW * count:
            raise DatasetError(
                name, f"{absent:,} of {count:,} blocks of {state} are in no line of it; only half a download?"
            )
        if absent or nowhere:
            click.echo(f"{state} {chamber}: {absent + nowhere:,} of {count:,} blocks with land are in no district.")
        names = {code: district_names(named, state, chamber, code) for code in held.codes(state, chamber)}
        strange += [
            f"{state} {chamber} {code}" + ("" if names[code] == (code,) else f" ({', '.join(names[code])})")
            for code in names
            if chamber != "us_lower" and not all((state, chamber, one) in known for one in names[code])
        ]
        parts += held.parts(state, chamber, names)
    if strange:
        shown = ", ".join(strange[:_SHOWN]) + (f" and {len(strange) - _SHOWN:,} more" if len(strange) > _SHOWN else "")
        raise DatasetError(
            "districts", f"no district of the roster or the ZIP table is called: {shown}. Name them in {CODES_FILE}"
        )
    return parts


def _merged(before: Sequence[ZipRow], parts: Sequence[Part], as_of: date) -> tuple[list[str], list[ZipRow]]:
    """What somebody should look at first, and the rows to come.

    Rows of ZIP codes without a Census area (post office boxes) stay as they are, in these states too.
    """
    houses = {(part.state, part.chamber) for part in parts}
    zips = {part.zip for part in parts}
    mine = [row for row in before if (row.state, row.chamber) in houses]
    others = [row for row in before if (row.state, row.chamber) not in houses]
    stay = [row for row in mine if row.zip not in zips]
    made = zip_rows(parts, others, as_of=as_of)
    doubts = []
    for state, chamber in sorted(houses):
        areas = {row.zip for row in mine if (row.state, row.chamber) == (state, chamber) and row.method != "centroid"}
        lost = areas - zips
        if len(lost) > _MANY * len(areas):
            doubts.append(
                f"{state} {chamber}: {len(lost):,} of {len(areas):,} ZIP codes with an area have none in these files."
            )
    click.echo(
        f"{len(made):,} rows by blocks take the place of {len(mine) - len(stay):,}; {len(stay):,} rows of ZIP codes "
        f"without a Census area stay as they are, {len(others):,} are of other states and chambers."
    )
    return doubts, [*others, *stay, *made]


def _print_measure(found: Measure, *, by_people: bool) -> None:
    what = "people" if by_people else "land"
    lived = f", {found.lived_in:,} of them with people" if by_people else ""
    missed_lived = f", {found.missed_lived_in:,} of them with people" if by_people else ""
    pairs = max(found.pairs, 1)
    click.echo(
        f"{found.chamber}: by blocks {found.pairs:,} pairs of ZIP code and district{lived}. The table in force "
        f"misses {found.missed:,} ({found.missed / pairs:.2%}{missed_lived}) and adds {found.added:,} "
        f"({found.added / pairs:.2%}). By {what}: misses {found.missed_weight:.3%}, adds {found.added_weight:.3%}."
    )
    for one in found.worst:
        said = [f"misses {', '.join(one.missed)}"] if one.missed else []
        said += [f"adds {', '.join(one.added)}"] if one.added else []
        click.echo(f"  {one.zip}: {'; '.join(said)} ({one.weight:.4%} of all {what} missed)")
