from __future__ import annotations

import contextlib
import gzip
import json
import math
from datetime import date

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from actionmail.rules.districts.boundaries import Boundaries, unpack
from actionmail.rules.districts.boundary_maps import NEAR_METRES, from_geojson
from actionmail.rules.districts.map_files import pack, read_map
from actionmail.rules.districts.overlays import is_overlay
from actionmail.rules.districts.states import STATES, chambers_in
from actionmail.rules.districts.zip_table import Candidate
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import bundled
from tests.datasets import unusable
from tests.older_maps import older_file
from tests.shipped import shipped_table

SHIPPED = [("WI", "upper", 33), ("WI", "lower", 99), ("CA", "upper", 40), ("CA", "lower", 80), ("NH", "lower", 164)]
SHIPPED += [
    ("ID", "lower", 70),
    ("MA", "lower", 160),
    ("VT", "upper", 16),
    ("TX", "us_lower", 38),
    ("WY", "us_lower", 1),
]
FOLDER = bundled("data") / "boundaries"
DAY = date(2024, 11, 5)


def shipped(state: str, chamber: str) -> Boundaries:
    file = FOLDER / f"{state}_{chamber}.topo"
    return unpack(file.read_bytes(), file.name)


LOADED = {(state, chamber): shipped(state, chamber) for state, chamber, _ in SHIPPED}


def square(name: object, west: float, south: float = 43.0, side: float = 0.1) -> dict[str, object]:
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    return feature(name, [ring])


def feature(name: object, rings: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"district": name},
        "geometry": {"type": "Polygon", "coordinates": rings},
    }


def collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def drawn(raw: bytes) -> Boundaries:
    found = from_geojson(raw, "WI_lower.json", state="WI", chamber="lower", as_of=DAY, source="test")
    return unpack(pack(found), "WI_lower.topo")


@pytest.mark.parametrize(("state", "chamber", "count"), SHIPPED)
def test_the_shipped_districts_have_the_count_that_they_should(state: str, chamber: str, count: int) -> None:
    assert len({name for district in LOADED[state, chamber].districts for name in district.names}) == count


def test_every_chamber_is_shipped_with_the_districts_of_the_tables() -> None:
    """All but DC's wards, whose file may not be handed on, and districts that lie over others."""
    table = shipped_table()
    files = {file.name for file in FOLDER.iterdir()}
    for state in sorted(STATES.keys() - {"PR"}):
        for chamber in chambers_in(state, ("upper", "lower", "us_lower")):
            if (state, chamber) == ("DC", "legislature"):
                continue
            file = FOLDER / f"{state}_{chamber}.topo"
            drawn = read_map(file.read_bytes(), file.name)
            names: set[str] = set()
            for district in drawn.districts:
                names.update(district.names)
            expected = set()
            for name in table.districts_in(state, chamber):
                candidate = Candidate(chamber=chamber, district=name, state=state, share=1.0, method="map")
                if not is_overlay(candidate):
                    expected.add(name)
            assert (state, chamber, names) == (state, chamber, expected)
            assert (drawn.state, drawn.chamber, drawn.as_of) == (state, chamber, DAY)
            files.remove(file.name)
    assert files == set()
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 14_000_000


def test_where_lines_are_coarse_the_supporter_is_asked_farther_from_them() -> None:
    coarse, fine = shipped("TX", "us_lower"), shipped("WI", "us_lower")
    assert (coarse.near_metres, fine.near_metres) == (400, 100)
    features = [square("1", -89.1), square("2", -89.0)]
    for item in features:
        item["properties"] |= {"coarse_m": 400}  # type: ignore[operator]
    boundaries = drawn(collection(*features))
    (other,) = boundaries.near(43.05, -89.0037)  # some 300 m from the line
    assert (other.names, 290 < other.metres < 310) == (("2",), True)
    assert boundaries.near(43.05, -89.006) == ()


def test_an_older_installations_map_is_read() -> None:
    new = read_map((FOLDER / "CA_upper.topo").read_bytes(), "CA_upper.topo")
    old = read_map(older_file(new), "CA_upper.json.gz")
    assert [(one.names, one.title) for one in old.districts] == [(one.names, one.title) for one in new.districts]
    assert all(shapely.equals(a.area, b.area) for a, b in zip(old.districts, new.districts, strict=True))
    assert pack(old) == pack(read_map(pack(old), "CA_upper.topo"))


def test_no_changed_byte_of_the_first_line_is_a_traceback() -> None:
    raw = pack(from_geojson(collection(square("1", -89.1)), "f", state="WI", chamber="lower", as_of=DAY, source=""))
    line = raw.index(b"\n")
    for place in range(line + 1):
        for other in (raw[place] ^ 1, 0x22, 0xFF):
            with contextlib.suppress(DatasetError):
                unpack(raw[:place] + bytes([other]) + raw[place + 1 :], "x")


def test_what_the_grid_makes_cross_is_mended() -> None:
    """Two corners a hundredth of a metre apart, with a spike between them that rounding turns over."""
    ring = [
        [-89.1, 43],
        [-89, 43],
        [-89, 43.1],
        [-89.05, 43.0000004],
        [-89.0500001, 43.0000001],
        [-89.1, 43.1],
        [-89.1, 43],
    ]
    area = drawn(collection(feature("1", [ring]))).districts[0].area
    assert area.is_valid
    assert shapely.equals(area, drawn(collection(feature("1", [ring]))).districts[0].area)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_point_inside_a_district_is_found_there(data: st.DataObject) -> None:
    boundaries = LOADED[data.draw(st.sampled_from(sorted(LOADED)))]
    district = data.draw(st.sampled_from(boundaries.districts))
    west, south, east, north = district.area.bounds
    x, y = data.draw(st.floats(west, east)), data.draw(st.floats(south, north))
    found = boundaries.at(y, x)
    if district.area.contains(shapely.Point(x, y)):
        # On a line that two districts share, the other may be named; `near` then names this one.
        others = [one.names for one in boundaries.near(y, x, within=0.5)]
        assert found is not None
        assert found is district or district.names in others
    elif found is district:
        assert district.area.distance(shapely.Point(x, y)) < 1e-9


@settings(max_examples=200, deadline=None)
@given(aside=st.floats(-500, 500), up=st.floats(500, 10_000))
def test_the_distance_to_the_next_district_is_in_metres(aside: float, up: float) -> None:
    boundaries = drawn(collection(square("1", -89.1), square("2", -89.0)))
    latitude = 43.0 + up / 111_320
    longitude = -89.0 + aside / (111_320 * math.cos(math.radians(latitude)))
    near = boundaries.near(latitude, longitude)
    if abs(aside) > NEAR_METRES + 0.01:
        assert near == ()
    elif abs(aside) < NEAR_METRES - 0.01:
        assert [one.names for one in near] == [("2",) if aside < 0 else ("1",)] or abs(aside) < 0.01
        assert near[0].metres == pytest.approx(abs(aside), abs=0.01)


def test_the_outer_border_is_no_question() -> None:
    boundaries = drawn(collection(square("1", -89.1), square("2", -89.0)))
    assert boundaries.near(43.05, -89.0999) == ()


def test_a_point_in_two_districts_is_a_question() -> None:
    """Such maps are refused now; one that came in before, or by hand, must not decide for one of the two."""
    document = {"state": "WI", "chamber": "lower", "as_of": "2024-11-05"}
    document |= json.loads(collection(square("1", -89.0), square("2", -88.95)))
    boundaries = unpack(gzip.compress(json.dumps(document).encode()), "WI_lower.json.gz")
    (other,) = boundaries.near(43.05, -88.925)
    found = boundaries.at(43.05, -88.925)
    assert found is not None
    assert sorted((*found.names, *other.names)) == ["1", "2"]
    assert other.metres == 0


def test_packing_gives_the_same_bytes_in_whatever_order() -> None:
    one = from_geojson(
        collection(square("1", -89.1), square("2", -89.0)), "f", state="WI", chamber="lower", as_of=DAY, source=""
    )
    two = from_geojson(
        collection(square("2", -89.0), square("1", -89.1)), "f", state="WI", chamber="lower", as_of=DAY, source=""
    )
    assert pack(one) == pack(two)


def test_a_small_crossing_is_mended() -> None:
    rings = [[[-89.1, 43], [-89, 43], [-89, 43.1], [-89.00001, 43.10001], [-89, 43.10001], [-89.1, 43.1], [-89.1, 43]]]
    area = drawn(collection(feature("1", rings))).districts[0].area
    assert area.is_valid
    assert area.area == pytest.approx(0.01, rel=1e-3)


def test_tiger_codes_are_numbers() -> None:
    named = square("1", -89.1)
    named["properties"] = {"SLDLST": "007", "NAMELSAD": "Assembly District 7"}
    district = drawn(collection(named)).districts[0]
    assert (district.names, district.title) == (("7",), "Assembly District 7")


BOW_TIE = [[[-89.1, 43.0], [-89.0, 43.1], [-89.0, 43.0], [-89.1, 43.1], [-89.1, 43.0]]]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"type": "Feature"}', "not a GeoJSON FeatureCollection"),
        (collection(), "no feature"),
        (collection(1), "feature 1 has no properties"),
        (collection(feature("", [])), "feature 1 has no district name"),
        (collection(feature("1", "x")), r"feature 1 \(district 1\) has no geometry"),
        (collection(feature("1", [[[0, 0], [1, 1]]])), r"feature 1 \(district 1\) has no geometry"),
        (collection(square("1", -89), square("1", -88)), "feature 2: district 1 is there twice"),
        (collection(square("1", 500_000)), "not degrees"),
        (collection(square("1", -89), square("2", -88), square("3", -87.95)), "districts 2 and 3 lie over one another"),
        (collection(feature("1", BOW_TIE)), r"district 1\) crosses itself and cannot be mended: .* longitude"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(raw: bytes, sentence: str) -> None:
    with unusable(f"WI_lower.json.*{sentence}"):
        from_geojson(raw, "WI_lower.json", state="WI", chamber="lower", as_of=DAY, source="")


def test_half_a_download_is_named() -> None:
    whole = (bundled("data") / "boundaries" / "WI_lower.topo").read_bytes()
    for length in (0, 1, 500, 5_000, 100_000, len(whole) - 1):
        with unusable("x: damaged, or only half a download"):
            unpack(whole[:length], "x")
    with unusable("x: damaged, or only half a download"):
        unpack(whole.replace(b'{"names":["1"],"title":"Assembly District 1"},', b""), "x")
    with unusable("half a download"):
        unpack(b"\x1f\x8b" + whole[500:1000], "x")
    older = older_file(read_map(whole, "x"))
    with unusable("x: only half a download"):
        unpack(older[:100_000], "x")
    with unusable("no date"):
        unpack(whole.replace(b"2024-11-05", b"2024-11-66", 1), "x")
    with unusable("no date"):
        unpack(gzip.compress(collection(square("1", -89))), "x")
