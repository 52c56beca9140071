"""Import tables of ZIP codes and districts."""

from __future__ import annotations

from pathlib import Path

import click

from actionmail.cli.roster.choices import (
    DAY,
    DRY_RUN,
    LICENCE,
    SOURCE,
    YES,
    ImportChoices,
    changing,
    with_choices,
)
from actionmail.cli.roster.reports import print_district_files, sentences
from actionmail.cli.roster.sources import MB, file_or_url
from actionmail.flows.lookup.congress_files import convert_congress_table
from actionmail.flows.lookup.zip_conversion import convert_zip_table
from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.district_files import CONGRESS_ZIPS
from actionmail.flows.roster.zip_tables import ZipTableDataset
from actionmail.settings import Settings


@click.command()
@click.option("--as-of", type=DAY, required=True, help="The day from which the districts hold.")
@SOURCE
@LICENCE
@DRY_RUN
@YES
@click.pass_obj
@file_or_url(128 * MB)
@with_choices
def zips(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import a table of ZIP codes and districts: zip,state,chamber,district,share,method."""
    with sentences():
        packed = convert_zip_table(path, as_of=choices.day)
        import_zip_table(settings, ZipTableDataset(folder=settings.data_dir, packed=packed), path.name, choices)


@click.command()
@click.option("--as-of", type=DAY, required=True, help="The day of the election in which these districts were used.")
@SOURCE
@LICENCE
@DRY_RUN
@YES
@click.pass_obj
@file_or_url(64 * MB)
@with_choices
def congress_zips(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import a list of ZIP codes and districts of Congress: state_fips,state_abbr,zcta,cd."""
    with sentences():
        packed = convert_congress_table(path, as_of=choices.day)
        dataset = ZipTableDataset(folder=settings.data_dir, packed=packed, kind=CONGRESS_ZIPS)
        import_zip_table(settings, dataset, path.name, choices)


def import_zip_table(settings: Settings, dataset: ZipTableDataset, file: str, choices: ImportChoices) -> None:
    """Put a table that came from `file` in force: a version and the file in the data folder, or neither."""
    provenance = Provenance(
        source=choices.source or file, source_version=file, licence=choices.licence, as_of=choices.day
    )
    with changing(settings, choices) as change:
        report = change.take(dataset, provenance)
        change.put({settings.data_dir / name: content for name, content in report.files.items()})
    print_district_files(report)
