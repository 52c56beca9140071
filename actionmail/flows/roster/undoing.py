"""Going back to the version before the last import of any dataset: one way for the command line and the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from actionmail.db.roster import lock_datasets
from actionmail.flows.roster import committees, district_files, legislators
from actionmail.flows.roster.boundaries import redrawn_between
from actionmail.flows.roster.committees import COMMITTEES, CommitteeDifference
from actionmail.flows.roster.dataset_versions import Curator, StepBack, Version, step_back
from actionmail.flows.roster.district_files import (
    BOUNDARIES,
    CONGRESS_ZIPS,
    ZIPS,
    FileChanges,
    FilesOutOfStep,
    ZipsChanged,
)
from actionmail.flows.roster.legislators import SeatDifference
from actionmail.flows.roster.zip_tables import zips_between

if TYPE_CHECKING:
    from actionmail.rules.districts.map_differences import Redrawn

# Of the datasets that are in the database: what else holds their rows.
COPIES: Mapping[str, str] = {**legislators.FILES, COMMITTEES: committees.FILE}
KINDS = (*COPIES, *district_files.KINDS)


@dataclass(frozen=True, kw_only=True)
class UndoReport:
    """What going back changed, or would change. `files`: what to write below the data folder; None: no such file.

    Of the differences, those of the kind of dataset are filled; for the datasets that are files only by a dry run,
    since comparing takes long where much changes, and the database is locked else.
    """

    undone: Version
    restored: Version
    files: FileChanges
    seats: SeatDifference | None = None
    committees: CommitteeDifference | None = None
    redrawn: Sequence[Redrawn] = field(default=())
    zips: ZipsChanged | None = None


def undo(
    session: Session,
    folder: Path,
    kind: str,
    curator: Curator,
    *,
    expected: int | None = None,
    dry_run: bool = False,
) -> UndoReport:
    """Go back to the version of `kind` before the last import; the caller writes `files` below `folder`.

    Corrections by staff stay in force. `expected` is the version that somebody looked at: if another one is in force,
    VersionMoved is raised. Raises NothingToUndo, FilesOutOfStep where the files in the folder are in no version and
    would be lost, and DatasetError for a file that cannot be read.
    """
    if not dry_run:
        lock_datasets(session)
    if kind in district_files.KINDS:
        version = district_files.out_of_step(session, folder, kind)
        if version is not None:
            raise FilesOutOfStep(kind, version)
    step = step_back(session, kind, curator, expected=expected, dry_run=dry_run)
    if kind in district_files.KINDS:
        return _files_back(session, folder, kind, step, dry_run=dry_run)
    name = f"version {step.restored.id}"
    if kind == COMMITTEES:
        difference = committees.revert_committees(session, step.snapshot, name, now=curator.now, dry_run=dry_run)
        return UndoReport(
            undone=step.undone,
            restored=step.restored,
            files={COPIES[kind]: committees.committees_file(step.snapshot)},
            committees=difference,
        )
    return UndoReport(
        undone=step.undone,
        restored=step.restored,
        files={COPIES[kind]: step.snapshot},
        seats=legislators.revert_legislators(session, kind, step.snapshot, name, now=curator.now, dry_run=dry_run),
    )


def _files_back(session: Session, folder: Path, kind: str, step: StepBack, *, dry_run: bool) -> UndoReport:
    old, new = district_files.restored_files(session, folder, kind, step.restored.id, step.snapshot)
    redrawn: Sequence[Redrawn] = ()
    zips = None
    if dry_run and kind == BOUNDARIES:
        redrawn = redrawn_between(old, new)
    elif dry_run and kind in {ZIPS, CONGRESS_ZIPS}:
        file = district_files.TABLES[kind]
        zips = zips_between(old.get(file), new.get(file))
    return UndoReport(
        undone=step.undone,
        restored=step.restored,
        files=district_files.changed_files(old, new),
        redrawn=redrawn,
        zips=zips,
    )
