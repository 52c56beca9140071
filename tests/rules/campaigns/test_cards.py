"""Where a card's lines break, letter by letter: never within what is one letter to its readers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns.cards import clean, clusters, directed, is_leftward, lines, pieces, shortened

CLUSTERS = [
    ("ក្ខា", ["ក្ខា"]),
    ("ស្ត្រី", ["ស្ត្រី"]),
    ("မြန်မာ", ["မြ", "န်", "မာ"]),
    ("ဗုဒ္ဓ", ["ဗု", "ဒ္ဓ"]),
    ("ເຂົ້າ", ["ເຂົ້າ"]),
    ("ນ້ຳ", ["ນ້ຳ"]),
    ("e\u0301a", ["e\u0301", "a"]),
    ("👩‍👩‍👧🇺🇸", ["👩‍👩‍👧", "🇺🇸"]),
    ("a \u0301", ["a", " \u0301"]),
]


@pytest.mark.parametrize(("text", "whole"), CLUSTERS)
def test_a_letter_with_all_that_belongs_to_it_is_never_parted(text: str, whole: list[str]) -> None:
    assert clusters(text) == whole


PIECES = [
    ("No to AB 969", ["No ", "to ", "AB ", "969"]),
    ("Anti-war", ["Anti-", "war"]),
    ("ភាសា\u200bខ្មែរ", ["ភាសា\u200b", "ខ្មែរ"]),
    ("不要，请写信", ["不", "要，", "请", "写", "信"]),
    ("「好」", ["「好」"]),
    ("AB 969号", ["AB ", "969", "号"]),
]


@pytest.mark.parametrize(("text", "parts"), PIECES)
def test_a_line_breaks_where_readers_expect_it(text: str, parts: list[str]) -> None:
    assert list(pieces(text)) == parts


def test_lines_are_as_wide_as_they_may_be() -> None:
    assert lines("one two three", 7, len) == ["one two", "three"]
    assert lines("a incomprehensibilities b", 6, len) == ["a", "incomp", "rehens", "ibilit", "ies b"]
    assert lines("", 7, len) == []


def test_a_text_that_is_too_wide_ends_in_an_ellipsis() -> None:
    assert shortened("one two", 7, len) == "one two"
    assert shortened("one two three", 8, len) == "one two…"
    assert shortened("ក្ខាក្ខា", 5, len) == "ក្ខា…"


@given(st.text(max_size=80))
def test_nothing_is_lost_between_clusters_pieces_and_lines(text: str) -> None:
    cleaned = clean(text)
    assert "".join(clusters(cleaned)) == "".join(pieces(cleaned)) == cleaned
    assert "".join("".join(lines(cleaned, 9, len)).split()) == "".join(cleaned.split())
    assert cleaned.isprintable() or "\u200b" in cleaned or "\u200d" in cleaned or not cleaned.isascii()


DIRECTED = [
    ("No to AB 969", [("No to AB 969", False)]),
    ("لا للشرطة (AB 969)!", [(")!", True), ("AB 969", False), ("لا للشرطة (", True)]),
    ("12 مدرسة", [(" مدرسة", True), ("12", False)]),
    ("Stop לא 12 לא now", [("Stop ", False), ("לא 12 לא", True), (" now", False)]),
    ("¡¿…", [("¡¿…", False)]),
]


@pytest.mark.parametrize(("line", "parts"), DIRECTED)
def test_parts_of_a_line_stand_as_their_readers_look_for_them(line: str, parts: list[tuple[str, bool]]) -> None:
    assert directed(line) == parts


@given(st.text(alphabet="ab لم12(.\u0301", max_size=30))
def test_no_part_of_a_line_is_lost_by_its_direction(line: str) -> None:
    parts = [part for part, _ in directed(line)]
    assert "".join(parts[::-1] if is_leftward(line) else parts) == line
