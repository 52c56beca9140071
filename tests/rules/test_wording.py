"""Words that sentences of every room need."""

from __future__ import annotations

import pytest

from actionmail.rules.wording import possessive


@pytest.mark.parametrize(
    ("name", "whose"),
    [("Example Group", "Example Group's"), ("Good Neighbors", "Good Neighbors'"), ("ACTIONS", "ACTIONS'"), ("", "'s")],
)
def test_whose_it_is(name: str, whose: str) -> None:
    assert possessive(name) == whose
