"""Import what orients on maps: counties, places, the areas of ZIP codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from actionmail.cli.roster.choices import ImportChoices
from actionmail.cli.roster.readings import Reading, import_readings
from actionmail.cli.roster.reports import print_layer_files, sentences
from actionmail.cli.roster.sources import MB, dataset_import
from actionmail.flows.roster.district_files import COUNTIES, PLACES, ZIP_AREAS
from actionmail.flows.roster.map_layers import LayerDataset, outline_files, place_files
from actionmail.gateways.datasets.outline_files import read_counties, read_gazetteer, read_zip_areas
from actionmail.settings import Settings
from actionmail.web.roster.words import provenance_sentence

_AS_OF = "The day that the lines or names are of."


@click.command()
@dataset_import(256 * MB, _AS_OF)
def counties(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import county lines and names for the maps: the Census Bureau's cb_2023_us_county_500k.zip, or GeoJSON."""
    _import(settings, path, choices, COUNTIES, lambda: _outlines(COUNTIES, path, choices))


@click.command()
@dataset_import(256 * MB, _AS_OF)
def zcta(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import the areas of ZIP codes for the maps: the Census Bureau's cb_2020_us_zcta520_500k.zip, or GeoJSON."""
    _import(settings, path, choices, ZIP_AREAS, lambda: _outlines(ZIP_AREAS, path, choices))


@click.command()
@dataset_import(64 * MB, _AS_OF)
def places(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import names of places for the maps: the Census Bureau's gazetteer 2024_Gaz_place_national.txt, or its zip."""
    _import(
        settings,
        path,
        choices,
        PLACES,
        lambda: place_files(PLACES, read_gazetteer(path), as_of=choices.day, file=path.name),
    )


def _outlines(kind: str, path: Path, choices: ImportChoices) -> Mapping[str, bytes]:
    outlines = read_counties(path) if kind == COUNTIES else read_zip_areas(path)
    return outline_files(
        kind, outlines, as_of=choices.day, source=choices.source or choices.url or path.name, file=path.name
    )


def _import(
    settings: Settings, path: Path, choices: ImportChoices, kind: str, read: Callable[[], Mapping[str, bytes]]
) -> None:
    with sentences():
        dataset = LayerDataset(folder=settings.data_dir, kind=kind, files=read())
        provenance = choices.provenance(source=path.name, version=path.name, as_of=choices.day)
        (report,) = import_readings(settings, [Reading(dataset=dataset, provenance=provenance)], choices)
    click.echo(provenance_sentence(provenance))
    print_layer_files(report)
