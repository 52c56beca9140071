"""What a lint says of a subject in scripts that have no capitals."""

from __future__ import annotations

import pytest

from actionmail.rules.campaigns.lint import _is_shouting


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
