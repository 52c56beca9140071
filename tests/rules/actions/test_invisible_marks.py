from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.actions.invisible_marks import email, first_that_deceives, line, number, sought, without_marks


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("\u202d+1 (608)\u00a0555\u20110100\u202c", "+1 (608) 555-0100"),  # from a phone's contacts
        ("608\u2013555\u20130100", "608-555-0100"),
        ("608\u2212555\u22120100", "608-555-0100"),
        ("+1\ufe0d-608-555-0100", "+1-608-555-0100"),
        ("\u202d53703\u202c", "53703"),
        ("\uff15\uff13\uff17\uff10\uff13", "53703"),  # a Chinese keyboard
        ("５３７０３－１２３４", "53703-1234"),
        (" 53703\u200b", "53703"),
        ("٥٣٧٠٣", "53703"),  # Arabic, Khmer, Lao and Burmese digits
        ("៥៣៧០៣", "53703"),
        ("໕໓໗໐໓", "53703"),
        ("၅၃၇၀၃", "53703"),
        ("tel:+1-608-555-0100;ext=5", "+1-608-555-0100"),
    ],
)
def test_a_number_is_taken_as_it_was_meant(typed: str, meant: str) -> None:
    assert number(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mai\uff20example.org", "mai@example.org"),
        ("mai@example.org\u200b", "mai@example.org"),
        ("\u2068mai@example.org\u2069", "mai@example.org"),
        ("mailto:mai@example.org", "mai@example.org"),
        (" MAILTO:mai@example.org?subject=Hello", "mai@example.org"),
        ("ｍａｉ@example.org", "mai@example.org"),
        ("mailto@example.org", "mailto@example.org"),
    ],
)
def test_an_email_address_is_taken_as_it_was_meant(typed: str, meant: str) -> None:
    assert email(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("\u2068Mai Example\u2069", "Mai Example"),
        ("\u202d2 Sample Street\u202c", "2 Sample Street"),
        ("Nguyễn\u00a0Thị", "Nguyễn Thị"),
        ("မောင်\u200dမောင်", "မောင်\u200dမောင်"),  # what shapes letters stays
        ("\ufeffMai\u00ad", "Mai"),
        ("Ｍai", "Ｍai"),  # names are not folded
    ],
)
def test_a_line_loses_what_nobody_sees(typed: str, meant: str) -> None:
    assert line(typed) == meant


@pytest.mark.parametrize("text", ["Mai \u202eelpmaxE", "a \u202dשלום", "x\u202e\u202c"])
def test_what_deceives_stays_to_be_refused(text: str) -> None:
    assert first_that_deceives(text) is not None
    assert without_marks(text) == text
    assert "\u202e" in line(text) or "\u202d" not in line(text)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mailto:mai\uff20example.org", "mai@example.org"),
        ("\u202d+1 (608)\u00a0555\u20110100\u202c", "+1 (608) 555-0100"),
        ("５３７０３", "53703"),
        ("\u2068Mai\u00a0 Example\u2069", "Mai Example"),
        ("Mai\x00\tExample ", "Mai Example"),
        ("Ｍai", "Ｍai"),  # as names are kept
        ("မောင်\u200dမောင်", "မောင်\u200dမောင်"),
    ],
)
def test_what_is_looked_for_is_folded_as_what_was_typed(typed: str, meant: str) -> None:
    assert sought(typed) == meant
    assert sought(meant) == meant


@given(st.text())
def test_nothing_that_can_be_seen_is_lost(text: str) -> None:
    def seen(value: str) -> list[str]:
        return [character for character in value if unicodedata.category(character)[0] in "LNPS"]

    assert seen(line(text)) == seen(text)
    assert line(line(text)) == line(text)
    assert number(number(text)) == number(text)
