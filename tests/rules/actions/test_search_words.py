"""What supporters wrote is found by its words and parts of them, in every script of our languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.actions.search_words import (
    LONGEST,
    MOST_TERMS,
    grams_of,
    indexed_words,
    search_terms,
    telling_grams,
)

WORDS = indexed_words(
    [
        "Nguyễn Thị Example",
        "mai+news@example.org",
        "My child’s school needs nurses, not officers.",
        "Vu",
        "សិស្សត្រូវការគ្រូបង្រៀន",
        "ນັກຮຽນຕ້ອງການຄູ",
        "ကျောင်းသားများအတွက်",
        "王芳的孩子",
        "(608) 555-0126",
    ]
)


def is_found(typed: str) -> bool:
    """As the databases do it: all grams first, then the text itself."""
    terms = search_terms(typed)
    grams = grams_of(WORDS)
    return bool(terms) and all(
        term.grams <= grams and (f" {term.text} " in f" {WORDS} " if term.is_whole else term.text in WORDS)
        for term in terms
    )


@pytest.mark.parametrize(
    "typed",
    [
        "nguyen",
        "NGUYỄN",
        "guye",
        "mai+news@example.org",
        "@example.org",
        "nurses officers",
        "child's",
        "vu",
        "ត្រូវការ",
        "ຕ້ອງ",
        "သားများ",
        "王芳",
        "孩",
        "555-0126",
        "608",
    ],
)
def test_it_is_found_however_it_is_typed(typed: str) -> None:
    assert is_found(typed)


@pytest.mark.parametrize("typed", ["nguyenx", "nurse2", "ng", "u", "ຄູຄູ", "芳王", "other@example.org"])
def test_what_does_not_stand_there_is_not_found(typed: str) -> None:
    assert not is_found(typed)


@pytest.mark.parametrize("typed", ["", " ", "%", "''", "\\", "\x00", "…", "🙂", "--"])
def test_there_is_nothing_to_look_for(typed: str) -> None:
    assert search_terms(typed) == []


def test_very_much_is_cut() -> None:
    assert len(indexed_words(["word " * LONGEST])) <= LONGEST
    assert len(search_terms(" ".join(f"word{n}" for n in range(1000)))) == MOST_TERMS


@given(st.lists(st.text(max_size=40), max_size=5), st.data())
def test_every_word_of_a_text_is_found_by_itself_and_by_its_parts(texts: list[str], data: st.DataObject) -> None:
    words = indexed_words(texts)
    grams = grams_of(words)
    for word in words.split():
        start = data.draw(st.integers(0, len(word) - 1))
        for typed in (word, word[start:]):
            for term in search_terms(typed):
                if term.is_whole:
                    continue
                assert term.grams <= grams
                assert term.text in words
        assert all(term.grams for term in search_terms(word))


OTHERS = [f"ana lee {number} ana{number}@example.org madison" for number in range(100, 200)]


def test_what_tells_is_what_few_others_have() -> None:
    terms = search_terms("Ana 735")
    assert telling_grams(terms, OTHERS, most=5) == sorted(search_terms("735")[0].grams)
    assert telling_grams(terms, [], most=5) == sorted(terms[0].grams | terms[1].grams)


def test_where_all_are_common_the_rarest_are_asked_for() -> None:
    (term,) = search_terms("example.org")
    told = telling_grams([term], OTHERS, most=5)
    assert len(told) == 5
    assert set(told) <= term.grams


def test_a_short_word_tells_as_a_whole_only() -> None:
    """Lee is common, Le is not."""
    terms = search_terms("Le ana")
    assert telling_grams(terms, OTHERS, most=5) == sorted(search_terms("Le")[0].grams)


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4), st.integers(1, 6))
def test_what_tells_is_always_something_that_all_have(typed: str, others: list[str], most: int) -> None:
    terms = search_terms(typed)
    if terms:
        told = telling_grams(terms, [indexed_words([text]) for text in others], most=most)
        assert 1 <= len(told) <= most
        assert set(told) <= frozenset[int]().union(*(term.grams for term in terms))
