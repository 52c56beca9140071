"""Shapefiles of districts as the Census Bureau publishes them (TIGER/Line, cartographic boundaries), as GeoJSON."""

from __future__ import annotations

import io
import json
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import shapefile  # type: ignore[import-untyped]

from actionmail.rules.districts.states import FIPS, ONE_HOUSE
from actionmail.rules.roster.seats import DatasetError

PARTS = (".shp", ".dbf", ".shx", ".prj")
_CENSUS = re.compile(
    r"(?:tl|cb)_20\d\d_(?P<state>\d\d|us)_(?:sld(?P<house>[lu])|cd\d{2,3})(?:_\w+)?\.shp", re.IGNORECASE
)
NATIONAL = "US"  # in the place of a state: a file of all of them
_DISTRICT_COLUMN = re.compile(r"SLD[LU]ST|CD\d{2,3}FP")
_POLYGONS = {shapefile.POLYGON, shapefile.POLYGONZ, shapefile.POLYGONM}
_NO_DISTRICT = frozenset({"ZZ", "ZZZ"})  # water that belongs to none
# What the library raises for a file that is damaged.
_UNREADABLE = (
    shapefile.ShapefileException,
    struct.error,
    ArithmeticError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    AttributeError,
    EOFError,
    AssertionError,
)
_HEADER = 100
_NO_MORE = 8_000  # a national file of the lower houses has 4,900


def census_name(name: str) -> tuple[str, str] | None:
    """State and chamber from such a name as tl_2024_55_sldl.shp; `NATIONAL` for all states; None for another name."""
    match = _CENSUS.fullmatch(name)
    if not match:
        return None
    number = match["state"].upper()
    state = NATIONAL if number == NATIONAL else FIPS.get(number)
    if state is None:
        return None
    if not match["house"]:
        return state, "us_lower"
    house = "lower" if match["house"].lower() == "l" else "upper"
    return state, "legislature" if state in ONE_HOUSE else house


def to_geojson(name: str, parts: Mapping[str, bytes]) -> bytes:
    """A FeatureCollection of a shapefile's parts, by their endings. Raises DatasetError."""
    return json.dumps({"type": "FeatureCollection", "features": list(features(name, parts))}).encode()


def features(name: str, parts: Mapping[str, bytes], *, most: int = _NO_MORE) -> Iterator[dict[str, Any]]:
    """The same one by one, at most so many of them. Raises DatasetError."""
    if ".dbf" not in parts:
        raise DatasetError(name, "no_dbf")
    if b"PROJCS" in parts.get(".prj", b"").upper():
        raise DatasetError(name, "no_degrees")
    shp = parts[".shp"]
    if len(shp) < _HEADER or 2 * int.from_bytes(shp[24:28]) != len(shp):  # it says its length in words
        raise DatasetError(name, "damaged_download")
    shapefile.VERBOSE = False
    progress = _Progress()
    try:
        files = {ending[1:]: io.BytesIO(raw) for ending, raw in parts.items() if ending != ".prj"}
        with shapefile.Reader(**files) as reader:
            yield from _features(name, reader, progress, most)
    except DatasetError:
        raise
    except _UNREADABLE as error:
        if "Could not decode" in str(error):
            raise DatasetError(name, "dbf_not_utf8", shape=progress.shapes + 1) from None
        code = "shapes_damaged" if progress.shapes else "shapefile_damaged"
        raise DatasetError(name, code, shape=progress.shapes, why=type(error).__name__) from None


class _Progress:
    """How many shapes were read before a fault."""

    shapes = 0


def _features(name: str, reader: Any, progress: _Progress, most: int) -> Iterator[dict[str, Any]]:
    if reader.shapeType not in _POLYGONS:
        raise DatasetError(name, "no_polygons", shapes=reader.shapeTypeName.lower())
    if len(reader) > most:
        raise DatasetError(name, "too_many_shapes", most=most)
    for record in reader.iterShapeRecords():
        progress.shapes += 1
        properties = {str(key): value for key, value in record.record.as_dict(date_strings=True).items()}
        if any(value in _NO_DISTRICT for key, value in properties.items() if _DISTRICT_COLUMN.fullmatch(key)):
            continue
        geometry = record.shape.__geo_interface__ if record.shape.shapeType in _POLYGONS else None
        yield {"type": "Feature", "properties": properties, "geometry": geometry}
