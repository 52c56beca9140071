"""How a member of each legislature is addressed, and what their chamber is called.

Sources: titles and chambers per legislature as kept by the Open States project (its `openstates-metadata`, 2026.9.1).
Ours on top of it:

- "Assemblymember" in one word, the form that California's and New York's Assemblies use of all their members. New
  Jersey and Nevada also say Assemblyman and Assemblywoman; which of the two somebody is called is not in our data, so
  the neutral form stands for everybody.
- Wisconsin has an Assembly whose members are called Representative (legis.wisconsin.gov/assembly).
- Delegates sit in Maryland, Virginia and West Virginia.
- Nebraska's one chamber is the Legislature, its members Senators (nebraskalegislature.gov).
- The House of Representatives has a Delegate from DC and Puerto Rico's Resident Commissioner (house.gov).
- The chair of the Council of the District of Columbia is addressed as a Councilmember too: never wrong, less grand.
"""

from __future__ import annotations

import re
from collections.abc import Collection

STATES = {
    "AK": "Alaska", "AL": "Alabama", "AR": "Arkansas", "AZ": "Arizona", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DC": "District of Columbia", "DE": "Delaware", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "IA": "Iowa", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota",
    "MO": "Missouri", "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota",
    "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NV": "Nevada", "NY": "New York",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia",
    "VT": "Vermont", "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming",
}  # fmt: skip
ONE_CHAMBER = frozenset({"NE", "DC"})

_LOWER_TITLES = {
    "CA": "Assemblymember",
    "MD": "Delegate",
    "NJ": "Assemblymember",
    "NV": "Assemblymember",
    "NY": "Assemblymember",
    "VA": "Delegate",
    "WV": "Delegate",
}
_ONE_CHAMBER_TITLES = {"DC": "Councilmember", "NE": "Senator"}
_SHORT_TITLES = {
    "Senator": "Sen.",
    "Representative": "Rep.",
    "Delegate": "Del.",
    "Assemblymember": "Asm.",
    "Councilmember": "Councilmember",
    "Resident Commissioner": "Resident Commissioner",
}
_OF_CONGRESS = {"us_upper": "United States Senate", "us_lower": "United States House of Representatives"}
_US_HOUSE_TITLES = {"DC": "Delegate", "PR": "Resident Commissioner"}
# Where a chamber is not simply "<State> Senate" or "<State> House of Representatives".
_CHAMBER_NAMES = {
    ("AZ", "upper"): "Arizona State Senate",
    ("CA", "upper"): "California State Senate",
    ("CA", "lower"): "California State Assembly",
    ("DC", "legislature"): "Council of the District of Columbia",
    ("GA", "upper"): "Georgia State Senate",
    ("MD", "lower"): "Maryland House of Delegates",
    ("NE", "legislature"): "Nebraska Legislature",
    ("NJ", "lower"): "New Jersey General Assembly",
    ("NV", "lower"): "Nevada Assembly",
    ("NY", "upper"): "New York State Senate",
    ("NY", "lower"): "New York State Assembly",
    ("OR", "upper"): "Oregon State Senate",
    ("PR", "upper"): "Senate of Puerto Rico",
    ("PR", "lower"): "House of Representatives of Puerto Rico",
    ("UT", "upper"): "Utah State Senate",
    ("VA", "upper"): "Senate of Virginia",
    ("VA", "lower"): "Virginia House of Delegates",
    ("WA", "upper"): "Washington State Senate",
    ("WI", "upper"): "Wisconsin State Senate",
    ("WI", "lower"): "Wisconsin State Assembly",
    ("WV", "lower"): "West Virginia House of Delegates",
}


class UnknownChamber(ValueError):
    """No such state or chamber in the United States' legislatures."""


def title(state: str, chamber: str) -> str:
    """The title in full: "Senator", "Representative", "Assemblymember", "Delegate", "Councilmember"
    or "Resident Commissioner".

    Raises UnknownChamber.
    """
    chamber = seat_chamber(state, chamber)
    if chamber in _OF_CONGRESS:
        return "Senator" if chamber == "us_upper" else _US_HOUSE_TITLES.get(state, "Representative")
    if chamber == "legislature":
        return _ONE_CHAMBER_TITLES[state]
    return "Senator" if chamber == "upper" else _LOWER_TITLES.get(state, "Representative")


def short_title(state: str, chamber: str) -> str:
    """The title in short: "Sen.", "Rep.", "Asm.", "Del."; "Councilmember" has none.

    Raises UnknownChamber.
    """
    return _SHORT_TITLES[title(state, chamber)]


def chamber_name(state: str, chamber: str) -> str:
    """The chamber's name in full: "Wisconsin State Assembly", "Senate of Virginia", "Nebraska Legislature".

    Raises UnknownChamber.
    """
    chamber = seat_chamber(state, chamber)
    if chamber in _OF_CONGRESS:
        return _OF_CONGRESS[chamber]
    usual = "Senate" if chamber == "upper" else "House of Representatives"
    return _CHAMBER_NAMES.get((state, chamber), f"{STATES[state]} {usual}")


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
    """Such as "District 76"; senators in Congress have the whole state."""
    return "the whole state" if chamber == "us_upper" else f"District {district}"


def salutation(state: str, chamber: str, name: str) -> str:
    """The greeting, comma included: "Dear Assemblymember Wicks,".

    `name` is the family name, or the whole name where that is unknown. Raises UnknownChamber.
    """
    return f"{' '.join(['Dear', title(state, chamber), *name.split()])},"


def is_for(state: str, chamber: str, audience: Collection[str]) -> bool:
    """Whether a letter to this audience is for this chamber: where a state has but one, any of its own names it."""
    if state in ONE_CHAMBER and chamber not in _OF_CONGRESS:
        return any(chamber not in _OF_CONGRESS for chamber in audience)
    return chamber in audience


def seat_chamber(state: str, chamber: str) -> str:
    """The chamber as the roster has it: where there is but one, "upper" and "lower" mean "legislature" too.

    Raises UnknownChamber.
    """
    if state in STATES and chamber in _OF_CONGRESS:
        return chamber
    if state not in STATES or chamber not in {"upper", "lower", "legislature"}:
        raise UnknownChamber(f"There is no chamber {chamber!r} in {state!r}.")
    if state in ONE_CHAMBER:
        return "legislature"
    if chamber == "legislature":
        raise UnknownChamber(f"{STATES[state]} has two chambers; name one of them.")
    return chamber
