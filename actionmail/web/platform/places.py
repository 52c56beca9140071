"""Districts and houses in words, in the language that is spoken. A chamber's full name is its own, in any language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from actionmail.rules.districts import legislatures
from actionmail.rules.districts.states import STATES
from actionmail.rules.moments import beside, listed
from actionmail.rules.roster import titles
from actionmail.rules.speech import ENGLISH, gettext, mark, spoken

# The words that stand before "district".
HOUSES: Final = (
    mark("Senate"),
    mark("Assembly"),
    mark("House"),
    mark("House of Delegates"),
    mark("U.S. House"),
    mark("council"),
    mark("legislative"),
)


def district_label(chamber: str, district: str) -> str:
    """Such as "District 76", "the 3rd Barnstable District", "Ward 2"; at large in Congress is the whole state."""
    label = titles.district_label(chamber, district)
    if spoken() is ENGLISH:
        return label
    if label == mark("the whole state"):
        return gettext(label)
    if number := re.fullmatch("District (.+)", label):
        return gettext("District %(number)s", number=number[1])
    if number := re.fullmatch("Ward (.+)", label):
        return gettext("Ward %(number)s", number=number[1])
    if name := re.fullmatch("the (.+) District", label):
        return gettext("the %(name)s District", name=name[1])
    if county := re.fullmatch("(.+) District (.+)", label):
        return gettext("%(county)s District %(number)s", county=county[1], number=county[2])
    return label


def district_in_house(state: str, chamber: str, district: str) -> str:
    """Such as "Senate District 26", "the 3rd Barnstable District of the House", "Ward 2"."""
    english = titles.district_in_house(state, chamber, district)
    if spoken() is ENGLISH:
        return english
    house, label = house_of(state, chamber), district_label(chamber, district)
    if english.startswith("the only "):
        return gettext("the only %(house)s district of %(state)s", house=house, state=english.rpartition(" of ")[2])
    if english.endswith(f" of the {_house(state, chamber)}"):
        return gettext("%(district)s of the %(house)s", district=label, house=house)
    if number := re.fullmatch(".+ District (.+)", english):
        return gettext("%(house)s District %(number)s", house=house, number=number[1])
    return label


def districts_of(state: str, chamber: str) -> str:
    """A chamber's districts, of Congress's the state's own: "the districts of the Texas Senate"."""
    english = legislatures.districts_of(state, chamber)
    if spoken() is ENGLISH:
        return english
    name = titles.chamber_name(state, chamber)
    if english.startswith("the districts"):
        return gettext("the districts of the %(chamber)s", chamber=name)
    return gettext("%(state)s's districts of the %(chamber)s", state=STATES[state], chamber=name)


def seat_label(state: str, chamber: str, districts: Sequence[str]) -> str:
    """Such as "Wisconsin State Assembly, District 76"; the chamber alone where no district is known."""
    labels = dict.fromkeys(district_label(chamber, district) for district in districts)
    return beside([titles.chamber_name(state, chamber), listed(list(labels))])


def house_of(state: str, chamber: str) -> str:
    """Such as "Senate", to stand before or behind its districts."""
    return gettext(_house(state, chamber))


def _house(state: str, chamber: str) -> str:
    return legislatures.chamber_words(state, titles.seat_chamber(state, chamber)).house
