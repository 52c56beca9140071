"""Importing datasets as the doors do, in a test's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from actionmail.flows.roster.atomic_files import files_in_place
from actionmail.flows.roster.committees import CommitteesDataset, CommitteesReport
from actionmail.flows.roster.dataset_versions import Curator, Provenance
from actionmail.flows.roster.importing import import_dataset
from actionmail.flows.roster.legislators import LegislatorsDataset, LegislatorsReport
from actionmail.flows.roster.undoing import UndoReport, undo
from actionmail.rules.roster.committees import CommitteeRow
from actionmail.rules.roster.seats import DatasetError, SeatRow
from actionmail.web.roster.dataset_words import dataset_sentence

DAY = date(2026, 8, 5)
NOW = datetime.fromisoformat("2026-08-06T12:00:00+00:00")
RITA = Curator(by="Rita Sample", now=NOW)


@contextmanager
def unusable(pattern: str) -> Iterator[pytest.ExceptionInfo[DatasetError]]:
    """A block that refuses a file, in words that fit `pattern`."""
    with pytest.raises(DatasetError) as refused:
        yield refused
    sentence = dataset_sentence(refused.value)
    assert re.search(pattern, sentence), sentence


def provenance(as_of: date = DAY, version: str = "1") -> Provenance:
    return Provenance(source="made up", source_version=version, licence="CC0-1.0", as_of=as_of)


def bring_people(
    session: Session,
    rows: Sequence[SeatRow],
    *,
    as_of: date = DAY,
    now: datetime = NOW,
    confirmed: bool = False,
    dry_run: bool = False,
    **options: Any,
) -> LegislatorsReport:
    """`options` are those of the dataset: kind, whole, blank_missing."""
    dataset = LegislatorsDataset(rows=rows, **options)
    return import_dataset(session, dataset, provenance(as_of), now=now, confirmed=confirmed, dry_run=dry_run)


def bring_committees(
    session: Session,
    rows: Sequence[CommitteeRow],
    *,
    as_of: date = DAY,
    now: datetime = NOW,
    confirmed: bool = False,
    dry_run: bool = False,
) -> CommitteesReport:
    dataset = CommitteesDataset(rows=rows)
    return import_dataset(session, dataset, provenance(as_of), now=now, confirmed=confirmed, dry_run=dry_run)


def go_back(session: Session, kind: str = "people", *, folder: Path = Path()) -> UndoReport:
    """Undo the last import. `folder` matters for the datasets that are files."""
    return undo(session, folder, kind, RITA)


def write_files(folder: Path, files: Mapping[str, bytes | None]) -> None:
    with files_in_place(folder) as put:
        for name, content in files.items():
            put(folder / name, content)
