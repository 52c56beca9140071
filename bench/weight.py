"""What a web process weighs: `python -m bench.weight` starts `actionmail serve` and looks at its processes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from bench import load
from bench.programs import ROOT
from bench.table import Row, absent, limit, render

_SECONDS = 5  # of visitors, so that everything is in use


def rows() -> list[Row]:
    """Private memory of each further web process, in use; all of it belongs to whoever adds one."""
    if not Path("/proc/self/smaps_rollup").exists():
        return [absent("private memory of a web process", "this system does not tell (no /proc)")]
    ours = load.Build(name="ours", root=ROOT, python=sys.executable)
    with load.empty_database(None) as url, load.served(ours, url) as (port, zip_codes):
        load.visited(port, zip_codes, _SECONDS, load.CLIENTS, 0)
        private = [private_memory(pid) for pid in web_processes(f"127.0.0.1:{port}")]
    return [limit("private memory of a further web process", max(private), None, "MB", "<= 60")]


def web_processes(bound: str) -> list[int]:
    """gunicorn's processes that answer at this address, without the one that they come from."""
    parents: dict[int, int] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = f"\0--bind\0{bound}\0".encode() in (process / "cmdline").read_bytes()
            status = (process / "status").read_text()
        except OSError:  # gone meanwhile
            continue
        if is_ours and (parent := re.search(r"^PPid:\s+(\d+)", status, re.MULTILINE)):
            parents[int(process.name)] = int(parent[1])
    return [pid for pid, parent in parents.items() if parent in parents]


def private_memory(pid: int) -> float:
    """In MB: what no other process shares."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(size) for size in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", told, re.MULTILINE)) / 1024


if __name__ == "__main__":
    print(render(rows()))
