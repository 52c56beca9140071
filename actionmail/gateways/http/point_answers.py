"""What the answers of geocoders have in common that tell points and no districts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from actionmail.rules.districts.addresses import Address, Exactness, Place
from actionmail.rules.districts.places import is_in_united_states
from actionmail.rules.districts.refusals import GeocoderUnavailable, Trouble
from actionmail.rules.districts.street_forms import normal_name, read_street

MAX_PLACES = 10
_ORDER = tuple(Exactness)


def read_json(status: int, raw: bytes) -> Any:
    """The document of an answer. Raises GeocoderUnavailable."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise GeocoderUnavailable(Trouble.NOT_JSON, status=str(status)) from None
    if status != 200:
        raise GeocoderUnavailable(Trouble.STATUS, status=str(status))
    return document


def read_degrees(latitude: object, longitude: object) -> tuple[float, float]:
    """Latitude and longitude. Raises GeocoderUnavailable."""
    try:
        return float(latitude), float(longitude)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise GeocoderUnavailable(Trouble.NO_COORDINATES) from None


def exactness_of_house(address: Address, number: object, street: object) -> Exactness:
    """Whether a house that was found is the one that was asked about: its number, and words of its street."""
    asked = read_street(address.street)
    if not asked.is_house or _bare(str(number or "")) != _bare(asked.number):
        return Exactness.UNCERTAIN
    ours, theirs = set(normal_name(asked.name.partition(",")[0]).split()), set(normal_name(str(street or "")).split())
    is_same = bool(theirs) and (ours <= theirs or theirs <= ours)
    return Exactness.HOUSE if is_same else Exactness.UNCERTAIN


def _bare(number: str) -> str:
    return re.sub(r"[^0-9A-Z/]", "", number.upper().replace("½", "1/2"))


def best_places(address: Address, places: Sequence[Place]) -> tuple[Place, ...]:
    """The most exact ones alone, of these the ones in the state and the ZIP code asked about, where there are any."""
    candidates = [place for place in places if is_in_united_states(place.latitude, place.longitude)]
    in_state = [place for place in candidates if not address.state or place.state in {address.state, ""}]
    candidates = in_state or candidates
    best = min((_ORDER.index(place.exactness) for place in candidates), default=0)
    candidates = [place for place in candidates if _ORDER.index(place.exactness) == best]
    in_zip = [place for place in candidates if not address.zip or place.zip in {address.zip[:5], ""}]
    return tuple(in_zip or candidates)[:MAX_PLACES]
