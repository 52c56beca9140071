"""The states and their houses, as every dataset here names them."""

from __future__ import annotations

from collections.abc import Sequence

CHAMBERS = ("upper", "lower", "legislature")
FEDERAL_CHAMBERS = ("us_upper", "us_lower")
STATEWIDE, AT_LARGE = "Statewide", "At-Large"  # senators' district, and an only representative's

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
NO_SENATORS = frozenset({"DC", "PR"})  # of the United States


def chambers_in(state: str, chambers: Sequence[str]) -> tuple[str, ...]:
    """The houses to look in: Nebraska and DC have one of their own, whatever a campaign says; DC has no senators."""
    federal = tuple(
        chamber
        for chamber in FEDERAL_CHAMBERS
        if chamber in chambers and not (chamber == "us_upper" and state in NO_SENATORS)
    )
    if state in ONE_HOUSE:
        return ("legislature", *federal) if set(chambers) - set(FEDERAL_CHAMBERS) else federal
    return (*(chamber for chamber in CHAMBERS if chamber in chambers), *federal)
