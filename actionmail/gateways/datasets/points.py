"""A file of address points: read from CSV once, kept in one indexed file, and asked without loading it.

The CSV may be OpenAddresses' (LON, LAT, NUMBER, STREET, CITY, REGION, POSTCODE) or a county's with such columns,
coordinates in WGS 84 degrees. The file is SQLite: a row is a house's normal form, the number of its town, and its point
in millionths of a degree; `about` says where it comes from. A new one takes the old one's place in one step, so that
whoever is asking sees one of the two and never a part.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import starmap
from operator import attrgetter
from pathlib import Path

from msgspec import Struct, field

from actionmail.rules.districts.addresses import Address, Exactness, Place, Years
from actionmail.rules.districts.places import is_in_united_states, zip_code
from actionmail.rules.districts.refusals import GeocoderUnavailable, Trouble
from actionmail.rules.districts.states import STATES, TERRITORIES
from actionmail.rules.districts.street_forms import normal_name, read_street
from actionmail.rules.roster.seats import DatasetError

KIND = "points"
POINTS_FILE = "points.sqlite3"

_COLUMNS = {
    "number": ("number", "house_number", "housenumber", "addr_number", "add_number"),
    "street": ("street", "street_name", "address", "full_address"),
    "city": ("city", "town", "place", "municipality", "post_city"),
    "state": ("state", "region", "st"),
    "zip": ("zip", "postcode", "zipcode", "zip_code", "zip5"),
    "longitude": ("longitude", "lon", "lng", "x"),
    "latitude": ("latitude", "lat", "y"),
}
_NEEDED = ("street", "longitude", "latitude")
_MILLIONTHS = 1_000_000
_SHOWN = 3  # lines of each reason
_LONGEST_CELL = 300
_TABLES = """
    CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE towns (id INTEGER PRIMARY KEY, zip TEXT NOT NULL, city TEXT NOT NULL, state TEXT NOT NULL);
    CREATE TABLE points (house TEXT, town INTEGER, longitude INTEGER, latitude INTEGER,
                         PRIMARY KEY (house, town, longitude, latitude)) WITHOUT ROWID;
"""
_FIND = """
    SELECT zip, city, state, longitude, latitude FROM points JOIN towns ON towns.id = points.town WHERE house = ?
"""


class PointsReport(Struct, frozen=True, kw_only=True):
    """What came of reading a CSV: points kept, by state, and the lines left out, by reason."""

    points: int
    states: Mapping[str, int]
    left_out: Mapping[str, int]
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # the first of each reason

    @property
    def total(self) -> int:
        return self.points + sum(self.left_out.values())


class _Row(Struct, frozen=True, kw_only=True):
    house: str
    town: tuple[str, str, str]  # ZIP code, city in its normal form, state
    longitude: int
    latitude: int


class _LeftOut(Exception):
    """A line that holds no house: the reason as a code."""


def index_points(
    source: Path,
    target: Path,
    about: Mapping[str, str],
    *,
    state: str = "",
    accept: Callable[[PointsReport], None] = lambda report: None,
) -> PointsReport:
    """Read the CSV `source`, and put its index in the place of `target`; nothing of it where that fails.

    `about` is kept with it (`source`, `licence`, `as_of`, `version`); `state` is that of rows that tell none. Rows that
    are left out are counted, and `accept` may refuse what was read by raising. Raises DatasetError for a file that
    cannot be read, has not the columns, or has no house in it.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(descriptor)
    except OSError as error:
        raise DatasetError(target.name, "cannot_be_written", why=error.strerror) from None
    staged = Path(name)
    try:
        report = _write(source, staged, about, state)
        accept(report)
        staged.chmod(0o644)
        staged.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise DatasetError(target.name, "cannot_be_written", why=str(error)) from None
    finally:
        staged.unlink(missing_ok=True)
    return report


def examine_points(source: Path, *, state: str = "") -> PointsReport:
    """The same, and nothing is written."""
    tally = _Tally()
    for _ in _rows(source, state, tally):
        pass
    return tally.report(source)


def _write(source: Path, staged: Path, about: Mapping[str, str], state: str) -> PointsReport:
    tally = _Tally()
    with closing(sqlite3.connect(staged)) as database:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
        towns: dict[tuple[str, str, str], int] = {}
        with database:
            for row in _rows(source, state, tally):
                number = towns.setdefault(row.town, len(towns) + 1)
                values = (row.house, number, row.longitude, row.latitude)
                database.execute("INSERT OR IGNORE INTO points VALUES (?, ?, ?, ?)", values)
            report = tally.report(source)
            for town, number in towns.items():
                database.execute("INSERT INTO towns VALUES (?, ?, ?, ?)", (number, *town))
            facts = {"count": str(report.points), "states": " ".join(sorted(report.states)), **about}
            database.executemany("INSERT INTO about VALUES (?, ?)", facts.items())
    with staged.open("rb+") as file:
        os.fsync(file.fileno())
    return report


class _Tally:
    """What was read so far."""

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.lines: dict[str, tuple[int, ...]] = {}

    def leave_out(self, reason: str, line: int) -> None:
        self.left_out[reason] += 1
        shown = self.lines.get(reason, ())
        if len(shown) < _SHOWN:
            self.lines[reason] = (*shown, line)

    def report(self, source: Path) -> PointsReport:
        if not self.states:
            raise DatasetError(source.name, "no_points")
        return PointsReport(
            points=self.states.total(),
            states=dict(self.states),
            left_out=dict(self.left_out),
            lines=dict(self.lines),
        )


def _rows(source: Path, state: str, tally: _Tally) -> Iterator[_Row]:
    """The houses of the CSV; what is left out is told to `tally`. Raises DatasetError."""
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            columns = _columns(next(lines, []), source)
            for cells in lines:
                if not any(cells):
                    continue
                try:
                    row = _row(_cells(columns, cells), state)
                except _LeftOut as reason:
                    tally.leave_out(str(reason), lines.line_num)
                    continue
                tally.states[row.town[2]] += 1
                yield row
    except OSError as error:
        raise DatasetError(source.name, "cannot_be_read", why=error.strerror) from None
    except UnicodeDecodeError:
        raise DatasetError(source.name, "points_not_utf8") from None
    except csv.Error as error:
        raise DatasetError(source.name, "points_no_csv", line=lines.line_num, why=str(error)) from None


def _columns(header: Iterable[str], source: Path) -> dict[str, int]:
    names: dict[str, int] = {}
    for at, name in enumerate(header):
        names.setdefault(name.strip().casefold(), at)
    columns: dict[str, int] = {}
    for column, spellings in _COLUMNS.items():
        for spelling in spellings:
            if spelling in names:
                columns.setdefault(column, names[spelling])
    missing = [column for column in _NEEDED if column not in columns]
    if missing or not {"zip", "city"} & columns.keys():
        raise DatasetError(source.name, "points_columns", missing=", ".join(missing) or "zip")
    return columns


def _cells(columns: Mapping[str, int], cells: list[str]) -> dict[str, str]:
    texts = dict.fromkeys(_COLUMNS, "")
    for column, at in columns.items():
        if at < len(cells):
            texts[column] = " ".join(cells[at].split())[:_LONGEST_CELL]
    return texts


def _row(cells: Mapping[str, str], state: str) -> _Row:
    house = read_street(f"{cells['number']} {cells['street']}").key
    if not house:
        raise _LeftOut("no_house")
    of_row = cells["state"].upper() or state
    if of_row not in STATES and of_row not in TERRITORIES:
        raise _LeftOut("no_state")
    town = (zip_code(cells["zip"]), normal_name(cells["city"]), of_row)
    if not (town[0] or town[1]):
        raise _LeftOut("no_town")
    try:
        longitude, latitude = float(cells["longitude"]), float(cells["latitude"])
    except ValueError:
        raise _LeftOut("no_point") from None
    if not is_in_united_states(latitude, longitude):
        raise _LeftOut("outside")
    return _Row(
        house=house, town=town, longitude=round(longitude * _MILLIONTHS), latitude=round(latitude * _MILLIONTHS)
    )


class PointsGeocoder:
    """Asks the file as it is at that moment; nothing leaves this machine."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self, address: Address, years: Years) -> tuple[Place, ...]:
        """The points of the house, () where it is not in the file. Raises GeocoderUnavailable."""
        house = read_street(address.street).key
        with self._opened() as database:
            rows = database.execute(_FIND, (house,)).fetchall()
            version = _about(database).get("version", "")
        points = list(starmap(_Found, rows))
        return tuple(_place(point, version) for point in _spread(_in_town(points, address)))

    def about(self) -> Mapping[str, str]:
        """What was kept with it. Raises GeocoderUnavailable."""
        with self._opened() as database:
            return _about(database)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if not self._file.is_file():
            raise GeocoderUnavailable(Trouble.NO_POINTS)
        try:
            with closing(sqlite3.connect(f"{self._file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
                yield database
        except sqlite3.Error:
            raise GeocoderUnavailable(Trouble.POINTS_DAMAGED) from None


def _about(database: sqlite3.Connection) -> dict[str, str]:
    return dict(database.execute("SELECT name, value FROM about").fetchall())


class _Found(Struct, frozen=True):
    zip: str
    city: str
    state: str
    longitude: int
    latitude: int


def _in_town(points: list[_Found], address: Address) -> list[_Found]:
    """Those in the ZIP code asked about; where none is, those in the town, which may be told another ZIP code."""
    zip5, city = address.zip[:5], normal_name(address.city)
    if address.state:
        points = [point for point in points if point.state == address.state]
    in_zip = [point for point in points if zip5 and point.zip == zip5]
    if in_zip:
        return in_zip
    return [point for point in points if city and point.city == city]


def _spread(points: list[_Found]) -> list[_Found]:
    """Of many points with one address, such as a building's entrances, those farthest out: they show any border."""
    if len(points) <= 1:
        return points
    outermost = []
    for side in (attrgetter("longitude"), attrgetter("latitude")):
        outermost += [min(points, key=side), max(points, key=side)]
    return list(dict.fromkeys(outermost))


def _place(point: _Found, version: str) -> Place:
    return Place(
        latitude=point.latitude / _MILLIONTHS,
        longitude=point.longitude / _MILLIONTHS,
        state=point.state,
        zip=point.zip,
        found_by=KIND,
        exactness=Exactness.HOUSE,
        data_version=version,
    )
