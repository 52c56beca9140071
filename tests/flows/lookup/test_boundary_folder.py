"""The boundaries in a data folder while files are damaged, large or slow."""

from __future__ import annotations

import gzip
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from actionmail.flows.lookup.atlas import Atlas
from actionmail.rules.districts.boundaries import Boundaries
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import bundled

SHIPPED = bundled("data") / "boundaries"
_opened: list[str] | None = None


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _opened is not None and event == "open":
        _opened.append(str(arguments[0]))


sys.addaudithook(_hear)


@contextmanager
def opened_files() -> Iterator[list[str]]:
    """The names of the files that this process opens."""
    global _opened
    _opened = []
    try:
        yield _opened
    finally:
        _opened = None


def test_a_damaged_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "WI_lower.topo"
    file.write_bytes(gzip.compress(b"{"))
    atlas = Atlas(tmp_path)
    with opened_files() as opened:
        for _ in range(3):
            with pytest.raises(DatasetError, match=r"WI_lower\.topo"):
                atlas.get("WI", "lower")
    assert opened.count(str(file)) == 1
    file.unlink()
    file.write_bytes((SHIPPED / file.name).read_bytes())
    assert atlas.get("WI", "lower") is not None


def test_a_file_that_is_slow_to_read_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    """Reading a pipe takes until somebody writes to it: meanwhile another state's map is read."""
    slow = tmp_path / "WI_lower.topo"
    os.mkfifo(slow)
    (tmp_path / "CA_lower.topo").write_bytes((SHIPPED / "CA_lower.topo").read_bytes())
    atlas = Atlas(tmp_path)
    found: dict[str, Boundaries | None] = {}

    def read(state: str) -> None:
        found[state] = atlas.get(state, "lower")

    waiting = threading.Thread(target=read, args=("WI",), daemon=True)
    other = threading.Thread(target=read, args=("CA",), daemon=True)
    waiting.start()
    writer = os.open(slow, os.O_WRONLY)  # opens once the reader has opened its end, so it is in the middle of reading
    other.start()
    other.join(timeout=60)
    is_done = not other.is_alive()
    with os.fdopen(writer, "wb") as pipe:
        pipe.write((SHIPPED / slow.name).read_bytes())
    waiting.join(timeout=60)
    other.join(timeout=60)
    assert is_done, "the map of California waited for that of Wisconsin"
    assert found["CA"] and found["WI"]
    assert found["WI"].state == "WI"
