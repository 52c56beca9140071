"""District boundaries of one state: in which district a point lies, and how near the next one is.

Coordinates are WGS 84 degrees, longitude first, as in GeoJSON. Distances are metres on a plane that touches the
earth at the point, exact to a few centimetres within `NEAR_METRES`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from shapely import MultiPolygon, Polygon, STRtree
from shapely.affinity import affine_transform
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from actionmail.rules.districts.zip_districts import CHAMBERS, ONE_HOUSE, STATES
from actionmail.rules.roster.seats import DatasetError, clean

NEAR_METRES = 100.0  # the shipped lines are simplified: nearer to one than this, the supporter is asked
MAX_BYTES = 64 * 1024 * 1024

_METRES_PER_DEGREE = 111_320.0
_PIECE = 16  # vertices of one piece of a border
_DECIMALS = 6  # a tenth of a metre
_OVERLAP = 0.01  # of the smaller district; slivers along a border are within NEAR_METRES or nearly so
_MENDED = 1e-3  # a crossing may take this part of an area with it, and no more
_NO_MORE = 5_000  # districts of one house; New Hampshire has 203


@dataclass(frozen=True, kw_only=True, slots=True)
class District:
    """One district's area. `names` are the roster's: two for Idaho's pair of House seats."""

    names: tuple[str, ...]
    title: str
    area: MultiPolygon


@dataclass(frozen=True, kw_only=True, slots=True)
class Near:
    """Another district than the point's, and how far its border is."""

    names: tuple[str, ...]
    metres: float


@dataclass(frozen=True, kw_only=True)
class Map:
    """The districts of one chamber, as they are in one file."""

    state: str
    chamber: str
    as_of: date
    source: str
    districts: tuple[District, ...]


class Boundaries:
    """One chamber's districts behind a spatial index, their areas prepared."""

    def __init__(self, drawn: Map, *, version: str) -> None:
        self.state, self.chamber, self.as_of, self.version = drawn.state, drawn.chamber, drawn.as_of, version
        self.districts = drawn.districts
        areas = [district.area for district in drawn.districts]
        shapely.prepare(areas)
        self._areas = areas
        self._tree = STRtree(areas)
        self._pieces: list[BaseGeometry] = []
        self._owners: list[int] = []
        for owner, area in enumerate(areas):
            for piece in _pieces(area):
                self._pieces.append(piece)
                self._owners.append(owner)
        self._borders = STRtree(self._pieces)

    def at(self, latitude: float, longitude: float) -> District | None:
        """The district that the point lies in; on a border, the first of those it belongs to."""
        for index in self._tree.query(shapely.points(longitude, latitude)):
            if shapely.intersects_xy(self._areas[index], longitude, latitude):
                return self.districts[int(index)]
        return None

    def near(self, latitude: float, longitude: float, *, within: float = NEAR_METRES) -> tuple[Near, ...]:
        """The other districts whose border runs within so many metres, nearest first; 0: the point is in it too."""
        holding = [
            int(index)
            for index in self._tree.query(shapely.points(longitude, latitude))
            if shapely.intersects_xy(self._areas[index], longitude, latitude)
        ]
        mine, *over = holding or [-1]  # one district, where none lies over another
        north = _METRES_PER_DEGREE
        east = north * math.cos(math.radians(latitude))
        up, aside = within / north, within / east
        box = shapely.box(longitude - aside, latitude - up, longitude + aside, latitude + up)
        found = dict.fromkeys(over, 0.0)
        centre = shapely.points(0.0, 0.0)
        for number in self._borders.query(box):
            owner = self._owners[number]
            if owner == mine:
                continue
            flat = affine_transform(self._pieces[number], [east, 0, 0, north, -longitude * east, -latitude * north])
            metres = float(shapely.distance(flat, centre))
            if metres <= within:
                found[owner] = min(metres, found.get(owner, math.inf))
        return tuple(
            Near(names=self.districts[owner].names, metres=metres)
            for owner, metres in sorted(found.items(), key=lambda item: item[1])
        )

    def named(self, name: str) -> District | None:
        """The district with this name of the roster's."""
        return next((district for district in self.districts if name in district.names), None)


def _pieces(area: MultiPolygon) -> Iterable[BaseGeometry]:
    for polygon in area.geoms:
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)
            for start in range(0, len(points) - 1, _PIECE):
                yield shapely.LineString(points[start : start + _PIECE + 1])


# Reading and writing


def from_geojson(raw: bytes, file: str, *, state: str, chamber: str, as_of: date, source: str) -> Map:
    """A FeatureCollection whose features have `district` (a name of the roster's, or a list of them).

    Without it, TIGER/Line's `SLDLST`/`SLDUST` (or `code`) gives the number. A polygon that crosses itself is mended
    where that takes no area worth mentioning; else, and at anything else that is wrong, DatasetError says where.
    Districts that lie over one another are wrong too.
    """
    drawn = _map(_collection(raw, file), file, state=state, chamber=chamber, as_of=as_of, source=source)
    _check_overlaps(drawn, file)
    return drawn


def _check_overlaps(drawn: Map, file: str) -> None:
    """Raises DatasetError where two districts share more than slivers along their border."""
    areas = [district.area for district in drawn.districts]
    for one, other in STRtree(areas).query(areas, predicate="intersects").T:
        if one >= other:
            continue
        shared = shapely.intersection(areas[one], areas[other]).area
        if shared > _OVERLAP * min(areas[one].area, areas[other].area):
            names = " and ".join(drawn.districts[index].names[0] for index in (one, other))
            raise DatasetError(
                file,
                f"districts {names} lie over one another, so a place in both has no district of its own; leave out "
                "districts that lie over several others, such as floterial ones",
            )


def _map(document: Mapping[str, Any], file: str, *, state: str, chamber: str, as_of: date, source: str) -> Map:
    if state not in STATES:
        raise DatasetError(file, f"{state[:20]!r} is no state")
    if chamber not in CHAMBERS or (chamber == "legislature") != (state in ONE_HOUSE):
        raise DatasetError(file, f"{chamber[:20]!r} is no chamber of {state}")
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise DatasetError(file, "there is no feature in it")
    if len(features) > _NO_MORE:
        raise DatasetError(file, f"more than {_NO_MORE:,} features, so these are not one house's districts")
    districts = []
    seen: set[str] = set()
    for number, feature in enumerate(features, 1):
        district = _district(feature, file, number)
        if twice := seen.intersection(district.names):
            raise DatasetError(file, f"feature {number}: district {min(twice)} is there twice")
        seen.update(district.names)
        districts.append(district)
    return Map(state=state, chamber=chamber, as_of=as_of, source=source, districts=tuple(districts))


def pack(drawn: Map) -> bytes:
    """The product's own file: gzipped GeoJSON in a fixed order, the same bytes for the same map."""
    document = {
        "type": "FeatureCollection",
        "state": drawn.state,
        "chamber": drawn.chamber,
        "as_of": drawn.as_of.isoformat(),
        "source": drawn.source,
        "features": [
            {
                "type": "Feature",
                "properties": {"district": list(district.names), "title": district.title},
                "geometry": {"type": "MultiPolygon", "coordinates": _coordinates(district.area)},
            }
            for district in sorted(drawn.districts, key=lambda one: one.names)
        ],
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), 9, mtime=0)


def unpack(raw: bytes, file: str) -> Boundaries:
    """Read what `pack` wrote, ready to be asked. Raises DatasetError."""
    drawn = read_map(raw, file)
    return Boundaries(drawn, version=f"{drawn.as_of.isoformat()}-{hashlib.sha256(raw).hexdigest()[:12]}")


def read_map(raw: bytes, file: str) -> Map:
    """Read what `pack` wrote. Raises DatasetError."""
    text = _unzip(raw, file) if raw[:2] == b"\x1f\x8b" else raw
    document = _collection(text, file)
    try:
        as_of = date.fromisoformat(str(document.get("as_of")))
    except ValueError:
        raise DatasetError(file, "has no date; `actionmail data import boundaries` writes one") from None
    return _map(
        document,
        file,
        state=str(document.get("state")),
        chamber=str(document.get("chamber")),
        as_of=as_of,
        source=str(document.get("source", "")),
    )


def _unzip(raw: bytes, file: str) -> bytes:
    unzipping = zlib.decompressobj(31)
    try:
        text = unzipping.decompress(raw, MAX_BYTES + 1)
    except zlib.error:
        raise DatasetError(file, "damaged, or only half a download") from None
    if not unzipping.eof and len(text) <= MAX_BYTES:
        raise DatasetError(file, "only half a download")
    return text


def _collection(raw: bytes, file: str) -> Mapping[str, Any]:
    if len(raw) > MAX_BYTES:
        raise DatasetError(file, f"larger than {MAX_BYTES // 1024 // 1024} MB unpacked")
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DatasetError(file, "not UTF-8 text", line=raw.count(b"\n", 0, error.start) + 1) from None
    except json.JSONDecodeError as error:
        raise DatasetError(file, f"not JSON: {error.msg}", line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise DatasetError(file, "nested too deeply to be GeoJSON") from None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise DatasetError(file, "not a GeoJSON FeatureCollection")
    return document


def _district(feature: object, file: str, number: int) -> District:
    place = f"feature {number}"
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise DatasetError(file, f"{place} has no properties")
    properties = feature["properties"]
    names = _names(properties)
    if not names:
        raise DatasetError(file, f"{place} has no district name in district, SLDLST, SLDUST or code")
    try:
        geometry = shape(feature["geometry"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ShapelyError):
        raise DatasetError(file, f"{place} (district {names[0]}) has no geometry that can be read") from None
    return District(
        names=names,
        title=clean(str(properties.get("title") or properties.get("NAMELSAD") or f"District {names[0]}"))[:120],
        area=_area(geometry, f"{place} (district {names[0]})", file),
    )


def _names(properties: Mapping[str, Any]) -> tuple[str, ...]:
    given = properties.get("district")
    if isinstance(given, list) and given and all(isinstance(one, str) for one in given):
        names = given
    elif isinstance(given, str):
        names = [given]
    else:
        code = next((properties[key] for key in ("SLDLST", "SLDUST", "code") if properties.get(key)), "")
        names = [str(code).lstrip("0")]
    return tuple(name for name in names if name and name == clean(name) and len(name) <= 120)


def _area(geometry: BaseGeometry, place: str, file: str) -> MultiPolygon:
    if not isinstance(geometry, Polygon | MultiPolygon) or geometry.is_empty:
        raise DatasetError(file, f"{place} is not a polygon")
    west, south, east, north = geometry.bounds
    if not all(map(math.isfinite, geometry.bounds)) or west < -180 or east > 180 or south < -90 or north > 90:
        raise DatasetError(file, f"{place} has coordinates that are not degrees of longitude and latitude")
    if not geometry.is_valid:
        size = geometry.area
        mended = shapely.make_valid(geometry)
        if mended.geom_type == "GeometryCollection":
            mended = shapely.union_all([one for one in shapely.get_parts(mended) if one.area > 0])
        if not isinstance(mended, Polygon | MultiPolygon) or abs(mended.area - size) > _MENDED * max(mended.area, size):
            reason = shapely.is_valid_reason(geometry).replace("[", " at longitude and latitude ").rstrip("]")
            raise DatasetError(file, f"{place} crosses itself and cannot be mended: {reason}")
        geometry = mended
    return geometry if isinstance(geometry, MultiPolygon) else MultiPolygon([geometry])


def _coordinates(area: MultiPolygon) -> list[list[list[list[float]]]]:
    return [
        [
            [[round(x, _DECIMALS), round(y, _DECIMALS)] for x, y, *_ in ring.coords]
            for ring in (polygon.exterior, *polygon.interiors)
        ]
        for polygon in area.geoms
    ]


# Comparing


@dataclass(frozen=True, kw_only=True)
class Redrawn:
    """How one chamber's districts differ from older ones, by their names ("22A/22B" for a pair of seats)."""

    state: str
    chamber: str
    before: int
    after: int
    added: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[tuple[str, float], ...]  # with the part of the older area that came or went; may be above 1


def compare(before: Map | None, after: Map | None) -> Redrawn:
    """The difference between two maps of one chamber; None where there is none. Areas are as on a flat map."""
    one = after or before
    if one is None:
        raise ValueError("nothing to compare")
    old = {"/".join(district.names): district.area for district in (before.districts if before else ())}
    new = {"/".join(district.names): district.area for district in (after.districts if after else ())}
    both = ((name, _part_changed(old[name], area)) for name, area in new.items() if name in old)
    return Redrawn(
        state=one.state,
        chamber=one.chamber,
        before=len(old),
        after=len(new),
        added=tuple(sorted(new.keys() - old.keys())),
        gone=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted((item for item in both if item[1] > 0), key=lambda item: (-item[1], item[0]))),
    )


def _part_changed(old: MultiPolygon, new: MultiPolygon) -> float:
    if old.equals_exact(new, 0.0):
        return 0.0
    return float(shapely.symmetric_difference(old, new).area / old.area)


# Drawing


def draw(boundaries: Boundaries, name: str, *, size: int = 320) -> Drawing | None:
    """The district `name` and what lies around it, as SVG paths in a square of `size`; None where it is unknown."""
    chosen = boundaries.named(name)
    if chosen is None:
        return None
    west, south, east, north = chosen.area.bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    span = max((east - west) * squeeze, north - south) * 1.16 or 1.0
    left = (west + east) / 2 - span / squeeze / 2
    top = (south + north) / 2 + span / 2
    frame = shapely.box(left, top - span, left + span / squeeze, top)
    scale = size / span
    to_screen = [scale * squeeze, 0, 0, -scale, -left * scale * squeeze, top * scale]
    others = [one.area for one in boundaries.districts if one is not chosen and shapely.intersects(frame, one.area)]
    return Drawing(
        title=chosen.title,
        district=_path(chosen.area, frame, to_screen),
        others=" ".join(filter(None, (_path(area, frame, to_screen) for area in others))),
        size=size,
    )


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Paths (`d` attributes) for a map of one district."""

    title: str
    district: str
    others: str
    size: int


def _path(area: MultiPolygon, frame: Polygon, to_screen: Sequence[float]) -> str:
    seen = shapely.simplify(affine_transform(shapely.intersection(area, frame), list(to_screen)), 0.6)
    parts = []
    for polygon in shapely.get_parts(seen):
        if not isinstance(polygon, Polygon) or polygon.is_empty:
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            parts.append("M" + " ".join(f"{x:.0f},{y:.0f}" for x, y in list(ring.coords)[:-1]) + "Z")
    return "".join(parts)
