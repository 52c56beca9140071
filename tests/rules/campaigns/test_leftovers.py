"""What was meant for the writer is found wherever it stands, also where most texts need no second look."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns.leftovers import _MARKS, _OF_SUPPORTERS, _PROMPTS, prompts

PIECES = (
    *("[add your story here]", "<your name>", "[city]", "[the city] has asked", "(add your own words)", "(see above)"),
    *(
        "insert the name of your town here",
        "Your story HERE",
        "tell us your reason here",
        "lorem ipsum",
        "Lorem\u00a0Ipsum",
    ),
    *("{name}", "{{", "%}", "<<first>>", "[[last]]", "*|FNAME|*", "%%zip%%", "____", "snake_case", "5 * 3", "100%"),
    *("Vote no.", "I live here.", "There is nothing in your letter here", "\n", " "),
)


@given(st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join))
def test_what_is_not_looked_for_is_not_there(text: str) -> None:
    found = []
    for pattern in (_OF_SUPPORTERS, _PROMPTS, _MARKS):
        if match := pattern.search(text):
            found.append(match[0].strip())
    told = prompts(text)
    assert all(any(words in longer for longer in told) for words in found)
    assert set(told) <= set(found)


@pytest.mark.parametrize(
    "piece", [piece for piece in PIECES if piece[0] in "[<{(*%_" and "has asked" not in piece and "above" not in piece]
)
def test_each_of_these_is_told(piece: str) -> None:
    assert prompts(f"I ask you to vote no. {piece} Thank you.")
