"""What is exported opens in a spreadsheet as text, however it was typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from actionmail.rules.csv_export import BYTE_ORDER_MARK, csv_lines, neutral

UNSEEN = [
    "",
    "\ufeff",
    "\t",
    "\r",
    "\n",
    " ",
    "\u00a0",
    "\u200b",
    "\u200d",
    "\u2060",
    "\u00ad",
    "\u3000",
    "\u0300",
    "\u3164",
    "\u2800",
    "\0",
    "\ufeff\t",
    "\ufffe",
    "\u2065",
    "\ufe0f",
    "\U000e0020",
]


@pytest.mark.parametrize("behind", UNSEEN, ids=ascii)
@pytest.mark.parametrize(
    "sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "−", "|", "%", "｜", "％", "﹪", "⁼", "₊", "﹣"]
)
def test_no_cell_begins_a_formula_behind_what_nobody_sees(behind: str, sign: str) -> None:
    for lead in (behind, behind * 3, f" {behind}\u200b"):
        text = f"{lead}{sign}1+1"
        assert neutral(text) == "'" + text.replace("\0", "")


@pytest.mark.parametrize(
    "text", ["Mai Xiong", "O'Neil", "a=b", "ʻAna", "ខ្មែរ", "1-2", "", " ", "\ufeff", "“=1”", "(=1)"]
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert neutral(text) == text


def test_numbers_are_numbers_and_nothing_is_empty() -> None:
    assert [neutral(-5), neutral(0), neutral(None)] == ["-5", "0", ""]


def test_a_table_is_read_back_as_it_was() -> None:
    rows = [("=cmd|' /C calc'!A0", 'say "hi", you', "two\nlines"), ("ʻOku", None, -3)]
    text = "".join(csv_lines(("Name", "Comment", "-Number"), rows))
    assert text.startswith(BYTE_ORDER_MARK)
    assert list(csv.reader(io.StringIO(text[1:], newline=""))) == [
        ["Name", "Comment", "'-Number"],
        ["'=cmd|' /C calc'!A0", 'say "hi", you', "two\nlines"],
        ["ʻOku", "", "-3"],
    ]


def test_rows_are_asked_for_one_at_a_time() -> None:
    asked: list[int] = []

    def rows() -> Iterator[tuple[int]]:
        for number in range(3):
            asked.append(number)
            yield (number,)

    lines = csv_lines(("Number",), rows())
    assert next(lines) == '\ufeff"Number"\r\n'
    assert asked == []
    assert next(lines) == '"0"\r\n'
    assert asked == [0]


def test_a_row_that_does_not_fit_its_head_is_refused() -> None:
    with pytest.raises(ValueError, match="1"):
        list(csv_lines(("a", "b"), [("x",)]))
