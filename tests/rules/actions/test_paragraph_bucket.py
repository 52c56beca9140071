"""The same paragraph has the same number, however it was typed; short ones have none."""

from __future__ import annotations

import pytest

from actionmail.rules.actions.paragraph_bucket import BUCKETS, paragraph_bucket_of

OWN = "My two children go to school here, and they are afraid of officers with guns."


@pytest.mark.parametrize(
    "typed",
    [
        OWN.upper(),
        f"  {OWN} \n",
        OWN.replace(" ", "\n\n"),
        OWN.replace(",", " —").replace(".", "!!!"),
        OWN.replace("a", "á"),
    ],
)
def test_the_same_words_have_the_same_number(typed: str) -> None:
    assert paragraph_bucket_of(typed) == paragraph_bucket_of(OWN)


def test_other_words_have_another_number_within_bounds() -> None:
    numbers = {paragraph_bucket_of(f"{OWN} I have {count} of them.") for count in range(50)}
    assert len(numbers) > 40
    assert all(number is not None and 0 <= number < BUCKETS for number in numbers)


def test_what_many_write_by_chance_has_none() -> None:
    assert paragraph_bucket_of("") is None
    assert paragraph_bucket_of("I am a teacher in Madison.") is None
    assert paragraph_bucket_of("!" * 500) is None
