"""What a state's maps take in a fresh process: `python -m bench.state_maps TX` prints it as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import shapely

import actionmail.rules.districts.boundaries  # noqa: F401 - its libraries are not the maps'
from actionmail.flows.lookup.atlas import Atlas
from actionmail.rules.districts.states import chambers_in
from actionmail.settings import bundled


@dataclass(frozen=True, kw_only=True)
class StateMaps:
    """All chambers of a state and its districts of Congress, read and asked about one point each."""

    seconds: float  # of the processor
    megabytes: float  # resident, beyond what Python and the libraries take


def main() -> None:
    (state,) = sys.argv[1:]
    atlas = Atlas(bundled("data") / "boundaries")
    shapely.prepare(shapely.box(0, 0, 1, 1))
    before, begun = _resident(), time.process_time()
    for chamber in chambers_in(state, ("upper", "lower", "us_lower")):
        boundaries = atlas.get(state, chamber)
        if boundaries:
            point = boundaries.districts[0].area.representative_point()
            boundaries.at(point.y, point.x)
            boundaries.near(point.y, point.x)
    taken = StateMaps(seconds=time.process_time() - begun, megabytes=(_resident() - before) / 1e6)
    json.dump(asdict(taken), sys.stdout)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
