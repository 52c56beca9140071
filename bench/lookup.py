"""ZIP code to districts, and point to district, per call and in process."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import shapely

from actionmail.flows.lookup.by_zip import find_seats
from actionmail.flows.lookup.tables_in_force import TablesInForce
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.rules.districts.boundaries import Boundaries, unpack
from actionmail.settings import bundled
from bench.start import Start
from bench.state_maps import StateMaps
from bench.table import Row, absent, compare, limit

T = TypeVar("T")
_RANDOM = random.Random(20260805)


def rows() -> list[Row]:
    table = load_district_table(bundled("data"))
    found = {zip5: table.candidates(zip5) for zip5 in (f"{number:05d}" for number in range(100_000))}
    places = [(zip5, candidate) for zip5, candidates in found.items() for candidate in candidates]
    zips = _RANDOM.choices([zip5 for zip5, candidates in found.items() if candidates], k=2000)

    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE places (zip TEXT, state TEXT, chamber TEXT, district TEXT, share REAL, method TEXT)")
    database.executemany(
        "INSERT INTO places VALUES (?, ?, ?, ?, ?, ?)",
        ((zip5, c.state, c.chamber, c.district, c.share, c.method) for zip5, c in places),
    )
    database.execute("CREATE INDEX by_zip ON places (zip)")
    query = "SELECT state, chamber, district, share, method FROM places WHERE zip = ?"

    ours = _microseconds(table.candidates, zips)
    first_ours = _microseconds(load_district_table(bundled("data")).candidates, list(dict.fromkeys(zips)))
    in_force = TablesInForce(bundled("data"))
    for zip5 in zips:
        in_force.get().candidates(zip5)
    watched = _microseconds(lambda zip5: in_force.get().candidates(zip5), zips)
    indexed = _microseconds(lambda zip5: database.execute(query, (zip5,)).fetchall(), zips)
    scan = _microseconds(lambda zip5: [candidate for known, candidate in places if known == zip5], zips[:30])
    places_of = {zip5: found[zip5][0].state for zip5 in zips}

    def answer(zip5: str) -> object:
        return find_seats(table, zip5, state=places_of[zip5], chambers=("upper", "lower"))

    asked = list(dict.fromkeys(zips))
    first, again = _microseconds(answer, asked), _microseconds(answer, asked)
    by_zip = [
        limit("ZIP lookup : SQLite with an index", ours, indexed, "µs a call", "<= 5"),
        compare("ZIP lookup, looking for a newer file : SQLite with an index", watched, indexed, "µs a call", "<= 1.5"),
        compare("ZIP lookup, asked first : SQLite with an index", first_ours, indexed, "µs a call", "<= 1"),
        compare("ZIP lookup : linear scan", ours, scan, "µs a call"),
        limit("the whole answer, asked before : asked first", again, first, "µs a call", "<= 5"),
    ]
    return [*by_zip, *_by_point(), *_start(len(places))]


def _by_point() -> list[Row]:
    """Points all over the states, beside asking every district in turn; and what the largest states' maps take."""
    folder = bundled("data") / "boundaries"
    files = sorted(folder.glob("*.topo"))
    if not files:
        return [absent("point in polygon", "no boundaries are shipped")]
    houses = [unpack(file.read_bytes(), file.name) for file in files]
    points = [point for house in houses for point in _points_in(house, 3000 // len(houses))]
    areas = {id(house): [(district, district.area) for district in house.districts] for house in houses}

    def scan(place: tuple[Boundaries, float, float]) -> object:
        house, latitude, longitude = place
        return next((one for one, area in areas[id(house)] if shapely.intersects_xy(area, longitude, latitude)), None)

    def at(place: tuple[Boundaries, float, float]) -> object:
        return place[0].at(place[1], place[2])

    first = _microseconds(at, points)
    ours = _microseconds(at, points)
    near = _microseconds(lambda place: place[0].near(place[1], place[2]), points)
    scanned = _microseconds(scan, points)
    size = sum(file.stat().st_size for file in files)
    note = f"{len(houses)} chambers, {size / 1e6:.1f} MB"
    largest = {state: _maps_of(state) for state in _largest_states(files)}
    most = max(largest, key=lambda state: largest[state].megabytes)
    slowest = max(largest, key=lambda state: largest[state].seconds)
    return [
        limit("point in polygon : every district in turn", ours, scanned, "µs a call", "<= 20", note),
        limit("point in polygon, asked first : asked before", first, ours, "µs a call", "<= 100", note),
        limit("the other districts near a point", near, None, "µs a call", "<= 100", note),
        limit("memory of a state's maps, the largest", largest[most].megabytes, None, "MB", "<= 60", most),
        limit("reading a state's maps, the slowest", largest[slowest].seconds, None, "CPU s", "<= 1", slowest),
    ]


def _largest_states(files: Sequence[Path]) -> list[str]:
    sizes: dict[str, int] = {}
    for file in files:
        sizes[file.name[:2]] = sizes.get(file.name[:2], 0) + file.stat().st_size
    return sorted(sizes, key=lambda state: -sizes[state])[:5]


def _maps_of(state: str) -> StateMaps:
    """In a process of its own."""
    command = [sys.executable, "-m", "bench.state_maps", state]
    return StateMaps(**json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def _start(rows: int) -> list[Row]:
    """The median of five fresh processes, in processor seconds; one before them finds no bytecode, and writes it."""
    command = [sys.executable, "-m", "bench.start"]
    with TemporaryDirectory() as bytecode:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}

        def fresh() -> Start:
            done = subprocess.run(command, check=True, capture_output=True, env=environment)
            return Start(**json.loads(done.stdout))

        very_first, *starts = [fresh() for _ in range(6)]

    def median(name: str) -> float:
        return statistics.median(getattr(start, name) for start in starts)

    return [
        limit(
            "start, the whole process : without bytecode",
            median("process"),
            very_first.process,
            "CPU s",
            "<= 1",
            f"{rows:,} rows of ZIP codes; boundaries, and the libraries of some pages, are read when first asked for",
        ),
        limit(
            "of it, create_app with all tables : the imports before it",
            median("create_app"),
            median("imports"),
            "CPU s",
            "<= 1",
        ),
        limit(
            "first street in a state with boundaries : the next",
            median("first_street"),
            median("street"),
            "CPU s",
            "<= 1",
        ),
        limit("first page : first ZIP code", median("first_page"), median("first_zip"), "CPU s", "<= 1"),
    ]


def _points_in(house: Boundaries, count: int) -> list[tuple[Boundaries, float, float]]:
    """Points at random in the boxes of districts taken at random, so that cities get their share."""
    places = []
    for district in _RANDOM.choices(house.districts, k=count):
        west, south, east, north = district.area.bounds
        places.append((house, _RANDOM.uniform(south, north), _RANDOM.uniform(west, east)))
    return places


def _microseconds(call: Callable[[T], object], values: Sequence[T]) -> float:
    """The median time of a call, the clock's own taken off."""
    clock = time.perf_counter_ns
    empty = statistics.median(-(clock() - clock()) for _ in range(2000))
    taken = []
    for value in values:
        begun = clock()
        call(value)
        taken.append(clock() - begun)
    return max(statistics.median(taken) - empty, 1) / 1000
