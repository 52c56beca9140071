"""The Census Bureau's files of lines and names for maps: counties, ZIP code areas, places. All are public domain.

- Counties: cartographic boundaries such as cb_2023_us_county_500k.zip, with STATEFP and NAME.
- ZIP code areas: cartographic boundaries such as cb_2020_us_zcta520_500k.zip, with ZCTA5CE20 (or ZCTA5CE10). The full
  TIGER/Line file has the same areas in ten times the points, and is too large.
- Places: the gazetteer's 2024_Gaz_place_national.txt, or its zip: USPS, NAME, ALAND, INTPTLAT and INTPTLONG by the
  names in its first line, between tabs, or between bars as since 2025.

Layout: https://www.census.gov/programs-surveys/geography/technical-documentation/records-layout/gaz-record-layouts.html
and https://www.census.gov/geographies/mapping-files/time-series/geo/cartographic-boundary.html
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry import shape

from actionmail.gateways.datasets.shapefiles import PARTS, features
from actionmail.rules.districts.boundary_maps import features_of
from actionmail.rules.districts.outlines import Outline
from actionmail.rules.districts.place_names import PlaceName, place_at
from actionmail.rules.districts.states import FIPS, STATES
from actionmail.rules.districts.topology import UNITS
from actionmail.rules.roster.seats import DatasetError, clean, utf8_text

MAX_BYTES = 400 * 1024 * 1024  # of one part; the areas of all ZIP codes take 90 MB
_MOST = 60_000  # shapes; there are 33,791 ZIP code areas and 3,235 counties
_PREFIX = 3  # digits of a ZIP code that share a file
_SQUARE_METRES = 1_000_000
_ZIP_COLUMNS = ("ZCTA5CE20", "ZCTA5CE10", "ZCTA5")
_PLACE_COLUMNS = ("USPS", "NAME", "ALAND", "INTPTLAT", "INTPTLONG")
# What the gazetteer puts behind a name to say of what kind a place is (its LSAD).
_KINDS = (
    " (balance)",
    " CDP",
    " metropolitan government",
    " metro government",
    " consolidated government",
    " unified government",
    " urban county",
    " city and borough",
    " municipality",
    " corporation",
    " borough",
    " village",
    " town",
    " city",
    " zona urbana",
    " comunidad",
)

Grouped = Mapping[str, list[Outline]]


def read_counties(path: Path) -> Grouped:
    """The counties of each state. Raises DatasetError."""
    by_state: dict[str, list[Outline]] = {}
    for number, (properties, area) in enumerate(_areas(path), 1):
        code, name = str(properties.get("STATEFP") or ""), clean(str(properties.get("NAME") or ""))
        if not code or not name:
            raise DatasetError(path.name, "no_county", feature=number)
        if code in FIPS:
            by_state.setdefault(FIPS[code], []).append(Outline(name=name, area=area))
    return by_state


def read_zip_areas(path: Path) -> Grouped:
    """The areas of ZIP codes, by their first three digits. Raises DatasetError."""
    by_prefix: dict[str, list[Outline]] = {}
    for number, (properties, area) in enumerate(_areas(path), 1):
        zip5 = next((str(properties[column]) for column in _ZIP_COLUMNS if properties.get(column)), "")
        if len(zip5) != 5 or not (zip5.isascii() and zip5.isdigit()):
            raise DatasetError(path.name, "no_zip_area", feature=number)
        by_prefix.setdefault(zip5[:_PREFIX], []).append(Outline(name=zip5, area=area))
    return by_prefix


def read_gazetteer(path: Path) -> Mapping[str, list[PlaceName]]:
    """The places of each state. Raises DatasetError."""
    text = utf8_text(_gazetteer(path), path.name)
    first, *lines = text.splitlines() or [""]
    delimiter = "|" if "|" in first else "\t"
    columns = [column.strip() for column in first.split(delimiter)]
    if not set(_PLACE_COLUMNS) <= set(columns):
        raise DatasetError(path.name, "no_gazetteer", line=1, columns=_PLACE_COLUMNS)
    wanted = [columns.index(column) for column in _PLACE_COLUMNS]
    by_state: dict[str, list[PlaceName]] = {}
    for line, row in enumerate(lines, 2):
        cells = row.split(delimiter)
        if len(cells) != len(columns):
            raise DatasetError(path.name, "cells", line=line, count=len(cells), needed=len(columns))
        state, name, land, latitude, longitude = (cells[place].strip() for place in wanted)
        try:
            numbers = float(latitude), float(longitude), float(land) / _SQUARE_METRES
        except ValueError:
            raise DatasetError(path.name, "no_point", line=line) from None
        if state in STATES:
            by_state.setdefault(state, []).append(place_at(short_name(name), *numbers, file=path.name, line=line))
    return by_state


def short_name(name: str) -> str:
    """Without the kind of place behind it: "Madison city" is Madison, "Carson City" keeps its capital letter."""
    name = clean(name)
    for kind in _KINDS:
        shorter = name.removesuffix(kind)
        if shorter and shorter != name:
            return short_name(shorter) if kind == " (balance)" else shorter
    return name


def _areas(path: Path) -> Iterator[tuple[Mapping[str, Any], MultiPolygon]]:
    for number, feature in enumerate(_features(path), 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise DatasetError(path.name, "no_properties", feature=number)
        try:
            area = shapely.set_precision(shape(feature["geometry"]), 1 / UNITS)  # no ring of one point is left
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, shapely.errors.ShapelyError):
            raise DatasetError(path.name, "no_outline", feature=number) from None
        if isinstance(area, Polygon):
            area = MultiPolygon([area])
        if not isinstance(area, MultiPolygon) or area.is_empty or not _is_on_earth(area):
            raise DatasetError(path.name, "no_outline", feature=number)
        yield properties, area


def _is_on_earth(area: Any) -> bool:
    west, south, east, north = area.bounds
    return bool(-180 <= west <= east <= 180 and -90 <= south <= north <= 90)


def _features(path: Path) -> Iterator[Any]:
    if zipfile.is_zipfile(path):
        yield from features(path.name, _zipped_parts(path), most=_MOST)
    elif path.suffix.lower() == ".shp":
        parts = {}
        for ending in PARTS:
            if path.with_suffix(ending).is_file():
                parts[ending] = _plain(path.with_suffix(ending))
        yield from features(path.name, parts, most=_MOST)
    else:
        yield from features_of(_plain(path), path.name)


def _zipped_parts(path: Path) -> Mapping[str, bytes]:
    """The parts of the one shapefile in a zip, by their endings."""
    try:
        with zipfile.ZipFile(path) as opened:
            parts: dict[str, bytes] = {}
            for name in opened.namelist():
                ending = PurePosixPath(name).suffix.lower()
                if ending in PARTS:
                    if ending in parts:
                        raise DatasetError(path.name, "several_shapefiles")
                    parts[ending] = _bounded(opened.open(name), path)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        raise DatasetError(path.name, "damaged_or_locked", why=str(error)) from None
    if ".shp" not in parts:
        raise DatasetError(path.name, "no_shapefile_in_zip")
    return parts


def _gazetteer(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        return _plain(path)
    try:
        with zipfile.ZipFile(path) as opened:
            names = [name for name in opened.namelist() if name.lower().endswith(".txt")]
            if len(names) != 1:
                raise DatasetError(path.name, "no_gazetteer_in_zip")
            return _bounded(opened.open(names[0]), path)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        raise DatasetError(path.name, "damaged_or_locked", why=str(error)) from None


def _plain(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # a device or a pipe may have no end
        raise DatasetError(path.name, "no_file_or_folder")
    try:
        return _bounded(path.open("rb"), path)
    except OSError as error:
        raise DatasetError(path.name, "cannot_be_read", why=error.strerror) from None


def _bounded(opened: Any, path: Path) -> bytes:
    with opened:
        raw: bytes = opened.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise DatasetError(path.name, "too_large", megabytes=MAX_BYTES // 1024 // 1024)
    return raw
