"""What the Census geocoder's JSON says: places, their districts, and which layers the vintage has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from actionmail.rules.districts.addresses import Layer, Place
from actionmail.rules.districts.places import is_in_united_states
from actionmail.rules.districts.refusals import GeocoderUnavailable, Trouble
from actionmail.rules.districts.states import AT_LARGE, FIPS, ONE_HOUSE
from actionmail.rules.districts.vintages import LayerYear

MAX_MATCHES = 10

_LAYER = re.compile(r"(?:(?P<year>20\d\d) )?State Legislative Districts? - (?P<house>Upper|Lower)", re.IGNORECASE)
_CONGRESS = re.compile(r"(1\d\d)(?:st|nd|rd|th) Congressional Districts?", re.IGNORECASE)


class CensusAnswer(Struct, frozen=True, kw_only=True):
    """The places, for each of them the layers that told where it lies or that it lies in no district, and all layers.

    `has` is what the vintage has, as far as this answer shows.
    """

    places: tuple[Place, ...]
    answered: tuple[frozenset[LayerYear], ...]  # of each place
    has: frozenset[LayerYear]


def read_answer(status: int, raw: bytes) -> CensusAnswer:
    """An HTTP answer. A page that calls itself JSON and is none raises GeocoderUnavailable."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise GeocoderUnavailable(Trouble.NOT_JSON, status=str(status)) from None
    if status == 400 and isinstance(document, dict) and document.get("errors"):
        if re.search("vintage|benchmark", str(document["errors"]), re.IGNORECASE):
            raise GeocoderUnavailable(Trouble.VINTAGE_UNKNOWN)
        return CensusAnswer(places=(), answered=(), has=frozenset())  # it could not make sense of the address
    if status != 200:
        raise GeocoderUnavailable(Trouble.STATUS, status=str(status))
    return read_document(document)


def read_vintages(status: int, raw: bytes) -> tuple[str, ...]:
    """The names in the service's list of vintages."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise GeocoderUnavailable(Trouble.NOT_JSON, status=str(status)) from None
    vintages = document.get("vintages") if isinstance(document, dict) else None
    names = []
    for vintage in vintages if isinstance(vintages, list) else ():
        name = vintage.get("vintageName") if isinstance(vintage, dict) else None
        if isinstance(name, str) and re.fullmatch(r"\w{1,60}", name, re.ASCII):
            names.append(name)
    if status != 200 or not names:
        raise GeocoderUnavailable(Trouble.STATUS, status=str(status))
    return tuple(names)


def read_document(document: object) -> CensusAnswer:
    """The Census geocoder's JSON: matches of an address, or what lies at a point. No match is an empty list there."""
    result = document.get("result") if isinstance(document, dict) else None
    if isinstance(result, dict) and isinstance(result.get("geographies"), dict):
        return CensusAnswer(places=(), answered=(), has=_layers(result["geographies"], "").has)
    matches = result.get("addressMatches") if isinstance(result, dict) else None
    if not isinstance(matches, list):
        raise GeocoderUnavailable(Trouble.NO_MATCHES)
    places, answered = [], []
    has: frozenset[LayerYear] = frozenset()
    for match in matches[:MAX_MATCHES]:
        place, layers = _place(match)
        places.append(place)
        answered.append(layers.answered)
        has |= layers.has
    return CensusAnswer(places=tuple(places), answered=tuple(answered), has=has)


class _Layers(Struct, frozen=True, kw_only=True):
    """The district layers of one place."""

    layers: tuple[Layer, ...]
    warnings: tuple[str, ...]
    answered: frozenset[LayerYear]
    has: frozenset[LayerYear]


def _place(match: object) -> tuple[Place, _Layers]:
    if not isinstance(match, dict):
        raise GeocoderUnavailable(Trouble.BAD_MATCH)
    coordinates, components = match.get("coordinates"), match.get("addressComponents")
    try:
        longitude, latitude = float(coordinates["x"]), float(coordinates["y"])  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        raise GeocoderUnavailable(Trouble.NO_COORDINATES) from None
    if not is_in_united_states(latitude, longitude):
        raise GeocoderUnavailable(Trouble.OUTSIDE)
    parts = components if isinstance(components, dict) else {}
    state = str(parts.get("state", "")).strip().upper()
    if not re.fullmatch("[A-Z]{2}", state):
        state = ""  # not told; the code of a place that is no state is kept, so that it is not taken for ours
    zip5 = str(parts.get("zip", ""))[:5]
    geographies = match.get("geographies")
    geographies = geographies if isinstance(geographies, dict) else {}
    surveyed = _state_of(geographies)
    layers = _layers(geographies, surveyed or state)
    place = Place(
        latitude=latitude,
        longitude=longitude,
        state=surveyed or state,
        is_surveyed=bool(surveyed),
        zip=zip5 if re.fullmatch("[0-9]{5}", zip5) else "",
        layers=layers.layers,
        warnings=layers.warnings,
    )
    return place, layers


def _state_of(geographies: Mapping[str, Any]) -> str:
    """The state that all geographies at the place are in; "" where none tells it, or they differ."""
    states = set()
    for records in geographies.values():
        record = _first(records)
        number = str(record.get("STATE") or str(record.get("GEOID") or "")[:2])
        if number in FIPS and "error" not in record:
            states.add(FIPS[number])
    return states.pop() if len(states) == 1 else ""


def _layers(geographies: Mapping[str, Any], state: str) -> _Layers:
    """The legislative districts and those of Congress, whatever year or number stands before a layer's name."""
    layers, warnings, answered, has = [], [], set(), set()
    for title, records in geographies.items():
        name = str(title).strip()
        if match := _CONGRESS.fullmatch(name):
            house, year = "us_lower", 1786 + 2 * int(match[1])  # the year of the election of this Congress
            layer = _of_congress(int(match[1]), year, _first(records))
        elif match := _LAYER.fullmatch(name):
            house = match["house"].lower()
            year = int(match["year"] or _year(_first(records)))
            layer = _of_legislature(house, year, _first(records), state)
        else:
            continue
        has.add((house, year))
        if layer:
            layers.append(layer)
        if layer or records == []:  # nothing there: no lower house, or water
            answered.add((house, year))
        else:
            warnings.append(f"layer_error {house}")
    return _Layers(layers=tuple(layers), warnings=tuple(warnings), answered=frozenset(answered), has=frozenset(has))


def _first(records: object) -> Mapping[str, Any]:
    return records[0] if isinstance(records, list) and records and isinstance(records[0], dict) else {}


def _of_legislature(house: str, year: int, record: Mapping[str, Any], state: str) -> Layer | None:
    """The district of a state's house, None where the record has none or an error."""
    code = str(record.get("SLDU" if house == "upper" else "SLDL") or str(record.get("GEOID") or "")[2:])
    name = str(record.get("BASENAME") or record.get("NAME") or "")
    if not (code or name) or "error" in record:
        return None
    return Layer(chamber="legislature" if state in ONE_HOUSE else house, year=year, name=name[:120], code=code[:20])


def _of_congress(number: int, year: int, record: Mapping[str, Any]) -> Layer | None:
    """The district of the House, None where the record has none or an error."""
    code = str(record.get(f"CD{number}") or str(record.get("GEOID") or "")[2:])
    if not code.isdecimal() or "error" in record:
        return None
    is_at_large = code in {"00", "98"}
    name = AT_LARGE if is_at_large else str(int(code))
    return Layer(chamber="us_lower", year=year, name=name, code="" if is_at_large else code[:20])


def _year(record: Mapping[str, Any]) -> int:
    text = str(record.get("LSY") or "")
    return int(text) if re.fullmatch(r"20\d\d", text) else 0
