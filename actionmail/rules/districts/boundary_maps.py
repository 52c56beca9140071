"""The districts of one chamber as a map: GeoJSON read with care, and the product's own file of it.

Coordinates are WGS 84 degrees, longitude first, as in GeoJSON (RFC 7946).
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from shapely import LinearRing, MultiPolygon, Polygon, STRtree
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from actionmail.rules.districts.states import CHAMBERS, ONE_HOUSE, STATES
from actionmail.rules.roster.seats import DatasetError, clean

MAX_BYTES = 64 * 1024 * 1024

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


@dataclass(frozen=True, kw_only=True)
class Map:
    """The districts of one chamber, as they are in one file."""

    state: str
    chamber: str
    as_of: date
    source: str
    districts: tuple[District, ...]


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
                "districts_overlap",
                names=names,
            )


def _map(document: Mapping[str, Any], file: str, *, state: str, chamber: str, as_of: date, source: str) -> Map:
    if state not in STATES:
        raise DatasetError(file, "unknown_state", value=state[:20])
    if chamber not in CHAMBERS or (chamber == "legislature") != (state in ONE_HOUSE):
        raise DatasetError(file, "unknown_chamber", value=chamber[:20], state=state)
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise DatasetError(file, "no_feature")
    if len(features) > _NO_MORE:
        raise DatasetError(file, "too_many_features", most=_NO_MORE)
    districts = []
    seen: set[str] = set()
    for number, feature in enumerate(features, 1):
        district = _district(feature, file, number)
        if twice := seen.intersection(district.names):
            raise DatasetError(file, "district_twice", feature=number, district=min(twice))
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


def read_map(raw: bytes, file: str) -> Map:
    """Read what `pack` wrote. Raises DatasetError."""
    text = _unzip(raw, file) if raw[:2] == b"\x1f\x8b" else raw
    document = _collection(text, file)
    try:
        as_of = date.fromisoformat(str(document.get("as_of")))
    except ValueError:
        raise DatasetError(file, "map_without_date") from None
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
        raise DatasetError(file, "damaged_or_half") from None
    if not unzipping.eof and len(text) <= MAX_BYTES:
        raise DatasetError(file, "half_a_download")
    return text


def _collection(raw: bytes, file: str) -> Mapping[str, Any]:
    if len(raw) > MAX_BYTES:
        raise DatasetError(file, "too_large_unpacked", megabytes=MAX_BYTES // 1024 // 1024)
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DatasetError(file, "not_utf8", line=raw.count(b"\n", 0, error.start) + 1) from None
    except json.JSONDecodeError as error:
        raise DatasetError(file, "no_json", line=error.lineno, column=error.colno, why=error.msg) from None
    except RecursionError:
        raise DatasetError(file, "json_too_deep") from None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise DatasetError(file, "no_feature_collection")
    return document


def _district(feature: object, file: str, number: int) -> District:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise DatasetError(file, "no_properties", feature=number)
    properties = feature["properties"]
    names = _names(properties)
    if not names:
        raise DatasetError(file, "no_district_in_feature", feature=number)
    try:
        geometry = shape(feature["geometry"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ShapelyError):
        raise DatasetError(file, "no_geometry", feature=number, district=names[0]) from None
    return District(
        names=names,
        title=clean(str(properties.get("title") or properties.get("NAMELSAD") or f"District {names[0]}"))[:120],
        area=_area(geometry, file, feature=number, district=names[0]),
    )


def _names(properties: Mapping[str, Any]) -> tuple[str, ...]:
    given = properties.get("district")
    if isinstance(given, list) and given and all(isinstance(name, str) for name in given):
        names = given
    elif isinstance(given, str):
        names = [given]
    else:
        code = next((properties[key] for key in ("SLDLST", "SLDUST", "code") if properties.get(key)), "")
        names = [str(code).lstrip("0")]
    return tuple(name for name in names if name and name == clean(name) and len(name) <= 120)


def _area(geometry: BaseGeometry, file: str, *, feature: int, district: str) -> MultiPolygon:
    if not isinstance(geometry, Polygon | MultiPolygon) or geometry.is_empty:
        raise DatasetError(file, "no_polygon", feature=feature, district=district)
    west, south, east, north = geometry.bounds
    if not all(map(math.isfinite, geometry.bounds)) or west < -180 or east > 180 or south < -90 or north > 90:
        raise DatasetError(file, "coordinates_no_degrees", feature=feature, district=district)
    if not geometry.is_valid:
        size = geometry.area
        mended = shapely.make_valid(geometry)
        if mended.geom_type == "GeometryCollection":
            mended = shapely.union_all([part for part in shapely.get_parts(mended) if part.area > 0])
        if not isinstance(mended, Polygon | MultiPolygon) or abs(mended.area - size) > _MENDED * max(mended.area, size):
            reason = shapely.is_valid_reason(geometry).replace("[", " at longitude and latitude ").rstrip("]")
            raise DatasetError(file, "crosses_itself", feature=feature, district=district, why=reason)
        geometry = mended
    return geometry if isinstance(geometry, MultiPolygon) else MultiPolygon([geometry])


def _coordinates(area: MultiPolygon) -> list[list[list[list[float]]]]:
    polygons = []
    for polygon in area.geoms:
        rings = [_rounded(ring) for ring in (polygon.exterior, *polygon.interiors)]
        polygons.append(rings)
    return polygons


def _rounded(ring: LinearRing) -> list[list[float]]:
    return [[round(x, _DECIMALS), round(y, _DECIMALS)] for x, y, *_ in ring.coords]
