"""The commands of the datasets: import them, load what came with the code, check them, go back, correct."""

from __future__ import annotations

import click

from actionmail.cli.lookup.measure import measure
from actionmail.cli.lookup.points import points
from actionmail.cli.roster import corrections, map_layers, people_imports, versions, zip_imports
from actionmail.cli.roster.blocks import blocks
from actionmail.cli.roster.boundaries import boundaries
from actionmail.cli.roster.calendar import calendar, first_days, new_maps, special_elections
from actionmail.cli.roster.check import check
from actionmail.cli.roster.load import load
from actionmail.cli.roster.refresh import refresh


@click.group()
def data() -> None:
    """Who represents whom: legislators and ZIP codes."""


@data.group(name="import")
def import_() -> None:
    """Take a newer dataset. All of it or nothing."""


for _command in (
    people_imports.people,
    people_imports.congress,
    people_imports.committees,
    people_imports.csv,
    boundaries,
    blocks,
    zip_imports.zips,
    zip_imports.congress_zips,
    first_days,
    new_maps,
    special_elections,
    points,
    map_layers.counties,
    map_layers.zcta,
    map_layers.places,
):
    import_.add_command(_command)
for _command in (
    versions.versions,
    versions.undo,
    corrections.correct,
    corrections.withdraw,
    corrections.corrections,
    load,
    check,
    calendar,
    measure,
    refresh,
):
    data.add_command(_command)
