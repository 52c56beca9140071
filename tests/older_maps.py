"""Maps as versions before kept them: gzipped GeoJSON, which a data folder may still hold."""

from __future__ import annotations

import gzip
import json

from shapely.geometry import mapping

from actionmail.rules.districts.boundary_maps import Map


def older_file(drawn: Map) -> bytes:
    features = []
    for district in drawn.districts:
        properties = {"district": list(district.names), "title": district.title}
        features.append({"type": "Feature", "properties": properties, "geometry": mapping(district.area)})
    document = {
        "type": "FeatureCollection",
        "state": drawn.state,
        "chamber": drawn.chamber,
        "as_of": drawn.as_of.isoformat(),
        "source": drawn.source,
        "features": features,
    }
    return gzip.compress(json.dumps(document, separators=(",", ":")).encode(), 9, mtime=0)
