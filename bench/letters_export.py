"""What `actionmail export messages` takes: `python -m bench.letters_export 200000` prints JSON, and so does a URL."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from actionmail.db.engine import Database
from bench.queue import fill_log
from bench.table import Row, compare, limit


@dataclass(frozen=True, kw_only=True)
class Exported:
    cpu_seconds: float
    seconds: float
    peak_mb: float
    octets: int


def rows(*, many: int, few: int) -> list[Row]:
    """Each number in a process of its own, on SQLite."""
    more, less = _measured(many), _measured(few)
    among = f"an export of letters, {many:,} : {few:,}"
    note = f"CSV {more.octets / 1e6:.1f} MB, {more.seconds:.0f} s on the clock"
    each, each_of_few = more.cpu_seconds / many * 1000, less.cpu_seconds / few * 1000
    return [
        limit(f"memory of {among}", more.peak_mb, less.peak_mb, "MB", "<= 120", note),
        compare(f"each letter of {among}", each, each_of_few, "CPU ms", "<= 1.5"),
    ]


def _measured(number: int) -> Exported:
    command = [sys.executable, "-m", "bench.letters_export", str(number)]
    return Exported(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main() -> None:
    """Of so many letters in a database of its own, or of all in the one at a URL that `bench.seed` has filled."""
    with TemporaryDirectory() as name:
        url = sys.argv[1]
        if url.isdecimal():
            url, number = f"sqlite:///{name}/bench.sqlite3", int(url)
            database = Database(url)
            database.upgrade()
            fill_log(database, number)
        json.dump(asdict(_exported(url, Path(name))), sys.stdout)


def _exported(url: str, folder: Path) -> Exported:
    table = folder / "letters.csv"
    command = [sys.executable, "-m", "actionmail.cli", "export", "messages", "--with-people", "--out", table]
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "ACTIONMAIL_DATABASE_URL": url})
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Exported(
        cpu_seconds=used.ru_utime + used.ru_stime,
        seconds=time.monotonic() - begun,
        peak_mb=used.ru_maxrss / 1024,
        octets=table.stat().st_size,
    )


if __name__ == "__main__":
    main()
