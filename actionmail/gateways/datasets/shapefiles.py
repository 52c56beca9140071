"""Shapefiles of districts as the Census Bureau publishes them (TIGER/Line, cartographic boundaries), as GeoJSON."""

from __future__ import annotations

import io
import json
import re
import struct
from typing import Any

import shapefile  # type: ignore[import-untyped]

from actionmail.rules.districts.states import FIPS, ONE_HOUSE
from actionmail.rules.roster.seats import DatasetError

PARTS = (".shp", ".dbf", ".shx", ".prj")
_CENSUS = re.compile(r"(?:tl|cb)_20\d\d_(?P<state>\d\d)_sld(?P<house>[lu])(?:_\w+)?\.shp", re.IGNORECASE)
_POLYGONS = {shapefile.POLYGON, shapefile.POLYGONZ, shapefile.POLYGONM}
_NO_DISTRICT = "ZZZ"  # water that belongs to none
_HEADER = 100
_NO_MORE = 2_000


def census_name(name: str) -> tuple[str, str] | None:
    """State and chamber from such a name as tl_2024_55_sldl.shp; None for another."""
    match = _CENSUS.fullmatch(name)
    if not match or match["state"] not in FIPS:
        return None
    state = FIPS[match["state"]]
    house = "lower" if match["house"].lower() == "l" else "upper"
    return state, "legislature" if state in ONE_HOUSE else house


def to_geojson(name: str, parts: dict[str, bytes]) -> bytes:
    """A FeatureCollection of a shapefile's parts, by their endings. Raises DatasetError."""
    if ".dbf" not in parts:
        raise DatasetError(
            name, "its .dbf is missing, which says which district is which; keep .shp, .shx and .dbf together"
        )
    if b"PROJCS" in parts.get(".prj", b"").upper():
        raise DatasetError(
            name, "its coordinates are not degrees (see its .prj); convert it with `ogr2ogr -t_srs EPSG:4326`"
        )
    shp = parts[".shp"]
    if len(shp) < _HEADER or 2 * int.from_bytes(shp[24:28]) != len(shp):  # it says its length in words
        raise DatasetError(name, "damaged, or only half a download; download it again")
    features: list[dict[str, Any]] = []
    number = 0
    shapefile.VERBOSE = False
    try:
        files = {ending[1:]: io.BytesIO(raw) for ending, raw in parts.items() if ending != ".prj"}
        with shapefile.Reader(**files) as reader:
            if reader.shapeType not in _POLYGONS:
                raise DatasetError(name, f"holds {reader.shapeTypeName.lower()}s, and districts are polygons")
            if len(reader) > _NO_MORE:
                raise DatasetError(name, f"more than {_NO_MORE:,} shapes, so these are not one house's districts")
            for one in reader.iterShapeRecords():
                number += 1
                properties = {str(key): value for key, value in one.record.as_dict(date_strings=True).items()}
                if _NO_DISTRICT in (properties.get("SLDLST"), properties.get("SLDUST")):
                    continue
                geometry = one.shape.__geo_interface__ if one.shape.shapeType in _POLYGONS else None
                features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    except DatasetError:
        raise
    except (shapefile.ShapefileException, struct.error, ArithmeticError, LookupError, OSError, TypeError) as error:
        if "Could not decode" in str(error):
            raise DatasetError(
                name,
                f"its .dbf is not UTF-8 text, at shape {number + 1}; convert it with `ogr2ogr -lco ENCODING=UTF-8`",
            ) from None
        raise _damaged(name, number, error) from None
    except (ValueError, AttributeError, EOFError, AssertionError) as error:
        raise _damaged(name, number, error) from None
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _damaged(name: str, number: int, error: Exception) -> DatasetError:
    place = f" after shape {number}" if number else ""
    return DatasetError(name, f"damaged, or only half a download{place} ({type(error).__name__}); download it again")
