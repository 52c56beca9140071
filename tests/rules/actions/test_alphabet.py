"""Alphabetical order in every script of the tool's languages."""

from __future__ import annotations

import itertools
import random

import pytest

from actionmail.rules.actions.alphabet import organisation_key, person_key


def ordered(*names: str) -> list[str]:
    return sorted(names, key=lambda name: organisation_key(name, ""))


@pytest.mark.parametrize(
    "names",
    [
        ("Alliance", "The Beacon", "Center", "A Dream", "An Example", "Forum"),
        ("apple", "Ápple", "Banana", "éclair", "Zebra"),
        ("An", "The", "Theatre Workers"),  # an article alone, and a word that begins like one, are names
        ("A. Philip Fund", "Aardvark"),
        ("“Apple”", "(Banana)", "«The Cherry»"),
        ("Nunez", "Núñez", "Nunoz"),
        ("10 Cities", "2 Cities"),
        ("ກາ", "ເກົ້າ", "ຂາ", "ນົກ"),  # Lao: a vowel before its consonant does not count first
        ("កម្ពុជា", "ខ្មែរ", "គ្រួសារ"),
        ("ကျောင်း", "ခရီး", "မြန်မာ"),
        ("Zebra", "ລາວ", "ខ្មែរ", "一"),  # scripts in Unicode's order
        ("Amanaki", "ʻAna", "Aotearoa", "Ha", "Haʻapai", "Habitat", "Iris"),  # by the letter behind the glottal stop
    ],
)
def test_names_stand_in_this_order(names: tuple[str, ...]) -> None:
    for mixed in itertools.islice(itertools.permutations(names), 24):
        assert ordered(*mixed) == list(names)


def test_the_article_counts_in_no_spelling() -> None:
    for article in ("The", "the", "THE", "A", "an", "The ", " The\u00a0"):
        assert organisation_key(f"{article} Fund", "")[0] == organisation_key("Fund", "")[0]


def test_the_same_marks_typed_otherwise_are_the_same_place() -> None:
    assert organisation_key("Workers’ Fund — East", "")[0] == organisation_key("Workers' Fund - East", "")[0]
    assert organisation_key("‘Ohana", "")[0] == organisation_key("ʻOhana", "")[0]


def test_names_that_read_alike_come_in_the_same_order_every_time() -> None:
    rows = [("Fund", "2"), ("The Fund", "1"), ("Fund", "1"), ("fund", "9"), ("Núñez", "1"), ("Nu\u0301n\u0303ez", "1")]
    wanted = sorted(rows, key=lambda row: organisation_key(*row))
    for seed in range(20):
        mixed = random.Random(seed).sample(rows, len(rows))
        assert sorted(mixed, key=lambda row: organisation_key(*row)) == wanted


def test_people_have_no_article() -> None:
    assert sorted(["An Lac", "Bao", "Lan"], key=lambda name: person_key(name, "")) == ["An Lac", "Bao", "Lan"]
    assert person_key("", "x") < person_key("a", "x")
