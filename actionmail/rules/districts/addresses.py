"""Addresses as supporters type them, and what a geocoder says about one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from actionmail.rules.districts.zip_districts import STATES, LookupRefused

MAX_ADDRESS = 300

_END = r"(?:-[0-9]{4})?(?:[\s,]+USA?)?"
# What an address ends in, from the first of the spaces and commas before it, so that each run of these is tried once.
_BEFORE = r"(?<![\s,])[\s,]+"
_ZIP = re.compile(_BEFORE + r"(?P<zip>[0-9]{5})" + _END + r"\Z")
_STATE_AND_ZIP = re.compile(_BEFORE + r"(?P<state>[A-Za-z]{2})[\s,]+(?P<zip>[0-9]{5})" + _END + r"\Z")
_STATE = re.compile(_BEFORE + r"(?P<state>[A-Za-z]{2})(?:[\s,]+USA?)?\Z")
_BOX = re.compile(
    r"\b(?:p\W{0,3}o\W{0,3}|post\s*office\s*)box\b|^\s*(?:box|apartado|p\W{0,3}o\W{0,3}b\W{0,3})\s*\d", re.IGNORECASE
)
_RURAL = re.compile(
    r"\b(?:rr|rural\s+route|r\.?\s?r\.?|hc|highway\s+contract|star\s+route)\s*(?:#\s*)?\d+\b", re.IGNORECASE
)
_MILITARY = re.compile(r"\b(?:apo|fpo|dpo)\b(?=\W*(?:a[aep]\b|$))|\b(?:psc|cmr)\s+\d+\s+box\b", re.IGNORECASE)
_GENERAL = re.compile(r"\bgeneral\s+delivery\b", re.IGNORECASE)


class AddressRefused(LookupRefused):
    """An address that no geocoder can find a place for; the sentence says what to do instead."""


class AddressNotFound(LookupRefused):
    """An address that the geocoder does not know."""


class GeocoderUnavailable(Exception):
    """The geocoder did not give an answer that can be used. `str()` never holds the address."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where somebody lives. Its `repr` is empty, so that no log and no traceback tells it."""

    street: str = field(repr=False)
    city: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    zip: str = field(default="", repr=False)
    typed: str = field(default="", repr=False)  # the whole, where it was typed in one line

    @property
    def one_line(self) -> str:
        if self.typed:
            return self.typed
        tail = " ".join(filter(None, (self.state, self.zip)))
        return ", ".join(filter(None, (self.street, self.city, tail)))

    @property
    def is_structured(self) -> bool:
        """Whether the parts stand on their own: a street, and what tells the town."""
        return not self.typed and bool(self.zip or (self.city and self.state)) and "," not in self.street


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A district layer of the geocoder's: the year in its name (0 if it has none), and the district it gave."""

    chamber: str
    year: int
    name: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A district as Open States spells it, which is how the roster does."""

    state: str
    chamber: str
    district: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """One match. Latitude and longitude in degrees; `warnings` are about what could not be read or asked."""

    latitude: float = field(repr=False)
    longitude: float = field(repr=False)
    state: str  # two letters, those of territories too; "" where the geocoder does not tell
    zip: str = field(default="", repr=False)
    layers: tuple[Layer, ...] = ()
    seats: tuple[Seat, ...] = ()  # Open States', where it was asked
    warnings: tuple[str, ...] = ()


# Every geocoder: the places that answer to an address, () where there is none. Raises GeocoderUnavailable.
Geocode = Callable[[Address], tuple[Place, ...]]


def parse(text: str) -> Address:
    """An address in one line, such as "2 E Main St, Madison, WI 53703". What cannot be told apart stays the street."""
    line = " ".join(text.split())[:MAX_ADDRESS]
    for tail in (_STATE_AND_ZIP, _ZIP, _STATE):
        match = tail.search(line)
        if match and match.groupdict().get("state", "WI").upper() in STATES:
            break
    else:
        return Address(street=line, typed=line)
    parts = match.groupdict()
    street, _, city = line[: match.start()].strip(" ,").rpartition(",")
    if not street:
        street, city = city, ""
    return Address(
        street=street.strip(" ,"),
        city=city.strip(),
        state=parts.get("state", "").upper(),
        zip=parts.get("zip", ""),
        typed=line,
    )


def check(address: Address) -> None:
    """Raises AddressRefused where asking a geocoder would be of no use; says what helps."""
    street = unicodedata.normalize("NFKC", address.street).strip()
    if _MILITARY.search(street) or address.city.upper() in {"APO", "FPO", "DPO"} or address.state in {"AA", "AE", "AP"}:
        raise AddressRefused(
            "A military address (APO, FPO or DPO) lies in no district. Please enter the home address where you are "
            "registered to vote."
        )
    if _BOX.search(street):
        raise AddressRefused(
            "A post office box does not tell where you live. Please enter the street address of your home; "
            "if it has none, choose your legislators by name."
        )
    if _RURAL.search(street):
        raise AddressRefused(
            "A rural route cannot be found on the map. Please enter the house number and road, as emergency services "
            "know your home, or choose your legislators by name."
        )
    if _GENERAL.search(street):
        raise AddressRefused("General delivery does not tell where you live. Please choose your legislators by name.")
    letters = [c for c in street if c.isalpha()]
    if not letters and not any(c.isdigit() for c in street):
        raise AddressRefused("Please enter the house number and street of your home, such as 2 E Main St.")
    if letters and not any(unicodedata.name(c, "").startswith("LATIN") for c in letters):
        raise AddressRefused(
            "Please write the street as it stands on the street sign, in the letters A to Z, such as 2 E Main St; "
            "or choose your legislators by name."
        )
    if not re.search(r"\d", street):
        raise AddressRefused("The house number is missing: please enter it with the street, such as 2 E Main St.")
    if not letters:
        raise AddressRefused("The street is missing: please enter it with the house number, such as 2 E Main St.")
    if not (address.zip or address.city or "," in street):
        raise AddressRefused(
            "There is a street like this in many towns. Please add the town and the state, or the ZIP code, "
            "such as 2 E Main St, Madison, WI 53703."
        )


def same_district(name: str, layer: Layer) -> bool:
    """Whether the roster's `name` is the layer's district: by number, or by the words of its name."""
    ours = _words(name)
    return bool(ours) and ours in (_words(layer.code), _words(layer.name))


_FILLER = frozenset(
    {"state", "senate", "house", "assembly", "legislative", "general", "district", "of", "delegates", "ward"}
)


def _words(text: str) -> tuple[str, ...]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return tuple(word.lstrip("0") or word for word in words if word not in _FILLER)


def layers_that_fit(place: Place, year_of: Callable[[str], int]) -> tuple[Mapping[str, Layer], tuple[str, ...]]:
    """Per chamber the layer of the districts that our tables are of; and a warning about each other one.

    `year_of` gives the year of a chamber's districts in our tables, 0 where they have none.
    """
    fitting = {layer.chamber: layer for layer in place.layers if layer.year and layer.year == year_of(layer.chamber)}
    warnings = [
        f"The geocoder's {layer.chamber} layer is of {layer.year or 'an unknown year'} and our districts are of "
        f"{year_of(layer.chamber) or 'an unknown year'}: it was not used."
        for layer in place.layers
        if layer.chamber not in fitting
    ]
    return fitting, tuple(dict.fromkeys(warnings))
