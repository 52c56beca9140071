"""Lines and names that only orient on a map: counties, areas of ZIP codes, places. They decide nothing.

A file of outlines is one line of JSON, `{"as_of": "2020-01-01", "source": "...", "names": [...]}`, then the areas in
the order of the names (`topology`). Coordinates are WGS 84, degrees.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from shapely import MultiPolygon

from actionmail.rules.districts.topology import DamagedTopology, read, write
from actionmail.rules.roster.seats import DatasetError

_LONGEST_LINE = 1024 * 1024


class Outline(Struct, frozen=True, kw_only=True):
    """A county's by its name, a ZIP code's by its five digits."""

    name: str
    area: MultiPolygon


def pack_outlines(outlines: Sequence[Outline], *, as_of: date, source: str) -> bytes:
    """The file's bytes, the same for the same outlines in whatever order."""
    ordered = sorted(outlines, key=lambda outline: (outline.name, outline.area.bounds))
    header = {"as_of": as_of.isoformat(), "source": source, "names": [outline.name for outline in ordered]}
    line = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    return line.encode() + b"\n" + write([outline.area for outline in ordered])


def read_outlines(raw: bytes, file: str) -> tuple[Outline, ...]:
    """Read what `pack_outlines` wrote. Raises DatasetError."""
    end = raw.find(b"\n", 0, _LONGEST_LINE)
    try:
        names = list(map(str, json.loads(raw[: max(end, 0)])["names"]))
        areas = read(raw[end + 1 :])
    except (DamagedTopology, ValueError, KeyError, TypeError, RecursionError):
        raise DatasetError(file, "damaged_or_half") from None
    if len(names) != len(areas):
        raise DatasetError(file, "damaged_or_half")
    outlines = []
    for name, area in zip(names, areas, strict=True):
        outlines.append(Outline(name=name, area=area))
    return tuple(outlines)
