"""The words of each chamber fit one another."""

from __future__ import annotations

import pytest

from actionmail.rules.districts.legislatures import chamber_words
from actionmail.rules.districts.states import FEDERAL_CHAMBERS, ONE_HOUSE, STATES

TITLES = {"Assembly": {"Assemblymember", "Representative"}, "House of Delegates": {"Delegate"}, "Senate": {"Senator"}}


@pytest.mark.parametrize("state", [state for state in STATES if state not in ONE_HOUSE])
def test_the_word_before_district_is_of_the_chamber_s_name_and_goes_with_the_title(state: str) -> None:
    for chamber in ("upper", "lower"):
        words = chamber_words(state, chamber)
        assert words.house in words.name
        assert words.title in TITLES.get(words.house, {"Representative"})


@pytest.mark.parametrize("state", STATES)
def test_congress_is_the_same_everywhere_but_for_delegates(state: str) -> None:
    senate, house = (chamber_words(state, chamber) for chamber in FEDERAL_CHAMBERS)
    assert (senate.name, senate.house, senate.title) == ("United States Senate", "U.S. Senate", "Senator")
    assert house.name == "United States House of Representatives"
    assert house.title == {"DC": "Delegate", "PR": "Resident Commissioner"}.get(state, "Representative")


def test_legislatures_of_one_house() -> None:
    assert {state: chamber_words(state, "legislature").house for state in ONE_HOUSE} == {
        "NE": "legislative",
        "DC": "council",
    }
