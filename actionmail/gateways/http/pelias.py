"""A Pelias of the operator's own: `v1/search/structured` and `v1/search`, answers in GeoJSON.

https://github.com/pelias/documentation, structured-geocoding.md and response.md. It tells a point and no districts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actionmail.gateways.http.json_client import PATIENCE, JsonClient, Patience
from actionmail.gateways.http.point_answers import (
    MAX_PLACES,
    best_places,
    exactness_of_house,
    read_degrees,
    read_json,
)
from actionmail.rules.districts.addresses import Address, Exactness, Place, Years
from actionmail.rules.districts.places import state_code, zip_code
from actionmail.rules.districts.refusals import GeocoderUnavailable, Trouble

KIND = "pelias"
CONFIDENT = 0.8  # of 1; an exact match has 1, a fallback to something near the address 0.6 and less
NOBODYS = "1 State Capitol, Madison, WI"  # asked about by `about`


class PeliasGeocoder:
    """Asked for one address at a time; whatever it finds is settled by our own boundaries."""

    def __init__(self, base_url: str, *, patience: Patience = PATIENCE, may_be_private: bool | None = None) -> None:
        self._service = JsonClient(
            base_url, called="Pelias", read=read_features, patience=patience, may_be_private=may_be_private
        )

    def __call__(self, address: Address, years: Years) -> tuple[Place, ...]:
        """The places that answer best to the address, () where none does. Raises GeocoderUnavailable."""
        path, question = _question(address)
        question["size"] = str(MAX_PLACES)
        features = self._service.ask(path, question, same_as=address.one_line).features
        places = []
        for feature in features:
            places.append(_place(address, feature))
        return best_places(address, places)

    def about(self) -> Mapping[str, str]:
        """The `engine` with its version, as an answer about nobody's address tells it. Raises GeocoderUnavailable."""
        engine = self._service.ask("v1/search", {"text": NOBODYS, "size": "1"}, same_as=NOBODYS).engine
        return {"engine": engine}


class Collection:
    """The features of an answer, and the engine that gave it."""

    def __init__(self, document: Mapping[str, Any], features: tuple[Mapping[str, Any], ...]) -> None:
        geocoding = document.get("geocoding")
        engine = geocoding.get("engine") if isinstance(geocoding, dict) else None
        parts = engine if isinstance(engine, dict) else {}
        self.engine = f"{parts.get('name', '')} {parts.get('version', '')}".strip()[:40]
        self.features = features


def _question(address: Address) -> tuple[str, dict[str, str]]:
    """The path, and the parts or the line. A ZIP code goes before the town, as with Nominatim."""
    if not address.is_structured:
        return "v1/search", {"text": address.one_line, "boundary.country": "USA"}
    town = {"postalcode": address.zip} if address.zip else {"locality": address.city}
    question = {"address": address.street, "region": address.state, "country": "USA"} | town
    return "v1/search/structured", {name: value for name, value in question.items() if value}


def read_features(status: int, raw: bytes) -> Collection:
    """The features, each with a point; an address that it cannot read is no match. Raises GeocoderUnavailable."""
    document = read_json(200 if status == 400 else status, raw)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise GeocoderUnavailable(Trouble.NO_MATCHES)
    for feature in features[:MAX_PLACES]:
        _point(feature)
    return Collection(document, tuple(features[:MAX_PLACES]))


def _point(feature: object) -> tuple[float, float]:
    """Latitude and longitude, which GeoJSON has the other way round."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise GeocoderUnavailable(Trouble.BAD_MATCH)
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        raise GeocoderUnavailable(Trouble.NO_COORDINATES)
    return read_degrees(coordinates[1], coordinates[0])


def _place(address: Address, feature: Mapping[str, Any]) -> Place:
    latitude, longitude = _point(feature)
    properties = feature["properties"]
    state = state_code(properties.get("region_a")) or state_code(str(properties.get("dependency_a", ""))[:2])
    return Place(
        latitude=latitude,
        longitude=longitude,
        state=state,
        zip=zip_code(properties.get("postalcode")),
        found_by=KIND,
        exactness=_exactness(address, properties),
    )


def _exactness(address: Address, properties: Mapping[str, Any]) -> Exactness:
    layer = properties.get("layer")
    if layer not in {"address", "venue"}:
        return Exactness.STREET if layer == "street" else Exactness.AREA
    exactness = exactness_of_house(address, properties.get("housenumber"), properties.get("street"))
    confidence = properties.get("confidence")
    is_confident = isinstance(confidence, int | float) and confidence >= CONFIDENT
    if exactness is Exactness.HOUSE and "interpolated" in {properties.get("match_type"), properties.get("accuracy")}:
        return Exactness.INTERPOLATED
    is_fallback = properties.get("match_type") == "fallback"
    return exactness if is_confident and not is_fallback else Exactness.UNCERTAIN
