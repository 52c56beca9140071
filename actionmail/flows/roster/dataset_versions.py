"""Going back to the version before the last import of any dataset: one way for the command line and the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from actionmail.flows.roster import committees, district_files, importing
from actionmail.flows.roster.district_files import in_place
from actionmail.rules.roster.seats import DatasetError

if TYPE_CHECKING:
    from actionmail.rules.districts.map_differences import Redrawn

__all__ = [
    "FILES",
    "KINDS",
    "Change",
    "DatasetError",
    "Undone",
    "VersionMoved",
    "in_place",
    "redrawn",
    "undo",
    "zips_changed",
]

# What else holds these rows.
FILES = {
    importing.KIND: "legislators.csv",
    importing.CONGRESS: "congress.csv",
    committees.KIND: committees.FILE,
}
KINDS = (importing.KIND, importing.CONGRESS, committees.KIND, *district_files.FILES)


class VersionMoved(Exception):
    """Somebody imported or went back in the meantime; `str()` is the sentence."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens to some rows: "3 back again", and which."""

    what: str
    rows: Sequence[str]

    @property
    def sentence(self) -> str:
        return f"{len(self.rows):,} {self.what}"


@dataclass(frozen=True, kw_only=True)
class Undone:
    """What going back changed, or would change. `files`: what to write below the data folder; None: no such file.

    For the datasets that are files, only a dry run says the `changes`.
    """

    undone: importing.Version
    restored: importing.Version
    changes: Sequence[Change]
    files: Mapping[str, bytes | None]


def undo(
    session: Session,
    folder: Path,
    kind: str,
    *,
    by: str,
    now: datetime,
    staff_id: int | None = None,
    expected: int | None = None,
    dry_run: bool = False,
) -> Undone:
    """Go back to the version of `kind` before the last import; the caller writes `files` below `folder`.

    `expected` is the version that somebody looked at: if another one is in force, VersionMoved is raised. Raises
    directory.NothingToUndo, and DatasetError for a file that cannot be read.
    """
    if kind in district_files.FILES:
        table = district_files.undo(session, folder, kind, by=by, now=now, staff_id=staff_id, dry_run=dry_run)
        changes = [change for one in table.redrawn for change in redrawn(one)]
        changes += zips_changed(table.zips) if table.zips else []
        done = Undone(undone=table.undone, restored=table.restored, changes=changes, files=table.files)
    elif kind == committees.KIND:
        undone, restored, report = committees.undo(session, by=by, now=now, staff_id=staff_id, dry_run=dry_run)
        changes = [
            Change(what=what, rows=[f"{row.state} {row.chamber}: {row.name}" for row in rows])
            for what, rows in (
                ("back again", report.added),
                ("changed back", [after for _, after in report.changed]),
                ("gone again", report.gone),
            )
        ]
        done = Undone(undone=undone, restored=restored, changes=changes, files={FILES[kind]: report.file})
    else:
        roster = importing.undo(session, kind, by=by, now=now, staff_id=staff_id, dry_run=dry_run)
        changes = [
            Change(what="back again", rows=[f"{row.seat}: {row.name or '(vacant)'}" for row in roster.added]),
            Change(what="changed back", rows=[_said(change) for change in roster.changed]),
            Change(what="gone again", rows=[f"{row.seat}: {row.name or '(vacant)'}" for row in roster.gone]),
        ]
        done = Undone(
            undone=roster.undone, restored=roster.restored, changes=changes, files={FILES[kind]: roster.roster}
        )
    if expected is not None and done.undone.id != expected:
        raise VersionMoved("Another version is in force by now. Please look again at what would change.")
    return done


def redrawn(one: Redrawn) -> list[Change]:
    """The difference between two maps of a chamber, in words."""
    where = f"{one.state} {one.chamber}"
    moved = [f"{name}: {part:.1%} of its area" if part >= 0.001 else f"{name}: a trifle" for name, part in one.changed]
    return [
        Change(what=f"districts of {where} added", rows=one.added),
        Change(what=f"districts of {where} gone", rows=one.gone),
        Change(what=f"districts of {where} redrawn", rows=moved),
    ]


def zips_changed(one: district_files.ZipsChanged) -> list[Change]:
    """The difference between two tables of ZIP codes, in words."""
    return [
        Change(what="ZIP codes added", rows=one.added),
        Change(what="ZIP codes gone", rows=one.gone),
        Change(what="ZIP codes with other districts or shares", rows=one.changed),
    ]


def _said(change: importing.Change) -> str:
    fields = (
        f"{column} {getattr(change.before, column)!r} -> {getattr(change.after, column)!r}" for column in change.columns
    )
    return f"{change.after.seat}: {change.after.name or '(vacant)'}: {'; '.join(fields)}"
