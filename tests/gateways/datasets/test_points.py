from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from actionmail.gateways.datasets.points import PointsGeocoder, examine_points, index_points
from actionmail.rules.districts.addresses import Address, Exactness, Place
from actionmail.rules.districts.refusals import GeocoderUnavailable, Trouble
from actionmail.rules.roster.seats import DatasetError

ABOUT = {"source": "Dane County", "licence": "CC0-1.0", "as_of": "2026-10-01", "version": "2026-10-01 dane.csv"}
OPEN_ADDRESSES = """LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH
-89.3841,43.0747,2,E MAIN ST,,MADISON,,WI,53703,,a
-89.3841001,43.0747001,2,E MAIN ST,101,MADISON,,WI,53703,,b
-89.3900,43.0800,2,E MAIN ST,,SUN PRAIRIE,,WI,53590,,c
-88.2000,43.1300,N64W23760,MAIN ST,,SUSSEX,,WI,53089,,d
-89.5,43.1,535 1/2,FOURTH STREET,,MADISON,,WI,53703,,e
-97.8,30.4,12345,RANCH ROAD 620 N,,AUSTIN,,TX,78750,,f
-73.8,40.7,41-25,KISSENA BOULEVARD,,FLUSHING,,NY,11355,,g
"""


def indexed(folder: Path, text: str = OPEN_ADDRESSES, *, state: str = "") -> PointsGeocoder:
    source = folder / "points.csv"
    source.write_text(text, encoding="utf-8")
    index_points(source, folder / "points.sqlite3", ABOUT, state=state)
    return PointsGeocoder(folder / "points.sqlite3")


def find(points: PointsGeocoder, street: str, city: str = "", state: str = "", zip5: str = "") -> tuple[Place, ...]:
    return points(Address(street=street, city=city, state=state, zip=zip5), {})


@pytest.mark.parametrize(
    ("street", "city", "state", "zip5", "latitude"),
    [
        ("2 East Main Street", "", "", "53703", 43.0747),
        ("2 E. Main St. Apt 4", "Madison", "WI", "", 43.0747),
        ("2 E Main St", "Sun Prairie", "WI", "53703", 43.0747),  # the ZIP code goes before the town
        ("2 E Main St", "Sun Prairie", "WI", "53591", 43.08),  # another ZIP code than the file's
        ("n64 w23760 main st", "", "", "53089", 43.13),
        ("535½ 4th St", "", "", "53703", 43.1),
        ("12345 RR 620 North", "", "", "78750", 30.4),
        ("41–25 Kissena Blvd", "Flushing", "NY", "", 40.7),
    ],
)
def test_a_house_is_found_however_it_is_spelled(
    tmp_path: Path, street: str, city: str, state: str, zip5: str, latitude: float
) -> None:
    places = find(indexed(tmp_path), street, city, state, zip5)
    assert {round(place.latitude, 4) for place in places} == {latitude}
    assert {(place.found_by, place.exactness) for place in places} == {("points", Exactness.HOUSE)}
    assert {place.data_version for place in places} == {"2026-10-01 dane.csv"}


@pytest.mark.parametrize(
    ("street", "city", "state", "zip5"),
    [
        ("4 E Main St", "Madison", "WI", "53703"),
        ("2 W Main St", "Madison", "WI", "53703"),
        ("2 E Main St", "Milwaukee", "WI", "53202"),
        ("2 E Main St", "Madison", "OH", ""),
        ("2 E Main St", "", "", ""),
        ("Main St", "Madison", "WI", "53703"),
        ("", "", "", ""),
    ],
)
def test_what_is_not_in_it_is_no_match(tmp_path: Path, street: str, city: str, state: str, zip5: str) -> None:
    assert find(indexed(tmp_path), street, city, state, zip5) == ()


def test_of_many_points_with_one_address_the_outermost_are_told(tmp_path: Path) -> None:
    rows = [f"{-89.38 + step / 10_000},{43.07 + step / 10_000},2,E MAIN ST,MADISON,WI,53703" for step in range(50)]
    points = indexed(tmp_path, "\n".join(["lon,lat,number,street,city,region,postcode", *rows]))
    assert [round(place.latitude, 4) for place in find(points, "2 E Main St", zip5="53703")] == [43.07, 43.0749]


def test_what_was_left_out_is_counted_with_its_lines(tmp_path: Path) -> None:
    source = tmp_path / "points.csv"
    source.write_text(
        "street,city,zip,longitude,latitude\n2 E Main St,Madison,53703,-89.3841,43.0747\nMain St,Madison,53703,-89,43\n"
        "4 Main St,,,-89,43\n6 Main St,Madison,53703,east,43\n8 Main St,Madison,53703,43,-89\n",
        encoding="utf-8",
    )
    report = examine_points(source, state="WI")
    assert (report.points, report.total, report.states) == (1, 5, {"WI": 1})
    assert report.lines == {"no_house": (3,), "no_town": (4,), "no_point": (5,), "outside": (6,)}
    with pytest.raises(DatasetError) as refused:
        examine_points(source)
    assert refused.value.code == "no_points"  # no line tells its state
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "points_columns"),
        (b"street,city,zip\n", "points_columns"),
        (b"street,longitude,latitude\n", "points_columns"),
        (b"street,zip,lon,lat\n", "no_points"),
        ("street,zip,lon,lat\n2 Café St,53703,-89,43\n".encode("latin-1"), "points_not_utf8"),
        (b'street,zip,lon,lat\n"' + b"x" * 200_000, "points_no_csv"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_the_one_before(tmp_path: Path, text: bytes, code: str) -> None:
    points = indexed(tmp_path)
    source = tmp_path / "bad.csv"
    source.write_bytes(text)
    with pytest.raises(DatasetError) as refused:
        index_points(source, tmp_path / "points.sqlite3", ABOUT, state="WI")
    assert refused.value.code == code
    assert len(find(points, "N64W23760 Main St", zip5="53089")) == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bad.csv", "points.csv", "points.sqlite3"]


def test_a_file_that_is_not_there_or_damaged_is_an_unavailable_geocoder(tmp_path: Path) -> None:
    points = PointsGeocoder(tmp_path / "points.sqlite3")
    with pytest.raises(GeocoderUnavailable) as missing:
        find(points, "2 E Main St", zip5="53703")
    assert missing.value.code is Trouble.NO_POINTS
    (tmp_path / "points.sqlite3").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(GeocoderUnavailable) as damaged:
        find(points, "2 E Main St", zip5="53703")
    assert damaged.value.code is Trouble.POINTS_DAMAGED
    with sqlite3.connect(tmp_path / "other.sqlite3") as other:
        other.execute("CREATE TABLE unlike (x)")
    with pytest.raises(GeocoderUnavailable):
        PointsGeocoder(tmp_path / "other.sqlite3").about()


def _index(folder: Path, number: int) -> None:
    rows = [f"-89.38,43.0{number},{house},E MAIN ST,MADISON,WI,53703" for house in range(1, 3000)]
    source = folder / f"{number}.csv"
    source.write_text("\n".join(["lon,lat,number,street,city,region,postcode", *rows]))
    index_points(source, folder / "points.sqlite3", ABOUT | {"version": str(number)})


def test_two_processes_that_index_at_once_leave_one_whole_file_and_readers_never_see_a_part(tmp_path: Path) -> None:
    _index(tmp_path, 1)
    points = PointsGeocoder(tmp_path / "points.sqlite3")
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_index, args=(tmp_path, number)) for number in (2, 3)]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        (place,) = find(points, "2999 E Main St", zip5="53703")
        assert place.latitude == float(f"43.0{place.data_version}")
    for process in processes:
        process.join()
        assert process.exitcode == 0
    (place,) = find(points, "1 E Main St", zip5="53703")
    assert place.data_version in {"2", "3"}
    assert not list(tmp_path.glob(".points*"))
