"""Import tables of ZIP codes and districts."""

from __future__ import annotations

from pathlib import Path

import click

from actionmail.cli.roster.choices import (
    ImportChoices,
)
from actionmail.cli.roster.readings import Reading, import_readings
from actionmail.cli.roster.reports import print_reports, sentences
from actionmail.cli.roster.sources import MB, dataset_import
from actionmail.flows.lookup.congress_files import convert_congress_table
from actionmail.flows.lookup.zip_conversion import convert_zip_table
from actionmail.flows.roster.district_files import CONGRESS_ZIPS
from actionmail.flows.roster.zip_tables import ZipTableDataset
from actionmail.settings import Settings


@click.command()
@dataset_import(128 * MB, "The day from which the districts hold.")
def zips(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import a table of ZIP codes and districts: zip,state,chamber,district,share,method."""
    with sentences():
        readings = zips_readings(settings, path, choices)
        reports = import_readings(settings, readings, choices)
    print_reports(readings, reports)


@click.command()
@dataset_import(64 * MB, "The day of the election in which these districts were used.")
def congress_zips(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import a list of ZIP codes and districts of Congress: state_fips,state_abbr,zcta,cd."""
    with sentences():
        readings = congress_zips_readings(settings, path, choices)
        reports = import_readings(settings, readings, choices)
    print_reports(readings, reports)


def zips_readings(settings: Settings, path: Path, choices: ImportChoices) -> list[Reading]:
    """A table of ZIP codes and the states' districts. Raises DatasetError."""
    packed = convert_zip_table(path, as_of=choices.day)
    return _readings(ZipTableDataset(folder=settings.data_dir, packed=packed), path, choices)


def congress_zips_readings(settings: Settings, path: Path, choices: ImportChoices) -> list[Reading]:
    """A list of ZIP codes and districts of Congress. Raises DatasetError."""
    packed = convert_congress_table(path, as_of=choices.day)
    return _readings(ZipTableDataset(folder=settings.data_dir, packed=packed, kind=CONGRESS_ZIPS), path, choices)


def _readings(dataset: ZipTableDataset, path: Path, choices: ImportChoices) -> list[Reading]:
    provenance = choices.provenance(source=path.name, version=path.name, as_of=choices.day)
    return [Reading(dataset=dataset, provenance=provenance)]
