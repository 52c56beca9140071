"""Import district boundaries into the product's own files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

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
from actionmail.cli.roster.sources import MB, file_or_url
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.flows.roster.boundaries import BoundariesDataset, prepare_boundaries
from actionmail.gateways.datasets.boundary_files import read_boundaries
from actionmail.gateways.datasets.code_files import district_codes
from actionmail.rules.districts.boundary_maps import Codes, Map, from_geojson
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import Settings


@click.command()
@click.option("--as-of", type=DAY, required=True, help="The day from which the districts hold.")
@STATES_ONLY
@click.option("--source", default="", help="Where the file comes from, kept in it.")
@click.option("--licence", default="", help="Under which licence.")
@DRY_RUN
@YES
@click.pass_obj
@file_or_url(512 * MB)
@with_choices
def boundaries(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import district boundaries: GeoJSON files or shapefiles, alone, in a folder or in a zip.

    They are named after state and chamber, such as WI_lower.json, WI_us_lower.json for the House of Representatives,
    or as the Census Bureau names them; US_lower.json is of all states. Districts of chambers without a file stay.
    """
    with sentences():
        readings = boundaries_readings(settings, path, choices)
        reports = import_readings(settings, readings, choices)
    print_reports(readings, reports)


def boundaries_readings(settings: Settings, path: Path, choices: ImportChoices) -> list[Reading]:
    """Maps of districts, compared with those in force. Raises DatasetError."""
    table = load_district_table(settings.data_dir)
    maps = _maps(path, choices, codes=district_codes(settings.data_dir))
    prepared = prepare_boundaries(settings.data_dir, maps)
    if not prepared.maps:
        raise DatasetError(path.name, "nothing_for_states", states=sorted(choices.states))
    dataset = BoundariesDataset(
        folder=settings.data_dir,
        prepared=prepared,
        zip_districts=table.districts() | table.congress_districts(),
        zips_as_of=table.as_of,
        congress_as_of=table.congress_as_of,
    )
    provenance = choices.provenance(source=path.name, version=path.name, as_of=prepared.as_of)
    return [Reading(dataset=dataset, provenance=provenance)]


def _maps(path: Path, choices: ImportChoices, *, codes: Codes) -> Iterator[Map]:
    """The maps of the files at `path`, of the states that were chosen; each is read when its turn comes."""
    for file in read_boundaries(path):
        if choices.states and file.state not in choices.states:
            continue
        yield from_geojson(
            file.raw,
            file.name,
            state=file.state,
            chamber=file.chamber,
            as_of=choices.day,
            source=choices.source or choices.url,
            codes=codes,
        )
