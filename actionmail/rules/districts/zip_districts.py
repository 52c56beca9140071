"""ZIP codes and the districts they lie in. A ZIP code is a hint: the biggest share is never picked in silence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import repeat
from typing import Any

CHAMBERS = ("upper", "lower", "legislature")
FEDERAL_CHAMBERS = ("us_upper", "us_lower")
STATEWIDE, AT_LARGE = "Statewide", "At-Large"  # senators' district, and an only representative's
METHODS = ("block", "pop", "area", "centroid")

STATES = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "the District of Columbia",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "PR": "Puerto Rico",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
}
_FIPS = """
    AL01 AK02 AZ04 AR05 CA06 CO08 CT09 DE10 DC11 FL12 GA13 HI15 ID16 IL17 IN18 IA19 KS20 KY21 LA22 ME23 MD24 MA25 MI26
    MN27 MS28 MO29 MT30 NE31 NV32 NH33 NJ34 NM35 NY36 NC37 ND38 OH39 OK40 OR41 PA42 RI44 SC45 SD46 TN47 TX48 UT49 VT50
    VA51 WA53 WV54 WI55 WY56 PR72
"""
TERRITORIES = {"AS": "American Samoa", "GU": "Guam", "MP": "the Northern Mariana Islands", "VI": "the Virgin Islands"}
FIPS = {code[2:]: code[:2] for code in _FIPS.split()}  # the Census Bureau's numbers of the states
ONE_HOUSE = frozenset({"NE", "DC"})
NO_GROUND = frozenset({"Passamaquoddy Tribe", "Houlton Band of Maliseet Indians"})  # Maine's tribal seats
NO_SENATORS = frozenset({"DC", "PR"})  # of the United States

# Prefixes that the table has nothing for, and whose they are (USPS Publication 65, territories and military mail).
_MILITARY = re.compile(r"09\d|340|96[2-6]")
_TERRITORIES = {
    "006": "Puerto Rico",
    "007": "Puerto Rico",
    "009": "Puerto Rico",
    "008": "the Virgin Islands",
    "969": "Guam, the Northern Mariana Islands or a Pacific island state",
}
_SAMOA = "96799"


class LookupRefused(Exception):
    """No districts for this ZIP code; `str()` is the sentence for the supporter, with a way on."""


class BadZip(LookupRefused):
    """What was typed is no ZIP code."""


class UnknownZip(LookupRefused):
    """A ZIP code that the table does not hold."""


class WrongState(LookupRefused):
    """A ZIP code of other states than the campaign's."""

    def __init__(self, sentence: str, found_states: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.found_states = found_states


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A district that a ZIP code may lie in. `share`: of the ZIP's residents; `centroid` rows are guesses.

    `block` rows are exact for the Census Bureau's area of the ZIP code, from which the post's may differ a little.

    Districts of Congress come from a list without shares (`list`: all the same) or are the whole state (`state`).
    """

    chamber: str
    district: str
    state: str
    share: float
    method: str


class Places(Mapping[str, tuple[Candidate, ...]]):
    """The candidates of each ZIP code, made of its rows when it is first asked for: a start needs none of them.

    `seats` is every (state, chamber, district) in the rows; `read` makes a candidate of one of so many rows.
    """

    def __init__(
        self,
        rows: Mapping[str, Sequence[str]],
        seats: Set[tuple[str, str, str]],
        read: Callable[[str, int], Candidate],
    ) -> None:
        self._rows, self.seats, self._read = rows, seats, read
        self._made: dict[str, tuple[Candidate, ...]] = {}

    def __getitem__(self, zip5: str) -> tuple[Candidate, ...]:
        known = self._made.get(zip5)
        if known is None:
            rows = self._rows[zip5]
            known = self._made[zip5] = tuple(map(self._read, rows, repeat(len(rows))))
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class DistrictTable:
    """Every ZIP code's candidates, in memory."""

    def __init__(
        self,
        places: Places,
        *,
        version: str,
        days: Mapping[str, date],
        years: Mapping[str, int],
        congress: Places,
        congress_version: str = "",
        congress_as_of: date | None = None,
    ) -> None:
        self._places = places
        self._congress = congress
        self.congress_version = congress_version  # "" where there is no list of ZIP codes and districts of Congress
        self.version = version
        self.answers: dict[tuple[str, ...], Any] = {}  # those of `flows.lookup.find_seats`, kept there
        self.congress_as_of = congress_as_of
        self.days = days  # of the oldest row of each state
        self._years = years  # of the newest: rows that nothing newer was known about stay beside those of new districts
        self.as_of = min(days.values())

    def __len__(self) -> int:
        return len(self._places)

    def candidates(self, zip5: str) -> tuple[Candidate, ...]:
        """The districts of all states that the ZIP code may lie in, likeliest first per chamber; () if unknown."""
        return self._places.get(zip5, ())

    def states(self, zip5: str, *, with_congress: bool) -> tuple[str, ...]:
        """The states that the ZIP code may lie in."""
        found = (*self.candidates(zip5), *(self._congress.get(zip5, ()) if with_congress else ()))
        return tuple(dict.fromkeys(candidate.state for candidate in found))

    def of_congress(self, zip5: str, state: str, chamber: str) -> tuple[Candidate, ...]:
        """The whole state for senators; for the House the districts on the list, () where the ZIP code is not on it."""
        if chamber == "us_upper":
            return (Candidate(chamber=chamber, district=STATEWIDE, state=state, share=1.0, method="state"),)
        found = tuple(one for one in self._congress.get(zip5, ()) if one.state == state)
        if not found and self.districts_in(state, chamber) == (AT_LARGE,):
            return (Candidate(chamber=chamber, district=AT_LARGE, state=state, share=1.0, method="state"),)
        return found

    def districts(self) -> set[tuple[str, str, str]]:
        """Every (state, chamber, district) that some ZIP code leads to."""
        return set(self._places.seats)

    def year_of(self, state: str, chamber: str) -> int:
        """The year of the election that the chamber's districts here are of; 0 where there are none."""
        if chamber in FEDERAL_CHAMBERS:
            return self.congress_as_of.year if self.congress_as_of else 0
        return self._years.get(state, 0)

    def districts_in(self, state: str, chamber: str) -> tuple[str, ...]:
        """The names of one chamber's districts."""
        return self._names.get((state, chamber), ())

    @cached_property
    def _names(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        names: dict[tuple[str, str], list[str]] = {}
        for state, chamber, district in sorted(self._places.seats | self._congress.seats):
            names.setdefault((state, chamber), []).append(district)
        return {key: tuple(found) for key, found in names.items()}


def normalise_zip(text: str) -> str:
    """Five digits, from "53703", " 537 03", "53703-1234" or "537031234". Raises BadZip."""
    match = re.fullmatch(r"([0-9]{5})(?:[-\u2010-\u2015]?[0-9]{4})?", "".join(text[:40].split()))
    if not match:
        raise BadZip("A ZIP code has five digits, such as 53703. Please enter the one of your home address.")
    return match[1]


def chambers_in(state: str, chambers: Sequence[str]) -> tuple[str, ...]:
    """The houses to look in: Nebraska and DC have one of their own, whatever a campaign says; DC has no senators."""
    federal = tuple(
        one for one in FEDERAL_CHAMBERS if one in chambers and not (one == "us_upper" and state in NO_SENATORS)
    )
    if state in ONE_HOUSE:
        return ("legislature", *federal) if set(chambers) - set(FEDERAL_CHAMBERS) else federal
    return (*(chamber for chamber in CHAMBERS if chamber in chambers), *federal)


def whereabouts(zip5: str) -> str | None:
    """What a ZIP code without districts is known to be: a sentence, or None."""
    if _MILITARY.fullmatch(zip5[:3]):
        return (
            f"{zip5} is a military ZIP code (APO, FPO or DPO), which lies in no district. "
            "Please enter the ZIP code of the home address where you are registered to vote."
        )
    territory = "American Samoa" if zip5 == _SAMOA else _TERRITORIES.get(zip5[:3])
    if territory:
        return (
            f"{zip5} is in {territory}, whose districts we have no table of. If you vote in another place, "
            "please enter the ZIP code of your home there."
        )
    return None


# New Hampshire's floterial districts (RSA 662:5, districts of 2022): each lies over several base districts, and the
# people there elect members of both. They are the last districts of each county; Hillsborough has two more base ones.
_NH_FLOTERIAL_FROM = {
    "Belknap": 8,
    "Carroll": 7,
    "Cheshire": 15,
    "Coos": 7,
    "Grafton": 17,
    "Merrimack": 25,
    "Rockingham": 31,
    "Strafford": 18,
    "Sullivan": 7,
}
_NH_HILLSBOROUGH = frozenset({37, 38, 39, 40, 41, 44, 45})


def lies_over(candidate: Candidate) -> bool:
    """Whether this district comes on top of another one of the same house: a floterial, or a seat at large in DC."""
    if candidate.chamber in FEDERAL_CHAMBERS:
        return False
    if candidate.state == "DC":
        return not candidate.district.startswith("Ward")
    if candidate.state != "NH" or candidate.chamber != "lower":
        return False
    county, _, number = candidate.district.rpartition(" ")
    if not number.isdecimal():
        return False
    if county == "Hillsborough":
        return int(number) in _NH_HILLSBOROUGH
    return int(number) >= _NH_FLOTERIAL_FROM.get(county, 1000)


def ground(candidate: Candidate) -> str:
    """The area a district stands for: Idaho's House seats 22A and 22B are both district 22."""
    if candidate.state == "ID" and candidate.chamber == "lower":
        return candidate.district.rstrip("AB")
    return candidate.district


def options(candidates: Sequence[Candidate]) -> tuple[tuple[Candidate, ...], ...]:
    """The alternatives of one chamber, each the districts that go together: what a supporter chooses one of.

    Idaho's pair of seats is one alternative. Districts that lie over others (DC's seats at large, a New Hampshire
    floterial) belong to each alternative if all the ZIP's people live there; others follow as their own.
    """
    groups: dict[str, list[Candidate]] = {}
    everybody: list[Candidate] = []
    some: list[Candidate] = []
    for candidate in candidates:
        if not lies_over(candidate):
            groups.setdefault(ground(candidate), []).append(candidate)
        elif candidate.share > _NEARLY_ALL:
            everybody.append(candidate)
        else:
            some.append(candidate)
    if not groups:
        return tuple((candidate,) for candidate in candidates)
    return (*((*group, *everybody) for group in groups.values()), *((candidate,) for candidate in some))


def is_settled(candidates: Sequence[Candidate]) -> bool:
    """Whether there is one alternative, and no guess in it."""
    return len(options(candidates)) == 1 and all(one.method != "centroid" for one in candidates)


_NEARLY_ALL = 0.99  # shares of a floterial are sums of rounded shares


_LOWER = {"CA": "Assembly", "NV": "Assembly", "NY": "Assembly", "NJ": "Assembly", "WI": "Assembly"}
_LOWER |= {"MD": "House of Delegates", "VA": "House of Delegates", "WV": "House of Delegates"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def house(state: str, chamber: str) -> str:
    """What goes before "district": "Senate", "Assembly", "legislative"; in DC "council"; "U.S. House"."""
    if chamber in FEDERAL_CHAMBERS:
        return "U.S. Senate" if chamber == "us_upper" else "U.S. House"
    if chamber == "upper":
        return "Senate"
    if chamber == "lower":
        return _LOWER.get(state, "House")
    return "council" if state == "DC" else "legislative"


def count_of_districts(state: str, chamber: str, count: int) -> str:
    """Such as "one Senate district" and "two Assembly districts"."""
    word = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    noun = "ward" if state == "DC" and chamber == "legislature" else f"{house(state, chamber)} district"
    return f"{word} {noun}{'' if count == 1 else 's'}"


def and_join(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))
