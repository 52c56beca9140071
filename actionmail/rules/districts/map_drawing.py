"""A small map of the districts that an answer names, as SVG paths and labels in a square.

It is drawn for people who look for their home: candidates apart from one another by pattern and sign, names of places
and counties, the ZIP code's outline, about where the street lies, and a scale. North is up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from string import ascii_uppercase

import shapely
from msgspec import Struct
from shapely import MultiPolygon, Polygon
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

from actionmail.rules.districts.boundaries import Boundaries
from actionmail.rules.districts.boundary_maps import District
from actionmail.rules.districts.label_room import Label, LabelRoom
from actionmail.rules.districts.outlines import Outline
from actionmail.rules.districts.place_names import PlaceName

PATTERNS = 8  # that are told apart
MOST_REGIONS = 16  # candidates; more are no picture
SIZE = 320

_KM_PER_DEGREE = 111.32
_KM_PER_MILE = 1.609344
_MILES = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)
_BAR = 0.35  # of the width, the longest scale bar
_MARGIN = 6  # beyond the edge, so that where a line is cut is not seen
_SIMPLER = 0.6  # no point nearer than this to its neighbours' line
_COUNTY_LINES_FROM_KM = 25  # across: below it the counties' coarse lines would look exact
_MOST_PLACES = 9
_ASIDE = (0, -30, 30, -60, 60, -100, 100)  # of its middle, up and down, a county's name is tried
_SHORT = 4  # characters of a district's name that stands in its area; another gets a letter


class Bearing(StrEnum):
    """Where on the map, seen from its middle."""

    MIDDLE = "middle"
    NORTH = "north"
    NORTH_EAST = "north_east"
    EAST = "east"
    SOUTH_EAST = "south_east"
    SOUTH = "south"
    SOUTH_WEST = "south_west"
    WEST = "west"
    NORTH_WEST = "north_west"
    BEYOND = "beyond"  # the edge of the map


class Region(Struct, frozen=True, kw_only=True):
    """One candidate. `path` is a `d` attribute; `sign` stands in its area, and in the legend."""

    names: tuple[str, ...]
    title: str
    sign: str
    pattern: int
    path: str
    bearing: Bearing
    label: Label | None
    places: tuple[str, ...]  # of those on the map, the ones that lie in it


class ScaleBar(Struct, frozen=True, kw_only=True):
    """So many miles, and how long they are on the map."""

    miles: float
    km: float
    length: float


class Layers(Struct, frozen=True, kw_only=True):
    """What orients: nothing of it has to be there. `point` is latitude and longitude."""

    zip_area: MultiPolygon | None = None
    point: tuple[float, float] | None = None
    counties: Sequence[Outline] = ()
    places: Sequence[PlaceName] = ()


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Paths are `d` attributes, "" where there is nothing; `point` is in the square."""

    size: int
    regions: tuple[Region, ...]
    around: str
    counties: str
    county_names: tuple[Label, ...]  # in capitals
    counties_named: tuple[str, ...]  # those that have such a label, as they are written
    places: tuple[Label, ...]
    zip_area: str
    point: tuple[float, float] | None
    scale: ScaleBar = field(repr=False)


def draw(boundaries: Boundaries, names: Sequence[str], layers: Layers | None = None) -> Drawing | None:
    """The districts with these names and what lies around them; None where none is known, or too many are.

    Around the ZIP code's area where that is known, else around the districts.
    """
    layers = layers or Layers()
    chosen = _chosen(boundaries, names)
    if not chosen or len(chosen) > MOST_REGIONS:
        return None
    shown = [layers.zip_area] if layers.zip_area else [district.area for district in chosen]
    sheet = _Sheet(shown, layers.point)
    room = LabelRoom(SIZE)
    scale = sheet.scale_bar()
    room.take(0, SIZE - 34, SIZE * 0.6, 34)
    point = sheet.at(*layers.point) if layers.point else None
    if point:
        room.take(point[0] - 9, point[1] - 9, 18, 18)
    signs, seen, labels = _signs(chosen), [], []
    for district, sign in zip(chosen, signs, strict=True):
        seen.append(sheet.seen(district.area))
        labels.append(_sign_label(room, seen[-1], sign))
    places = list(_place_labels(room, sheet, layers.places))
    regions = []
    for number, district in enumerate(chosen):
        regions.append(
            Region(
                names=district.names,
                title=district.title,
                sign=signs[number],
                pattern=number % PATTERNS,
                path=_path(seen[number]),
                bearing=sheet.bearing(seen[number]),
                label=labels[number],
                places=tuple(place.name for place, _ in places if _holds(district, place)),
            )
        )
    counties = [sheet.seen(county.area) for county in layers.counties]
    county_labels = list(_county_labels(room, layers.counties, counties))
    return Drawing(
        size=SIZE,
        regions=tuple(regions),
        around=_around(boundaries, sheet, chosen),
        counties="".join(map(_path, counties)) if sheet.km >= _COUNTY_LINES_FROM_KM else "",
        county_names=tuple(label for _, label in county_labels),
        counties_named=tuple(name for name, _ in county_labels),
        places=tuple(label for _, label in places),
        zip_area=_path(sheet.seen(layers.zip_area)) if layers.zip_area else "",
        point=point,
        scale=scale,
    )


def _around(boundaries: Boundaries, sheet: _Sheet, chosen: Sequence[District]) -> str:
    """The path of all other districts on the map."""
    paths = []
    for district in boundaries.touching(sheet.bounds):
        if district not in chosen:
            paths.append(_path(sheet.seen(district.area)))
    return "".join(paths)


class _Sheet:
    """The square: which part of the earth it shows, and where a place is in it."""

    def __init__(self, shown: Sequence[MultiPolygon], point: tuple[float, float] | None) -> None:
        west, south, east, north = shapely.total_bounds(shown)
        if point:
            west, east = min(west, point[1]), max(east, point[1])
            south, north = min(south, point[0]), max(north, point[0])
        self._squeeze = math.cos(math.radians((south + north) / 2))
        span = max((east - west) * self._squeeze, north - south) * 1.2 or 0.01
        self._left = (west + east) / 2 - span / self._squeeze / 2
        self._top = (south + north) / 2 + span / 2
        self._scale = SIZE / span
        self.km = span * _KM_PER_DEGREE
        edge = _MARGIN / self._scale
        aside = edge / self._squeeze
        right, bottom = self._left + span / self._squeeze, self._top - span
        self.bounds = (self._left - aside, bottom - edge, right + aside, self._top + edge)

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """From the left and from the top."""
        return (longitude - self._left) * self._scale * self._squeeze, (self._top - latitude) * self._scale

    def seen(self, area: MultiPolygon) -> BaseGeometry:
        """What of the area is on the map, in the square's own measure."""
        west, south, east, north = area.bounds
        left, bottom, right, top = self.bounds
        if west > right or east < left or south > top or north < bottom:
            return Polygon()
        across = self._scale * self._squeeze
        flat = [across, 0, 0, -self._scale, -self._left * across, self._top * self._scale]
        return shapely.simplify(affine_transform(shapely.clip_by_rect(area, left, bottom, right, top), flat), _SIMPLER)

    def scale_bar(self) -> ScaleBar:
        """The longest round number of miles that has room."""
        longest = self.km * _BAR / _KM_PER_MILE
        miles = max((miles for miles in _MILES if miles <= longest), default=_MILES[0])
        km = miles * _KM_PER_MILE
        return ScaleBar(miles=miles, km=km, length=km / self.km * SIZE)

    def bearing(self, area: BaseGeometry) -> Bearing:
        """Where most of it is."""
        if area.is_empty:
            return Bearing.BEYOND
        centre = area.centroid
        east, north = centre.x - SIZE / 2, SIZE / 2 - centre.y
        if math.hypot(east, north) < SIZE / 10:
            return Bearing.MIDDLE
        turned = (90 - math.degrees(math.atan2(north, east))) % 360
        return list(Bearing)[1 + round(turned / 45) % 8]


def _chosen(boundaries: Boundaries, names: Sequence[str]) -> list[District]:
    """Each once: a pair of seats shares its area."""
    chosen: list[District] = []
    for name in names:
        district = boundaries.named(name)
        if district and district not in chosen:
            chosen.append(district)
    return chosen


def _signs(chosen: Sequence[District]) -> list[str]:
    """A short name as it is; a letter for each, where one is longer."""
    names = [district.names[0] for district in chosen]
    if all(len(name) <= _SHORT for name in names):
        return names
    return list(ascii_uppercase[: len(names)])


def _holds(district: District, place: PlaceName) -> bool:
    return bool(shapely.intersects_xy(district.area, place.longitude, place.latitude))


def _sign_label(room: LabelRoom, area: BaseGeometry, sign: str) -> Label | None:
    centre = _middle_of(area)
    return room.centred(sign, *centre, letter=17, is_needed=True) if centre else None


def _county_labels(
    room: LabelRoom, counties: Sequence[Outline], seen: Sequence[BaseGeometry]
) -> Iterator[tuple[str, Label]]:
    """Each that has room, with the county's name."""
    for county, area in zip(counties, seen, strict=True):
        x, y = _middle_of(area) or (0.0, 0.0)
        for aside in _ASIDE:  # where a sign stands in the middle already
            if shapely.intersects_xy(area, x, y + aside):
                label = room.centred(county.name.upper(), x, y + aside, letter=11)
                if label:
                    yield county.name, label
                    break


def _place_labels(room: LabelRoom, sheet: _Sheet, places: Iterable[PlaceName]) -> Iterator[tuple[PlaceName, Label]]:
    """The largest that have room."""
    left, bottom, right, top = sheet.bounds
    count = 0
    for place in places:
        if not (left <= place.longitude <= right and bottom <= place.latitude <= top):
            continue
        label = room.beside(place.name, *sheet.at(place.latitude, place.longitude), letter=13)
        if label:
            yield place, label
            count += 1
        if count == _MOST_PLACES:
            return


def _middle_of(area: BaseGeometry) -> tuple[float, float] | None:
    """A point well inside the largest part; None where that is hardly to be seen."""
    largest = max(_polygons(area), key=lambda polygon: polygon.area, default=None)
    if largest is None or largest.area < 60:
        return None
    centre = shapely.get_point(shapely.maximum_inscribed_circle(largest, 2.0), 0)
    return centre.x, centre.y


def _polygons(area: BaseGeometry) -> Iterator[Polygon]:
    for polygon in shapely.get_parts(area):
        if isinstance(polygon, Polygon) and not polygon.is_empty:
            yield polygon


def _path(area: BaseGeometry) -> str:
    parts = []
    for polygon in _polygons(area):
        for ring in (polygon.exterior, *polygon.interiors):
            points = [f"{x:.0f},{y:.0f}" for x, y in ring.coords[:-1]]
            parts.append(f"M{' '.join(points)}Z")
    return "".join(parts)
