from __future__ import annotations

import pytest

from actionmail.rules.roster import titles

SEATS = [
    (state, chamber)
    for state in titles.STATES
    for chamber in (["legislature"] if state in titles.ONE_CHAMBER else ["upper", "lower"])
]


def test_there_are_fifty_states_the_district_and_puerto_rico() -> None:
    assert len(titles.STATES) == 52
    assert {"DC", "PR", "NE"} <= set(titles.STATES)


@pytest.mark.parametrize(("state", "chamber"), SEATS)
def test_every_seat_has_titles_and_a_chamber(state: str, chamber: str) -> None:
    assert titles.title(state, chamber)
    assert titles.short_title(state, chamber)
    assert titles.STATES[state] in titles.chamber_name(state, chamber) or state == "VA"
    assert titles.salutation(state, chamber, "Sample").endswith(" Sample,")


@pytest.mark.parametrize(
    ("state", "chamber", "title", "short", "name"),
    [
        ("CA", "lower", "Assemblymember", "Asm.", "California State Assembly"),
        ("CA", "upper", "Senator", "Sen.", "California State Senate"),
        ("WI", "lower", "Representative", "Rep.", "Wisconsin State Assembly"),
        ("WI", "upper", "Senator", "Sen.", "Wisconsin State Senate"),
        ("NJ", "lower", "Assemblymember", "Asm.", "New Jersey General Assembly"),
        ("NY", "lower", "Assemblymember", "Asm.", "New York State Assembly"),
        ("NV", "lower", "Assemblymember", "Asm.", "Nevada Assembly"),
        ("MD", "lower", "Delegate", "Del.", "Maryland House of Delegates"),
        ("VA", "lower", "Delegate", "Del.", "Virginia House of Delegates"),
        ("VA", "upper", "Senator", "Sen.", "Senate of Virginia"),
        ("WV", "lower", "Delegate", "Del.", "West Virginia House of Delegates"),
        ("NE", "legislature", "Senator", "Sen.", "Nebraska Legislature"),
        ("NE", "upper", "Senator", "Sen.", "Nebraska Legislature"),
        ("DC", "legislature", "Councilmember", "Councilmember", "Council of the District of Columbia"),
        ("MN", "lower", "Representative", "Rep.", "Minnesota House of Representatives"),
        ("PR", "upper", "Senator", "Sen.", "Senate of Puerto Rico"),
    ],
)
def test_members_are_addressed_as_their_chamber_does(
    state: str, chamber: str, title: str, short: str, name: str
) -> None:
    assert titles.title(state, chamber) == title
    assert titles.short_title(state, chamber) == short
    assert titles.chamber_name(state, chamber) == name


def test_a_salutation_ends_with_its_comma_with_or_without_a_name() -> None:
    assert titles.salutation("CA", "lower", "Wicks") == "Dear Assemblymember Wicks,"
    assert titles.salutation("CA", "lower", " ") == "Dear Assemblymember,"


@pytest.mark.parametrize(("state", "chamber"), [("XX", "upper"), ("wi", "upper"), ("WI", "legislature"), ("WI", "")])
def test_a_chamber_that_is_none_is_refused(state: str, chamber: str) -> None:
    with pytest.raises(titles.UnknownChamber):
        titles.title(state, chamber)


@pytest.mark.parametrize(
    ("state", "title", "short"),
    [
        ("WI", "Representative", "Rep."),
        ("DC", "Delegate", "Del."),
        ("PR", "Resident Commissioner", "Resident Commissioner"),
    ],
)
def test_who_sits_in_the_house_of_representatives(state: str, title: str, short: str) -> None:
    assert (titles.title(state, "us_lower"), titles.short_title(state, "us_lower")) == (title, short)
    assert titles.salutation(state, "us_lower", "Sample") == f"Dear {title} Sample,"
