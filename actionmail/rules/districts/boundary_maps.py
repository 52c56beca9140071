"""The districts of one chamber as a map, and GeoJSON of it read with care. The product's own file is `map_files`'.

Coordinates are WGS 84 degrees, longitude first, as in GeoJSON (RFC 7946).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy
import shapely
from msgspec import Struct
from shapely import MultiPolygon, Polygon, STRtree
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from actionmail.rules.districts.blocks import district_names
from actionmail.rules.districts.overlays import is_overlay
from actionmail.rules.districts.states import CHAMBERS, ONE_HOUSE, STATES
from actionmail.rules.districts.topology import UNITS
from actionmail.rules.districts.zip_table import Candidate
from actionmail.rules.roster.seats import DatasetError, clean

MAX_BYTES = 64 * 1024 * 1024

NEAR_METRES = 100  # a geocoder's points and simplified lines are off: nearer to a line than this, we ask

_OVERLAP = 0.01  # of the smaller district; slivers along a border are within NEAR_METRES or nearly so
_MENDED = 1e-3  # a crossing may take this part of an area with it, and no more
_COARSEST = 5_000  # metres; beyond it a line says nothing
_LONGEST = 120  # letters of a name
_CODE_COLUMNS = ("SLDLST", "SLDUST", "code")
_CONGRESS_CODE = re.compile(r"CD\d{2,3}FP")
_CODE_DIGITS = 3
_NO_MORE = 5_000  # districts of one house; New Hampshire has 203


class District(Struct, frozen=True, kw_only=True):
    """One district's area. `names` are the roster's: two for Idaho's pair of House seats."""

    names: tuple[str, ...]
    title: str
    area: MultiPolygon


class Map(Struct, frozen=True, kw_only=True):
    """The districts of one chamber, as they are in one file."""

    state: str
    chamber: str
    as_of: date
    source: str
    districts: tuple[District, ...]
    near_metres: int = NEAR_METRES  # nearer than this to a line, which may be so far off, the supporter is asked


# The districts' names by state, chamber and the Census Bureau's code, where they are not the code's number.
Codes = Mapping[tuple[str, str, str], tuple[str, ...]]


def from_geojson(
    raw: bytes, file: str, *, state: str, chamber: str, as_of: date, source: str, codes: Codes | None = None
) -> Map:
    """A FeatureCollection whose features have `district` (a name of the roster's, or a list of them).

    Without it, TIGER/Line's `SLDLST`/`SLDUST`/`CD119FP` (or `code`) gives the district: by `codes`, else by its number.
    `coarse_m` says how many metres a line may be off, if more than `NEAR_METRES`. A polygon that crosses itself is
    mended where that takes no area worth mentioning; else, and at anything else that is wrong, DatasetError says where.
    Districts that lie over one another are wrong too.
    """
    check_chamber(file, state, chamber)
    districts, near_metres = _districts(
        _collection(raw, file), file, _Naming(state=state, chamber=chamber, codes=codes or {})
    )
    drawn = Map(state=state, chamber=chamber, as_of=as_of, source=source, districts=districts, near_metres=near_metres)
    _check_overlaps(drawn, file)
    return drawn


def from_older_file(raw: bytes, file: str) -> Map:
    """The GeoJSON that versions before `map_files` kept, with what a map has beside its features. Raises DatasetError.

    Whether districts lie over one another was looked at when it was made.
    """
    document = _collection(raw, file)
    try:
        as_of = date.fromisoformat(str(document.get("as_of")))
    except ValueError:
        raise DatasetError(file, "map_without_date") from None
    state, chamber = str(document.get("state")), str(document.get("chamber"))
    check_chamber(file, state, chamber)
    districts, near_metres = _districts(document, file, _Naming(state=state, chamber=chamber, codes={}))
    return Map(
        state=state,
        chamber=chamber,
        as_of=as_of,
        source=str(document.get("source", "")),
        districts=districts,
        near_metres=near_metres,
    )


def check_chamber(file: str, state: str, chamber: str) -> None:
    """Raises DatasetError unless the state has such a chamber; in Congress, the House alone has districts."""
    if state not in STATES:
        raise DatasetError(file, "unknown_state", value=state[:20])
    is_own = chamber in CHAMBERS and (chamber == "legislature") == (state in ONE_HOUSE)
    if not is_own and chamber != "us_lower":
        raise DatasetError(file, "unknown_chamber", value=chamber[:20], state=state)


def _check_overlaps(drawn: Map, file: str) -> None:
    """Raises DatasetError where two districts share more than slivers along their border."""
    areas = [district.area for district in drawn.districts]
    for first, other in STRtree(areas).query(areas, predicate="intersects").T:
        if first >= other:
            continue
        shared = shapely.intersection(areas[first], areas[other]).area
        if shared > _OVERLAP * min(areas[first].area, areas[other].area):
            names = " and ".join(drawn.districts[index].names[0] for index in (first, other))
            raise DatasetError(
                file,
                "districts_overlap",
                names=names,
            )


class _Naming(Struct, frozen=True, kw_only=True):
    """How the districts of a chamber get their names."""

    state: str
    chamber: str
    codes: Codes

    def names(self, properties: Mapping[str, Any]) -> list[str]:
        """The names in `district`, else those of the Census Bureau's code; [] where there is neither."""
        given = properties.get("district")
        if isinstance(given, list) and given and all(isinstance(name, str) for name in given):
            return given
        if isinstance(given, str):
            return [given]
        code = self._code(properties)
        names = district_names(self.codes, self.state, self.chamber, code.zfill(_CODE_DIGITS)) if code else ()
        return [name for name in names if not is_overlay(self._candidate(name))]  # those are on no map

    def _candidate(self, name: str) -> Candidate:
        return Candidate(chamber=self.chamber, district=name, state=self.state, share=1.0, method="map")

    def _code(self, properties: Mapping[str, Any]) -> str:
        own = [key for key in properties if _CONGRESS_CODE.fullmatch(key)] if self.chamber == "us_lower" else []
        keys = [key for key in (*_CODE_COLUMNS, *own) if properties.get(key)]
        return str(properties[keys[0]]) if keys else ""


def _districts(document: Mapping[str, Any], file: str, naming: _Naming) -> tuple[tuple[District, ...], int]:
    """The districts, and how near to a line we ask."""
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise DatasetError(file, "no_feature")
    if len(features) > _NO_MORE:
        raise DatasetError(file, "too_many_features", most=_NO_MORE)
    districts = []
    near_metres = NEAR_METRES
    seen: set[str] = set()
    for number, feature in enumerate(features, 1):
        district = _district(feature, file, number, naming)
        if twice := seen.intersection(district.names):
            raise DatasetError(file, "district_twice", feature=number, district=min(twice))
        seen.update(district.names)
        districts.append(district)
        coarse = feature["properties"].get("coarse_m")
        if isinstance(coarse, int) and coarse <= _COARSEST:
            near_metres = max(near_metres, coarse)
    return tuple(districts), near_metres


def features_of(raw: bytes, file: str) -> list[Any]:
    """The features of a FeatureCollection, whatever they are. Raises DatasetError."""
    features = _collection(raw, file).get("features")
    if not isinstance(features, list) or not features:
        raise DatasetError(file, "no_feature")
    return features


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


def _district(feature: object, file: str, number: int, naming: _Naming) -> District:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise DatasetError(file, "no_properties", feature=number)
    properties = feature["properties"]
    names = tuple(name for name in naming.names(properties) if name and name == clean(name) and len(name) <= _LONGEST)
    if not names:
        raise DatasetError(file, "no_district_in_feature", feature=number)
    try:
        geometry = shape(feature["geometry"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ShapelyError):
        raise DatasetError(file, "no_geometry", feature=number, district=names[0]) from None
    return District(
        names=names,
        title=clean(str(properties.get("title") or properties.get("NAMELSAD") or f"District {names[0]}"))[:_LONGEST],
        area=_area(geometry, file, feature=number, district=names[0]),
    )


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
    geometry = _on_grid(geometry)
    if geometry.is_empty:
        raise DatasetError(file, "no_polygon", feature=feature, district=district)
    return geometry if isinstance(geometry, MultiPolygon) else MultiPolygon([geometry])


def _on_grid(area: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    """In whole millionths of a degree, without heights; what that makes cross or vanish is mended."""
    rounded = shapely.transform(shapely.force_2d(area), lambda points: numpy.rint(points * UNITS) / UNITS)
    if rounded.is_valid:
        return rounded
    mended = shapely.set_precision(shapely.force_2d(area), 1 / UNITS)
    return mended if isinstance(mended, Polygon | MultiPolygon) else MultiPolygon()
