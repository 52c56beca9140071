"""Areas that border one another, in little room: each border once, as whole numbers, compressed.

The idea is TopoJSON's (github.com/topojson/topojson-specification, 2.1.4 Arcs): rings are cut where borders meet, a
piece that two areas share is kept once, and its points are differences from the point before. The numbers are
millionths of a degree, as the sources have them: nothing moves by more than 0.06 m, what was rounded so not at all.

A file of `write` is, compressed with zlib, seven arrays one after the other, each its length and then its values:

    points in each arc; differences east; differences north; arcs in each ring; these arcs; rings in each polygon;
    polygons in each area

Arcs are 2 n for arc n and 2 n + 1 for the same arc backwards. Differences are zigzag coded (0, -1, 1, -2 are 0, 1, 2,
3). Values are four bytes, all lowest bytes first, then all second ones and so on, which zlib likes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy
import shapely
from shapely import MultiPolygon

UNITS: Final = 1_000_000  # to a degree
MAX_BYTES: Final = 64 * 1024 * 1024  # unpacked; the largest chamber, Texas's lower one, takes 0.5 MB

_ARRAYS = 7
_WORD = 4  # bytes of a value

Numbers = numpy.ndarray[Any, numpy.dtype[numpy.int64]]
Arc = tuple[int, ...]  # numbers of points


class DamagedTopology(ValueError):
    """These bytes are not what `write` made."""


def write(areas: Sequence[MultiPolygon]) -> bytes:
    """The areas as bytes, the same bytes for the same areas."""
    table = _ArcTable()
    borders = _Borders()
    polygons_of: list[int] = []
    rings_of: list[int] = []
    for area in areas:
        polygons_of.append(len(area.geoms))
        for polygon in area.geoms:
            rings = (polygon.exterior, *polygon.interiors)
            rings_of.append(len(rings))
            for ring in rings:
                borders.add(shapely.get_coordinates(ring))
    arcs_of: list[int] = []
    references: list[int] = []
    for ring_points in borders.rings:
        pieces = borders.cut(ring_points)
        arcs_of.append(len(pieces))
        for piece in pieces:
            references.append(table.reference(piece))
    lengths, differences = table.differences(borders.points)
    arrays = [lengths, differences[:, 0], differences[:, 1], arcs_of, references, rings_of, polygons_of]
    return zlib.compress(b"".join(_packed(numpy.asarray(array, dtype=numpy.int64)) for array in arrays), 9)


def read(raw: bytes) -> list[MultiPolygon]:
    """The areas that `write` was given. Raises DamagedTopology."""
    lengths, east, north, arcs_of, references, rings_of, polygons_of = _unpacked(raw)
    if lengths.sum() != len(east) or len(east) != len(north) or (lengths < 2).any():
        raise DamagedTopology("the arcs are not whole")
    if arcs_of.sum() != len(references) or rings_of.sum() != len(arcs_of) or polygons_of.sum() != len(rings_of):
        raise DamagedTopology("the rings are not whole")
    if (references // 2 >= len(lengths)).any() or (polygons_of < 1).any() or (rings_of < 1).any():
        raise DamagedTopology("a ring names an arc that is not there")
    steps = numpy.stack([_from_zigzag(east), _from_zigzag(north)], axis=1)
    points = numpy.cumsum(steps, axis=0) / UNITS
    arcs = numpy.split(points, numpy.cumsum(lengths)[:-1])
    try:
        return _areas(_rings(arcs, arcs_of, references), rings_of, polygons_of)
    except (ValueError, shapely.errors.ShapelyError):
        raise DamagedTopology("a ring is not closed") from None


class _Borders:
    """Rings as numbers of points, and which points have more than two neighbours: there borders meet."""

    def __init__(self) -> None:
        self.points: list[tuple[int, int]] = []
        self.rings: list[list[int]] = []
        self._numbers: dict[tuple[int, int], int] = {}
        self._neighbours: dict[int, tuple[int, int]] = {}
        self._meets: set[int] = set()

    def add(self, coordinates: Any) -> None:
        """A closed ring, in degrees."""
        ring: list[int] = []
        for east, north in numpy.rint(coordinates * UNITS).astype(numpy.int64).tolist():
            number = self._number((east, north))
            if not ring or ring[-1] != number:
                ring.append(number)
        ring.pop()  # the first again
        self.rings.append(ring)
        for place, number in enumerate(ring):
            before, after = ring[place - 1], ring[(place + 1) % len(ring)]
            pair = (min(before, after), max(before, after))
            if self._neighbours.setdefault(number, pair) != pair:
                self._meets.add(number)

    def cut(self, ring: list[int]) -> list[Arc]:
        """The ring's arcs, each from where borders meet to where they meet again; one for all where they never do."""
        starts = []
        for place, number in enumerate(ring):
            if number in self._meets:
                starts.append(place)
        if not starts:
            lowest = ring.index(min(ring))
            starts = [lowest]
        arcs = []
        turned = ring + ring
        for start, end in zip(starts, [*starts[1:], starts[0] + len(ring)], strict=True):
            arcs.append((*turned[start:end], turned[end % len(ring)]))
        return arcs

    def _number(self, point: tuple[int, int]) -> int:
        number = self._numbers.setdefault(point, len(self.points))
        if number == len(self.points):
            self.points.append(point)
        return number


@dataclass
class _ArcTable:
    """Each arc once, whichever way it is met first."""

    numbers: dict[Arc, int] = field(default_factory=dict)

    def reference(self, arc: Arc) -> int:
        backwards = arc[::-1]
        if backwards in self.numbers:
            return 2 * self.numbers[backwards] + 1
        return 2 * self.numbers.setdefault(arc, len(self.numbers))

    def differences(self, points: Sequence[tuple[int, int]]) -> tuple[list[int], Numbers]:
        """Points in each arc; and for all of them, one arc after the other, the zigzag coded steps east and north."""
        lengths = [len(arc) for arc in self.numbers]
        order: list[int] = []
        for arc in self.numbers:
            order += arc
        places = numpy.array(points, dtype=numpy.int64)[order]
        steps = numpy.diff(places, axis=0, prepend=numpy.zeros((1, 2), dtype=numpy.int64))
        return lengths, (steps << 1) ^ (steps >> 63)


def _from_zigzag(coded: Numbers) -> Numbers:
    decoded: Numbers = (coded >> 1) ^ -(coded & 1)
    return decoded


def _packed(values: Numbers) -> bytes:
    count = len(values).to_bytes(_WORD, "little")
    return count + values.astype("<u4").view(numpy.uint8).reshape(-1, _WORD).T.tobytes()


def _unpacked(raw: bytes) -> list[Numbers]:
    unzipping = zlib.decompressobj()
    try:
        data = unzipping.decompress(raw, MAX_BYTES)
    except zlib.error:
        raise DamagedTopology("not compressed with zlib, or only half of it") from None
    if not unzipping.eof or unzipping.unused_data:
        raise DamagedTopology("only half of it, too much, or something behind it")
    arrays = []
    place = 0
    for _ in range(_ARRAYS):
        count = int.from_bytes(data[place : place + _WORD], "little")
        end = place + _WORD + count * _WORD
        if end > len(data):
            raise DamagedTopology("an array is cut off")
        planes = numpy.frombuffer(data, dtype=numpy.uint8, count=count * _WORD, offset=min(place + _WORD, len(data)))
        words = planes.reshape(_WORD, count).T.copy().view("<u4").reshape(count)
        arrays.append(words.astype(numpy.int64))
        place = end
    if place != len(data):
        raise DamagedTopology("something stands behind the arrays")
    return arrays


def _rings(arcs: Sequence[Any], arcs_of: Numbers, references: Numbers) -> Any:
    """Linear rings: each arc but for its last point, which is the first of the next."""
    pieces = []
    owners = []
    reference = iter(references.tolist())
    for number, count in enumerate(arcs_of.tolist()):
        first = None
        for _ in range(count):
            named = next(reference)
            arc = arcs[named // 2][::-1] if named % 2 else arcs[named // 2]
            first = arc[:1] if first is None else first
            pieces.append(arc[:-1])
            owners.append((number, len(arc) - 1))
        pieces.append(first)
        owners.append((number, 1))
    numbers, counts = numpy.array(owners).T
    return shapely.linearrings(numpy.concatenate(pieces), indices=numpy.repeat(numbers, counts))


def _areas(rings: Any, rings_of: Numbers, polygons_of: Numbers) -> list[MultiPolygon]:
    shells = numpy.cumsum(rings_of) - rings_of
    is_hole = numpy.ones(len(rings), dtype=bool)
    is_hole[shells] = False
    owners = numpy.repeat(numpy.arange(len(rings_of)), rings_of)
    polygons = shapely.polygons(rings[shells])
    if is_hole.any():
        holes, of = rings[is_hole], owners[is_hole]
        for number in numpy.unique(of).tolist():
            polygons[number] = shapely.Polygon(rings[shells[number]], list(holes[of == number]))
    areas = numpy.repeat(numpy.arange(len(polygons_of)), polygons_of)
    made: list[MultiPolygon] = list(shapely.multipolygons(polygons, indices=areas))
    return made
