"""Whom a campaign writes to, and which letter each of them gets: by rules, whatever their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns.targets import (
    DO,
    OWN,
    TO,
    Audience,
    Person,
    Rule,
    addressing_of,
    first_match,
    members_of,
    reaches,
)
from actionmail.rules.roster import titles
from actionmail.web.campaigns.words import members

BOTH = ("upper", "lower")
CHAMBERS = st.lists(st.sampled_from(BOTH), unique=True, max_size=2).map(tuple)
PARTIES = ("Green", "Blue", "Red")
BOARDS = ("roads", "schools", "parks")
KEYS = ("p/1", "p/2", "p/3")
SOME_PARTIES, SOME_BOARDS, SOME_KEYS = (
    st.lists(st.sampled_from(names), unique=True, max_size=2).map(tuple) for names in (PARTIES, BOARDS, KEYS)
)
PEOPLE = st.builds(
    Person,
    key=st.sampled_from(KEYS),
    chamber=st.sampled_from(BOTH),
    party=st.sampled_from(["", "Green", "Blue/Red"]),
    committees=st.frozensets(st.sampled_from(BOARDS), max_size=2),
)
RULES = st.lists(
    st.builds(
        Rule,
        do=st.sampled_from(DO),
        chambers=CHAMBERS,
        parties=SOME_PARTIES,
        committees=SOME_BOARDS,
        people=SOME_KEYS,
    ),
    max_size=5,
)
AUDIENCES = st.lists(
    st.builds(
        Audience,
        chambers=CHAMBERS,
        parties=SOME_PARTIES,
        committees=SOME_BOARDS,
        own=st.sampled_from(OWN),
        to=st.sampled_from(TO),
    ),
    max_size=5,
)
LARA = Person(key="p/1", chamber="lower", party="Blue/Red", committees=frozenset({"roads"}))


def ways(*rules: Rule, chambers: tuple[str, ...] = BOTH, person: Person = LARA) -> list[bool]:
    return list(addressing_of("WI", chambers, rules, person).ways)


def test_without_rules_the_supporters_own_are_written_to_and_nobody_else() -> None:
    assert ways() == [True]
    assert ways(chambers=("upper",)) == []
    assert ways(chambers=()) == []


@pytest.mark.parametrize(
    ("rule", "names_her"),
    [
        (Rule(do="add", chambers=("lower",)), True),
        (Rule(do="add", chambers=("upper",)), False),
        (Rule(do="add", parties=("Red",)), True),  # one of her two
        (Rule(do="add", parties=("Blue/Red",)), False),
        (Rule(do="add", committees=("parks", "roads")), True),
        (Rule(do="add", committees=("parks",)), False),
        (Rule(do="add", people=("p/1",)), True),
        (Rule(do="add", parties=("Red",), committees=("parks",)), False),  # all that is given must hold
        (Rule(do="add", parties=("Red",), committees=("roads",), chambers=("lower",), people=("p/1",)), True),
    ],
)
def test_a_rule_names_whoever_meets_all_its_conditions(rule: Rule, names_her: bool) -> None:
    assert rule.names("WI", LARA) is names_her
    assert ways(rule, chambers=()) == ([False] if names_her else [])


def test_only_keeps_of_the_own_and_one_of_several_is_enough() -> None:
    green, road = Rule(do="only", parties=("Green",)), Rule(do="only", committees=("roads",))
    assert ways(green) == []
    assert ways(green, road) == [True]
    assert ways(green, Rule(do="add", people=("p/1",))) == [True, False]  # added all the same


def test_everybodys_senator_is_nobodys_other() -> None:
    senator = Person(key="p/9", chamber="us_upper")
    add = Rule(do="add", people=("p/9",))
    assert ways(add, chambers=("us_upper",), person=senator) == [True]
    assert ways(add, chambers=("upper",), person=senator) == [False]


@given(person=PEOPLE, chambers=CHAMBERS, rules=RULES, out=st.integers(0, 5))
def test_leaving_out_wins_wherever_it_stands(
    person: Person, chambers: tuple[str, ...], rules: list[Rule], out: int
) -> None:
    rules.insert(out, Rule(do="leave out", people=(person.key,)))
    assert not addressing_of("WI", chambers, rules, person).ways


@given(person=PEOPLE, chambers=CHAMBERS, rules=RULES, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_rules_does_not_matter(
    person: Person, chambers: tuple[str, ...], rules: list[Rule], shuffled: object
) -> None:
    before = addressing_of("WI", chambers, rules, person)
    shuffled.shuffle(rules)  # type: ignore[attr-defined]
    assert addressing_of("WI", chambers, rules, person) == before


@given(person=PEOPLE, chambers=CHAMBERS, rules=RULES)
def test_whoever_is_written_to_sits_where_the_campaign_reaches(
    person: Person, chambers: tuple[str, ...], rules: list[Rule]
) -> None:
    if addressing_of("WI", chambers, rules, person).ways:
        assert reaches("WI", chambers, rules, person.chamber)


@given(person=PEOPLE, audiences=AUDIENCES, is_own=st.booleans(), is_thanked=st.booleans())
def test_a_target_gets_one_letter_at_most_and_the_first_that_is_for_them(
    person: Person, audiences: list[Audience], is_own: bool, is_thanked: bool
) -> None:
    letters = [(audience, "en", number) for number, audience in enumerate(audiences)]
    got = first_match(letters, "WI", person, is_own=is_own, is_thanked=is_thanked, language="en")
    fitting = [n for a, _, n in letters if a.matches("WI", person, is_own=is_own, is_thanked=is_thanked)]
    assert got == (min(fitting) if fitting else None)
    if got is not None:
        assert audiences[got].to == ("thank" if is_thanked else "ask")
        assert audiences[got].own in ("any", "own" if is_own else "other")


def test_the_language_asked_for_is_preferred_to_the_order() -> None:
    letters = [(Audience(), "es", "Spanish"), (Audience(), "en", "English"), (Audience(own="other"), "en", "Others")]
    for is_own, language, name in [(True, "en", "English"), (True, "hmn", "Spanish"), (False, "es", "Spanish")]:
        assert first_match(letters, "WI", LARA, is_own=is_own, is_thanked=False, language=language) == name


def test_a_letter_names_the_first_of_its_committees_that_she_sits_on() -> None:
    names = {"roads": "Assembly Committee on Roads", "parks": "Assembly Committee on Parks"}
    assert Audience(committees=("parks", "roads")).committee_of(LARA, names) == "Assembly Committee on Roads"
    assert Audience(committees=("parks",)).committee_of(LARA, names) == ""


def test_rules_in_words() -> None:
    names = {"roads": "Assembly Committee on Roads"}
    people = {"p/1": "Lara Sample"}

    def said(**conditions: tuple[str, ...]) -> str:
        return members(members_of("WI", Rule(do="add", **conditions), names, people))

    assert said(committees=("roads",)) == "members of the Assembly Committee on Roads"
    assert said(parties=("Green",), chambers=("lower",)) == "Green members of the Wisconsin State Assembly"
    assert said(people=("p/1", "p/2")) == "Lara Sample and somebody who is no longer in office"
    assert said(committees=("parks",), people=("p/1",)) == "members of a committee that is gone among Lara Sample"


def test_a_party_has_one_name_in_states_and_in_congress() -> None:
    senator = Person(key="p/9", chamber="us_upper", party="Democrat")
    assert Rule(do="add", parties=("Democratic",)).names("WI", senator)


@pytest.mark.parametrize(
    ("chamber", "name", "said"),
    [
        ("lower", "Transportation", "Assembly Committee on Transportation"),
        ("upper", "Rules", "Senate Committee on Rules"),
        ("legislature", "Finance", "Joint Committee on Finance"),
        ("upper", "Select Committee on Water", "Select Committee on Water"),
    ],
)
def test_committees_by_name(chamber: str, name: str, said: str) -> None:
    assert titles.committee_name("CA", chamber, name) == said
