"""A Nominatim of the operator's own: `search` in the format jsonv2 with the parts of the address, and `status`.

https://nominatim.org/release-docs/latest/api/Search/ and .../Status/. It tells a point and no districts.
"""

from __future__ import annotations

import re
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
from actionmail.rules.districts.states import STATES

KIND = "nominatim"
_COUNTRIES = "us,pr,vi,gu,as,mp"
_HOUSE_RANK = 28  # and above: houses and what stands in their place; below, down to this one, streets
_STREET_RANK = 26


class NominatimGeocoder:
    """Asked for one address at a time; whatever it finds is settled by our own boundaries."""

    def __init__(self, base_url: str, *, patience: Patience = PATIENCE, may_be_private: bool | None = None) -> None:
        self._service = JsonClient(
            base_url, called="Nominatim", read=read_results, patience=patience, may_be_private=may_be_private
        )
        self._status = JsonClient(
            base_url, called="Nominatim's status", read=read_status, patience=patience, may_be_private=may_be_private
        )

    def __call__(self, address: Address, years: Years) -> tuple[Place, ...]:
        """The places that answer best to the address, () where none does. Raises GeocoderUnavailable."""
        question = _question(address) | {
            "format": "jsonv2",
            "addressdetails": "1",
            "layer": "address",
            "countrycodes": _COUNTRIES,
            "limit": str(MAX_PLACES),
        }
        results = self._service.ask("search", question, same_as=address.one_line)
        places = []
        for result in results:
            places.append(_place(address, result))
        return best_places(address, places)

    def about(self) -> Mapping[str, str]:
        """`data_updated` and `version`, "" where it does not tell. Raises GeocoderUnavailable."""
        return self._status.ask("status", {"format": "json"}, same_as="status")


def _question(address: Address) -> dict[str, str]:
    """The parts, or the line. A ZIP code goes before the town, whose name in the post is often not the map's."""
    if not address.is_structured:
        return {"q": address.one_line}
    town = {"postalcode": address.zip} if address.zip else {"city": address.city}
    question = {"street": address.street, "state": STATES.get(address.state, address.state)} | town
    return {name: value for name, value in question.items() if value}


def read_results(status: int, raw: bytes) -> tuple[Mapping[str, Any], ...]:
    """The results, each with a point. Raises GeocoderUnavailable."""
    document = read_json(status, raw)
    if not isinstance(document, list):
        raise GeocoderUnavailable(Trouble.NO_MATCHES)
    for result in document[:MAX_PLACES]:
        if not isinstance(result, dict):
            raise GeocoderUnavailable(Trouble.BAD_MATCH)
        read_degrees(result.get("lat"), result.get("lon"))
    return tuple(document[:MAX_PLACES])


def read_status(status: int, raw: bytes) -> Mapping[str, str]:
    """Raises GeocoderUnavailable, also for a status other than 0, which comes with HTTP's 200."""
    document = read_json(status, raw)
    if not isinstance(document, dict):
        raise GeocoderUnavailable(Trouble.NOT_JSON, status=str(status))
    if document.get("status") != 0:
        raise GeocoderUnavailable(Trouble.NOT_READY, message=str(document.get("message", ""))[:80])
    updated = re.match(r"\d{4}-\d\d-\d\d", str(document.get("data_updated", "")))
    return {"data_updated": updated[0] if updated else "", "version": str(document.get("software_version", ""))[:20]}


def _place(address: Address, result: Mapping[str, Any]) -> Place:
    details = result.get("address")
    parts = details if isinstance(details, dict) else {}
    latitude, longitude = read_degrees(result.get("lat"), result.get("lon"))
    return Place(
        latitude=latitude,
        longitude=longitude,
        state=state_code(parts.get("ISO3166-2-lvl4")),
        zip=zip_code(parts.get("postcode")),
        found_by=KIND,
        exactness=_exactness(address, result, parts),
    )


def _exactness(address: Address, result: Mapping[str, Any], parts: Mapping[str, Any]) -> Exactness:
    if parts.get("house_number"):
        exactness = exactness_of_house(address, parts["house_number"], parts.get("road"))
        is_line = result.get("osm_type") == "way" and result.get("category") == "place"
        is_line = is_line and result.get("type") in {"house", "houses"}  # a row of numbers, of OSM's or of TIGER's
        return Exactness.INTERPOLATED if is_line and exactness is Exactness.HOUSE else exactness
    rank = result.get("place_rank")
    if result.get("addresstype") == "road" or (isinstance(rank, int) and _STREET_RANK <= rank < _HOUSE_RANK):
        return Exactness.STREET
    return Exactness.AREA
