"""House number, street and unit of what people type, in the forms that geocoders and files of points differ in.

Grid numbers (N64W23760), numbers with a hyphen (41-25), streets that are coordinates (300 N 450 W), urbanizations,
numbered roads, fractions, units, and a post office box or route that stands beside a street. Word by word, by the
tables below (USPS Publication 28, "Postal Addressing Standards", 2025); what is not recognised stays as it was typed.
Why no library does it: docs/decisions/addresses.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from actionmail.rules.districts.street_words import (
    BARE_UNITS,
    BEFORE_UNITS,
    DIRECTIONS,
    NUMBERED_ROADS,
    SHORT,
    SUFFIXES,
    UNITS,
    URBANIZATIONS,
)

_LONGEST = 300  # as the longest address
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_PLAIN = re.compile(r"\d{1,6}(?:-\d{1,6})?(?:-?[A-Z])?")
_GRID = re.compile(r"[NSEW]\d{1,5}(?:-?[NSEW]\d{1,5})?|\d{1,3}[NSEW]\d{1,5}")
_HALF_OF_GRID = re.compile(r"[NSEW]\d{1,5}")
_FRACTION = re.compile(r"[1-9]/[2-9]")
_WITH_FRACTION = re.compile(r"(\d{1,6})-([1-9]/[2-9])")
_GLUED = re.compile(r"(\d{1,6})([NSEW])")  # 300N 450W
_LOT = re.compile(r"[A-Z]{1,2}-?\d{1,4}[A-Z]?")  # of an urbanization's block: B-12
_UNIT_NUMBER = re.compile(r"[A-Z]?-?\d{1,5}(?:-\d{1,5})?-?[A-Z]?|[A-Z]{1,2}")
_FLOOR = re.compile(r"\d{1,3}(?:ST|ND|RD|TH)")
_BOX_NUMBER = re.compile(r"#?[A-Z]?\d{1,6}[A-Z]?")
_ROAD_NUMBER = re.compile(r"\d{1,5}[A-Z]?|[A-Z]{1,3}")
_ROUTES = {"RR", "HC"}
_CALLE = {"CALLE", "AVE", "AVENIDA", "CARR", "CARRETERA", "PASEO", "CAMINO"}


@dataclass(frozen=True, kw_only=True)
class Street:
    """One street line. Its `repr` is empty, as an address's is. `number` is "" where none is recognised."""

    number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)  # as it was typed
    unit: str = field(default="", repr=False)
    beside: tuple[str, ...] = field(default=(), repr=False)  # what else was set apart by commas: an urbanization

    @property
    def is_house(self) -> bool:
        """Whether a house number and the name of a street are there."""
        return bool(self.number) and any(map(str.isalpha, self.name))

    @property
    def asked(self) -> str:
        """What a geocoder is asked: without the unit and the box, which it has no use for."""
        return ", ".join([f"{self.number} {self.name}".strip(), *self.beside])

    @property
    def key(self) -> str:
        """The same for all spellings of one house; "" where no house is recognised."""
        return f"{self.number} {normal_name(self.name)}" if self.is_house else ""


def read_street(text: str) -> Street:
    """What a street line holds. A line without a house number, or a very long one, is all `name`."""
    segments = list(filter(None, map(_words, _plain(text[: _LONGEST + 1]).split(","))))
    first = next((at for at, words in enumerate(segments) if _begins_with_number(words)), None)
    if len(text) > _LONGEST:
        first = None
    if first is None:
        return Street(name=" ".join(text.split()))
    number, rest = _number(segments[first])
    beside = segments[:first] + segments[first + 1 :]
    street = _without_box(Street(number=number), rest)
    for words in beside:
        if _is_unit(words):
            street = replace(street, unit=f"{street.unit} {' '.join(words)}".strip())
        elif _boxed(words) > 0:
            street = replace(street, beside=(*street.beside, " ".join(words)))
    return street


def normal_name(name: str) -> str:
    """A street's name in capitals, with the short forms of the Postal Service and one name for each numbered road."""
    words = []
    for word in _words(_plain(name)):
        words += _clean(word).replace("-", " ").split()
    return " ".join(SHORT.get(word, word) for word in _with_road(words))


def _plain(text: str) -> str:
    """In compatible characters, a fraction apart from the number before it, every dash a hyphen."""
    parts = []
    for sign in text:
        is_fraction = unicodedata.decomposition(sign).startswith("<fraction>")
        parts.append(f" {sign} " if is_fraction else sign)
    plain = unicodedata.normalize("NFKC", "".join(parts)).translate(_DASHES)
    return plain.replace("\u2044", "/").replace("#", " # ")


def _words(text: str) -> list[str]:
    return text.split()


def _clean(word: str) -> str:
    """In capitals, without full stops, apostrophes and accents."""
    letters = unicodedata.normalize("NFKD", word.upper())
    return "".join(sign for sign in letters if sign.isalnum() or sign in "-/#")


def _begins_with_number(words: Sequence[str]) -> bool:
    return bool(_number(words)[0])


def _number(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The house number and the words behind it; "" where the line begins with none."""
    for read in (_of_urbanization, _behind_unit, _of_grid, _of_coordinates, _with_hyphen, _simple):
        number, rest = read(words)
        if number and rest:
            return number, rest
    return "", words


def _of_urbanization(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """URB Villa Carolina 12 Calle 5; Calle 5 B-12: the number stands before the street's word, or at the end."""
    clean = list(map(_clean, words))
    at = next((place for place, word in enumerate(clean) if word in _CALLE), None)
    if at is None or (at == 0 and clean[0] in SUFFIXES):
        return "", words
    if at == 0:
        number = clean[-1]
        is_number = len(words) > 2 and bool(_PLAIN.fullmatch(number) or _LOT.fullmatch(number))
        rest = words[:-2] if clean[-2:-1] == ["#"] else words[:-1]
        return (number, rest) if is_number and len(rest) > 1 else ("", words)
    number = clean[at - 1]
    is_area = at > 1 and clean[0] in URBANIZATIONS
    if ((at == 1 or is_area) and _LOT.fullmatch(number)) or (is_area and _PLAIN.fullmatch(number)):
        return number, words[at:]
    return "", words


def _behind_unit(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Apt 4B 123 Main St; # 4 - 123 Main St."""
    if len(words) < 4 or _clean(words[0]) not in UNITS or not _UNIT_NUMBER.fullmatch(_clean(words[1])):
        return "", words
    rest = words[3:] if words[2] == "-" else words[2:]
    number, street = _simple(rest)
    unit = list(words[:2])
    return (number, [*street, *unit]) if number else ("", words)


def _of_grid(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """N64W23760, N64 W23760, N 64 W 23760, W6234, 26W123."""
    first, second = _clean(words[0]), _clean(words[1]) if len(words) > 1 else ""
    if first in {"N", "S", "E", "W"} and second.isdecimal() and len(words) > 4:
        third, fourth = _clean(words[2]), _clean(words[3])
        if third in {"N", "S", "E", "W"} and fourth.isdecimal() and any(map(str.isalpha, words[4])):
            return first + second + third + fourth, words[4:]
    if not _GRID.fullmatch(first):
        return "", words
    if _HALF_OF_GRID.fullmatch(first) and _HALF_OF_GRID.fullmatch(second) and len(words) > 2:
        return first + second, words[2:]
    return first.replace("-", ""), words[1:]


def _of_coordinates(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """300N 450W: the same as 300 N 450 W."""
    if len(words) < 2:
        return "", words
    first, second = _GLUED.fullmatch(_clean(words[0])), _GLUED.fullmatch(_clean(words[1]))
    if not (first and second):
        return "", words
    return first[1], [first[2], second[1], second[2], *words[2:]]


def _with_hyphen(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """41 - 25 Kissena Blvd, and a fraction behind the number: 123 1/2, 123-1/2."""
    first = _clean(words[0])
    if glued := _WITH_FRACTION.fullmatch(first):
        return f"{glued[1]} {glued[2]}", words[1:]
    if not first.isdecimal() or len(words) < 3:
        return "", words
    if _FRACTION.fullmatch(_clean(words[1])):
        return f"{first} {_clean(words[1])}", words[2:]
    third = _clean(words[2])
    if words[1] == "-" and third.isdecimal():
        return f"{first}-{third}", words[3:]
    return "", words


def _simple(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    if not words:
        return "", words
    first = _clean(words[0])
    return (first, words[1:]) if _PLAIN.fullmatch(first) else ("", words)


def _without_box(street: Street, words: Sequence[str]) -> Street:
    """The street's name from the words behind its number, which may end in a unit, a box or a route."""
    name_and_unit = words[: _boxed(words)]
    name, unit = _split_unit(name_and_unit) if name_and_unit else ((), ())
    return replace(street, name=" ".join(name), unit=" ".join(unit))


def _boxed(words: Sequence[str]) -> int:
    """Where a post office box or a route begins that all the rest is; the number of words where none does.

    "RR 620" right behind the number is a Ranch Road; with a box behind it, it is a route.
    """
    clean = list(map(_clean, words))
    for at in range(len(clean)):
        end = _end_of_route(clean, at)
        box = _end_of_box(clean, at if end is None else end)
        if box == len(clean) or (end == len(clean) and at > 0):
            return at
    return len(clean)


def _end_of_route(words: Sequence[str], at: int) -> int | None:
    """Behind "RR 3", "R R 3" or "Rural Route #3", where one begins at this word."""
    if words[at] in _ROUTES:
        at += 1
    elif words[at : at + 2] in (["RURAL", "ROUTE"], ["R", "R"], ["STAR", "ROUTE"], ["HIGHWAY", "CONTRACT"]):
        at += 2
    else:
        return None
    if words[at : at + 1] == ["#"]:
        at += 1
    return at + 1 if at < len(words) and words[at].isdecimal() else None


def _end_of_box(words: Sequence[str], at: int) -> int | None:
    """Behind "PO Box 12", "P O Box 12", "POB 12" or "Box 12", where one begins at this word."""
    for opening in (["P", "O"], ["POST", "OFFICE"], ["PO"]):
        if words[at : at + len(opening)] == opening:
            at += len(opening)
            break
    if words[at : at + 1] not in (["BOX"], ["POBOX"], ["POB"], ["BX"], ["DRAWER"], ["APARTADO"], ["APDO"]):
        return None
    at += 2 if words[at + 1 : at + 2] == ["#"] else 1
    return at + 1 if at < len(words) and _BOX_NUMBER.fullmatch(words[at]) else None


def _is_unit(words: Sequence[str]) -> bool:
    return not _split_unit(["", *words])[0][1:]


def _split_unit(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The street's words, and those of the unit behind them. The street keeps one word at least."""
    clean = list(map(_clean, words))
    end = len(words)
    while end > 1:
        begin = _begin_of_unit(clean[:end])
        if begin == end or begin < 1:
            break
        end = begin
    return words[:end], words[end:]


def _begin_of_unit(words: Sequence[str]) -> int:
    """Where the last unit of the line begins; the number of words where it ends in none."""
    end = len(words)
    last = words[-1]
    before = words[end - 2] if end > 1 else ""
    if before in {"#", "NO"} and _UNIT_NUMBER.fullmatch(last):
        return end - 3 if end > 3 and words[end - 3] in UNITS else end - 2
    if before in UNITS and _UNIT_NUMBER.fullmatch(last):
        return end - 2
    if last in {"FL", "FLOOR"} and _FLOOR.fullmatch(before):
        return end - 2
    if last in BARE_UNITS and before in SUFFIXES | BARE_UNITS | DIRECTIONS | {""}:
        return end - 1
    return end - 1 if _is_bare_number(words) else end


def _is_bare_number(words: Sequence[str]) -> bool:
    """Main St 4B ends in a unit, and State Road 22 does not."""
    *street, last = words
    if len(street) < 2 or street[-1] not in BEFORE_UNITS or not any(map(str.isdecimal, last)):
        return False
    for length in range(1, 5):
        if " ".join(street[-length:]) in NUMBERED_ROADS:
            return False
    return bool(_UNIT_NUMBER.fullmatch(last))


def _with_road(words: Sequence[str]) -> Sequence[str]:
    """A numbered road under the one name that it has here: CTH Q, Co Rd Q and County Highway Q are one."""
    for length in (4, 3, 2, 1):
        road = NUMBERED_ROADS.get(" ".join(words[:length]))
        if road and len(words) > length and _ROAD_NUMBER.fullmatch(words[length]):
            return [road, *words[length:]]
    return words
