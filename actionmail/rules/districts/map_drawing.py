"""A small map of one district, as SVG paths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely import MultiPolygon, Polygon
from shapely.affinity import affine_transform

from actionmail.rules.districts.boundaries import Boundaries


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Paths (`d` attributes) for a map of one district."""

    title: str
    district: str
    others: str
    size: int


def draw(boundaries: Boundaries, name: str, *, size: int = 320) -> Drawing | None:
    """The district `name` and what lies around it, as SVG paths in a square of `size`; None where it is unknown."""
    chosen = boundaries.named(name)
    if chosen is None:
        return None
    west, south, east, north = chosen.area.bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    span = max((east - west) * squeeze, north - south) * 1.16 or 1.0
    left = (west + east) / 2 - span / squeeze / 2
    top = (south + north) / 2 + span / 2
    frame = shapely.box(left, top - span, left + span / squeeze, top)
    scale = size / span
    to_screen = [scale * squeeze, 0, 0, -scale, -left * scale * squeeze, top * scale]
    others = []
    for district in boundaries.districts:
        if district is not chosen and shapely.intersects(frame, district.area):
            others.append(district.area)
    return Drawing(
        title=chosen.title,
        district=_path(chosen.area, frame, to_screen),
        others=" ".join(filter(None, (_path(area, frame, to_screen) for area in others))),
        size=size,
    )


def _path(area: MultiPolygon, frame: Polygon, to_screen: Sequence[float]) -> str:
    seen = shapely.simplify(affine_transform(shapely.intersection(area, frame), list(to_screen)), 0.6)
    parts = []
    for polygon in shapely.get_parts(seen):
        if not isinstance(polygon, Polygon) or polygon.is_empty:
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            parts.append("M" + " ".join(f"{x:.0f},{y:.0f}" for x, y in list(ring.coords)[:-1]) + "Z")
    return "".join(parts)
