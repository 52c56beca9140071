"""`data load` as a command, and the render matrix: this build and an older one in turns.

Each build loads the data that it ships; both check the same letters for the same legislators.

python -m bench.data_work [TURNS]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench import programs
from bench.older import BEFORE, older_build
from bench.programs import ROOT, Absent, Spent
from bench.table import Row, absent, compare, render
from tests.postgres import NoPostgres, postgres_server

EmptyDatabase = Callable[[], AbstractContextManager[str]]
"""The URL of a database that is nobody else's; tables or not, `migrate` brings it to where a build wants it."""


_BARS = {"SQLite": ">= 3.5", "PostgreSQL": ">= 6"}


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
    """Loading what is shipped into an empty database; by the name of the database, how to get one."""
    try:
        older = older_build()
    except Absent as error:
        return [absent("data load : the older build", str(error))]
    measured = []
    for name, empty in databases.items():
        ours, theirs = [], []
        for _ in range(turns):
            ours.append(_load(ROOT, Path(sys.executable), empty))
            theirs.append(_load(older, older / ".venv" / "bin" / "python", empty))
        took = [spent.seconds for spent in ours], [spent.seconds for spent in theirs]
        computed = [spent.cpu for spent in ours], [spent.cpu for spent in theirs]
        measured.append(_beside(f"data load, {name} : {BEFORE}", *took, "s", _BARS[name]))
        measured.append(_beside("    the command's own share", *computed, "CPU s", ""))
    return [*measured, _matrix(older, turns)]


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


def _load(build: Path, python: Path, empty: EmptyDatabase) -> Spent:
    with empty() as url:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment = {**own, "ACTIONMAIL_DATABASE_URL": url, "ACTIONMAIL_DATA_DIR": str(build / "data")}
        command = [str(python), "-c", "from actionmail.cli import main; main()"]
        programs.spend([*command, "migrate"], folder=build, env=environment)
        return programs.spend([*command, "data", "load"], folder=build, env=environment)


def _beside(name: str, ours: Sequence[float], theirs: Sequence[float], unit: str, bar: str) -> Row:
    """Medians of what was measured in turn; the ratio, how many times as quick, is the median of the turns' own."""
    ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
    return compare(name, statistics.median(ours), statistics.median(theirs), unit, bar, ratio=ratio)


if __name__ == "__main__":
    main()
