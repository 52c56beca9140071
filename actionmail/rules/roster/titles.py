"""How a member of each legislature is addressed, and what their chamber is called.

The words themselves stand in `rules.districts.legislatures`, with their sources.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import StrEnum
from functools import cache

from actionmail.rules.districts.legislatures import chamber_words
from actionmail.rules.districts.states import AT_LARGE, CHAMBERS, FEDERAL_CHAMBERS, ONE_HOUSE, TERRITORIES
from actionmail.rules.districts.states import STATES as STATES_IN_SENTENCES
from actionmail.rules.wording import and_join

STATES = {code: name.removeprefix("the ") for code, name in STATES_IN_SENTENCES.items()}  # as they stand alone
ONE_CHAMBER = ONE_HOUSE

_NO_DISTRICT = frozenset({AT_LARGE, "Chairman"})  # of DC's Council, and the houses of Puerto Rico
_SHORT_TITLES = {
    "Senator": "Sen.",
    "Representative": "Rep.",
    "Delegate": "Del.",
    "Assemblymember": "Asm.",
    "Councilmember": "Councilmember",
    "Resident Commissioner": "Resident Commissioner",
}


class ChamberFault(StrEnum):
    """Why there is no such chamber."""

    NO_SUCH_CHAMBER = "no_such_chamber"
    TWO_CHAMBERS = "two_chambers"  # and "legislature" names neither


class UnknownChamber(ValueError):
    """No such state or chamber in the United States' legislatures: what was asked, as it was asked."""

    def __init__(self, code: ChamberFault, *, state: str, chamber: str) -> None:
        super().__init__(code.value, state, chamber)
        self.code, self.state, self.chamber = code, state, chamber


@cache
def title(state: str, chamber: str) -> str:
    """The title in full: "Senator", "Representative", "Assemblymember", "Delegate", "Councilmember"
    or "Resident Commissioner".

    Raises UnknownChamber.
    """
    return chamber_words(state, seat_chamber(state, chamber)).title


@cache
def short_title(state: str, chamber: str) -> str:
    """The title in short: "Sen.", "Rep.", "Asm.", "Del."; "Councilmember" has none.

    Raises UnknownChamber.
    """
    return _SHORT_TITLES[title(state, chamber)]


@cache
def chamber_name(state: str, chamber: str) -> str:
    """The chamber's name in full: "Wisconsin State Assembly", "Senate of Virginia", "Nebraska Legislature".

    Raises UnknownChamber.
    """
    return chamber_words(state, seat_chamber(state, chamber)).name


def committee_name(state: str, chamber: str, name: str) -> str:
    """A committee as letters name it: "Assembly Committee on Transportation", "Joint Committee on Finance".

    Datasets give most by their subject alone. `chamber` is "legislature" for a committee of both chambers.
    """
    if re.search(r"committee|commission|council|board|caucus|conference|delegation|task force", name, re.IGNORECASE):
        return name
    if chamber == "legislature":
        return f"{'' if state in ONE_CHAMBER else 'Joint '}Committee on {name}"
    kinds = ("Senate", "Assembly", "House")
    kind = next((kind for kind in kinds if kind in chamber_name(state, chamber)), "")
    return f"{kind} Committee on {name}".strip()


def district_label(chamber: str, district: str) -> str:
    """Such as "District 76", "the 3rd Barnstable District", "Ward 2"; at large in Congress is the whole state."""
    if chamber == "us_upper" or (chamber == "us_lower" and district == AT_LARGE):
        return "the whole state"
    if re.fullmatch(r"[0-9]+[A-Z]?|[A-Z]", district):
        return f"District {district}"
    if district in _NO_DISTRICT or re.fullmatch(r"Ward [0-9]+", district):
        return district
    if re.search(r"\b(?:Tribe|Band|Nation)\b", district):  # who sits for them in Maine's House
        return f"the {district}"
    county = re.fullmatch(r"(\D+) ([0-9]+)", district)  # as New Hampshire numbers them
    return f"{county[1]} District {county[2]}" if county else f"the {district} District"


def district_in_house(state: str, chamber: str, district: str) -> str:
    """Such as "Senate District 26", "the 3rd Barnstable District of the House", "Ward 2". Raises UnknownChamber."""
    house, label = chamber_words(state, seat_chamber(state, chamber)).house, district_label(chamber, district)
    if chamber == "us_lower" and district == AT_LARGE:
        return f"the only {house} district of {(STATES_IN_SENTENCES | TERRITORIES)[state]}"
    if label == f"District {district}":
        return f"{house} {label}"
    return label if chamber == "legislature" else f"{label} of the {house}"


def seat_label(state: str, chamber: str, districts: Sequence[str]) -> str:
    """Such as "Wisconsin State Assembly, District 76"; the chamber alone where no district is known.

    Raises UnknownChamber.
    """
    labels = dict.fromkeys(district_label(chamber, district) for district in districts)
    return ", ".join(filter(None, [chamber_name(state, chamber), and_join(list(labels))]))


def salutation(state: str, chamber: str, name: str) -> str:
    """The greeting, comma included: "Dear Assemblymember Wicks,".

    `name` is the family name, or the whole name where that is unknown. Raises UnknownChamber.
    """
    return f"{' '.join(['Dear', title(state, chamber), *name.split()])},"


def is_for(state: str, chamber: str, audience: Collection[str]) -> bool:
    """Whether a letter to this audience is for this chamber: where a state has but one, any of its own names it."""
    if state in ONE_CHAMBER and chamber not in FEDERAL_CHAMBERS:
        return any(named not in FEDERAL_CHAMBERS for named in audience)
    return chamber in audience


def seat_chamber(state: str, chamber: str) -> str:
    """The chamber as the roster has it: where there is but one, "upper" and "lower" mean "legislature" too.

    Raises UnknownChamber.
    """
    if state in STATES and chamber in FEDERAL_CHAMBERS:
        return chamber
    if state in TERRITORIES and chamber == "us_lower":
        return chamber
    if state not in STATES or chamber not in CHAMBERS:
        raise UnknownChamber(ChamberFault.NO_SUCH_CHAMBER, state=state, chamber=chamber)
    if state in ONE_CHAMBER:
        return "legislature"
    if chamber == "legislature":
        raise UnknownChamber(ChamberFault.TWO_CHAMBERS, state=state, chamber=chamber)
    return chamber
