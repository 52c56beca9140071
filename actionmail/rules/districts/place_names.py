"""Names of towns and the points where they lie, as a data folder keeps them; the largest come first."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from actionmail.rules.roster.seats import DatasetError, clean, utf8_text

PLACE_COLUMNS = ("name", "latitude", "longitude", "land_km2", "as_of")
_LONGEST_NAME = 80


class PlaceName(Struct, frozen=True, kw_only=True):
    """A town, in degrees; its land in square kilometres says which is named where not all have room."""

    name: str
    latitude: float
    longitude: float
    land_km2: float


def pack_places(places: Sequence[PlaceName], *, as_of: date) -> bytes:
    """The file's bytes, largest first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(PLACE_COLUMNS)
    for place in sorted(places, key=lambda place: (-place.land_km2, place.name, place.latitude)):
        point = (f"{place.latitude:.5f}", f"{place.longitude:.5f}")
        writer.writerow((place.name, *point, f"{place.land_km2:.2f}", as_of.isoformat()))
    return text.getvalue().encode()


def read_places(raw: bytes, file: str) -> tuple[PlaceName, ...]:
    """Read what `pack_places` wrote. Raises DatasetError."""
    reader = csv.reader(io.StringIO(utf8_text(raw, file), newline=""), strict=True)
    places = []
    try:
        if tuple(next(reader, [])) != PLACE_COLUMNS:
            raise DatasetError(file, "table_columns", line=1, columns=",".join(PLACE_COLUMNS))
        for cells in reader:
            places.append(_place(cells, file, reader.line_num))
    except csv.Error as error:
        raise DatasetError(file, "no_csv", line=reader.line_num, why=str(error)) from None
    return tuple(places)


def _place(cells: Sequence[str], file: str, line: int) -> PlaceName:
    if len(cells) != len(PLACE_COLUMNS):
        raise DatasetError(file, "cells", line=line, count=len(cells), needed=len(PLACE_COLUMNS))
    try:
        latitude, longitude, land = map(float, cells[1:4])
    except ValueError:
        raise DatasetError(file, "no_point", line=line) from None
    return place_at(clean(cells[0]), latitude, longitude, land, file=file, line=line)


def place_at(name: str, latitude: float, longitude: float, land_km2: float, *, file: str, line: int) -> PlaceName:
    """One place, looked at. Raises DatasetError."""
    if not name or len(name) > _LONGEST_NAME:
        raise DatasetError(file, "no_place_name", line=line)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and 0 <= land_km2 < 1e7):
        raise DatasetError(file, "no_point", line=line)
    return PlaceName(name=name, latitude=latitude, longitude=longitude, land_km2=land_km2)
