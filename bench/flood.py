"""Whether `/healthz` answers while somebody floods the form: `python -m bench.flood [SECONDS]`.

The same question is put beside it to the least that can stand behind gunicorn, under the same number of connections:
what that takes is the machine's share. What each flood leaves in the database is counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from bench import load, programs
from bench.programs import ROOT, program
from bench.table import Row, limit, render
from bench.weight import private_memory, web_processes

VISITORS = 40  # at once
FLOODS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "half actions": {"FLOOD_STEPS": "2"},
        "one address": {"FLOOD_ADDRESSES": "1"},
        "a thousand addresses behind one proxy": {"FLOOD_ADDRESSES": "1000"},
    }
)


def rows(*, seconds: int) -> list[Row]:
    found: list[Row] = []
    for name, flood in FLOODS.items():
        found += _flooded(name, flood, seconds)
    return [*found, *_health("the same of a bare application", _bare(seconds))]


def _flooded(name: str, flood: Mapping[str, str], seconds: int) -> list[Row]:
    ours = load.Build(name="ours", root=ROOT, python=sys.executable)
    with load.empty_database(None) as url, load.served(ours, url) as (port, zip_codes):
        come = load.visited(port, zip_codes, seconds, VISITORS, 0, flood)
        memory = max(map(private_memory, web_processes(f"{programs.HOST}:{port}")))
        drafts, actions = (load.counted(url, f"SELECT count(*) FROM {table}") for table in ("drafts", "actions"))
    pages = sum(step["count"] for step in come.said["steps"])
    return [
        *_health(f"/healthz, {name}", come.health, f"{pages} pages, {come.said['told']['count']} told to come again"),
        limit("  private memory of a web process", memory, None, "MB", "<= 60", f"{drafts} drafts, {actions} actions"),
    ]


def _health(name: str, took: list[float], note: str = "") -> list[Row]:
    took.sort()
    return [
        Row(name=f"{name}: median", ours=took[len(took) // 2], unit="ms", note=note),
        limit("  nine of ten", took[len(took) * 9 // 10], None, "ms", "<= 100"),
        limit("  at the most", took[-1], None, "ms", "<= 100"),
    ]


def _bare(seconds: int) -> list[float]:
    with _bare_pages() as port, load.watched(port) as health:
        command = [program("wrk"), "-t2", f"-c{VISITORS}", f"-d{seconds}s", "--timeout", "30s"]
        subprocess.run(
            [*command, "-H", "Connection: close", f"http://{programs.HOST}:{port}/"], check=True, capture_output=True
        )
    return health


@contextmanager
def _bare_pages() -> Iterator[int]:
    """The port where gunicorn's own threaded worker, with as many threads as ours, serves them."""
    port = programs.free_port()
    command = [sys.executable, "-m", "gunicorn", "bare_pages:application", "--bind", f"{programs.HOST}:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
    environment = {**os.environ, "PYTHONPATH": str(programs.PEERS)}
    serving = subprocess.Popen([*command, "--log-level", "warning"], cwd=ROOT, env=environment)
    try:
        programs.wait_for_port(port, patience=120)
        yield port
    finally:
        serving.terminate()
        serving.wait(60)


if __name__ == "__main__":
    print(render(rows(seconds=int(sys.argv[1]) if len(sys.argv) > 1 else 8)))
