"""What was read from a file, and the one way in which that is imported and the files that go with it are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from actionmail.cli.roster.choices import ImportChoices, changing
from actionmail.flows.roster import committees, legislators
from actionmail.flows.roster.committees import CommitteesReport
from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.district_files import DistrictFilesReport
from actionmail.flows.roster.importing import Dataset, DatasetReport
from actionmail.flows.roster.legislators import LegislatorsReport
from actionmail.settings import Settings


class Reading(Struct, frozen=True, kw_only=True):
    """A dataset as its file has it, and where it comes from."""

    dataset: Dataset[Any]
    provenance: Provenance


Reader = Callable[[Settings, Path, ImportChoices], Sequence[Reading]]
"""Reads the file, or the folder, at a path. Raises DatasetError."""


def import_readings(settings: Settings, readings: Sequence[Reading], choices: ImportChoices) -> list[DatasetReport]:
    """All in one transaction, with their files: written before the commit, since a full disk changes nothing.

    Raises what `import_dataset` raises.
    """
    reports = []
    with changing(settings, choices) as change:
        for reading in readings:
            report = change.take(reading.dataset, reading.provenance)
            change.put(_files(settings, reading.dataset.kind, report, choices.out))
            reports.append(report)
    return reports


def _files(settings: Settings, kind: str, report: DatasetReport, out: Path | None) -> dict[Path, bytes | None]:
    """What goes with a report into the data folder."""
    if isinstance(report, LegislatorsReport):
        return {out or settings.data_dir / legislators.FILES[kind]: report.roster}
    if isinstance(report, CommitteesReport):
        return {settings.data_dir / committees.FILE: report.file}
    assert isinstance(report, DistrictFilesReport)
    return {settings.data_dir / name: content for name, content in report.files.items()}
