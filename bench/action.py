"""A supporter's whole action, five requests, beside other forms and beside an older build of our own.

`python -m bench.action [ACTIONS]` alone; `make bench` has the same rows. Each side runs in a process of its own, in
turns; a ratio is the median of the turns' own ratios.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import programs
from bench.older import BEFORE, older_build
from bench.programs import Absent
from bench.table import Row, absent, compare, limit, render
from tests.postgres import NoPostgres, PostgresServer, postgres_server

OUT = programs.HERE / "out"
WALK = str(programs.PEERS / "action_walk.py")
# Forms that others would write: each a module of `peers` with the packages that it needs, always on SQLite.
_FORMS = {
    "bare_form": ("a bare form", ()),
    "django_form": ("Django with django-post_office", ("django-post_office",)),
    "flask_form": ("Flask-SQLAlchemy, Flask-Mail", ("flask-sqlalchemy", "flask-mail", "flask-wtf")),
}
_PATIENCE = 1800.0  # seconds: the older build takes a while for each of many actions
_LIMITS = {"statements": 16, "transactions": 5, "writes": 2}


def rows(*, actions: int, others: int, repeats: int, postgres: PostgresServer | None) -> list[Row]:
    """CPU of a whole action, statements and transactions; each on SQLite and, with a server, on PostgreSQL.

    `others` are the actions that were there before.
    """
    found: list[Row] = []
    for kind in ("SQLite", "PostgreSQL"):
        if kind == "PostgreSQL" and postgres is None:
            continue
        server = postgres if kind == "PostgreSQL" else None
        try:
            found += _rows(kind, [_turn(server, actions, others) for _ in range(repeats)])
        except Absent as error:
            found.append(absent(f"whole action, {kind}", str(error)))
    return found


def _turn(server: PostgresServer | None, actions: int, others: int) -> dict[str, Any]:
    """One turn: ours, the other forms and the older build, one after the other."""
    older = str(older_build() / ".venv" / "bin" / "python")
    with _database(server) as url:
        sides = {"ours": programs.run([sys.executable, WALK, url, str(actions), str(others)], timeout=_PATIENCE)}
    for module, (_name, packages) in _FORMS.items():
        sides[module] = _form(module, packages, actions)
    with _database(server) as url:
        sides["older"] = programs.run([older, WALK, url, str(actions), str(others)], timeout=_PATIENCE)
    return sides


def _form(module: str, packages: Sequence[str], actions: int) -> dict[str, Any] | Absent:
    """Another's form. It may mail within the request, to a server whose own time does not count."""
    try:
        for package in packages:
            programs.python_peer(package)
        python = str(programs.PEER_PYTHON) if packages else sys.executable
        with _folder() as folder, programs.smtp_sink() as sink:
            env = programs.peer_environment() | {"BENCH_PORT": str(sink.port)}
            return programs.run([python, WALK, str(folder), str(actions), "0", "--form", module], env=env)
    except Absent as error:
        return error


def _rows(kind: str, turns: list[dict[str, Any]]) -> list[Row]:
    def median(side: str, step: str = "") -> float:
        each = [turn[side]["steps"][step] if step else turn[side]["cpu"] for turn in turns]
        return statistics.median(each)

    def ratio(side: str) -> float:
        return statistics.median(turn["ours"]["cpu"] / turn[side]["cpu"] for turn in turns)

    name = f"whole action, {kind}"
    among = median("ours"), median("older"), "CPU ms"
    found = [compare(f"{name} : build {BEFORE}", *among, "<= 0.25", ratio=ratio("older"))]
    for module, (form, _packages) in _FORMS.items():
        if failed := next((turn[module] for turn in turns if isinstance(turn[module], Absent)), None):
            found.append(absent(f"{name} : {form}", str(failed)))
            continue
        bar = "<= 2.2" if module == "bare_form" else ""
        found.append(compare(f"{name} : {form}", among[0], median(module), "CPU ms", bar, ratio=ratio(module)))
        found += [
            compare(f"  {step}, {kind} : {form}", median("ours", step), median(module, step), "CPU ms")
            for step in turns[0]["ours"]["steps"]
        ]
    return found + _count_rows(kind, turns[-1])


def _count_rows(kind: str, turn: dict[str, Any]) -> list[Row]:
    """Statements and transactions of one action."""
    found = []
    ours, older = turn["ours"]["counts"], turn["older"]["counts"]
    for what, most in _LIMITS.items():
        total = [sum(step[what] for step in side) for side in (ours, older)]
        found.append(limit(f"{what} of it, {kind} : build {BEFORE}", total[0], total[1], "", f"<= {most}"))
    last = [side[3]["writes"] for side in (ours, older)]
    found.append(limit(f"writes of the last POST, {kind} : build {BEFORE}", last[0], last[1], "", "<= 1"))
    return found


@contextmanager
def _database(server: PostgresServer | None) -> Iterator[str]:
    """An empty database without tables: each build makes its own."""
    if server is None:
        with _folder() as folder:
            yield f"sqlite:///{folder / 'actionmail.sqlite3'}"
    else:
        with server.empty_database() as url:
            yield url


@contextmanager
def _folder() -> Iterator[Path]:
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUT, prefix="action-") as folder:
        yield Path(folder)


def main() -> None:
    actions = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    measure = {"actions": actions, "others": 2000, "repeats": 5}
    try:
        with postgres_server(fsync=True) as server:
            print(render(rows(**measure, postgres=server)))
    except NoPostgres as error:
        print(render([*rows(**measure, postgres=None), absent("PostgreSQL", str(error))]))


if __name__ == "__main__":
    main()
