"""Boundary files as others publish them: GeoJSON, alone, in a folder or in a zip. Only read into memory, bounded."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from actionmail.rules.boundaries import MAX_BYTES
from actionmail.rules.districts import ONE_HOUSE, STATES
from actionmail.rules.roster import DatasetError

_NAME = re.compile(r"(?P<state>[A-Za-z]{2})[_-](?P<chamber>upper|lower|legislature)\.(?:geo)?json", re.IGNORECASE)
_MAX_FILES = 500
_SHAPEFILE = (".shp", ".dbf", ".shx")


@dataclass(frozen=True, kw_only=True)
class BoundaryFile:
    """One file's bytes, and the state and chamber that its name tells."""

    name: str
    state: str
    chamber: str
    raw: bytes


def read_boundaries(path: Path) -> Iterator[BoundaryFile]:
    """The files named `WI_lower.json` (or .geojson) at `path`, one after the other. Raises DatasetError."""
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if _NAME.fullmatch(file.name))
        if not files:
            raise DatasetError(path.name, _nothing())
        for file in files:
            yield _named(file.name, _plain(file))
    elif zipfile.is_zipfile(path):
        yield from _zipped(path)
    elif path.suffix.lower() == ".zip":
        raise DatasetError(path.name, "not a zip, or only half a download")
    elif path.suffix.lower() in _SHAPEFILE:
        raise DatasetError(
            path.name,
            "a shapefile, which is not read; turn it into GeoJSON first, for instance with "
            "`ogr2ogr -t_srs EPSG:4326 WI_lower.json FILE.shp`",
        )
    else:
        yield _named(path.name, _plain(path))


def _zipped(path: Path) -> Iterator[BoundaryFile]:
    try:
        with zipfile.ZipFile(path) as opened:
            members = opened.infolist()
            if len(members) > _MAX_FILES:
                raise DatasetError(path.name, f"more than {_MAX_FILES} files in it")
            for member in members:
                if member.filename.startswith("/") or ".." in PurePosixPath(member.filename).parts:
                    raise DatasetError(path.name, f"a file's name climbs out of the zip: {member.filename[:80]!r}")
            found = [member for member in members if _NAME.fullmatch(PurePosixPath(member.filename).name)]
            if not found:
                raise DatasetError(path.name, _nothing())
            for member in found:
                with opened.open(member) as file:
                    raw = file.read(MAX_BYTES + 1)
                yield _named(PurePosixPath(member.filename).name, raw)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        raise DatasetError(path.name, f"damaged, locked, or only half a download: {error}") from None


def _plain(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DatasetError(path.name, f"cannot be read: {error.strerror}") from None


def _named(name: str, raw: bytes) -> BoundaryFile:
    match = _NAME.fullmatch(name)
    if not match:
        raise DatasetError(name, _nothing())
    state, chamber = match["state"].upper(), match["chamber"].lower()
    if state not in STATES or (chamber == "legislature") != (state in ONE_HOUSE):
        raise DatasetError(name, "its name tells no state and chamber that there are")
    return BoundaryFile(name=name, state=state, chamber=chamber, raw=raw)


def _nothing() -> str:
    return "files must be named after state and chamber, such as WI_lower.json, CA_upper.json or NE_legislature.json"
