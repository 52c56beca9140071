"""The product's own file of one chamber's map: one line of JSON that says what it is, then its areas (`topology`).

    {"as_of": "2024-11-05", "state": "WI", "chamber": "lower", "source": "...", "near_metres": 100,
     "districts": [{"names": ["1"], "title": "Assembly District 1"}, ...]}

The areas stand in the order of the districts. Coordinates are WGS 84, in whole millionths of a degree.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from actionmail.rules.districts.boundary_maps import MAX_BYTES, District, Map, check_chamber, from_older_file
from actionmail.rules.districts.topology import DamagedTopology, read, write
from actionmail.rules.roster.seats import DatasetError

_GZIP: Final = b"\x1f\x8b"  # of the older files
_LONGEST_LINE: Final = 1024 * 1024


def pack(drawn: Map) -> bytes:
    """The file's bytes, the same for the same map in whatever order."""
    districts = sorted(drawn.districts, key=lambda district: district.names)
    header = {
        "as_of": drawn.as_of.isoformat(),
        "state": drawn.state,
        "chamber": drawn.chamber,
        "source": drawn.source,
        "near_metres": drawn.near_metres,
        "districts": [{"names": list(district.names), "title": district.title} for district in districts],
    }
    line = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    return line.encode() + b"\n" + write([district.area for district in districts])


def read_map(raw: bytes, file: str) -> Map:
    """Read what `pack` wrote, or the older gzipped GeoJSON. Raises DatasetError."""
    if raw[:2] == _GZIP:
        return from_older_file(_unzip(raw, file), file)
    end = raw.find(b"\n", 0, _LONGEST_LINE)
    if end < 0:
        raise DatasetError(file, "damaged_or_half")
    header = _header(raw[:end], file)
    try:
        as_of = date.fromisoformat(str(header.get("as_of")))
    except ValueError:
        raise DatasetError(file, "map_without_date") from None
    state, chamber = str(header.get("state")), str(header.get("chamber"))
    check_chamber(file, state, chamber)
    try:
        areas = read(raw[end + 1 :])
        listed = []
        for district in header["districts"]:
            listed.append((tuple(district["names"]), str(district["title"])))
        near_metres = int(header["near_metres"])
    except (DamagedTopology, KeyError, TypeError, ValueError):
        raise DatasetError(file, "damaged_or_half") from None
    if len(listed) != len(areas):
        raise DatasetError(file, "damaged_or_half")
    districts = []
    for (names, title), area in zip(listed, areas, strict=True):
        districts.append(District(names=names, title=title, area=area))
    return Map(
        state=state,
        chamber=chamber,
        as_of=as_of,
        source=str(header.get("source", "")),
        districts=tuple(districts),
        near_metres=near_metres,
    )


def _header(line: bytes, file: str) -> Mapping[str, Any]:
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        raise DatasetError(file, "damaged_or_half") from None
    if not isinstance(header, dict):
        raise DatasetError(file, "damaged_or_half")
    return header


def _unzip(raw: bytes, file: str) -> bytes:
    unzipping = zlib.decompressobj(31)
    try:
        text = unzipping.decompress(raw, MAX_BYTES + 1)
    except zlib.error:
        raise DatasetError(file, "damaged_or_half") from None
    if not unzipping.eof and len(text) <= MAX_BYTES:
        raise DatasetError(file, "half_a_download")
    return text
