"""District boundaries of one state: in which district a point lies, and how near the next one is.

Coordinates are WGS 84 degrees, longitude first, as in GeoJSON. Distances are metres on a plane that touches the
earth at the point, exact to a few centimetres within 100 m, and to a metre within 400 m.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator

import shapely
from msgspec import Struct
from shapely import MultiPolygon, STRtree
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

from actionmail.rules.districts.boundary_maps import District, Map
from actionmail.rules.districts.map_files import read_map

_METRES_PER_DEGREE = 111_320.0
_PIECE = 16  # vertices of one piece of a border


class Near(Struct, frozen=True, kw_only=True):
    """Another district than the point's, and how far its border is."""

    names: tuple[str, ...]
    metres: float


class Boundaries:
    """One chamber's districts, their areas prepared, and their borders behind a spatial index."""

    def __init__(self, drawn: Map, *, version: str) -> None:
        self.state, self.chamber, self.as_of, self.version = drawn.state, drawn.chamber, drawn.as_of, version
        self.near_metres = float(drawn.near_metres)
        self.districts = drawn.districts
        areas = [district.area for district in drawn.districts]
        shapely.prepare(areas)
        self._areas = areas
        self._boxes = shapely.bounds(areas).T.copy()
        self._pieces: list[BaseGeometry] = []
        self._owners: list[int] = []
        for owner, area in enumerate(areas):
            for piece in _pieces(area):
                self._pieces.append(piece)
                self._owners.append(owner)
        self._borders = STRtree(self._pieces)

    def at(self, latitude: float, longitude: float) -> District | None:
        """The district that the point lies in; on a border, the first of those it belongs to."""
        holding = next(self._holding(latitude, longitude), None)
        return None if holding is None else self.districts[holding]

    def near(self, latitude: float, longitude: float, *, within: float | None = None) -> tuple[Near, ...]:
        """The other districts whose border runs within so many metres, nearest first; 0: the point is in it too.

        Within `near_metres`, where nothing else is said.
        """
        within = self.near_metres if within is None else within
        mine, *over = list(self._holding(latitude, longitude)) or [-1]  # one district, where none lies over another
        north = _METRES_PER_DEGREE
        east = north * math.cos(math.radians(latitude))
        up, aside = within / north, within / east
        box = shapely.box(longitude - aside, latitude - up, longitude + aside, latitude + up)
        nearest = dict.fromkeys(over, 0.0)
        centre = shapely.points(0.0, 0.0)
        for number in self._borders.query(box):
            owner = self._owners[number]
            if owner == mine:
                continue
            flat = affine_transform(self._pieces[number], [east, 0, 0, north, -longitude * east, -latitude * north])
            metres = float(shapely.distance(flat, centre))
            if metres <= within:
                nearest[owner] = min(metres, nearest.get(owner, math.inf))
        return tuple(
            Near(names=self.districts[owner].names, metres=metres)
            for owner, metres in sorted(nearest.items(), key=lambda item: item[1])
        )

    def _holding(self, latitude: float, longitude: float) -> Iterator[int]:
        """The places of the districts that have the point, as far as they are asked for."""
        west, south, east, north = self._boxes  # of a few hundred: quicker than an index
        is_near = (west <= longitude) & (longitude <= east) & (south <= latitude) & (latitude <= north)
        for index in is_near.nonzero()[0].tolist():
            if shapely.intersects_xy(self._areas[index], longitude, latitude):
                yield index

    def touching(self, bounds: tuple[float, float, float, float]) -> list[District]:
        """The districts whose box meets one of west, south, east, north; those farther off are not looked at."""
        left, bottom, right, top = bounds
        west, south, east, north = self._boxes
        is_near = (west <= right) & (left <= east) & (south <= top) & (bottom <= north)
        return [self.districts[index] for index in is_near.nonzero()[0].tolist()]

    def named(self, name: str) -> District | None:
        """The district with this name of the roster's."""
        return next((district for district in self.districts if name in district.names), None)


def _pieces(area: MultiPolygon) -> Iterable[BaseGeometry]:
    for polygon in area.geoms:
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)
            for start in range(0, len(points) - 1, _PIECE):
                yield shapely.LineString(points[start : start + _PIECE + 1])


def unpack(raw: bytes, file: str) -> Boundaries:
    """Read what `map_files.pack` wrote, ready to be asked. Raises DatasetError."""
    drawn = read_map(raw, file)
    return Boundaries(drawn, version=f"{drawn.as_of.isoformat()}-{hashlib.sha256(raw).hexdigest()[:12]}")
