from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns.fields import FIELDS
from actionmail.rules.campaigns.kinds.call.scripts import (
    _HINTS,
    _LEADS,
    SCRIPT_FIELDS,
    Part,
    read_script,
    script_errors,
)
from actionmail.rules.campaigns.problems import LetterError
from tests.growth import LINEAR, growth

MAI = {
    "supporter_name": "Mai Example",
    "city": "Berkeley",
    "state": "California",
    "zip": "94703",
    "street": "12 Sample Street",
    "legislator_name": "Lara Sample",
    "legislator_last_name": "Sample",
    "legislator_title": "Assemblymember",
    "legislator_district": "14",
    "bill": "SB 1161",
    "bill_title": "Safer rides",
    "organisation": "Example Community Group",
}


def aloud(text: str, values: dict[str, str]) -> str:
    """The script as a caller reads it, a blank as three low lines."""
    return "".join("___" if part.is_blank else part.text for part in read_script(text).fill(values))


@pytest.mark.parametrize(
    ("text", "full", "empty"),
    [
        (
            "My name is ____ from (city, state). Free them.",
            "My name is Mai Example from Berkeley, California. Free them.",
            "My name is ___ from ___, ___. Free them.",
        ),
        ("My name is ____ (name).", "My name is Mai Example.", "My name is ___."),
        ("My name is ____(your name).", "My name is Mai Example.", "My name is ___."),
        ("My name is [your name].", "My name is Mai Example.", "My name is ___."),
        ("My name is [Your Name].", "My name is Mai Example.", "My name is ___."),
        ("My name is [insert your name here].", "My name is Mai Example.", "My name is ___."),
        ("My name is (name).", "My name is Mai Example.", "My name is ___."),
        ("my name’s [first and last name]", "my name’s Mai Example", "my name’s ___"),
        ("Hello, I'm ____.", "Hello, I'm Mai Example.", "Hello, I'm ___."),
        ("Hello, I’m __ ,", "Hello, I’m Mai Example ,", "Hello, I’m ___ ,"),
        ("Hi, this is ______________ calling", "Hi, this is Mai Example calling", "Hi, this is ___ calling"),
        ("I am\n____", "I am\nMai Example", "I am\n___"),
        ("I live in ____, ____.", "I live in Berkeley, California.", "I live in ___, ___."),
        ("I'm calling from ____.", "I'm calling from Berkeley.", "I'm calling from ___."),
        ("a resident of ____", "a resident of Berkeley", "a resident of ___"),
        ("in the state of ____", "in the state of California", "in the state of ___"),
        ("My ZIP code is ____.", "My ZIP code is 94703.", "My ZIP code is ___."),
        ("zip: ____", "zip: 94703", "zip: ___"),
        ("I live on ____", "I live on 12 Sample Street", "I live on ___"),
        ("Hello, Senator ____!", "Hello, Senator Sample!", "Hello, Senator ___!"),
        ("(City and State)", "Berkeley, California", "___, ___"),
        ("[city/state]", "Berkeley, California", "___, ___"),
        ("[city & state]", "Berkeley, California", "___, ___"),
        ("[city, state, zip code]", "Berkeley, California, 94703", "___, ___, ___"),
        ("(your name) of (your city)", "Mai Example of Berkeley", "___ of ___"),
        ("(my zip)", "94703", "___"),
        ("[the bill number]", "SB 1161", "___"),
        ("[bill_title]", "Safer rides", "___"),
        ("[senator's name]", "Lara Sample", "___"),
        ("[senator’s name]", "Lara Sample", "___"),
        ("[title] [legislator's last name]", "Assemblymember Sample", "___ ___"),
        ("district {{ legislator_district }}", "district 14", "district ___"),
        ("{{supporter_name}} for {{ organisation }}", "Mai Example for Example Community Group", "___ for ___"),
        ("(202) 456-1111 (press 2)", "(202) 456-1111 (press 2)", "(202) 456-1111 (press 2)"),
        ("Thank you (pause). Bye.", "Thank you (pause). Bye.", "Thank you (pause). Bye."),
        ("(I am ____ and angry)", "(I am Mai Example and angry)", "(I am ___ and angry)"),
        ("“they was [sic] told”", "“they was [sic] told”", "“they was [sic] told”"),
        ("snake_case stays", "snake_case stays", "snake_case stays"),
        ("No blank at all.", "No blank at all.", "No blank at all."),
        ("ខ្ញុំឈ្មោះ [name] មកពី (city)", "ខ្ញុំឈ្មោះ Mai Example មកពី Berkeley", "ខ្ញុំឈ្មោះ ___ មកពី ___"),
        ("Line one\r\nmy name is ____\r\n", "Line one\nmy name is Mai Example\n", "Line one\nmy name is ___\n"),
    ],
)
def test_a_script_is_filled_from_what_is_known_and_left_blank_elsewhere(text: str, full: str, empty: str) -> None:
    assert aloud(text, MAI) == full
    assert aloud(text, {}) == empty
    assert script_errors(text) == []


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("", [(1, 1, "script.empty")]),
        (" \n", [(1, 1, "script.empty")]),
        ("I support ____.", [(1, 11, "script.blank-without-field")]),
        ("Hi.\nI want ____ and ____.", [(2, 8, "script.blank-without-field"), (2, 17, "script.blank-without-field")]),
        ("____ is my name.", [(1, 1, "script.blank-without-field")]),
        ("the refrain ____", [(1, 13, "script.blank-without-field")]),
        ("I eat ____ (fruit)", [(1, 7, "script.blank-without-field")]),
        ("[fruit]", [(1, 1, "script.unknown-blank")]),
        ("My name is [yuor name].", [(1, 12, "script.unknown-blank-near")]),
        ("[city, fruit]", [(1, 1, "script.unknown-blank-near")]),
        ("[]", [(1, 1, "script.unknown-blank")]),
        ("[Pause for an answer]", [(1, 1, "script.unknown-blank")]),
        ("(your favourite bus line)", [(1, 1, "script.unknown-blank")]),
        ("(insert a story)", [(1, 1, "script.unknown-blank")]),
        ("{{ name }}", [(1, 1, "letter.unknown-field-near")]),
        ("{{ xyzzy }}", [(1, 1, "letter.unknown-field")]),
        ("{{ salutation }}", [(1, 1, "letter.unknown-field-near")]),
        ("I am {name}", [(1, 6, "script.left-over")]),
        ("Hello\nTODO: write", [(2, 1, "script.left-over")]),
        ("My name is [your name", [(1, 12, "script.bracket-not-closed")]),
        ("I am (your name", [(1, 6, "script.bracket-not-closed")]),
        ("name]", [(1, 5, "script.bracket-not-closed")]),
        ("from \u202eabc", [(1, 6, "letter.direction-mark")]),
        ("x" * 20_001, [(1, 1, "letter.too-long")]),
    ],
)
def test_what_is_wrong_with_a_script_stands_at_its_line_and_column(
    text: str, errors: list[tuple[int, int, str]]
) -> None:
    assert [(error.line, error.column, error.problem.code) for error in script_errors(text)] == errors
    with pytest.raises(LetterError) as caught:
        read_script(text)
    assert (caught.value.line, caught.value.column, caught.value.problem.code) == errors[0]


def test_what_is_half_known_is_half_filled() -> None:
    assert aloud("I am from (city, state).", {"state": "California"}) == "I am from ___, California."


def test_a_value_is_put_in_as_it_is_in_one_line() -> None:
    parts = read_script("I am ____!").fill({"supporter_name": " (city)\n{{ bill }} "})
    assert parts == (Part("I am "), Part("(city) {{ bill }}", "supporter_name"), Part("!"))


def test_the_fields_of_a_script_are_told_in_order_and_once() -> None:
    assert read_script("(city), I am ____ from (city, state)").fields == ("city", "supporter_name", "state")


def test_hints_and_leads_lead_to_fields_of_letters() -> None:
    named = {*_HINTS.values(), *(name for _, name in _LEADS)}
    assert named <= set(SCRIPT_FIELDS) <= set(FIELDS)


@given(st.text(alphabet="_[](){}, \nnamecitystIlvfro'", max_size=300))
def test_any_text_is_read_or_refused_and_nothing_of_it_is_lost(text: str) -> None:
    errors = script_errors(text)
    for error in errors:
        assert error.line <= text.count("\n") + 1
    if not errors:
        outside = "".join(part.text for part in read_script(text).fill({}))
        assert len(outside) <= len(text)


@pytest.mark.parametrize("piece", ["____", "(name", "[", "[name]", "(", "{{", "_ ", "I am ____ (", "(your "])
def test_a_script_is_read_in_time_that_grows_with_its_length(piece: str) -> None:
    small, large = (piece * 20_000)[:10_000], (piece * 20_000)[:20_000]
    assert growth(script_errors, small, large) <= LINEAR
