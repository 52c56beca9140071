from __future__ import annotations

import re

import pytest

from actionmail.rules.roster import titles
from actionmail.rules.roster.seats import from_csv
from actionmail.settings import bundled

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
    with pytest.raises(titles.UnknownChamber) as refused:
        titles.title(state, chamber)
    is_of_two = (state, chamber) == ("WI", "legislature")
    code = titles.ChamberFault.TWO_CHAMBERS if is_of_two else titles.ChamberFault.NO_SUCH_CHAMBER
    assert (refused.value.code, refused.value.state, refused.value.chamber) == (code, state, chamber)


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


@pytest.mark.parametrize("territory", ["AS", "GU", "MP", "VI"])
def test_a_territory_has_a_delegate(territory: str) -> None:
    assert titles.salutation(territory, "us_lower", "Sample") == "Dear Delegate Sample,"
    assert titles.short_title(territory, "us_lower") == "Del."
    assert titles.chamber_name(territory, "us_lower") == "United States House of Representatives"
    with pytest.raises(titles.UnknownChamber):
        titles.title(territory, "us_upper")


@pytest.mark.parametrize(
    ("chamber", "district", "label"),
    [
        ("lower", "76", "District 76"),
        ("lower", "22A", "District 22A"),
        ("upper", "B", "District B"),
        ("us_lower", "37", "District 37"),
        ("us_upper", "Statewide", "the whole state"),
        ("us_lower", "At-Large", "the whole state"),
        ("legislature", "At-Large", "At-Large"),
        ("legislature", "Chairman", "Chairman"),
        ("legislature", "Ward 2", "Ward 2"),
        ("lower", "3rd Barnstable", "the 3rd Barnstable District"),
        ("upper", "Worcester and Middlesex", "the Worcester and Middlesex District"),
        ("lower", "Hillsborough 12", "Hillsborough District 12"),
        ("lower", "Chittenden-3", "the Chittenden-3 District"),
        ("upper", "Chittenden Central", "the Chittenden Central District"),
        ("lower", "Passamaquoddy Tribe", "the Passamaquoddy Tribe"),
        ("lower", "Houlton Band of Maliseet Indians", "the Houlton Band of Maliseet Indians"),
    ],
)
def test_a_district_is_called_as_people_call_it(chamber: str, district: str, label: str) -> None:
    assert titles.district_label(chamber, district) == label


@pytest.mark.parametrize(
    ("state", "chamber", "district", "words"),
    [
        ("WI", "lower", "76", "Assembly District 76"),
        ("MN", "lower", "67A", "House District 67A"),
        ("MA", "lower", "15th Worcester", "the 15th Worcester District of the House"),
        ("MA", "upper", "First Worcester", "the First Worcester District of the Senate"),
        ("VT", "upper", "Washington", "the Washington District of the Senate"),
        ("NH", "lower", "Carroll 1", "Carroll District 1 of the House"),
        ("NE", "legislature", "28", "legislative District 28"),
        ("DC", "legislature", "Ward 6", "Ward 6"),
        ("VT", "us_lower", "At-Large", "the only U.S. House district of Vermont"),
        ("GU", "us_lower", "At-Large", "the only U.S. House district of Guam"),
        ("TX", "us_lower", "37", "U.S. House District 37"),
    ],
)
def test_a_district_of_a_house_is_called_as_people_call_it(state: str, chamber: str, district: str, words: str) -> None:
    assert titles.district_in_house(state, chamber, district) == words


def test_everybody_in_the_shipped_rosters_can_be_greeted() -> None:
    nonsense = re.compile(r"[,0-9/()]|\b(?:jr|sr|ii+|iv|dr|hon)\b|^.?$", re.IGNORECASE)
    for file in ("legislators.csv", "congress.csv"):
        for row in from_csv((bundled("data") / file).read_bytes(), file):
            if row.status == "sitting":
                greeting = titles.salutation(row.state, row.chamber, row.family_name or row.name)
                assert not nonsense.search(greeting.removesuffix(",")), greeting
            label = titles.district_label(row.chamber, row.district)
            assert not re.search(r"District [^0-9A-Z]|District .{4}", label), label
