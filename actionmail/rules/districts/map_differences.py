"""What changed between two maps of one chamber."""

from __future__ import annotations

import shapely
from msgspec import Struct
from shapely import MultiPolygon

from actionmail.rules.districts.boundary_maps import Map


class Redrawn(Struct, frozen=True, kw_only=True):
    """How one chamber's districts differ from older ones, by their names ("22A/22B" for a pair of seats)."""

    state: str
    chamber: str
    before: int
    after: int
    added: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[tuple[str, float], ...]  # with the part of the older area that came or went; may be above 1


def compare(before: Map | None, after: Map | None) -> Redrawn:
    """The difference between two maps of one chamber; None where there is none. Areas are as on a flat map."""
    either = after or before
    if either is None:
        raise ValueError("nothing to compare")
    old = {"/".join(district.names): district.area for district in (before.districts if before else ())}
    new = {"/".join(district.names): district.area for district in (after.districts if after else ())}
    both = ((name, _part_changed(old[name], area)) for name, area in new.items() if name in old)
    return Redrawn(
        state=either.state,
        chamber=either.chamber,
        before=len(old),
        after=len(new),
        added=tuple(sorted(new.keys() - old.keys())),
        gone=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted((item for item in both if item[1] > 0), key=lambda item: (-item[1], item[0]))),
    )


def _part_changed(old: MultiPolygon, new: MultiPolygon) -> float:
    if old.equals_exact(new, 0.0):
        return 0.0
    return float(shapely.symmetric_difference(old, new).area / old.area)
