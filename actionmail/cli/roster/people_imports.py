"""Import legislators, members of Congress and committees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from actionmail.cli.roster.choices import (
    AS_OF,
    BLANK_MISSING,
    DRY_RUN,
    FILE,
    LICENCE_OF_OURS,
    SOURCE_VERSION,
    YES,
    ImportChoices,
    with_choices,
)
from actionmail.cli.roster.readings import Reading, import_readings
from actionmail.cli.roster.reports import print_reports, sentences
from actionmail.cli.roster.sources import MB, file_or_url
from actionmail.flows.roster import legislators
from actionmail.flows.roster.committees import CommitteesDataset
from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.legislators import LegislatorsDataset
from actionmail.flows.roster.reading import CONGRESS, PEOPLE
from actionmail.gateways.datasets.committees import read_committees
from actionmail.gateways.datasets.congress import read_congress
from actionmail.gateways.datasets.congress_committees import holds_congress, read_congress_committees
from actionmail.gateways.datasets.openstates import read_people
from actionmail.gateways.datasets.openstates_csv import is_openstates, read_openstates_csv
from actionmail.gateways.datasets.whole_files import read_file
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.roster.doubts import Doubt
from actionmail.rules.roster.holders import as_elected
from actionmail.rules.roster.seats import MAX_CSV_BYTES, from_csv
from actionmail.settings import Settings

_OPENSTATES = "https://github.com/openstates/people"
_CONGRESS = "https://github.com/unitedstates/congress-legislators"
_OPENSTATES_CSV = "https://open.pluralpolicy.com/data/legislator-csv"


def people_readings(settings: Settings, path: Path, choices: ImportChoices) -> list[Reading]:
    """Open States people. Raises DatasetError."""
    people = read_people(path, as_of=choices.as_of, version=choices.source_version)
    rows = [*people.rows, *as_elected(people.waiting, people.rows)]
    dataset = LegislatorsDataset(rows=rows, blank_missing=choices.blank_missing, doubts=people.doubts)
    return [Reading(dataset=dataset, provenance=_provenance(choices, _OPENSTATES, people.version, people.as_of))]


def congress_readings(settings: Settings, path: Path, choices: ImportChoices) -> list[Reading]:
    """Members of Congress. Raises DatasetError."""
    people = read_congress(path, as_of=choices.as_of, version=choices.source_version)
    rows = [*people.rows, *as_elected(people.waiting, people.rows)]
    dataset = LegislatorsDataset(
        rows=rows, kind=CONGRESS, whole=True, blank_missing=choices.blank_missing, doubts=people.doubts
    )
    return [Reading(dataset=dataset, provenance=_provenance(choices, _CONGRESS, people.version, people.as_of))]


def csv_readings(settings: Settings, path: Path, choices: ImportChoices) -> list[Reading]:
    """The tool's own CSV, or Open States' of one state. Raises DatasetError."""
    raw = read_file(path, MAX_CSV_BYTES)
    source, licence = path.name, ""
    doubts: Sequence[Doubt] = ()
    if is_openstates(raw):
        people = read_openstates_csv(path, state=choices.state, as_of=choices.as_of)
        rows, doubts = people.rows, people.doubts
        source, licence = _OPENSTATES_CSV, LICENCE_OF_OURS
    else:
        rows = from_csv(raw, path.name)
    readings = []
    for kind, is_federal in ((PEOPLE, False), (CONGRESS, True)):
        of_kind = [row for row in rows if (row.chamber in FEDERAL_CHAMBERS) == is_federal]
        if of_kind:
            dataset = LegislatorsDataset(rows=of_kind, kind=kind, blank_missing=choices.blank_missing, doubts=doubts)
            as_of = max(row.as_of for row in of_kind)
            provenance = choices.provenance(source=source, version=path.name, licence=licence, as_of=as_of)
            readings.append(Reading(dataset=dataset, provenance=provenance))
    return readings


def committees_readings(settings: Settings, path: Path, choices: ImportChoices) -> list[Reading]:
    """Committees of the states, or of Congress: which, the files' names tell. Raises DatasetError."""
    of_congress = holds_congress(path)
    read = read_congress_committees if of_congress else read_committees
    people = read(path, as_of=choices.as_of, version=choices.source_version)
    source = _CONGRESS if of_congress else _OPENSTATES
    provenance = _provenance(choices, source, people.version, people.as_of)
    return [Reading(dataset=CommitteesDataset(rows=people.rows), provenance=provenance)]


@click.command()
@DRY_RUN
@YES
@BLANK_MISSING
@click.option("--out", type=FILE, help="Write the roster to this file instead of data/legislators.csv.")
@AS_OF
@SOURCE_VERSION
@click.pass_obj
@file_or_url(256 * MB)
@with_choices
def people(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import Open States people (a folder or a zip with data/<state>/legislature/*.yml) and write legislators.csv."""
    with sentences():
        _import(settings, people_readings(settings, path, choices), choices)


@click.command()
@DRY_RUN
@YES
@BLANK_MISSING
@click.option("--out", type=FILE, help="Write the members to this file instead of data/congress.csv.")
@AS_OF
@SOURCE_VERSION
@click.pass_obj
@file_or_url(8 * MB)
@with_choices
def congress(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import legislators-current.yaml of unitedstates/congress-legislators, and write congress.csv.

    Members of Congress have web forms and phones, no e-mail addresses.
    """
    with sentences():
        _import(settings, congress_readings(settings, path, choices), choices)


@click.command()
@DRY_RUN
@YES
@BLANK_MISSING
@click.option("--source", default="", help="Where it comes from; the file's name if not said.")
@click.option("--licence", default="", help="Under which licence.")
@click.option("--state", default="", metavar="XX", help="The state of an Open States CSV, if its name does not tell.")
@AS_OF
@click.pass_obj
@file_or_url(MAX_CSV_BYTES)
@with_choices
def csv(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import the tool's own CSV (as legislators.csv and congress.csv are), or Open States' bulk CSV of one state.

    It speaks for the states that are in it. --state and --as-of are for the second.
    """
    with sentences():
        _import(settings, csv_readings(settings, path, choices), choices)


@click.command()
@DRY_RUN
@YES
@AS_OF
@SOURCE_VERSION
@click.pass_obj
@file_or_url(256 * MB)
@with_choices
def committees(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import committees and their members from a folder or a zip, and write committees.csv.gz.

    The states' from Open States, those of Congress from congress-legislators (committees-current.yaml and
    committee-membership-current.yaml); which of the two it is, the files' names tell.
    """
    with sentences():
        readings = committees_readings(settings, path, choices)
        (report,) = import_readings(settings, readings, choices)
    print_reports(readings, [report])


def _import(settings: Settings, readings: Sequence[Reading], choices: ImportChoices) -> None:
    with sentences():
        reports = import_readings(settings, readings, choices)
    print_reports(readings, reports)
    if choices.dry_run:
        return
    for reading in readings:
        target = choices.out or settings.data_dir / legislators.FILES[reading.dataset.kind]
        click.echo(f"The roster is in the database and in {target.name}.")


def _provenance(choices: ImportChoices, source: str, version: str, as_of: date) -> Provenance:
    return choices.provenance(source=source, version=version, licence=LICENCE_OF_OURS, as_of=as_of)
