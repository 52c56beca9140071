"""A crowd at the form, by wrk: whole actions a second and how long each request waits, this build beside an older one.

`python -m bench.load [SECONDS [OTHERS]]`. Each build serves by its own `actionmail serve` with two processes, behind
what looks like a proxy with visitors of many addresses; wrk takes whole actions (`peers/whole_action.lua`) on a
campaign on which OTHERS have acted before. Then four times as many come as this build can carry: the rest has to be
told so, and soon.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import create_engine, text

from bench import programs
from bench.older import BEFORE, older_build
from bench.programs import HERE, ROOT, Absent, program
from bench.table import Row, absent, compare, limit, render
from tests.postgres import NoPostgres, PostgresServer, postgres_server

OUT = HERE / "out"
CLIENTS = 8  # of two processes with four threads each, so that nobody has to wait in line
MANY = 240
# As an operator raises the bounds on floods for an evening that is planned (docs/floods.md): visitors of wrk come from
# few networks. An older build knows no such bounds.
CROWD_EXPECTED: Mapping[str, str] = MappingProxyType(
    {"ACTIONMAIL_ASK_HOUR": "100000", "ACTIONMAIL_HOLD_HOUR": "100000"}
)
CROWD = 10_000  # have acted before: as many as one expects of an hour
OVERLOAD = 4
TURNS = 3
NO_FLOOD: Mapping[str, str] = MappingProxyType({})
_WALK = str(programs.PEERS / "action_walk.py")
_VISITORS = str(programs.PEERS / "whole_action.lua")


@dataclass(frozen=True, kw_only=True)
class Build:
    name: str
    root: Path
    python: str


@dataclass(kw_only=True)
class Load:
    """What wrk says of one run, and how long `/healthz` took meanwhile, in milliseconds."""

    said: dict[str, Any]
    health: list[float]

    @property
    def rate(self) -> float:
        return float(self.said["actions"] / self.said["seconds"])

    @property
    def last_post(self) -> float:
        """The 99th percentile of the press that sends."""
        return float(self.said["steps"][3]["p99"] or 0)


def rows(*, seconds: int, others: int, postgres: PostgresServer | None) -> list[Row]:
    """`others` have acted before on the same campaign."""
    found: list[Row] = []
    for kind in ("SQLite", "PostgreSQL"):
        if kind == "PostgreSQL" and postgres is None:
            continue
        try:
            found += _rows(kind, seconds, others, postgres if kind == "PostgreSQL" else None)
        except Absent as error:
            found.append(absent(f"a crowd, {kind}", str(error)))
    return found


def _rows(kind: str, seconds: int, others: int, server: PostgresServer | None) -> list[Row]:
    ours = Build(name="ours", root=ROOT, python=sys.executable)
    root = older_build()
    older = Build(name="older", root=root, python=str(root / ".venv" / "bin" / "python"))

    def carried(build: Build, *, clients: int = CLIENTS, pace: float = 0) -> Load:
        return _carried(build, server, seconds, others, clients=clients, pace=pace)

    before, now = _in_turn(lambda: carried(older), lambda: carried(ours))
    same = carried(ours, pace=1000 * CLIENTS / before.rate)
    rush = carried(ours, clients=MANY, pace=1000 * MANY / (OVERLOAD * now.rate))
    told = rush.said["told"]
    name = f"build {BEFORE}, {kind}"
    return [
        compare(f"whole actions a second : {name}", now.rate, before.rate, "/s", ">= 4"),
        compare(f"  p99 of the last POST, at once : {name}", now.last_post, before.last_post, "ms"),
        compare(f"  p99 of the last POST at the older's rate : {name}", same.last_post, before.last_post, "ms", "<= 1"),
        compare(f"at {OVERLOAD} times the rate: actions, {kind} : without", rush.rate, now.rate, "/s"),
        limit(f"  p99 of what is told, {kind}", told["p99"] or 0, None, "ms", "<= 2000", f"{told['count']:,} told"),
        limit(f"  p99 of the last POST that is taken, {kind}", rush.last_post, None, "ms", "<= 2000"),
        limit(f"  answers of another kind, {kind}", _odd(rush), None, "", "<= 0", str(rush.said["others"])),
        limit(f"  told without what was typed, {kind}", rush.said["lost"], None, "", "<= 0"),
        limit(f"  /healthz at the most, {kind}", max(rush.health), None, "ms", "<= 100"),
    ]


def _in_turn(older: Callable[[], Load], ours: Callable[[], Load]) -> tuple[Load, Load]:
    """Both at nearly the same time, since a machine is not as quick at every moment; of some turns the one in the
    middle by their ratio.
    """
    turns = [(older(), ours()) for _ in range(TURNS)]
    turns.sort(key=lambda turn: turn[1].rate / turn[0].rate)
    return turns[TURNS // 2]


def _odd(load: Load) -> int:
    return int(sum(load.said["others"].values()) + load.said["errors"])


def _carried(
    build: Build, server: PostgresServer | None, seconds: int, others: int, *, clients: int, pace: float
) -> Load:
    """Have `clients` take actions, a new one begun each `pace` milliseconds or at once. Raises Absent."""
    with empty_database(server) as url:
        with served(build, url, CROWD_EXPECTED, others=others) as (port, zip_codes):
            before = _actions(url)
            load = visited(port, zip_codes, seconds, clients, pace)
        nothing_lost_or_doubled(url, before + load.said["actions"], at_most_more=clients)
        return load


def visited(
    port: int, zip_codes: list[str], seconds: int, clients: int, pace: float, flood: Mapping[str, str] = NO_FLOOD
) -> Load:
    """wrk's visitors, and somebody who asks all the while whether the server is alive.

    `flood` is what `whole_action.lua` reads of the environment.
    """
    command = [program("wrk"), f"-t{clients}", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", _VISITORS]
    visitors = [*command, f"http://{programs.HOST}:{port}", "--", str(pace), *zip_codes]
    with watched(port) as health:
        said = programs.run(visitors, timeout=seconds + 300, env={**os.environ, **flood})
    return Load(said=said, health=health)


@contextmanager
def watched(port: int) -> Iterator[list[float]]:
    """How long `/healthz` took meanwhile, in milliseconds, each time that somebody asked."""
    health: list[float] = []
    is_over = threading.Event()
    watching = threading.Thread(target=_watch, args=(port, health, is_over))
    watching.start()
    try:
        yield health
    finally:
        is_over.set()
        watching.join()


def nothing_lost_or_doubled(url: str, receipts: int, *, at_most_more: int) -> None:
    """As many actions as receipts, each with its two letters; the last press of each client may have come too late for
    wrk to see its answer.
    """
    actions = _actions(url)
    letters = counted(url, "SELECT count(*) FROM messages")
    doubled = counted(url, _DOUBLED)
    if doubled or not 0 <= actions - receipts <= at_most_more or letters != 2 * actions:
        raise Absent(f"{receipts} receipts, {actions} actions with {letters} letters, {doubled} of them doubled")


def _actions(url: str) -> int:
    """Those with letters: of the others there are only their rows."""
    return counted(url, "SELECT count(*) FROM actions WHERE receipt_token NOT LIKE 'other-%'")


def counted(url: str, statement: str) -> int:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        count = int(connection.execute(text(statement)).scalar_one())
    engine.dispose()
    return count


_DOUBLED = "SELECT count(*) FROM (SELECT 1 AS one FROM actions GROUP BY email HAVING count(*) > 1) AS twice"


def _watch(port: int, took: list[float], is_over: threading.Event) -> None:
    """Ask ten times a second whether the server is alive."""
    while not is_over.wait(0.1):
        begun = time.monotonic()
        _ask_health(port)
        took.append((time.monotonic() - begun) * 1000)


def _ask_health(port: int) -> None:
    connection = http.client.HTTPConnection(programs.HOST, port, timeout=60)
    connection.request("GET", "/healthz", headers={"Host": programs.HOST, "Connection": "close"})
    connection.getresponse().read()
    connection.close()


@contextmanager
def served(
    build: Build, url: str, also: Mapping[str, str] = MappingProxyType({}), *, others: int = 0
) -> Iterator[tuple[int, list[str]]]:
    """The port where a build serves its pages of this database, with a campaign in it; ZIP codes to act with.

    `also` are further settings; `others` have acted before.
    """
    port = programs.free_port()
    environment = settings_for(build, url) | also
    prepared = programs.run([build.python, _WALK, url, "--prepare", str(others)], folder=build.root, env=environment)
    command = [build.python, "-m", "actionmail.cli", "serve", "--bind", f"{programs.HOST}:{port}", "--workers", "2"]
    with (OUT / f"load-{build.name}.log").open("w") as log:
        serving = subprocess.Popen(command, cwd=build.root, env=environment, stdout=log, stderr=log)
        try:
            programs.wait_for_port(port, patience=120)  # they listen once their tables are read, or before that
            _ask_health(port)
            yield port, prepared["zip_codes"]
        finally:
            serving.terminate()
            serving.wait(60)


def settings_for(build: Build, url: str) -> dict[str, str]:
    """The environment of a build's commands."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)} | {
        "ACTIONMAIL_DATABASE_URL": url,
        "ACTIONMAIL_SECRET_KEY": "0123456789abcdef" * 4,
        "ACTIONMAIL_BASE_URL": f"http://{programs.HOST}",
        "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        "ACTIONMAIL_ORGANISATION": "Example Org",
        "ACTIONMAIL_CONTACT_ADDRESS": "hello@act.example.org",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
        "ACTIONMAIL_PROXIES": "1",
        "PYTHONPATH": str(build.root),
    }


_NOT_OURS = ("ACTIONMAIL_", "PYTHON")


@contextmanager
def empty_database(server: PostgresServer | None) -> Iterator[str]:
    """Its URL."""
    if server is None:
        OUT.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=OUT, prefix="load-") as folder:
            yield f"sqlite:///{Path(folder) / 'actionmail.sqlite3'}"
    else:
        with server.empty_database() as url:
            yield url


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    others = int(sys.argv[2]) if len(sys.argv) > 2 else CROWD
    try:
        with postgres_server(fsync=True) as server:
            found = rows(seconds=seconds, others=others, postgres=server)
    except NoPostgres as error:
        found = [*rows(seconds=seconds, others=others, postgres=None), absent("PostgreSQL", str(error))]
    print(render(found))
    (OUT / "load.json").write_text(json.dumps([vars(row) for row in found], indent=1) + "\n")


if __name__ == "__main__":
    main()
