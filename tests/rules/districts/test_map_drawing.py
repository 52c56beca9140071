"""The small map: candidates apart, names, the ZIP code's area, the point, and a scale that is true."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import combinations

import pytest
from shapely import MultiPolygon, Polygon, box

from actionmail.rules.districts.boundaries import Boundaries
from actionmail.rules.districts.boundary_maps import from_geojson
from actionmail.rules.districts.label_room import LabelRoom
from actionmail.rules.districts.map_drawing import MOST_REGIONS, PATTERNS, SIZE, Bearing, Drawing, Layers, draw
from actionmail.rules.districts.outlines import Outline, pack_outlines, read_outlines
from actionmail.rules.districts.place_names import PlaceName, pack_places, read_places
from actionmail.rules.roster.seats import DatasetError
from actionmail.web.supporter.maps import shown_map

DAY = date(2024, 11, 5)


def row_of_squares(*names: str, side: float = 0.1) -> Boundaries:
    """Squares beside one another from 89 W on, at 43 N, named from west to east."""
    features = []
    for number, name in enumerate(names):
        west = -89 + number * side
        ring = [[west, 43], [west + side, 43], [west + side, 43 + side], [west, 43 + side], [west, 43]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"district": name}, "geometry": geometry})
    raw = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    return Boundaries(from_geojson(raw, "x", state="WI", chamber="lower", as_of=DAY, source="made up"), version="1")


def drawn(boundaries: Boundaries, *names: str, **layers: object) -> Drawing:
    made = draw(boundaries, names, Layers(**layers))  # type: ignore[arg-type]
    assert made is not None
    return made


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+", path)]


def test_candidates_differ_by_pattern_and_sign_and_have_neighbours() -> None:
    made = drawn(row_of_squares("76", "77", "78"), "76", "77")
    assert [(region.sign, region.pattern, region.title) for region in made.regions] == [
        ("76", 0, "District 76"),
        ("77", 1, "District 77"),
    ]
    assert [region.bearing for region in made.regions] == [Bearing.WEST, Bearing.EAST]
    assert all(region.label and region.label.text == region.sign for region in made.regions)
    assert made.around.startswith("M")
    for region in made.regions:
        assert all(-10 <= number <= SIZE + 10 for number in numbers(region.path))


def test_a_district_that_is_not_known_has_no_map() -> None:
    assert draw(row_of_squares("76"), ["no such"]) is None
    assert draw(row_of_squares("76"), []) is None


def test_so_many_candidates_are_no_picture() -> None:
    names = [str(number) for number in range(MOST_REGIONS + 1)]
    assert draw(row_of_squares(*names, side=0.01), names) is None
    made = drawn(row_of_squares(*names, side=0.01), *names[:-1])
    assert {region.pattern for region in made.regions} == set(range(PATTERNS))


def test_long_names_get_letters() -> None:
    made = drawn(row_of_squares("3rd Barnstable", "1"), "3rd Barnstable", "1")
    assert [region.sign for region in made.regions] == ["A", "B"]


def test_the_scale_is_true() -> None:
    """A square of 0.1 degrees north to south is 11.13 km, whatever its latitude."""
    made = drawn(row_of_squares("76"), "76")
    (region,) = made.regions
    ys = numbers(region.path)[1::2]
    km_per_unit = 11.132 / (max(ys) - min(ys))
    assert made.scale.km == pytest.approx(made.scale.miles * 1.609344)
    assert made.scale.length * km_per_unit == pytest.approx(made.scale.km, rel=0.02)
    assert SIZE * 0.1 < made.scale.length <= SIZE * 0.36


def test_the_zip_code_is_what_the_map_is_about() -> None:
    area = MultiPolygon([box(-88.92, 43.02, -88.88, 43.06)])
    made = drawn(row_of_squares("76", "77", "78"), "76", "77", "78", zip_area=area)
    assert made.zip_area.startswith("M")
    xs = numbers(made.zip_area)[0::2]
    assert SIZE * 0.5 < max(xs) - min(xs) < SIZE
    assert [region.bearing for region in made.regions][2] is Bearing.BEYOND
    assert (made.regions[2].path, made.regions[2].label) == ("", None)


def test_the_point_is_where_it_lies() -> None:
    made = drawn(row_of_squares("76"), "76", point=(43.05, -88.95))
    assert made.point == pytest.approx((SIZE / 2, SIZE / 2))
    made = drawn(row_of_squares("76"), "76", point=(43.2, -88.95))
    assert made.point is not None
    assert 0 < made.point[1] < SIZE / 4


def test_places_are_named_the_largest_first_and_never_over_one_another() -> None:
    places = []
    for number in range(60):
        latitude, longitude = 43.03 + (number % 8) * 0.009, -89 + (number // 8) * 0.012
        places.append(PlaceName(name=f"Town {number}", latitude=latitude, longitude=longitude, land_km2=100 - number))
    made = drawn(row_of_squares("76"), "76", places=places)
    assert made.places[0].text == "Town 0"
    assert 3 <= len(made.places) < 20
    assert made.regions[0].places[0] == "Town 0"
    boxes = []
    for label in made.places:
        width = len(label.text) * 8
        left = label.x if label.anchor == "start" else label.x - width
        boxes.append(box(left, label.y - 11, left + width, label.y + 3))
    assert not any(one.intersects(other) for one, other in combinations(boxes, 2))


def test_county_lines_are_drawn_where_they_are_exact_enough() -> None:
    county = Outline(name="Sample", area=MultiPolygon([box(-90, 42, -88.95, 44)]))
    near = drawn(row_of_squares("76"), "76", counties=[county])
    assert (near.counties, [label.text for label in near.county_names]) == ("", ["SAMPLE"])
    far = drawn(row_of_squares("76", "77", side=0.5), "76", "77", counties=[county])
    assert far.counties.startswith("M")


@pytest.mark.parametrize("name", ["Prince George's", "St. Mary's", "McLean", "DeKalb", "Isle of Wight"])
def test_counties_stand_in_the_words_as_they_are_written(name: str) -> None:
    county = Outline(name=name, area=MultiPolygon([box(-90, 42, -88, 44)]))
    made = drawn(row_of_squares("76", side=0.5), "76", counties=[county])
    assert [label.text for label in made.county_names] == [name.upper()]
    assert shown_map(made, {}, "WI", "lower").counties == name


def test_what_lies_far_off_is_not_looked_at() -> None:
    """The districts of the whole state are asked by their boxes alone."""
    names = [str(number) for number in range(400)]
    boundaries = row_of_squares(*names, side=0.05)
    assert len(boundaries.touching((-88.98, 42.9, -88.82, 43.1))) == 4
    made = drawn(boundaries, "200")
    assert made.around.count("M") == 2


def test_an_empty_room_is_the_whole_square_and_no_more() -> None:
    room = LabelRoom(100)
    assert room.beside("a" * 60, 50, 50, letter=10) is None
    assert room.beside("ab", 95, 50, letter=10) is not None
    assert room.beside("ab", 95, 50, letter=10) is None


def test_outlines_and_places_come_back_as_they_went() -> None:
    ring = [(-89.123456, 43.0), (-89.0, 43.0), (-89.0, 43.1), (-89.123456, 43.0)]
    outlines = [
        Outline(name="53704", area=MultiPolygon([Polygon(ring)])),
        Outline(name="53703", area=MultiPolygon([box(-89, 43, -88, 44)])),
    ]
    raw = pack_outlines(outlines, as_of=DAY, source="made up")
    assert raw == pack_outlines(outlines[::-1], as_of=DAY, source="made up")
    back = read_outlines(raw, "x")
    assert [outline.name for outline in back] == ["53703", "53704"]
    assert back[1].area.equals(outlines[0].area)
    place = PlaceName(name="Cañon City", latitude=38.4411, longitude=-105.2427, land_km2=32.41)
    assert read_places(pack_places([place], as_of=DAY), "x") == (place,)


@pytest.mark.parametrize("raw", [b"", b"{}\n", b"[1]\n", b'{"names": ["a"]}\n', b"\xff\n", b'{"names": 3}\nxx'])
def test_damaged_outlines_are_said_to_be(raw: bytes) -> None:
    with pytest.raises(DatasetError) as refused:
        read_outlines(raw, "x.topo")
    assert refused.value.code == "damaged_or_half"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("Madison,43.1,-89.4", "cells"),
        ("Madison,x,-89.4,1,2024-01-01", "no_point"),
        ("Madison,143,-89.4,1,2024-01-01", "no_point"),
        ("Madison,nan,-89.4,1,2024-01-01", "no_point"),
        (",43,-89.4,1,2024-01-01", "no_place_name"),
        (f"{'x' * 81},43,-89.4,1,2024-01-01", "no_place_name"),
    ],
)
def test_damaged_places_are_said_to_be(row: str, code: str) -> None:
    with pytest.raises(DatasetError) as refused:
        read_places(f"name,latitude,longitude,land_km2,as_of\n{row}\n".encode(), "x.csv")
    assert refused.value.code == code


def test_a_county_is_named_beside_the_sign_that_stands_in_its_middle() -> None:
    county = Outline(name="Sample", area=MultiPolygon([box(-90, 42, -88, 44)]))
    made = drawn(row_of_squares("76"), "76", counties=[county])
    assert [label.text for label in made.county_names] == ["SAMPLE"]
    assert made.regions[0].label is not None
    assert abs(made.county_names[0].y - made.regions[0].label.y) > 20
