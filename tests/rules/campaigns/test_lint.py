"""What a lint says of a subject in scripts that have no capitals, and of texts that say nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionmail.rules.campaigns.lint import _asked, _is_shouting, _Paragraph, _read


@pytest.mark.parametrize(
    ("subject", "right"),
    [
        ("STOP THIS BILL AB 969 NOW", True),
        ("Please vote no on AB 969", False),
        ("ຂໍໃຫ້ສະໜັບສະໜູນ SB 12", False),
        ("សូមគាំទ្រ SB 12 សម្រាប់សិស្ស", False),
        ("请投票反对 AB 969 法案的所有内容", False),
        ("AB 969", False),
    ],
)
def test_only_letters_that_have_capitals_can_shout(subject: str, right: bool) -> None:
    assert _is_shouting(subject) is right


# Words of every pattern, whole and in parts, among those of greetings.
_WORDS = (
    "Dear Senator Representative Assemblymember Speaker Wicks, O'Neil Backman Assembly House Senate of Representatives",
    "Delegates Wisconsin the a member members vote no yes on in before support oppose reject this bill measure AB A.B.",
    "969 96 9 my your own constituent from represents me district story here insert add (add lorem ipsum TODO XX LOUD",
    "WORDS IN http://x www.y [note] {name} <your ____ %%x%% *|x|* not who sign sponsor veto do",
)
_TEXTS = st.lists(st.sampled_from([*" ".join(_WORDS).split(), "\n", "."]), max_size=12).map(" ".join)


@pytest.mark.parametrize("position", ["support", "oppose"])
@settings(max_examples=600, deadline=None)
@given(text=_TEXTS)
def test_a_text_that_says_nothing_has_no_finding_when_it_is_read_whole(position: str, text: str) -> None:
    asked = _asked("AB 969", position)
    whole = replace(asked, number="")  # such a bill's texts are all read whole
    assert _read.__wrapped__(text, asked) == _read.__wrapped__(text, whole)


def test_most_greetings_say_nothing() -> None:
    asked = _asked("AB 969", "oppose")
    for greeting in ("Dear Senator Wicks,", "Dear Representative O'Neil,", "Dear Assemblymember De La Cruz,"):
        assert asked.says_nothing(greeting)
        assert _read(greeting, asked) == _Paragraph()


@pytest.mark.parametrize("mark", list("។၊။。，؟،"))
def test_a_mark_right_behind_a_link_is_found_since_readers_of_plain_text_take_it_along(mark: str) -> None:
    asked = _asked("AB 969", "oppose")
    found = _read(f"Read https://example.org/act{mark} AB 969", asked).findings
    assert [(one.problem.code, one.problem.values) for one in found] == [
        ("links.mark", {"link": f"https://example.org/act{mark}"})
    ]
    assert _read(f"Read https://example.org/act {mark} AB 969{mark}", asked).findings == ()
    assert _read("Read https://example.org/act. AB 969", asked).findings == ()
