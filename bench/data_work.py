"""`data load` as a command, and the render matrix: this build and an older one in turns.

Each build loads the data that it ships into an empty database, and then the same a month later: every row of a newer
day, of each tenth member another phone number, of each twentieth committee another role of one member. Both check the
same letters for the same legislators. Nothing is measured before each build has loaded once, so both have the bytecode
of their modules, whatever PYTHONDONTWRITEBYTECODE says where this is run: else imports would be most of either side.

python -m bench.data_work [TURNS]
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import programs
from bench.older import BEFORE, older_build
from bench.programs import ROOT, Absent, Spent
from bench.table import Row, absent, compare, render
from tests.postgres import NoPostgres, postgres_server

EmptyDatabase = Callable[[], AbstractContextManager[str]]
"""The URL of a database that is nobody else's; tables or not, `migrate` brings it to where a build wants it."""


_BARS = {"SQLite": ">= 3.5", "PostgreSQL": ">= 6"}
_FILES = ("legislators.csv", "congress.csv", "committees.csv.gz")
_A_MONTH_LATER = "2026-11-05"


@dataclass(frozen=True)
class _Build:
    """A build's root, its Python, and the folder of its data of a month later."""

    root: Path
    python: Path
    newer: Path


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory(dir=ROOT / "bench" / "out") as folder:
        databases: dict[str, EmptyDatabase] = {"SQLite": lambda: sqlite(Path(folder))}
        try:
            with postgres_server(fsync=True) as server:
                measured = rows({**databases, "PostgreSQL": server.empty_database}, turns=turns)
        except NoPostgres as error:
            measured = [*rows(databases, turns=turns), absent("data load, PostgreSQL", str(error))]
    print(render(measured))


def rows(databases: Mapping[str, EmptyDatabase], *, turns: int) -> list[Row]:
    """Loading what is shipped, and what is newer; by the name of the database, how to get one."""
    try:
        older = older_build()
    except Absent as error:
        return [absent("data load : the older build", str(error))]
    with tempfile.TemporaryDirectory(dir=ROOT / "bench" / "out") as folder:
        here = _Build(ROOT, Path(sys.executable), Path(folder) / "ours")
        there = _Build(older, older / ".venv" / "bin" / "python", Path(folder) / "theirs")
        for build in (here, there):
            _write_newer(build.root / "data", build.newer)
            _load(build, next(iter(databases.values())))  # so that both have their bytecode
        return [*_loads(here, there, databases, turns), _matrix(older, turns)]


def _loads(here: _Build, there: _Build, databases: Mapping[str, EmptyDatabase], turns: int) -> list[Row]:
    measured = []
    for name, empty in databases.items():
        ours, theirs = [], []
        for _ in range(turns):
            ours.append(_load(here, empty))
            theirs.append(_load(there, empty))
        for number, what in enumerate(("data load", "data load, a month later")):
            mine, others = [spent[number] for spent in ours], [spent[number] for spent in theirs]
            took = [spent.seconds for spent in mine], [spent.seconds for spent in others]
            computed = [spent.cpu for spent in mine], [spent.cpu for spent in others]
            measured.append(_beside(f"{what}, {name} : {BEFORE}", *took, "s", _BARS[name]))
            measured.append(_beside("    the command's own share", *computed, "CPU s", ""))
    return measured


def _write_newer(data: Path, folder: Path) -> None:
    """Write the data of a month later into a folder."""
    shutil.copytree(data, folder)
    for name in _FILES:
        raw = (data / name).read_bytes()
        is_packed = name.endswith(".gz")
        text = (gzip.decompress(raw) if is_packed else raw).decode()
        newer = _newer(list(csv.DictReader(io.StringIO(text, newline="")))).encode()
        (folder / name).write_bytes(gzip.compress(newer) if is_packed else newer)


def _newer(table: list[dict[str, str]]) -> str:
    committees: dict[str, int] = {}
    for number, row in enumerate(table):
        row["as_of"] = _A_MONTH_LATER
        if row.get("status") == "sitting" and number % 10 == 0:
            row["phone"] = f"555-{number % 10_000:04}"
        is_first = row["key"] not in committees
        if "member_role" in row and is_first and len(committees) % 20 == 0 and row["member_name"]:
            row["member_role"] = "acting chair"
        committees.setdefault(row["key"], len(committees))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue()


def _matrix(older: Path, turns: int) -> Row:
    ours, theirs = [], []
    for _ in range(turns):
        ours.append(_checked(ROOT, Path(sys.executable)))
        theirs.append(_checked(older, older / ".venv" / "bin" / "python"))
    name = f"matrix, every legislator as if of one state : {BEFORE}"
    return _beside(name, ours, theirs, "CPU s", ">= 3")


def _checked(build: Path, python: Path) -> float:
    files = [str(older_build() / "data" / "campaigns" / "ab969.toml"), str(ROOT / "data" / "legislators.csv")]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [str(python), str(programs.PEERS / "matrix.py"), *files]
    return float(programs.run(command, folder=build, env={**own, "PYTHONPATH": str(build)})["cpu"])


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    file = folder / "actionmail.sqlite3"
    try:
        yield f"sqlite:///{file}"
    finally:
        for part in folder.glob(f"{file.name}*"):
            part.unlink()


def _load(build: _Build, empty: EmptyDatabase) -> tuple[Spent, Spent]:
    """What it took to load into an empty database, and once more a month later."""
    with empty() as url:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        shipped = {**own, "ACTIONMAIL_DATABASE_URL": url, "ACTIONMAIL_DATA_DIR": str(build.root / "data")}
        newer = {**shipped, "ACTIONMAIL_DATA_DIR": str(build.newer)}
        command = [str(build.python), "-c", "from actionmail.cli import main; main()"]
        programs.spend([*command, "migrate"], folder=build.root, env=shipped)
        first = programs.spend([*command, "data", "load"], folder=build.root, env=shipped)
        return first, programs.spend([*command, "data", "load"], folder=build.root, env=newer)


def _beside(name: str, ours: Sequence[float], theirs: Sequence[float], unit: str, bar: str) -> Row:
    """Medians of what was measured in turn; the ratio, how many times as quick, is the median of the turns' own."""
    ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
    return compare(name, statistics.median(ours), statistics.median(theirs), unit, bar, ratio=ratio)


if __name__ == "__main__":
    main()
