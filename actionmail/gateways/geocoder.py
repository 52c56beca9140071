"""Where an address lies: the US Census Bureau's geocoder, or a file of answers in its form.

Only the address leaves this machine, only to the configured host, and it is in no log and no exception.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import math
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from actionmail.gateways.outside import Adapter, PrivateHost, is_private
from actionmail.rules.addresses import Address, Geocode, GeocoderUnavailable, Layer, Place
from actionmail.rules.districts import AT_LARGE, STATES
from actionmail.rules.roster import DatasetError
from actionmail.settings import Settings

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 2.0  # of one try, from the connection to the last byte
TRIES = 2
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 60.0
CACHE_SECONDS = 600.0
CACHE_SIZE = 1_000
MAX_ANSWER = 1024 * 1024
MAX_MATCHES = 10

_LAYER = re.compile(r"(?:(?P<year>20\d\d) )?State Legislative Districts? - (?P<house>Upper|Lower)", re.IGNORECASE)
_CONGRESS = re.compile(r"(1\d\d)(?:st|nd|rd|th) Congressional Districts?", re.IGNORECASE)


def geocoder_for(settings: Settings) -> Geocode | None:
    """The geocoder that the settings name, or None. Raises DatasetError where it is a file that cannot be used."""
    url = settings.geocoder_url
    if not url:
        return None
    if url.startswith("file://"):
        return FixedGeocoder(Path(urlsplit(url).path))
    return CensusGeocoder(url)


class CensusGeocoder:
    """`geographies/address` and `geographies/onelineaddress` of the Census geocoder at `base_url`.

    A breaker stops asking for a minute after three failures in a row. Answers are kept in memory for ten minutes
    under a hash with a key of this process. A base URL whose host is a literal private address is taken at its word;
    a name that leads to one is refused.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        may_be_private: bool | None = None,
    ) -> None:
        # Its debug lines hold the query, and so the address.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._clock = clock
        self._adapter = Adapter(
            may_be_private=is_private(urlsplit(base_url).hostname or "") if may_be_private is None else may_be_private
        )
        self._cache = _Cache(clock)
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = -math.inf

    def __call__(self, address: Address) -> tuple[Place, ...]:
        """The places that answer to the address, () where none does. Raises GeocoderUnavailable."""
        key = self._cache.key(address.one_line)
        cached = self._cache.get(key)
        if cached is not None:
            return cached
        with self._lock:
            if self._clock() < self._open_until:
                raise GeocoderUnavailable("The geocoder failed several times and is left alone for a minute.")
        try:
            places = self._ask(address)
        except GeocoderUnavailable as trouble:
            with self._lock:
                self._failures += 1
                if self._failures >= FAILURES_TO_OPEN:
                    self._open_until = self._clock() + OPEN_SECONDS
            log.warning("Geocoder: %s", trouble)
            raise
        with self._lock:
            self._failures = 0
        self._cache.put(key, places)
        return places

    def _ask(self, address: Address) -> tuple[Place, ...]:
        for last in (False, True):
            try:
                return self._try(address)
            except _Worthwhile as trouble:
                if last:
                    raise GeocoderUnavailable(str(trouble)) from None
        raise AssertionError

    def _try(self, address: Address) -> tuple[Place, ...]:
        if address.is_structured:
            path, question = "address", {"street": address.street, "city": address.city}
            question |= {"state": address.state, "zip": address.zip}
        else:
            path, question = "onelineaddress", {"address": address.one_line}
        question = {name: value for name, value in question.items() if value}
        question |= {"benchmark": "Public_AR_Current", "vintage": "Current_Current", "layers": "all", "format": "json"}
        until = time.monotonic() + self._timeout
        # A session for each question: it is safe among threads, and keeps no cookies.
        with requests.Session() as session:
            session.trust_env = False
            session.mount("http://", self._adapter)
            session.mount("https://", self._adapter)
            try:
                with session.get(
                    f"{self._base_url}/geographies/{path}",
                    params=question,
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                    headers={"Accept": "application/json", "User-Agent": "ActionMail"},
                ) as response:
                    status = response.status_code
                    raw = _body(response, until)
            except PrivateHost:
                raise GeocoderUnavailable("The geocoder's name leads to a private address.") from None
            except requests.Timeout:
                raise _Worthwhile(f"It did not answer within {self._timeout:g} seconds.") from None
            except (requests.RequestException, HTTPError, OSError) as error:
                raise _Worthwhile(f"It could not be reached ({type(error).__name__}).") from None
        if status >= 500 or status == 429:
            raise _Worthwhile(f"It answered with status {status}.")
        if 300 <= status < 400:
            raise GeocoderUnavailable("It wants to send us to another address, which is not followed.")
        return read_answer(status, raw)


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
    state = str(parts.get("state", "")).upper()
    if state not in STATES:
        state = ""
    layers, warnings = _layers(match.get("geographies"), state)
    return Place(
        latitude=latitude,
        longitude=longitude,
        state=state,
        zip=str(parts.get("zip", ""))[:5],
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


def _body(response: requests.Response, until: float) -> bytes:
    """At most MAX_ANSWER bytes, at most until the deadline, however slowly they drip."""
    raw = b""
    while chunk := response.raw.read1(65_536, decode_content=True):
        raw += chunk
        if len(raw) > MAX_ANSWER:
            raise GeocoderUnavailable("Its answer is far too long.")
        if time.monotonic() > until:
            raise requests.Timeout
    return raw


class _Worthwhile(Exception):
    """A failure after which one more try may help."""


class _Cache:
    """What was answered lately, under a keyed hash of the question."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._kept: OrderedDict[bytes, tuple[float, tuple[Place, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def key(self, line: str) -> bytes:
        return hmac.new(self._secret, line.casefold().encode("utf-8", "replace"), hashlib.sha256).digest()

    def get(self, key: bytes) -> tuple[Place, ...] | None:
        with self._lock:
            until, places = self._kept.get(key, (-math.inf, ()))
            return places if self._clock() < until else None

    def put(self, key: bytes, places: tuple[Place, ...]) -> None:
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (self._clock() + CACHE_SECONDS, places)
            while len(self._kept) > CACHE_SIZE or next(iter(self._kept.values()))[0] < self._clock():
                self._kept.popitem(last=False)
