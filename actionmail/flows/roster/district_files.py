"""The datasets that are files in the data folder: boundaries and ZIP tables. Versions and going back as the roster's.

What an import makes of them is handed back as bytes; the door writes them (`files_in_place`) with the version's commit.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.roster import DatasetVersion
from actionmail.flows.roster.dataset_versions import Provenance, Snapshot, latest_version
from actionmail.flows.roster.importing import DatasetReport, Proposal
from actionmail.rules.roster.seats import DatasetError

if TYPE_CHECKING:
    from actionmail.rules.districts.map_differences import Redrawn

BOUNDARIES, ZIPS, CONGRESS_ZIPS = "boundaries", "zips", "congress-zips"
FIRST_DAYS, NEW_MAPS, SPECIAL_ELECTIONS = "first-days", "new-maps", "special-elections"
CALENDAR = (FIRST_DAYS, NEW_MAPS, SPECIAL_ELECTIONS)
MAP_SUFFIX, OLDER_SUFFIX = ".topo", ".json.gz"  # of a map, and of one that a version before wrote
TABLES = {
    ZIPS: "zip_districts.csv.gz",
    CONGRESS_ZIPS: "zip_congress.csv.gz",
    FIRST_DAYS: "first_days.csv",
    NEW_MAPS: "new_maps.csv",
    SPECIAL_ELECTIONS: "special_elections.csv",
}
COUNTIES, ZIP_AREAS, PLACES = "counties", "zcta", "places"
KINDS = (BOUNDARIES, *TABLES, COUNTIES, ZIP_AREAS, PLACES)
_MAPS = (f"boundaries/*{MAP_SUFFIX}", f"boundaries/*{OLDER_SUFFIX}")

_FIRST_DAY = re.compile(rb"\d{4}-\d\d-\d\d")
_BEGINNING = 1000  # bytes of a file in which its day stands
_LONGEST = 256 * 1024 * 1024  # of an unpacked file; the readers have limits of their own, below it
_LIST = "files.json"

Files = Mapping[str, bytes]  # of one kind, by their names below the data folder
FileChanges = Mapping[str, bytes | None]  # what to write; None for a file that goes


class LayerFiles(Struct, frozen=True, kw_only=True):
    """Where the files of a layer of the maps lie: one for each state, or for each first three digits of ZIP codes."""

    folder: str
    suffix: str


LAYER_FILES: Mapping[str, LayerFiles] = {
    COUNTIES: LayerFiles(folder="counties", suffix=MAP_SUFFIX),
    ZIP_AREAS: LayerFiles(folder="zip_areas", suffix=MAP_SUFFIX),
    PLACES: LayerFiles(folder="places", suffix=".csv"),
}


class FilesOutOfStep(Exception):
    """The files in the data folder are not those of `version`, which is in force: going back would lose them."""

    def __init__(self, kind: str, version: int) -> None:
        self.kind, self.version = kind, version
        super().__init__(kind, version)


class ZipsChanged(Struct, frozen=True, kw_only=True):
    """How a table of ZIP codes differs from an older one."""

    rows: int
    added: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DistrictFilesReport(DatasetReport):
    """What an import of files did, or would do (`dry_run`). `files`: what to write below the data folder."""

    redrawn: Sequence[Redrawn] = ()
    zips: ZipsChanged | None = None
    files: FileChanges = field(default_factory=dict)


def held_files(folder: Path, kind: str) -> dict[str, bytes]:
    """The files of this kind that are in the data folder. Raises DatasetError."""
    files = {}
    try:
        for pattern in _patterns(kind):
            for file in folder.glob(pattern):
                files[file.relative_to(folder).as_posix()] = file.read_bytes()
        return dict(sorted(files.items()))
    except OSError as error:
        raise DatasetError(folder.name, "cannot_be_read", why=error.strerror) from None


def _patterns(kind: str) -> Sequence[str]:
    if kind == BOUNDARIES:
        return _MAPS
    layer = LAYER_FILES.get(kind)
    return (f"{layer.folder}/*{layer.suffix}",) if layer else (TABLES[kind],)


def out_of_step(session: Session, folder: Path, kind: str) -> int | None:
    """The version in force, where the files in the folder are not those of it; None if all is well.

    That happens where an import or its undoing was cut off before the files took their places, and where somebody
    changed files by hand. Raises DatasetError.
    """
    latest = latest_version(session, kind)
    if latest is None or latest.sha256 == _sha256(_list(held_files(folder, kind))):
        return None
    return latest.id


def propose_files(
    session: Session,
    report: DistrictFilesReport,
    *,
    kind: str,
    old: Files,
    new: Files,
    old_provenance: Provenance,
    provenance: Provenance,
) -> Proposal[DistrictFilesReport]:
    """What becomes a version. The first import keeps what was there (`old_provenance`) too, to go back to."""
    files = changed_files(old, new)
    latest = latest_version(session, kind)
    is_known = latest is not None and latest.sha256 == _sha256(_list(old))
    is_new = bool(files) or (latest is not None and not is_known)
    report = replace(report, files=files, is_new_version=is_new)
    versions = []
    before = set(_listed(zlib.decompress(latest.snapshot)).values()) if latest else set()
    if old and files and not is_known:
        versions.append((_snapshot(kind, old, before), old_provenance))
        before = {_sha256(raw) for raw in old.values()}
    if is_new:
        versions.append((_snapshot(kind, new, before), provenance))
    return Proposal(report=report, versions=versions, write=lambda: None)


def found_in(folder: Path, files: Files, *, now: datetime) -> Provenance:
    """Of files that were in the folder before there was any version of them."""
    days = []
    for raw in files.values():
        content = unpacked(raw) or raw  # some are not packed
        if day := _FIRST_DAY.search(content[:_BEGINNING]):
            days.append(date.fromisoformat(day[0].decode()))
    return Provenance(source=f"found in {folder.name}", as_of=min(days, default=now.date()))


def restored_files(session: Session, folder: Path, kind: str, version: int, snapshot: bytes) -> tuple[Files, Files]:
    """The files in the folder, and those that `version` had. Raises DatasetError."""
    old = held_files(folder, kind)
    wanted = _listed(snapshot)
    known = {_sha256(raw): raw for raw in old.values()}
    missing = set(wanted.values()) - known.keys()
    query = select(DatasetVersion.id).where(DatasetVersion.kind == kind, DatasetVersion.id <= version)
    for number in session.scalars(query.order_by(DatasetVersion.id.desc())).all():
        if not missing:
            break
        contents = _contents(zlib.decompress(session.get_one(DatasetVersion, number).snapshot))
        known |= {sha256: raw for sha256, raw in contents.items() if sha256 in missing}
        missing -= contents.keys()
    if missing:
        raise DatasetError(f"version {version}", "files_lost")
    return old, {name: known[sha256] for name, sha256 in wanted.items()}


def changed_files(old: Files, new: Files) -> FileChanges:
    """What to write so that `old` becomes `new`."""
    return {name: new.get(name) for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)}


def unless_same(old: bytes | None, new: bytes) -> bytes:
    """The old file where the new one is only packed differently."""
    return old if old and unpacked(old) == unpacked(new) else new


def unpacked(raw: bytes) -> bytes:
    """The content of a gzip file or of a map; nothing of a damaged one, which an import is to replace."""
    try:
        if raw[:1] == b"{":
            line, _, arcs = raw.partition(b"\n")
            return line + b"\n" + zlib.decompressobj().decompress(arcs, _LONGEST)
        with gzip.open(io.BytesIO(raw)) as opened:
            return opened.read(_LONGEST)
    except (OSError, EOFError, zlib.error):
        return b""


def _snapshot(kind: str, files: Files, before: set[str]) -> Snapshot:
    """It lists all files, and holds those that the version before (`before`: their SHA-256) did not list."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(_LIST, _list(files))
        for name, raw in sorted(files.items()):
            if _sha256(raw) not in before:
                archive.writestr(name, raw)
    row_count = sum(count_rows(kind, raw) for raw in files.values())
    return Snapshot(packed=packed.getvalue(), sha256=_sha256(_list(files)), row_count=row_count)


def _list(files: Files) -> bytes:
    return json.dumps({name: _sha256(raw) for name, raw in sorted(files.items())}).encode()


def _listed(snapshot: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(snapshot)) as archive:
        return dict(json.loads(archive.read(_LIST)))


def _contents(snapshot: bytes) -> dict[str, bytes]:
    contents = {}
    with zipfile.ZipFile(io.BytesIO(snapshot)) as archive:
        for name in archive.namelist():
            if name != _LIST:
                raw = archive.read(name)
                contents[_sha256(raw)] = raw
    return contents


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def count_rows(kind: str, raw: bytes) -> int:
    """How many rows, districts or names a file of this kind has."""
    if kind in {COUNTIES, ZIP_AREAS}:
        return len(json.loads(raw.partition(b"\n")[0])["names"])
    text = raw if kind in {*CALENDAR, PLACES} else unpacked(raw)
    if kind != BOUNDARIES:
        return max(0, text.count(b"\n") - 1)
    return text.count(b'"type":"Feature"') or text.partition(b"\n")[0].count(b'"names":')
