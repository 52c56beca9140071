"""Where an address lies: the US Census Bureau's geocoder, or a file of answers in its form.

Only the address leaves this machine, only to the configured host, and it is in no log and no exception.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from actionmail.gateways.http.json_client import TIMEOUT_SECONDS, JsonClient
from actionmail.gateways.http.people_geo import WithOpenStates
from actionmail.rules.districts.addresses import Address, Geocode, GeocoderUnavailable, Layer, Place
from actionmail.rules.districts.zip_districts import AT_LARGE
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import Settings

MAX_MATCHES = 10

_LAYER = re.compile(r"(?:(?P<year>20\d\d) )?State Legislative Districts? - (?P<house>Upper|Lower)", re.IGNORECASE)
_CONGRESS = re.compile(r"(1\d\d)(?:st|nd|rd|th) Congressional Districts?", re.IGNORECASE)


def geocoder_for(settings: Settings, *, has_boundaries: Callable[[str], bool]) -> Geocode | None:
    """The geocoder that the settings name, or None. Raises DatasetError where it is a file that cannot be used.

    With a key for Open States, it is asked too about points in a state that `has_boundaries` denies.
    """
    url = settings.geocoder_url
    if not url:
        return None
    geocode = FixedGeocoder(Path(urlsplit(url).path)) if url.startswith("file://") else CensusGeocoder(url)
    if not settings.openstates_key or not settings.openstates_url:
        return geocode
    return WithOpenStates(
        geocode, settings.openstates_url, settings.openstates_key, is_asked=lambda state: not has_boundaries(state)
    )


class CensusGeocoder:
    """`geographies/address` and `geographies/onelineaddress` of the Census geocoder at `base_url`.

    A base URL whose host is a literal private address is taken at its word; a name that leads to one is refused.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        may_be_private: bool | None = None,
    ) -> None:
        self._service = JsonClient(
            base_url,
            called="The geocoder",
            read=read_answer,
            timeout=timeout,
            clock=clock,
            may_be_private=may_be_private,
        )

    def __call__(self, address: Address) -> tuple[Place, ...]:
        """The places that answer to the address, () where none does. Raises GeocoderUnavailable."""
        if address.is_structured:
            path, question = "address", {"street": address.street, "city": address.city}
            question |= {"state": address.state, "zip": address.zip}
        else:
            path, question = "onelineaddress", {"address": address.one_line}
        question = {name: value for name, value in question.items() if value}
        question |= {"benchmark": "Public_AR_Current", "vintage": "Current_Current", "layers": "all", "format": "json"}
        return self._service.ask(f"geographies/{path}", question, same_as=address.one_line)


class FixedGeocoder:
    """Answers from a file: a JSON object whose keys are addresses in one line, and its values what the Census says."""

    def __init__(self, path: Path) -> None:
        try:
            answers = json.loads(path.read_text(encoding="utf-8"))
            self._places = {_plain(key): read_document(answer) for key, answer in answers.items()}
        except OSError as error:
            raise DatasetError(path.name, f"cannot be read: {error.strerror}") from None
        except (ValueError, AttributeError, RecursionError, GeocoderUnavailable) as error:
            raise DatasetError(path.name, f"not a file of the geocoder's answers: {error}") from None

    def __call__(self, address: Address) -> tuple[Place, ...]:
        """Asked with a town or without, whatever the case and the punctuation."""
        without_town = Address(street=address.street, state=address.state, zip=address.zip)
        return self._places.get(_plain(address.one_line)) or self._places.get(_plain(without_town.one_line)) or ()


def _plain(line: str) -> str:
    return " ".join(re.findall(r"\w+", line.casefold()))


def read_answer(status: int, raw: bytes) -> tuple[Place, ...]:
    """The places in an HTTP answer. A page that calls itself JSON and is none raises GeocoderUnavailable."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise GeocoderUnavailable(f"Its answer (status {status}) is not JSON: perhaps a page that blocks us.") from None
    if status == 400 and isinstance(document, dict) and document.get("errors"):
        return ()  # it could not make sense of the address
    if status != 200:
        raise GeocoderUnavailable(f"It answered with status {status}.")
    return read_document(document)


def read_document(document: object) -> tuple[Place, ...]:
    """The places in the Census geocoder's JSON. No match is an empty list there, and () here."""
    result = document.get("result") if isinstance(document, dict) else None
    matches = result.get("addressMatches") if isinstance(result, dict) else None
    if not isinstance(matches, list):
        raise GeocoderUnavailable("Its answer has no list of matches.")
    return tuple(_place(match) for match in matches[:MAX_MATCHES])


def _place(match: object) -> Place:
    if not isinstance(match, dict):
        raise GeocoderUnavailable("One of its matches is not one.")
    coordinates, components = match.get("coordinates"), match.get("addressComponents")
    try:
        longitude, latitude = float(coordinates["x"]), float(coordinates["y"])  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        raise GeocoderUnavailable("A match has no coordinates.") from None
    if not (13 <= latitude <= 72 and (-180 <= longitude <= -64 or 144 <= longitude <= 180)):
        raise GeocoderUnavailable("A match lies outside of the United States.")
    parts = components if isinstance(components, dict) else {}
    state = str(parts.get("state", "")).strip().upper()
    if not re.fullmatch("[A-Z]{2}", state):
        state = ""  # not told; the code of a place that is no state is kept, so that it is not taken for ours
    zip5 = str(parts.get("zip", ""))[:5]
    layers, warnings = _layers(match.get("geographies"), state)
    return Place(
        latitude=latitude,
        longitude=longitude,
        state=state,
        zip=zip5 if re.fullmatch("[0-9]{5}", zip5) else "",
        layers=layers,
        warnings=warnings,
    )


def _layers(geographies: object, state: str) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    """The legislative districts, whatever year stands before a layer's name."""
    layers, warnings = [], []
    for name, records in geographies.items() if isinstance(geographies, dict) else ():
        if congress := _CONGRESS.fullmatch(str(name).strip()):
            layers += _of_congress(int(congress[1]), records)
        match = _LAYER.fullmatch(str(name).strip())
        if not match:
            continue
        house = match["house"].lower()
        if records == []:
            continue  # nothing there: no lower house, or water
        record = records[0] if isinstance(records, list) and isinstance(records[0], dict) else {}
        code = str(record.get("SLDU" if house == "upper" else "SLDL") or str(record.get("GEOID") or "")[2:])
        title = str(record.get("BASENAME") or record.get("NAME") or "")
        if not (code or title) or "error" in record:
            warnings.append(f"The geocoder's {house} layer holds an error: it was not used.")
            continue
        chamber = "legislature" if state in {"NE", "DC"} else house
        year = int(match["year"] or _year(record))
        layers.append(Layer(chamber=chamber, year=year, name=title[:120], code=code[:20]))
    return tuple(layers), tuple(warnings)


def _of_congress(number: int, records: object) -> list[Layer]:
    """The district of the House; its year is that of the election of this Congress."""
    record = records[0] if isinstance(records, list) and records and isinstance(records[0], dict) else {}
    code = str(record.get(f"CD{number}") or str(record.get("GEOID") or "")[2:])
    if not code.isdecimal() or "error" in record:
        return []
    is_at_large = code in {"00", "98"}
    name = AT_LARGE if is_at_large else str(int(code))
    return [Layer(chamber="us_lower", year=1786 + 2 * number, name=name, code="" if is_at_large else code[:20])]


def _year(record: Mapping[str, Any]) -> int:
    text = str(record.get("LSY") or "")
    return int(text) if re.fullmatch(r"20\d\d", text) else 0
