"""The datasets that are files in the data folder: boundaries and ZIP tables. Versions and going back as the roster's.

The rows are in files and not in the database, so that a web process needs no database to know a district. What an
import makes of them is handed back as bytes; the door writes them (`in_place`) with the version's commit.
"""

from __future__ import annotations

import csv
import errno
import gzip
import hashlib
import io
import json
import os
import re
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.roster import DatasetVersion
from actionmail.flows.roster import importing
from actionmail.rules.districts.overlays import SEATS_WITHOUT_TERRITORY, is_overlay
from actionmail.rules.districts.zip_table import Candidate
from actionmail.rules.roster.seats import DatasetError

if TYPE_CHECKING:
    from actionmail.rules.districts.boundary_maps import Map
    from actionmail.rules.districts.map_differences import Redrawn

BOUNDARIES, ZIPS, CONGRESS_ZIPS = "boundaries", "zips", "congress-zips"
FILES = {BOUNDARIES: "boundaries/*.json.gz", ZIPS: "zip_districts.csv.gz", CONGRESS_ZIPS: "zip_congress.csv.gz"}

Seat = tuple[str, str, str]  # state, chamber, district
_Named = TypeVar("_Named", str, Seat)

_TOO_MANY = 0.10  # of a state's ZIP codes or districts at once: a broken dataset, or new maps
_FIRST_DAY = re.compile(rb"\d{4}-\d\d-\d\d")
_LONGEST = 256 * 1024 * 1024  # of an unpacked file; the readers have limits of their own, below it
_LIST = "files.json"
_NOBODY = "neither a legislator nor a known vacancy is in the roster."


@dataclass(frozen=True, kw_only=True)
class ZipsChanged:
    """How a table of ZIP codes differs from an older one."""

    rows: int
    added: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TableReport:
    """What an import of files did, or would do (`dry_run`). `files`: what to write below the data folder."""

    redrawn: Sequence[Redrawn] = ()
    zips: ZipsChanged | None = None
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    doubts: Sequence[str] = ()
    is_new_version: bool = False
    dry_run: bool = False


class SuspiciousTable(Exception):
    """An import that somebody should look at first was not confirmed; nothing was changed."""

    def __init__(self, report: TableReport) -> None:
        self.report = report
        super().__init__("This import needs a second look, and nothing was changed: " + " ".join(report.doubts))


@dataclass(frozen=True, kw_only=True)
class TableUndo:
    """What going back changes. `files`: what to write below the data folder, None for a file that was not there.

    Only a dry run compares, since that takes long where much changes, and the database is locked else.
    """

    undone: importing.Version
    restored: importing.Version
    redrawn: Sequence[Redrawn]
    zips: ZipsChanged | None
    files: Mapping[str, bytes | None]


@contextmanager
def in_place() -> Iterator[Callable[[Path, bytes | None], None]]:
    """Files that take their places together when the block ends well (None: the file goes); else nothing changes.

    Each is written beside its place at once, so that a full disk is found out while everything can still be undone.
    Raises DatasetError.
    """
    staged: list[tuple[Path | None, Path]] = []

    def put(target: Path, content: bytes | None) -> None:
        staged.append((None if content is None else stage(target, content), target))

    try:
        yield put
        for temporary, target in staged:
            if temporary:
                temporary.replace(target)
            else:
                target.unlink(missing_ok=True)
    finally:
        for temporary, _ in staged:
            if temporary:
                temporary.unlink(missing_ok=True)


def stage(target: Path, content: bytes) -> Path:
    """The content in a file beside the target, ready to take its place."""
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
    except OSError as error:
        raise DatasetError(target.name, f"cannot be written ({error.strerror}). Nothing was changed") from None
    return Path(name)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """New maps beside those in force: `old` and `new` are the files of the data folder before and afterwards."""

    maps: Sequence[Map]
    redrawn: Sequence[Redrawn]
    old: Mapping[str, bytes]
    new: Mapping[str, bytes]


def prepare_boundaries(folder: Path, maps: Iterable[Map]) -> Prepared:
    """Pack the maps, and compare them with the boundaries in the data folder.

    For all states this takes most of a minute, so it is done before the database is locked. Raises DatasetError.
    """
    from actionmail.rules.districts.boundary_maps import (
        pack,
        read_map,
    )  # here: web processes import this file, not shapely
    from actionmail.rules.districts.map_differences import compare  # here: web processes import this file, not shapely

    old = _held(folder, BOUNDARIES)
    new, read, redrawn = dict(old), [], []
    for one in maps:
        name = f"boundaries/{one.state}_{one.chamber}.json.gz"
        new[name] = _unless_same(old.get(name), pack(one))
        after = read_map(new[name], name)
        read.append(after)
        redrawn.append(compare(_read_map(old.get(name), name), after))
    return Prepared(maps=read, redrawn=redrawn, old=old, new=new)


def import_boundaries(
    session: Session,
    folder: Path,
    prepared: Prepared,
    *,
    zip_districts: set[Seat],
    zips_as_of: date,
    source: str,
    source_version: str,
    licence: str,
    now: datetime,
    confirmed: bool = False,
    dry_run: bool = False,
) -> TableReport:
    """Make what was prepared the boundaries of its chambers in the data folder; others stay as they are.

    What is odd is a doubt: districts that the roster or the ZIP table lacks, or that lack here; another year than the
    ZIP table's; many districts gone or redrawn. Raises SuspiciousTable where there are doubts and nobody `confirmed`.
    """
    seats = importing.seats_held(session)
    doubts = [
        doubt
        for after, change in zip(prepared.maps, prepared.redrawn, strict=True)
        for doubt in _doubts(after, change, seats, zip_districts, zips_as_of)
    ]
    return _import(
        session,
        folder,
        BOUNDARIES,
        prepared.old,
        prepared.new,
        TableReport(redrawn=prepared.redrawn, doubts=doubts, dry_run=dry_run),
        source=source,
        source_version=source_version,
        licence=licence,
        as_of=max(one.as_of for one in prepared.maps),
        now=now,
        confirmed=confirmed,
    )


def import_zips(
    session: Session,
    folder: Path,
    packed: bytes,
    *,
    kind: str = ZIPS,
    source: str,
    source_version: str,
    licence: str,
    as_of: date,
    now: datetime,
    confirmed: bool = False,
    dry_run: bool = False,
) -> TableReport:
    """Make `packed`, which `convert_zip_table` or `convert_congress_table` gave, the table of this kind.

    A tenth of a state's ZIP codes gone, or a district without a legislator or a known vacancy, is a doubt. Raises
    SuspiciousTable where there are doubts and nobody `confirmed`.
    """
    name = FILES[kind]
    old = _held(folder, kind)
    new = {name: _unless_same(old.get(name), packed)}
    before, after = _by_zip(old.get(name)), _by_zip(new[name])
    change = _zips_changed(before, after)
    doubts = _zip_doubts(before, change)
    if kind == ZIPS and (seats := importing.seats_held(session)):
        rows = {row for found in after.values() for row in found}
        lost = {(cells[0], cells[1], cells[2]) for cells in csv.reader(sorted(rows))} - seats
        doubts += [
            f"{' '.join(seat)}: neither a legislator nor a known vacancy is in the roster." for seat in _first(lost)
        ]
    return _import(
        session,
        folder,
        kind,
        old,
        new,
        TableReport(zips=change, doubts=doubts, dry_run=dry_run),
        source=source,
        source_version=source_version,
        licence=licence,
        as_of=as_of,
        now=now,
        confirmed=confirmed,
    )


def out_of_step(session: Session, folder: Path, kind: str) -> str:
    """What to do where the files in the folder are not those of the version in force; "" if all is well.

    That happens where an import or its undoing was cut off before the files took their places, and where somebody
    changed files by hand. Raises DatasetError.
    """
    latest = importing.latest_version(session, kind)
    if latest is None or latest.sha256 == _sha256(_list(_held(folder, kind))):
        return ""
    return (
        f"the files in the data folder are not those of version {latest.id}, which is in force: something was cut off, "
        "or they were changed by hand. Import the ones that you want; then they are a version"
    )


def undo(
    session: Session,
    folder: Path,
    kind: str,
    *,
    by: str,
    now: datetime,
    staff_id: int | None = None,
    dry_run: bool = False,
) -> TableUndo:
    """Go back to the files before the last import.

    Raises directory.NothingToUndo, and DatasetError, also where the files in the folder are in no version: they would
    be lost.
    """
    if strange := out_of_step(session, folder, kind):
        raise DatasetError(kind, strange)
    undone, restored, snapshot = importing.begin_undo(session, kind, by=by, now=now, staff_id=staff_id, dry_run=dry_run)
    old = _held(folder, kind)
    wanted = _listed(snapshot)
    known = {_sha256(raw): raw for raw in old.values()}
    missing = set(wanted.values()) - known.keys()
    query = select(DatasetVersion.id).where(DatasetVersion.kind == kind, DatasetVersion.id <= restored.id)
    for number in session.scalars(query.order_by(DatasetVersion.id.desc())).all():
        if not missing:
            break
        found = _contents(zlib.decompress(session.get_one(DatasetVersion, number).snapshot))
        known |= {sha256: raw for sha256, raw in found.items() if sha256 in missing}
        missing -= found.keys()
    if missing:
        raise DatasetError(f"version {restored.id}", "its files are not in the database any more")
    new = {name: known[sha256] for name, sha256 in wanted.items()}
    changed = _changed(old, new)
    file = FILES[kind]
    return TableUndo(
        undone=undone,
        restored=restored,
        redrawn=[_redrawn(name, old, new) for name in changed] if kind == BOUNDARIES and dry_run else [],
        zips=None
        if kind == BOUNDARIES or not dry_run
        else _zips_changed(_by_zip(old.get(file)), _by_zip(new.get(file))),
        files=changed,
    )


def _import(
    session: Session,
    folder: Path,
    kind: str,
    old: Mapping[str, bytes],
    new: Mapping[str, bytes],
    report: TableReport,
    *,
    source: str,
    source_version: str,
    licence: str,
    as_of: date,
    now: datetime,
    confirmed: bool,
) -> TableReport:
    """Keep the version, where it is one. The first import keeps what it found as a version too, to go back to."""
    files = _changed(old, new)
    latest = importing.latest_version(session, kind)
    is_known = latest is not None and latest.sha256 == _sha256(_list(old))
    report = replace(report, files=files, is_new_version=bool(files) or (latest is not None and not is_known))
    if report.dry_run or not report.is_new_version:
        return report
    if report.doubts and not confirmed:
        raise SuspiciousTable(report)
    if old and files and not is_known:
        days = [_FIRST_DAY.search(_unpacked(raw)[:1000]) for raw in old.values()]
        _keep(
            session,
            kind,
            old,
            source=f"found in {folder.name}",
            source_version="",
            licence="",
            as_of=min((date.fromisoformat(day[0].decode()) for day in days if day), default=now.date()),
            now=now,
        )
    _keep(session, kind, new, source=source, source_version=source_version, licence=licence, as_of=as_of, now=now)
    return report


def _keep(
    session: Session,
    kind: str,
    files: Mapping[str, bytes],
    *,
    source: str,
    source_version: str,
    licence: str,
    as_of: date,
    now: datetime,
) -> None:
    """A version whose snapshot lists all files, and holds those that the version before did not list."""
    latest = importing.latest_version(session, kind)
    before = set(_listed(zlib.decompress(latest.snapshot)).values()) if latest else set()
    snapshot = io.BytesIO()
    with zipfile.ZipFile(snapshot, "w") as archive:
        archive.writestr(_LIST, _list(files))
        for name, raw in sorted(files.items()):
            if _sha256(raw) not in before:
                archive.writestr(name, raw)
    importing.keep_version(
        session,
        kind,
        snapshot.getvalue(),
        source=source,
        source_version=source_version,
        licence=licence,
        as_of=as_of,
        now=now,
        row_count=sum(_count(kind, raw) for raw in files.values()),
        sha256=_sha256(_list(files)),
    )
    session.flush()


def _held(folder: Path, kind: str) -> dict[str, bytes]:
    """The files of this kind that are in the data folder, by their names in it."""
    try:
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.glob(FILES[kind]))}
    except OSError as error:
        raise DatasetError(folder.name, f"cannot be read: {error.strerror}") from None


def _changed(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, bytes | None]:
    return {name: new.get(name) for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)}


def _unless_same(old: bytes | None, new: bytes) -> bytes:
    """The old file where the new one is only packed differently."""
    return old if old and _unpacked(old) == _unpacked(new) else new


def _unpacked(raw: bytes) -> bytes:
    """The content of a gzip file; nothing of a damaged one, which an import is to replace."""
    try:
        with gzip.open(io.BytesIO(raw)) as opened:
            return opened.read(_LONGEST)
    except (OSError, EOFError, zlib.error):
        return b""


def _redrawn(name: str, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Redrawn:
    from actionmail.rules.districts.map_differences import compare  # as in `prepare_boundaries`

    return compare(_read_map(old.get(name), name), _read_map(new.get(name), name))


def _read_map(raw: bytes | None, name: str) -> Map | None:
    from actionmail.rules.districts.boundary_maps import read_map  # as in `prepare_boundaries`

    try:
        return read_map(raw, name) if raw else None
    except DatasetError:
        return None  # damaged: all that is in the other one is new


def _list(files: Mapping[str, bytes]) -> bytes:
    return json.dumps({name: _sha256(raw) for name, raw in sorted(files.items())}).encode()


def _listed(snapshot: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(snapshot)) as archive:
        return dict(json.loads(archive.read(_LIST)))


def _contents(snapshot: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(snapshot)) as archive:
        return {_sha256(raw): raw for name in archive.namelist() if name != _LIST and (raw := archive.read(name))}


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _count(kind: str, raw: bytes) -> int:
    text = _unpacked(raw)
    return text.count(b'"type":"Feature"') if kind == BOUNDARIES else max(0, text.count(b"\n") - 1)


def _by_zip(raw: bytes | None) -> dict[str, set[str]]:
    """Each ZIP code's rows, without their day."""
    found: dict[str, set[str]] = {}
    for line in (_unpacked(raw).decode("utf-8", "replace") if raw else "").splitlines()[1:]:
        zip5, _, rest = line.partition(",")
        found.setdefault(zip5, set()).add(rest.rpartition(",")[0])
    return found


def _zips_changed(before: Mapping[str, set[str]], after: Mapping[str, set[str]]) -> ZipsChanged:
    return ZipsChanged(
        rows=sum(map(len, after.values())),
        added=tuple(sorted(after.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(zip5 for zip5, rows in after.items() if zip5 in before and before[zip5] != rows)),
    )


def _zip_doubts(before: Mapping[str, set[str]], change: ZipsChanged) -> list[str]:
    def states(zips: Sequence[str]) -> Counter[str]:
        return Counter(state for zip5 in zips for state in {row.partition(",")[0] for row in before[zip5]})

    lost, there = states(change.gone), states(list(before))
    return [
        f"{state}: {lost[state]:,} of {count:,} ZIP codes would be gone ({lost[state] * 100 // count} %)."
        for state, count in sorted(there.items())
        if lost[state] > 2 and lost[state] > _TOO_MANY * count
    ]


def _doubts(after: Map, change: Redrawn, seats: set[Seat], zip_districts: set[Seat], zips_as_of: date) -> list[str]:
    """What new maps would do, and a wrong file too."""
    where = f"{after.state} {after.chamber}"
    names = {name for district in after.districts for name in district.names}

    def here(districts: set[Seat]) -> set[str]:
        return {name for state, chamber, name in districts if (state, chamber) == (after.state, after.chamber)}

    doubts = [
        f"{where} {name}: the ZIP table knows no {where} district {name}."
        for name in _first(names - here(zip_districts))
    ]
    if seats:
        doubts += [f"{where} {name}: {_NOBODY}" for name in _first(names - here(seats))]
    with_ground = {
        name
        for name in here(seats or zip_districts) - SEATS_WITHOUT_TERRITORY
        if not is_overlay(_candidate(after, name))
    }
    doubts += [f"{where} {name}: there is no boundary of it." for name in _first(with_ground - names)]
    if after.as_of.year != zips_as_of.year:
        doubts.append(
            f"{where}: these hold from {after.as_of.isoformat()}, the ZIP table from {zips_as_of.isoformat()}; both "
            "must be of the same election."
        )
    moved = [name for name, part in change.changed if part > _TOO_MANY]
    for count, what in ((len(change.gone), "districts would be gone"), (len(moved), "districts would be redrawn")):
        if count > 2 and count > _TOO_MANY * change.before:
            doubts.append(f"{where}: {count} of {change.before} {what} ({count * 100 // change.before} %).")
    return doubts


def _candidate(after: Map, name: str) -> Candidate:
    return Candidate(chamber=after.chamber, district=name, state=after.state, share=1.0, method="pop")


def _first(found: set[_Named]) -> list[_Named]:
    """Five of many: enough to see what is wrong."""
    return sorted(found)[:5]
