"""Make the ZIP table from the Census Bureau's files of blocks, and measure the one in force against them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.roster.choices import (
    DAY,
    DRY_RUN,
    STATES_ONLY,
    YES,
    ImportChoices,
    with_choices,
)
from actionmail.cli.roster.readings import Reading, import_readings
from actionmail.cli.roster.reports import print_reports, sentences
from actionmail.cli.roster.sources import MB, files_or_urls
from actionmail.flows.lookup.congress_files import pack_congress_rows, read_congress_rows
from actionmail.flows.lookup.zip_conversion import pack_zip_rows, read_zip_rows
from actionmail.flows.roster.block_tables import (
    BlockParts,
    BlockReaders,
    MergedTable,
    TablesInUse,
    measures,
    merged_tables,
    parts_of_blocks,
)
from actionmail.flows.roster.block_tables import read_blocks as read_all
from actionmail.flows.roster.district_files import CONGRESS_ZIPS, ZIPS, Files, held_files
from actionmail.flows.roster.zip_tables import ZipTableDataset
from actionmail.gateways.datasets.block_files import BlockFile, find_block_files, read_areas, read_codes, read_people
from actionmail.gateways.datasets.code_files import district_codes
from actionmail.rules.districts.measuring import Measure
from actionmail.settings import Settings

_LARGEST = 4096 * MB  # the ZIP areas of the whole country are 1 GB
_READERS = BlockReaders[BlockFile](areas=read_areas, codes=read_codes, people=read_people)
_PACKERS = {ZIPS: pack_zip_rows, CONGRESS_ZIPS: pack_congress_rows}


@click.command()
@click.option("--as-of", type=DAY, required=True, help="The day of the election with these districts.")
@STATES_ONLY
@YES
@DRY_RUN
@click.pass_obj
@files_or_urls(_LARGEST)
@with_choices
def blocks(settings: Settings, paths: Sequence[Path], choices: ImportChoices) -> None:
    """Make the ZIP table anew from the Census Bureau's block files: ZIP areas, districts and, if at hand, people.

    Give all of them at once, in any order, zipped as they come, from the disk or from the web. Which is which is known
    by their first lines. The states and chambers that they speak of get exact rows; everything else stays as it is.
    """
    with sentences():
        in_force = {kind: held_files(settings.data_dir, kind) for kind in _PACKERS}
        tables = _tables(settings)
        parts = _found(settings, paths, choices, tables)
        for measured in measures(parts, tables):
            _print_measure(measured, by_people=parts.by_people)
        merged = merged_tables(parts, tables, as_of=choices.day)
        for table in merged:
            _print_merged(table)
        provenance = choices.provenance(
            source="US Census Bureau, block files",
            version=", ".join(path.name for path in paths),
            licence="public domain (US government)",
            as_of=choices.day,
        )
        readings = []
        for table in merged:
            dataset = _dataset(settings, table, in_force[table.kind])
            readings.append(Reading(dataset=dataset, provenance=provenance))
        reports = import_readings(settings, readings, choices)
    print_reports(readings, reports)


def _tables(settings: Settings) -> TablesInUse:
    names = district_codes(settings.data_dir)
    return TablesInUse(
        rows=read_zip_rows(settings.data_dir),
        congress_rows=read_congress_rows(settings.data_dir),
        code_names=names,
    )


def _found(settings: Settings, paths: Sequence[Path], choices: ImportChoices, tables: TablesInUse) -> BlockParts:
    files: list[BlockFile] = []
    for path in paths:
        files += find_block_files(path)
    held = read_all(files, _READERS, choices.states, read=_Stopwatch().lap)
    with open_database(settings).read() as session:
        parts = parts_of_blocks(session, held, files, tables)
    for house in parts.outside:
        click.echo(
            f"{house.state} {house.chamber}: {house.count:,} of {house.whole:,} blocks with land are in no district."
        )
    return parts


def _dataset(settings: Settings, table: MergedTable, made_from: Files) -> ZipTableDataset:
    return ZipTableDataset(
        folder=settings.data_dir,
        packed=_PACKERS[table.kind](table.rows),
        kind=table.kind,
        made_from=made_from,
        doubts=table.doubts,
    )


class _Stopwatch:
    """Tells, on the terminal's error channel, how long each file took."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def lap(self, file: BlockFile) -> None:
        now = time.monotonic()
        click.echo(f"{file.name}: {file.kind}, read in {now - self._begun:.0f} s", err=True)
        self._begun = now


def _print_merged(table: MergedTable) -> None:
    click.echo(
        f"{table.made:,} rows by blocks take the place of {table.replaced:,}; {table.without_area:,} rows of ZIP codes "
        f"without a Census area stay as they are, {table.elsewhere:,} are of other states and chambers."
    )


def _print_measure(measured: Measure, *, by_people: bool) -> None:
    what = "people" if by_people else "land"
    lived = f", {measured.lived_in:,} of them with people" if by_people else ""
    missed_lived = f", {measured.missed_lived_in:,} of them with people" if by_people else ""
    pairs = max(measured.pairs, 1)
    click.echo(
        f"{measured.chamber}: by blocks {measured.pairs:,} pairs of ZIP code and district{lived}. The table in force "
        f"misses {measured.missed:,} ({measured.missed / pairs:.2%}{missed_lived}) and adds {measured.added:,} "
        f"({measured.added / pairs:.2%}). By {what}: misses {measured.missed_weight:.3%}, "
        f"adds {measured.added_weight:.3%}."
    )
    for worst in measured.worst:
        parts = [f"misses {', '.join(worst.missed)}"] if worst.missed else []
        parts += [f"adds {', '.join(worst.added)}"] if worst.added else []
        click.echo(f"  {worst.zip}: {'; '.join(parts)} ({worst.weight:.4%} of all {what} missed)")
