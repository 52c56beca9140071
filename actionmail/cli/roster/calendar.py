"""The calendar of the legislatures: print it, and import its tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.roster.choices import (
    STATES_ONLY,
    ImportChoices,
    with_choices,
)
from actionmail.cli.roster.readings import Reading, import_readings
from actionmail.cli.roster.reports import print_reports, sentences
from actionmail.cli.roster.sources import MB, dataset_import
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.flows.roster.calendar_files import CalendarDataset, calendar_of, specials_ahead
from actionmail.flows.roster.district_files import FIRST_DAYS, NEW_MAPS, SPECIAL_ELECTIONS
from actionmail.gateways.datasets.whole_files import read_file
from actionmail.settings import Settings
from actionmail.web.roster.words import calendar_row, special_sentence

_AS_OF = "The day on which the table was true."
_WIDTHS = (6, 12, 11, 11, 11)


@click.command()
@STATES_ONLY
@click.pass_obj
@with_choices
def calendar(settings: Settings, _path: None, choices: ImportChoices) -> None:
    """Who takes office when, what the data has, and what it lacks, for each house."""
    with sentences():
        table = load_district_table(settings.data_dir)
        with open_database(settings).read() as session:
            lines = calendar_of(session, settings.data_dir, table, states=sorted(choices.states))
        today = datetime.now(UTC).date()
        specials = specials_ahead(settings.data_dir, today=today, states=sorted(choices.states))
    _print(("state", "house", "first day", "roster", "districts"), "what is lacking")
    for line in lines:
        row = calendar_row(line, today)
        _print((row.state, row.house, row.first_day, row.roster, row.districts), row.lacks)
    for special in specials:
        seat = f"{special.state} {special.chamber} {special.district}"
        click.echo(f"{seat}: {special_sentence(special, today)}")


def _print(cells: tuple[str, ...], last: str) -> None:
    padded = (cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True))
    click.echo(f"{' '.join(padded)} {last}".rstrip())


@click.command()
@dataset_import(2 * MB, _AS_OF)
def first_days(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import the table of first days in office: state,chamber,election,first_day,rule,note,source."""
    _import(settings, path, FIRST_DAYS, choices)


@click.command()
@dataset_import(2 * MB, _AS_OF)
def new_maps(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import the table of new maps: state,chamber,first_election,districts,law,source,official_file."""
    _import(settings, path, NEW_MAPS, choices)


@click.command()
@dataset_import(2 * MB, _AS_OF)
def special_elections(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import the table of special elections: state,chamber,district,election,first_day,source."""
    _import(settings, path, SPECIAL_ELECTIONS, choices)


def table_readings(settings: Settings, path: Path, kind: str, choices: ImportChoices) -> list[Reading]:
    """One of the calendar's tables. Raises DatasetError."""
    dataset = CalendarDataset(folder=settings.data_dir, raw=read_file(path, 2 * MB), file=path.name, kind=kind)
    provenance = choices.provenance(source=path.name, version=path.name, as_of=choices.day)
    return [Reading(dataset=dataset, provenance=provenance)]


def _import(settings: Settings, path: Path, kind: str, choices: ImportChoices) -> None:
    with sentences():
        readings = table_readings(settings, path, kind, choices)
        reports = import_readings(settings, readings, choices)
    print_reports(readings, reports)
