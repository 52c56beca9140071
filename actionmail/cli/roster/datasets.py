"""The commands of the datasets: import them, load what came with the code, check them, go back, correct."""

from __future__ import annotations

import click

from actionmail.cli.later import LaterGroup

_COMMANDS = {
    "calendar": "roster.calendar",
    "check": "roster.check",
    "correct": "roster.corrections",
    "corrections": "roster.corrections",
    "load": "roster.load",
    "measure": "lookup.measure",
    "refresh": "roster.refresh",
    "undo": "roster.versions",
    "versions": "roster.versions",
    "withdraw": "roster.corrections",
}
_IMPORTS = {
    "blocks": "roster.blocks",
    "boundaries": "roster.boundaries",
    "committees": "roster.people_imports",
    "congress": "roster.people_imports",
    "congress-zips": "roster.zip_imports",
    "counties": "roster.map_layers",
    "csv": "roster.people_imports",
    "first-days": "roster.calendar",
    "new-maps": "roster.calendar",
    "people": "roster.people_imports",
    "places": "roster.map_layers",
    "points": "lookup.points",
    "special-elections": "roster.calendar",
    "zcta": "roster.map_layers",
    "zips": "roster.zip_imports",
}


@click.group(cls=LaterGroup, modules=_COMMANDS)
def data() -> None:
    """Who represents whom: legislators and ZIP codes."""


@data.group(name="import", cls=LaterGroup, modules=_IMPORTS)
def import_() -> None:
    """Take a newer dataset. All of it or nothing."""
