"""What `actionmail export messages` takes: `python -m bench.letters_export 200000` prints JSON, and so does a URL."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from actionmail.db.engine import Database
from bench.exporting import measured, print_measured
from bench.queue import fill_log
from bench.table import Row, compare, limit


def rows(*, many: int, few: int) -> list[Row]:
    more, less = measured(__name__, many), measured(__name__, few)
    among = f"an export of letters, {many:,} : {few:,}"
    note = f"CSV {more.octets[0] / 1e6:.1f} MB, {more.seconds:.0f} s on the clock"
    each, each_of_few = more.cpu_seconds / many * 1000, less.cpu_seconds / few * 1000
    return [
        limit(f"memory of {among}", more.peak_mb, less.peak_mb, "MB", "<= 120", note),
        compare(f"each letter of {among}", each, each_of_few, "CPU ms", "<= 1.5"),
    ]


def _filled(database: Database) -> Sequence[str]:
    if sys.argv[1].isdecimal():  # else a log that `bench.seed` made
        fill_log(database, int(sys.argv[1]))
    return "export", "messages", "--with-people"


if __name__ == "__main__":
    print_measured(_filled, [("--out", "letters.csv")])
