"""Boundary files as others publish them: GeoJSON or shapefiles, alone, in a folder or a zip. Read in memory only."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct

from actionmail.gateways.datasets.shapefiles import NATIONAL, PARTS, census_name, to_geojson
from actionmail.rules.districts.boundary_maps import MAX_BYTES, features_of
from actionmail.rules.districts.states import FIPS, ONE_HOUSE, STATES
from actionmail.rules.roster.seats import DatasetError

_NAME = re.compile(
    r"(?P<state>[A-Za-z]{2})[_-](?P<chamber>upper|lower|legislature|us_lower|congress)\.(?:(?:geo)?json|shp)",
    re.IGNORECASE,
)
_MAX_FILES = 500


class BoundaryFile(Struct, frozen=True, kw_only=True):
    """One file's bytes, and the state and chamber that its name tells."""

    name: str
    state: str
    chamber: str
    raw: bytes


def read_boundaries(path: Path) -> Iterator[BoundaryFile]:
    """The files named as WI_lower.json, WI_lower.shp or tl_2024_55_sldl.shp are at `path`. Raises DatasetError.

    A file of all states (US_lower.json, cb_2024_us_sldl_500k.shp) comes as one of each.
    """
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if _is_named(file.name))
        if not files:
            raise DatasetError(path.name, "unknown_name")
        for file in files:
            yield from _named(file.name, _from_disk(file))
    elif path.exists() and not path.is_file():  # a device or a pipe may have no end
        raise DatasetError(path.name, "no_file_or_folder")
    elif zipfile.is_zipfile(path):
        yield from _zipped(path)
    elif path.suffix.lower() == ".zip":
        raise DatasetError(path.name, "no_zip")
    elif path.suffix.lower() in PARTS[1:]:
        raise DatasetError(path.name, "part_of_shapefile")
    else:
        yield from _named(path.name, _from_disk(path))


def _from_disk(path: Path) -> bytes:
    if path.suffix.lower() != ".shp":
        return _plain(path)
    beside = {ending: path.with_suffix(ending) for ending in PARTS}
    beside |= {ending: path.with_suffix(ending.upper()) for ending in PARTS if not beside[ending].is_file()}
    beside[".shp"] = path
    parts = {ending: _plain(file) for ending, file in beside.items() if file.is_file() or ending == ".shp"}
    return _converted(path.name, parts)


def _converted(name: str, parts: dict[str, bytes]) -> bytes:
    if any(len(raw) > MAX_BYTES for raw in parts.values()):
        raise DatasetError(name, "too_large", megabytes=MAX_BYTES // 1024 // 1024)
    return to_geojson(name, parts)


def _is_named(name: str) -> bool:
    return bool(_NAME.fullmatch(name) or census_name(name))


def _zipped(path: Path) -> Iterator[BoundaryFile]:
    try:
        with zipfile.ZipFile(path) as opened:
            members = opened.infolist()
            if len(members) > _MAX_FILES:
                raise DatasetError(path.name, "too_many_files", most=_MAX_FILES)
            for member in members:
                if member.filename.startswith("/") or ".." in PurePosixPath(member.filename).parts:
                    raise DatasetError(path.name, "climbs_out", name=member.filename[:80])
            named = [member for member in members if _is_named(PurePosixPath(member.filename).name)]
            if not named:
                raise DatasetError(path.name, "unknown_name")
            for member in named:
                name = PurePosixPath(member.filename)
                raw = _unpacked(opened, member)
                if name.suffix.lower() == ".shp":
                    stem = member.filename[: -len(".shp")]
                    raw = _converted(name.name, _parts(opened, members, stem))
                yield from _named(name.name, raw)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        raise DatasetError(path.name, "damaged_or_locked", why=str(error)) from None


def _parts(opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], stem: str) -> dict[str, bytes]:
    """The parts of a shapefile, by their endings."""
    parts = {}
    for member in members:
        ending = PurePosixPath(member.filename).suffix.lower()
        if member.filename[: -len(".shp")] == stem and ending in PARTS:
            parts[ending] = _unpacked(opened, member)
    return parts


def _unpacked(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with opened.open(member) as file:
        return file.read(MAX_BYTES + 1)


def _plain(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DatasetError(path.name, "cannot_be_read", why=error.strerror) from None


def _named(name: str, raw: bytes) -> Iterator[BoundaryFile]:
    match = _NAME.fullmatch(name)
    known = census_name(name) or (match and (match["state"].upper(), match["chamber"].lower()))
    if not known:
        raise DatasetError(name, "unknown_name")
    state, chamber = known
    chamber = "us_lower" if chamber == "congress" else chamber
    if state == NATIONAL:
        for of_state, part in _by_state(name, raw).items():
            own = "legislature" if of_state in ONE_HOUSE and chamber != "us_lower" else chamber
            if not (of_state in ONE_HOUSE and chamber == "lower"):  # it stands with the upper houses
                yield BoundaryFile(name=name, state=of_state, chamber=own, raw=part)
        return
    if state not in STATES or (chamber != "us_lower" and (chamber == "legislature") != (state in ONE_HOUSE)):
        raise DatasetError(name, "no_such_chamber")
    yield BoundaryFile(name=name, state=state, chamber=chamber, raw=raw)


def _by_state(name: str, raw: bytes) -> dict[str, bytes]:
    """The features of a national file, by the state in their STATEFP or GEOID; those of territories are left out."""
    features: dict[str, list[object]] = {}
    for number, feature in enumerate(features_of(raw, name), 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise DatasetError(name, "no_properties", feature=number)
        code = str(properties.get("STATEFP") or properties.get("GEOID") or "")[:2]
        if not code.isdecimal():
            raise DatasetError(name, "no_state_in_feature", feature=number)
        if code in FIPS:
            features.setdefault(FIPS[code], []).append(feature)
    parts = {}
    for state, own in sorted(features.items()):
        parts[state] = json.dumps({"type": "FeatureCollection", "features": own}).encode()
    return parts
