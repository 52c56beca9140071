from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns.differences import Piece, Row, common, side_by_side
from tests.growth import LINEAR, growth

TEXT = st.text(st.sampled_from("ab \n.ä"), max_size=40)


def test_the_words_that_differ_are_marked() -> None:
    assert side_by_side("Same.\nPlease vote no.", "Same.\nPlease vote yes.\nThanks.") == [
        Row((Piece("Same.", False),), (Piece("Same.", False),)),
        Row(
            (Piece("Please vote ", False), Piece("no", True), Piece(".", False)),
            (Piece("Please vote ", False), Piece("yes", True), Piece(".", False)),
        ),
        Row(None, (Piece("Thanks.", True),)),
    ]


@given(TEXT, TEXT)
def test_both_texts_stand_in_the_rows_whole(old: str, new: str) -> None:
    rows = side_by_side(old, new)
    for text, sides in ((old, [row.old for row in rows]), (new, [row.new for row in rows])):
        lines = ["".join(piece.text for piece in side) for side in sides if side is not None]
        assert "\n".join(lines) == text
    assert all(row.is_same for row in rows) == (old == new)


def test_a_long_line_costs_little() -> None:
    (row,) = side_by_side("a " * 10_000, "a b " * 5_000)
    assert not row.is_same
    assert growth(lambda size: side_by_side("a " * size, "a b " * (size // 2)), 5_000, 10_000) <= LINEAR


def test_of_many_texts_the_lines_that_differ_are_marked() -> None:
    texts = [
        "Dear A,\n\nNo, please.\n1",
        "Dear B,\nof C,\n\nNo, please.\n2",
        "Dear A,\n\nNo, please.\n3",
    ]
    assert [(one.text, one.differs) for one in common(texts)] == [
        ("Dear A,", True),
        ("", False),
        ("No, please.", False),
        ("1", True),
    ]
    assert common(["One alone"]) == [Piece("One alone", False)]


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("ສີດາ ລົງ", "ສຸດາ ລົງ", ["ສຸ"]),
        ("កុំលុប", "កំលុប", ["កំ"]),
        ("ကျောင်း", "ကျွောင်း", ["ကျွော"]),
        ("Nguyễn Thị", "Nguyên Thị", ["Nguyên"]),
        ("Nguye\u0302\u0303n", "Nguye\u0302n", ["Nguye\u0302n"]),
        ("王芳的孩子", "王方的孩子", ["方"]),
    ],
)
def test_no_sign_is_torn_from_its_letter(old: str, new: str, differs: list[str]) -> None:
    (row,) = side_by_side(old, new)
    assert row.new is not None
    assert [piece.text for piece in row.new if piece.differs] == differs
