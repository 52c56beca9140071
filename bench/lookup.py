"""ZIP code to districts, and point to district, per call and in process."""

from __future__ import annotations

import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from actionmail.flows.lookup import load_district_table
from actionmail.settings import bundled
from bench.table import Row, compare, limit

T = TypeVar("T")
_RANDOM = random.Random(20260805)


def rows() -> list[Row]:
    begun = time.perf_counter()
    table = load_district_table(bundled("data"))
    start_up = time.perf_counter() - begun
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
    indexed = _microseconds(lambda zip5: database.execute(query, (zip5,)).fetchall(), zips)
    scan = _microseconds(lambda zip5: [candidate for known, candidate in places if known == zip5], zips[:30])
    return [
        limit("ZIP lookup : SQLite with an index", ours, indexed, "µs a call", "<= 5"),
        compare("ZIP lookup : linear scan", ours, scan, "µs a call"),
        limit("reading all states' ZIP codes at the start", start_up, None, "s", "<= 1", f"{len(places):,} rows"),
    ]


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
