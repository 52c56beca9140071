"""Addresses as supporters type them, and what a geocoder says about one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from msgspec import Struct

from actionmail.rules.districts.refusals import AddressRefused, Refusal
from actionmail.rules.districts.states import STATES
from actionmail.rules.districts.street_forms import read_street

MAX_ADDRESS = 300

_END = r"(?:-[0-9]{4})?(?:[\s,]+USA?)?"
# What an address ends in, from the first of the spaces and commas before it, so that each run of these is tried once.
_BEFORE = r"(?<![\s,])[\s,]+"
_ZIP = re.compile(_BEFORE + r"(?P<zip>[0-9]{5})" + _END + r"\Z")
_STATE_AND_ZIP = re.compile(_BEFORE + r"(?P<state>[A-Za-z]{2})[\s,]+(?P<zip>[0-9]{5})" + _END + r"\Z")
_STATE = re.compile(_BEFORE + r"(?P<state>[A-Za-z]{2})(?:[\s,]+USA?)?\Z")
_BOX = re.compile(
    r"\b(?:p\W{0,3}[o0]\W{0,3}|post(?:al)?\s{0,3}(?:office\s{0,3})?|lock\s?|caller\s?)(?:bo?x|drawer|bin)(?:\b|(?=\d))"
    r"|^\s*(?:box|drawer|apartado|apdo\.?|p\W{0,3}o\W{0,3}b?\W{0,3})\s*#?\s?\d",
    re.IGNORECASE,
)
_MAILBOX_RENTED = re.compile(r"\bpmb\W{0,3}\d", re.IGNORECASE)  # at somebody's who takes mail for others
_ROUTE = r"(?:rural\s+route|r\.?\s?r\.?|hc|highway\s+contract|star\s+route)\s*(?:[#-]\s*)?\d+\b"
# With a house number before it, RR is a Ranch Road, or stands beside the street; with a box behind it, it is a route.
_RURAL = re.compile(rf"^\W*{_ROUTE}|\b{_ROUTE}\W*box\b", re.IGNORECASE)
_MILITARY = re.compile(r"\b(?:apo|fpo|dpo)\b(?=\W*(?:a[aep]\b|$))|\b(?:psc|cmr)\s+\d+\s+box\b", re.IGNORECASE)
_GENERAL = re.compile(r"\bgeneral\s+delivery\b", re.IGNORECASE)


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


class Layer(Struct, frozen=True, kw_only=True):
    """A district layer of the geocoder's: the year in its name (0 if it has none), and the district it gave."""

    chamber: str
    year: int
    name: str
    code: str


class Seat(Struct, frozen=True, kw_only=True):
    """A district as Open States spells it, which is how the roster does."""

    state: str
    chamber: str
    district: str


class Exactness(StrEnum):
    """How a point answers to the address that was asked about."""

    HOUSE = "house"  # a point of the house
    RANGE = "range"  # between the ends of a block, as the Census has it, which tells its districts too
    INTERPOLATED = "interpolated"  # the same, of whoever tells a point alone
    STREET = "street"  # somewhere on the street
    AREA = "area"  # a ZIP code's or a town's middle
    UNCERTAIN = "uncertain"  # perhaps another address

    @property
    def is_rough(self) -> bool:
        """Whether the home may lie well away from the point."""
        return self not in {Exactness.HOUSE, Exactness.RANGE}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One match. Latitude and longitude in degrees; `warnings` are about what could not be read or asked."""

    latitude: float = field(repr=False)
    longitude: float = field(repr=False)
    state: str  # two letters, those of territories too; "" where the geocoder does not tell
    is_surveyed: bool = False  # the state is that of the ground, not of the postal address
    zip: str = field(default="", repr=False)
    layers: tuple[Layer, ...] = ()
    seats: tuple[Seat, ...] = ()  # Open States', where it was asked
    warnings: tuple[str, ...] = ()  # each a code and its values, such as "layer_error lower"
    found_by: str = ""  # the kind of geocoder that answered: "census", "nominatim", "pelias", "points", "file"
    exactness: Exactness = Exactness.RANGE
    data_version: str = ""  # of the geocoder's data, where it tells one


# Per chamber, the year of the election whose districts our tables have: a geocoder's have to be of it.
Years = Mapping[str, int]

# Every geocoder: the places that answer to an address, () where there is none, with districts of these years where it
# has them. Raises GeocoderUnavailable.
Geocode = Callable[[Address, Years], tuple[Place, ...]]


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


def as_asked(address: Address) -> Address:
    """The address as a geocoder is asked about it: the number in one form, without unit and box.

    One that needs no change is given back as it was typed.
    """
    asked = read_street(address.street).asked
    if asked == " ".join(address.street.split()) or not asked:
        return address
    return replace(address, street=asked, typed="")


def is_box(address: Address) -> bool:
    """Whether mail goes to a post office, so that nothing is told of where somebody lives."""
    street = unicodedata.normalize("NFKC", address.street).strip()
    return _no_home(address, street) in {Refusal.PO_BOX, Refusal.GENERAL_DELIVERY}


def check(address: Address) -> None:
    """Raises AddressRefused where asking a geocoder would be of no use."""
    street = unicodedata.normalize("NFKC", address.street).strip()
    reason = _no_home(address, street) or _not_readable(street)
    if not reason and not (address.zip or address.city or "," in street):
        reason = Refusal.NO_TOWN  # there is a street like this in many towns
    if reason:
        raise AddressRefused(reason)


def _no_home(address: Address, street: str) -> Refusal | None:
    """Why mail may get there though nobody lives there, or None."""
    if _MILITARY.search(street) or address.city.upper() in {"APO", "FPO", "DPO"} or address.state in {"AA", "AE", "AP"}:
        return Refusal.MILITARY_ADDRESS
    if _MAILBOX_RENTED.search(street):
        return Refusal.PO_BOX
    if _GENERAL.search(street):
        return Refusal.GENERAL_DELIVERY
    if read_street(address.street).is_house:  # a box or a route that stands beside it is no matter
        return None
    if _BOX.search(street):
        return Refusal.PO_BOX
    return Refusal.RURAL_ROUTE if _RURAL.search(street) else None


def _not_readable(street: str) -> Refusal | None:
    """What a house number and a street in our letters lack, or None."""
    letters = [c for c in street if c.isalpha()]
    if not letters and not any(c.isdigit() for c in street):
        return Refusal.NO_ADDRESS
    if letters and not any(unicodedata.name(c, "").startswith("LATIN") for c in letters):
        return Refusal.OTHER_SCRIPT
    if not re.search(r"\d", street):
        return Refusal.NO_HOUSE_NUMBER
    return None if letters else Refusal.NO_STREET


def same_district(name: str, layer: Layer) -> bool:
    """Whether the roster's `name` is the layer's district: by number, or by the words of its name."""
    ours = _bare(name)
    return bool(ours) and ours in (_bare(layer.code), _bare(layer.name))


_KINDS = "state senate senatorial house assembly legislative general district of and delegates ward"
_FILLER = frozenset(_KINDS.split())


def _bare(text: str) -> str:
    """What tells one district from another, in its order; "South East" is Southeast, and 076 is 76."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return "".join(word.lstrip("0") or word for word in words if word not in _FILLER)


def layers_that_fit(place: Place, years: Years) -> tuple[Mapping[str, Layer], tuple[str, ...]]:
    """Per chamber the layer of the districts that our tables are of; a warning about each chamber with others alone.

    A warning is "layer_of_other_year", the chamber, the layer's year and ours (0 where unknown).
    """
    fitting = {layer.chamber: layer for layer in place.layers if layer.year and layer.year == years.get(layer.chamber)}
    warnings = [
        f"layer_of_other_year {layer.chamber} {layer.year} {years.get(layer.chamber, 0)}"
        for layer in place.layers
        if layer.chamber in years and layer.chamber not in fitting
    ]
    return fitting, tuple(dict.fromkeys(warnings))
