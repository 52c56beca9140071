"""What each house is called: its full name, the word before "district", and the title of its members.

Sources: titles and chambers per legislature as kept by the Open States project (its `openstates-metadata`, 2026.9.1).
Ours on top of it:

- "Assemblymember" in one word, the form that California's and New York's Assemblies use of all their members. New
  Jersey and Nevada also say Assemblyman and Assemblywoman; which of the two somebody is called is not in our data, so
  the neutral form stands for everybody.
- Wisconsin has an Assembly whose members are called Representative (legis.wisconsin.gov/assembly).
- Delegates sit in Maryland, Virginia and West Virginia.
- Nebraska's one chamber is the Legislature, its members Senators (nebraskalegislature.gov).
- The House of Representatives has Delegates from DC and the territories, and Puerto Rico's Resident Commissioner:
  house.gov.
- The chair of the Council of the District of Columbia is addressed as a Councilmember too: never wrong, less grand.
"""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from actionmail.rules.districts.states import FEDERAL_CHAMBERS, STATES, TERRITORIES


class ChamberWords(Struct, frozen=True, kw_only=True):
    """`name` in full: "Wisconsin State Assembly"; `house` before "district": "Assembly"; `title` of a member."""

    name: str
    house: str
    title: str


def _senate(name: str) -> ChamberWords:
    return ChamberWords(name=name, house="Senate", title="Senator")


def _assembly(name: str, title: str = "Assemblymember") -> ChamberWords:
    return ChamberWords(name=name, house="Assembly", title=title)


def _delegates(name: str) -> ChamberWords:
    return ChamberWords(name=name, house="House of Delegates", title="Delegate")


def _house(name: str, *, house: str = "House", title: str = "Representative") -> ChamberWords:
    return ChamberWords(name=name, house=house, title=title)


_US_HOUSE = "United States House of Representatives"

# Where a chamber is not simply "<State> Senate" of Senators or "<State> House of Representatives" of Representatives.
_OWN_WORDS = {
    ("AZ", "upper"): _senate("Arizona State Senate"),
    ("CA", "upper"): _senate("California State Senate"),
    ("CA", "lower"): _assembly("California State Assembly"),
    ("DC", "legislature"): _house("Council of the District of Columbia", house="council", title="Councilmember"),
    ("DC", "us_lower"): _house(_US_HOUSE, house="U.S. House", title="Delegate"),
    ("GA", "upper"): _senate("Georgia State Senate"),
    ("MD", "lower"): _delegates("Maryland House of Delegates"),
    ("NE", "legislature"): _house("Nebraska Legislature", house="legislative", title="Senator"),
    ("NJ", "lower"): _assembly("New Jersey General Assembly"),
    ("NV", "lower"): _assembly("Nevada Assembly"),
    ("NY", "upper"): _senate("New York State Senate"),
    ("NY", "lower"): _assembly("New York State Assembly"),
    ("OR", "upper"): _senate("Oregon State Senate"),
    ("PR", "upper"): _senate("Senate of Puerto Rico"),
    ("PR", "lower"): _house("House of Representatives of Puerto Rico"),
    ("PR", "us_lower"): _house(_US_HOUSE, house="U.S. House", title="Resident Commissioner"),
    ("UT", "upper"): _senate("Utah State Senate"),
    ("VA", "upper"): _senate("Senate of Virginia"),
    ("VA", "lower"): _delegates("Virginia House of Delegates"),
    ("WA", "upper"): _senate("Washington State Senate"),
    ("WI", "upper"): _senate("Wisconsin State Senate"),
    ("WI", "lower"): _assembly("Wisconsin State Assembly", title="Representative"),
    ("WV", "lower"): _delegates("West Virginia House of Delegates"),
}


@cache
def chamber_words(state: str, chamber: str) -> ChamberWords:
    """The words of one chamber of a state's, or of Congress. Raises KeyError for what is no state.

    Whether the state has such a chamber is not asked here.
    """
    own = _OWN_WORDS.get((state, chamber))
    if own:
        return own
    if chamber == "us_upper":
        return ChamberWords(name="United States Senate", house="U.S. Senate", title="Senator")
    if chamber == "us_lower":
        return _house(_US_HOUSE, house="U.S. House", title="Delegate" if state in TERRITORIES else "Representative")
    if chamber == "upper":
        return _senate(f"{STATES[state]} Senate")
    return _house(f"{STATES[state]} House of Representatives")


def districts_of(state: str, chamber: str) -> str:
    """A chamber's districts, of Congress's the state's own: "the districts of the Texas Senate". Raises KeyError."""
    name = chamber_words(state, chamber).name
    return (
        f"{STATES[state]}'s districts of the {name}" if chamber in FEDERAL_CHAMBERS else f"the districts of the {name}"
    )
