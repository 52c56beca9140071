"""The list of imports: what each made, which is in force, and taking the last one out of force."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.roster import DatasetVersion
from actionmail.flows.staff.audit import record
from actionmail.rules.replacing import replace
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

_PACKING = 5  # of 9: a fortieth larger than that, in half the time


class NothingToUndo(Exception):
    """There is no version of `kind` to go back to. `first` is the id of the only one in force, None where none is."""

    def __init__(self, kind: str, first: int | None) -> None:
        self.kind, self.first = kind, first
        super().__init__(kind, first)


class VersionMoved(Exception):
    """Somebody imported or went back in the meantime."""


class Provenance(Struct, frozen=True, kw_only=True):
    """Where a dataset comes from. `as_of` is the day on which it was true."""

    source: str
    source_version: str = ""
    licence: str = ""
    as_of: date


class Curator(Struct, frozen=True, kw_only=True):
    """Who changes the datasets by hand, and when. `staff_id` is None at the command line."""

    by: str
    staff_id: int | None = None
    now: datetime


class Version(Struct, frozen=True, kw_only=True):
    """One line of the list of imports."""

    id: int
    kind: str
    source: str
    source_version: str
    licence: str
    as_of: date
    imported_at: datetime
    row_count: int
    is_current: bool
    undone_at: datetime | None
    undone_by: str
    can_be_undone: bool = False  # it is in force, and there is one before it


class Snapshot(Struct, frozen=True, kw_only=True):
    """Everything that a version has to go back to: rows as CSV, or files in a zip."""

    packed: bytes
    sha256: str
    row_count: int


class StepBack(Struct, frozen=True, kw_only=True):
    """The version out of force, the one in force instead, and its snapshot, unpacked."""

    undone: Version
    restored: Version
    snapshot: bytes


def keep_version(session: Session, kind: str, snapshot: Snapshot, provenance: Provenance, *, now: datetime) -> None:
    """Write down an import that changed something."""
    session.add(
        DatasetVersion(
            kind=kind,
            source=provenance.source,
            source_version=provenance.source_version,
            licence=provenance.licence,
            as_of=provenance.as_of,
            imported_at=now,
            row_count=snapshot.row_count,
            sha256=snapshot.sha256,
            snapshot=zlib.compress(snapshot.packed, _PACKING),
            undone_at=None,
        )
    )
    session.flush()


def versions(session: Session, kind: str | None = None, *, limit: int = 50) -> list[Version]:
    """The imports that changed something, newest first."""
    query = select(DatasetVersion).order_by(DatasetVersion.id.desc()).limit(limit)
    if kind:
        query = query.where(DatasetVersion.kind == kind)
    has_older: dict[int, bool] = {}  # the versions in force, by id
    for name in session.scalars(select(DatasetVersion.kind).distinct()).all():
        newest = _in_force(session, name, 2)
        if newest:
            has_older[newest[0].id] = len(newest) == 2
    listed = []
    for stored in session.scalars(query):
        version = _version(stored, is_current=stored.id in has_older)
        listed.append(replace(version, can_be_undone=has_older.get(stored.id, False)))
    return listed


def latest_version(session: Session, kind: str) -> DatasetVersion | None:
    """The version in force of this kind of dataset."""
    return next(iter(_in_force(session, kind, 1)), None)


def is_another(session: Session, kind: str, sha256: str) -> bool:
    """Whether the version in force holds something else than this, or there is none."""
    latest = latest_version(session, kind)
    return latest is None or latest.sha256 != sha256


def step_back(session: Session, kind: str, curator: Curator, *, expected: int | None, dry_run: bool) -> StepBack:
    """Take the version in force out of force and say so in the audit trail; the caller puts the rows back.

    `expected` is the version that somebody looked at: where another is in force, VersionMoved is raised. A `dry_run`
    changes nothing. Raises NothingToUndo.
    """
    in_force = _in_force(session, kind, 2)
    if len(in_force) < 2:
        raise NothingToUndo(kind, in_force[0].id if in_force else None)
    undone, restored = in_force
    if expected is not None and undone.id != expected:
        raise VersionMoved
    if not dry_run:
        undone.undone_at, undone.undone_by = curator.now, curator.by
        record(
            session,
            AuditAction.IMPORT_UNDONE,
            ObjectKind.DATASET,
            kind,
            by=curator.staff_id,
            now=curator.now,
            undone=undone.id,
            restored=restored.id,
            made_by=curator.by,
        )
    return StepBack(
        undone=_version(undone, is_current=False),
        restored=_version(restored, is_current=True),
        snapshot=zlib.decompress(restored.snapshot),
    )


def _in_force(session: Session, kind: str, count: int) -> Sequence[DatasetVersion]:
    query = select(DatasetVersion).where(DatasetVersion.kind == kind, DatasetVersion.undone_at.is_(None))
    return session.scalars(query.order_by(DatasetVersion.id.desc()).limit(count)).all()


def _version(stored: DatasetVersion, *, is_current: bool) -> Version:
    return Version(
        id=stored.id,
        kind=stored.kind,
        source=stored.source,
        source_version=stored.source_version,
        licence=stored.licence,
        as_of=stored.as_of,
        imported_at=stored.imported_at,
        row_count=stored.row_count,
        is_current=is_current,
        undone_at=stored.undone_at,
        undone_by=stored.undone_by,
    )
