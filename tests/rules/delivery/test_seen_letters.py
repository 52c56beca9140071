"""The numbers of the letters that somebody saw, on their way through a page."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.delivery.seen_letters import MOST, NotSeen, packed, unpacked


@given(st.sets(st.integers(min_value=1, max_value=2**63 - 1), max_size=200))
def test_what_was_packed_comes_out_again(ids: set[int]) -> None:
    assert unpacked(packed(ids)) == tuple(sorted(ids))


@given(st.text(max_size=80))
def test_any_other_text_is_told(text: str) -> None:
    try:
        ids = unpacked(text)
    except NotSeen:
        return
    assert text == "" or all(number > 0 for number in ids)


def test_the_most_that_one_press_may_change_fits_into_a_post() -> None:
    """A letter in a hundred of five million; a post may have 256 kB."""
    text = packed(range(100, 101 * MOST, 101))
    assert len(unpacked(text)) == MOST
    assert len(packed([number * 97 + number % 89 for number in range(1, MOST + 1)])) < 200_000
    assert len(text) < 200_000


def _squeezed(octets: bytes) -> str:
    return urlsafe_b64encode(zlib.compress(octets)).decode()


@pytest.mark.parametrize(
    "text",
    [
        packed(range(1, MOST + 2)),
        _squeezed(b"\x01" * 20_000_000),
        _squeezed(b"\x80"),
        _squeezed(b"\x00"),
        _squeezed(b"\xff" * 30 + b"\x01"),
        packed([1, 2, 3])[:-6],
        "é",
        "%%%",
    ],
    ids=["too many", "a bomb", "half a number", "zero", "a huge number", "cut", "no ASCII", "no alphabet"],
)
def test_what_was_not_written_here_is_refused(text: str) -> None:
    with pytest.raises(NotSeen):
        unpacked(text)
