"""Load the datasets that came with the code."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.progress import progress
from actionmail.cli.roster.choices import LICENCE_OF_OURS
from actionmail.cli.roster.reports import sentences
from actionmail.flows.lookup.table_text import read_text
from actionmail.flows.roster import committees, legislators
from actionmail.flows.roster.atomic_files import files_at_rest
from actionmail.flows.roster.collecting import nothing_to_collect
from actionmail.flows.roster.committees import CommitteesDataset, CommitteesReport
from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.handover import rows_at
from actionmail.flows.roster.importing import Dataset, DatasetReport, OlderDataset, import_dataset
from actionmail.flows.roster.legislators import LegislatorsDataset, LegislatorsReport
from actionmail.flows.roster.reading import CONGRESS, PEOPLE
from actionmail.gateways.datasets.whole_files import read_file
from actionmail.rules.roster.committees import from_csv as committees_from_csv
from actionmail.rules.roster.seats import MAX_CSV_BYTES, from_csv
from actionmail.settings import Settings
from actionmail.web.roster.words import roster_sentence

R = TypeVar("R", bound=DatasetReport)


@click.command()
@click.pass_obj
def load(settings: Settings) -> None:
    """Load the shipped legislators, members of Congress and committees into the database. Again changes nothing."""
    people = settings.data_dir / legislators.FILES[PEOPLE]
    congress = settings.data_dir / legislators.FILES[CONGRESS]
    rest = settings.data_dir / committees.FILE
    parts = [partial(_load_legislators, settings, people, PEOPLE)]
    if congress.is_file():
        parts.append(partial(_load_legislators, settings, congress, CONGRESS))
    if rest.is_file():
        parts.append(partial(_load_committees, settings, rest))
    summaries: list[str] = []
    try:
        with sentences(), files_at_rest(settings.data_dir), nothing_to_collect(), progress(len(parts), "Data") as bar:
            for part in parts:
                summaries.append(part())
                bar.update(1)
    finally:
        for sentence in filter(None, summaries):
            click.echo(sentence)


def _load_legislators(settings: Settings, file: Path, kind: str) -> str:
    raw = read_file(file, MAX_CSV_BYTES)
    rows = from_csv(raw, file.name)
    shipped = _shipped(file, raw, max(row.as_of for row in rows))
    by_now = rows_at(rows, datetime.now(UTC))  # as the worker would hand them over
    return _load(settings, LegislatorsDataset(rows=by_now, kind=kind, whole=True), shipped, _legislators_loaded)


def _load_committees(settings: Settings, file: Path) -> str:
    raw = read_text(file)
    rows = committees_from_csv(raw, file.name)
    if not rows:
        return ""
    shipped = _shipped(file, raw, max(row.as_of for row in rows))
    return _load(settings, CommitteesDataset(rows=rows), shipped, _committees_loaded)


def _load(settings: Settings, dataset: Dataset[R], shipped: Provenance, loaded: Callable[[R, str], str]) -> str:
    """What was done, as a sentence."""
    now = datetime.now(UTC)
    try:
        with open_database(settings).write() as session:
            # confirmed: it was looked at before it was shipped
            report = import_dataset(session, dataset, shipped, now=now, confirmed=True)
    except OlderDataset as older:
        return roster_sentence(older)
    return loaded(report, dataset.kind)


def _shipped(file: Path, raw: bytes, as_of: date) -> Provenance:
    return Provenance(
        source=file.name,
        source_version=hashlib.sha256(raw).hexdigest()[:12],
        licence=LICENCE_OF_OURS,
        as_of=as_of,
    )


def _legislators_loaded(report: LegislatorsReport, kind: str) -> str:
    what = f"{report.sitting:,} members of Congress"
    if kind == PEOPLE:
        what = f"{report.sitting:,} legislators and {len(report.vacant)} vacant seats"
    return f"{what} as of {report.as_of}: {_counts(report)}"


def _committees_loaded(report: CommitteesReport, _kind: str) -> str:
    what = f"{report.committees:,} committees with {report.members:,} members"
    return f"{what} as of {report.as_of}: {_counts(report)}"


def _counts(report: LegislatorsReport | CommitteesReport) -> str:
    return f"{len(report.added):,} added, {len(report.changed):,} changed, {len(report.gone):,} gone."
