"""Import legislators, members of Congress and committees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    changing,
    with_choices,
)
from actionmail.cli.roster.reports import print_committees, print_legislators, sentences
from actionmail.cli.roster.sources import MB, file_or_url
from actionmail.flows.roster import committees as committees_flow
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
from actionmail.gateways.datasets.yaml_files import read_file
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.roster.holders import as_elected
from actionmail.rules.roster.seats import MAX_CSV_BYTES, from_csv
from actionmail.settings import Settings

_OPENSTATES_CSV = "https://open.pluralpolicy.com/data/legislator-csv"


@dataclass(frozen=True, kw_only=True)
class _Origin:
    """Where the rows of one command come from."""

    source: str
    version: str
    licence: str = LICENCE_OF_OURS


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
        found = read_people(path, as_of=choices.as_of, version=choices.source_version)
        rows = [*found.rows, *as_elected(found.waiting, found.rows)]
        dataset = LegislatorsDataset(rows=rows, blank_missing=choices.blank_missing, doubts=found.doubts)
        origin = _Origin(source="https://github.com/openstates/people", version=found.version)
        _import(settings, [dataset], origin, choices)


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
        found = read_congress(path, as_of=choices.as_of, version=choices.source_version)
        dataset = LegislatorsDataset(
            rows=found.rows,
            kind=CONGRESS,
            whole=True,
            blank_missing=choices.blank_missing,
            doubts=found.doubts,
        )
        origin = _Origin(source="https://github.com/unitedstates/congress-legislators", version=found.version)
        _import(settings, [dataset], origin, choices)


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
        raw = read_file(path, MAX_CSV_BYTES)
        source, licence = choices.source, choices.licence
        if is_openstates(raw):
            rows = read_openstates_csv(path, state=choices.state, as_of=choices.as_of).rows
            source, licence = source or _OPENSTATES_CSV, licence or LICENCE_OF_OURS
        else:
            rows = from_csv(raw, path.name)
        datasets = []
        for kind, is_federal in ((PEOPLE, False), (CONGRESS, True)):
            of_kind = [row for row in rows if (row.chamber in FEDERAL_CHAMBERS) == is_federal]
            if of_kind:
                datasets.append(LegislatorsDataset(rows=of_kind, kind=kind, blank_missing=choices.blank_missing))
        _import(settings, datasets, _Origin(source=source or path.name, version=path.name, licence=licence), choices)


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
        of_congress = holds_congress(path)
        read = read_congress_committees if of_congress else read_committees
        project = "unitedstates/congress-legislators" if of_congress else "openstates/people"
        found = read(path, as_of=choices.as_of, version=choices.source_version)
        provenance = Provenance(
            source=f"https://github.com/{project}",
            source_version=found.version,
            licence=LICENCE_OF_OURS,
            as_of=found.as_of,
        )
        with changing(settings, choices) as change:
            report = change.take(CommitteesDataset(rows=found.rows), provenance)
            change.put({settings.data_dir / committees_flow.FILE: report.file})
    print_committees(report)


def _import(
    settings: Settings, datasets: Sequence[LegislatorsDataset], origin: _Origin, choices: ImportChoices
) -> None:
    """All in one transaction, with their files: written before the commit, since a full disk changes nothing."""
    targets: list[Path] = []
    reports = []
    with changing(settings, choices) as change:
        for dataset in datasets:
            provenance = Provenance(
                source=origin.source,
                source_version=origin.version,
                licence=origin.licence,
                as_of=max(row.as_of for row in dataset.rows),
            )
            report = change.take(dataset, provenance)
            reports.append(report)
            target = choices.out or settings.data_dir / legislators.FILES[dataset.kind]
            change.put({target: report.roster})
            targets.append(target)
    for report in reports:
        print_legislators(report)
    if not choices.dry_run:
        for target in targets:
            click.echo(f"The roster is in the database and in {target.name}.")
