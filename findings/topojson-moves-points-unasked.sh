#!/usr/bin/env bash
# The Python library that writes TopoJSON moves every point, and the more the larger the map.
#
# topojson 2.2 (PyPI), shapely 2.1; run on 2026-11-28.
# Guess: `Topology(areas)` without options cuts borders into shared arcs and leaves coordinates as they are, as
#        `topojson.topology(objects)` of the JavaScript library it ports does.
# Seen:  `prequantize=True` is its default: coordinates are put on a grid of 100,000 steps over the whole map's width. Two
#        districts 2 degrees wide move by a metre; with one place in the Aleutians beyond them, by over 100 metres.
#        `prequantize=False` moves nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check topojson==2.2 shapely==2.1.2
"$folder/venv/bin/python" - <<'PYTHON'
import json

import shapely
import topojson

DISTRICTS = [
    shapely.Polygon([(-90.123456, 43.111111), (-89.0, 43.222222), (-89.111111, 44.333333)]),
    shapely.Polygon([(-89.0, 43.222222), (-89.111111, 44.333333), (-88.0, 44.0)]),
]
FAR = shapely.Polygon([(172.4, 52.9), (172.5, 52.9), (172.5, 53.0)])


def moved(areas, **options):
    """How far the first two move at most, in metres."""
    written = json.loads(topojson.Topology(areas, **options).to_geojson())["features"]
    pairs = zip(areas[:2], written[:2])
    return max(shapely.hausdorff_distance(area, shapely.geometry.shape(back["geometry"])) for area, back in pairs) * 111_320


near, wide, exact = moved(DISTRICTS), moved([*DISTRICTS, FAR]), moved(DISTRICTS, prequantize=False)
print(f"as it comes: {near:.2f} m; with a place far away: {wide:.0f} m; prequantize=False: {exact:.6f} m")
assert 0.5 < near < 3, near
assert wide > 100, wide
assert exact < 0.001, exact
PYTHON
