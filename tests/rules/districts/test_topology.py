"""Areas in little room: what is read is what was written, and damage is told."""

from __future__ import annotations

import random
import zlib

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from actionmail.rules.districts.map_files import read_map
from actionmail.rules.districts.topology import DamagedTopology, read, write
from actionmail.settings import bundled
from tests.older_maps import older_file


def square(west: float, south: float, size: float, *holes: Polygon) -> Polygon:
    box = shapely.box(west, south, west + size, south + size)
    return Polygon(box.exterior, [hole.exterior for hole in holes])


def same(one: list[MultiPolygon], other: list[MultiPolygon]) -> bool:
    return len(one) == len(other) and all(shapely.equals(a, b) for a, b in zip(one, other, strict=True))


def test_neighbours_an_island_a_hole_and_what_fills_it() -> None:
    hole = square(0.25, 0.25, 0.5)
    areas = [
        MultiPolygon([square(0, 0, 1, hole), square(10, 10, 0.000005)]),
        MultiPolygon([hole]),
        MultiPolygon([square(1, 0, 1), square(0, 1, 1)]),  # touch in one point
    ]
    assert same(read(write(areas)), areas)


@pytest.mark.parametrize("file", ["CA_lower", "CA_upper", "WI_lower", "WI_upper"])
def test_a_states_districts_come_back_as_they_were(file: str) -> None:
    raw = (bundled("data") / "boundaries" / f"{file}.topo").read_bytes()
    areas = [district.area for district in read_map(raw, file).districts]
    packed = write(areas)
    assert same(read(packed), areas)
    assert raw.endswith(packed)
    assert len(packed) < len(older_file(read_map(raw, file))) / 2


def test_the_same_areas_are_the_same_bytes() -> None:
    areas = [MultiPolygon([square(0, 0, 1)]), MultiPolygon([square(1, 0, 1)])]
    assert write(areas) == write(areas)
    assert write(areas) != write(areas[::-1])


def test_a_shared_border_is_kept_once() -> None:
    """A long crooked border between two areas costs little more than the same border of one."""
    noise = random.Random(7)
    border = [(0.5 + noise.random() / 3, number / 1000) for number in range(1001)]
    left = MultiPolygon([Polygon([(0, 0), *border, (0, 1)])])
    right = MultiPolygon([Polygon([(1, 0), (1, 1), *border[::-1]])])
    assert len(write([left, right])) < 1.1 * len(write([left]))


_DEGREES = st.integers(-180_000_000, 179_000_000)


@given(st.lists(st.tuples(_DEGREES, st.integers(-90_000_000, 89_000_000)), min_size=1, max_size=8))
def test_whole_millionths_of_a_degree_do_not_move(corners: list[tuple[int, int]]) -> None:
    areas = []
    for east, north in corners:
        west, south, size = east / 1_000_000, north / 1_000_000, 0.25
        areas.append(MultiPolygon([shapely.box(west, south, west + size, south + size)]))
    for made, meant in zip(read(write(areas)), areas, strict=True):
        assert shapely.hausdorff_distance(made, meant) < 1e-9


def test_damage_is_told() -> None:
    raw = write([MultiPolygon([square(0, 0, 1)]), MultiPolygon([square(1, 0, 1)])])
    data = zlib.decompress(raw)
    damaged = [
        b"",
        b"PK",
        raw[:-1],
        raw + b"x",
        zlib.compress(data[:-4]),
        zlib.compress(data + b"\0"),
        zlib.compress(b""),
    ]
    for bad in damaged:
        with pytest.raises(DamagedTopology):
            read(bad)


def test_no_changed_byte_is_a_traceback() -> None:
    data = bytearray(zlib.decompress(write([MultiPolygon([square(0, 0, 1)]), MultiPolygon([square(1, 0, 1)])])))
    told = 0
    for place in range(len(data)):
        changed = bytes(data[:place]) + bytes([data[place] ^ 1]) + bytes(data[place + 1 :])
        try:
            read(zlib.compress(changed))
        except DamagedTopology:
            told += 1
    assert told > 20  # the rest moves a corner, which only the file's own check can tell
