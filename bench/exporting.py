"""What a command that writes files takes, in a process of its own, on SQLite."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from actionmail.db.engine import Database

Fill = Callable[[Database], Sequence[str]]
"""Puts into an empty database what is exported, and gives the words behind `actionmail` that export it."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """`octets` are those of each file, in the order of their options."""

    cpu_seconds: float
    seconds: float
    peak_mb: float
    octets: list[int]


def measured(module: str, number: int) -> Exported:
    """What `python -m MODULE NUMBER` prints, whose main is `print_measured`."""
    command = [sys.executable, "-m", module, str(number)]
    return Exported(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def print_measured(fill: Fill, files: Sequence[tuple[str, str]]) -> None:
    """`files` are options and names. In a database of its own, or in that of the URL given. Prints JSON."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.sqlite3'}" if sys.argv[1].isdecimal() else sys.argv[1]
        database = Database(url)
        database.upgrade()
        command = [sys.executable, "-m", "actionmail.cli", *fill(database)]
        for option, file in files:
            command += [option, str(folder / file)]
        begun = time.monotonic()
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "ACTIONMAIL_DATABASE_URL": url})
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        exported = Exported(
            cpu_seconds=used.ru_utime + used.ru_stime,
            seconds=time.monotonic() - begun,
            peak_mb=used.ru_maxrss / 1024,
            octets=[(folder / file).stat().st_size for _, file in files],
        )
    json.dump(asdict(exported), sys.stdout)
