"""Rows that stand by ZIP code, each as a pattern says: checked at once, and left in the text that they are of.

All tables that we write are like this. A start would otherwise spend a third of its time on lines of which nobody asks
for one in a hundred. Whatever is written otherwise is read line by line (`table_text.grouped_rows`), which tells what
is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from operator import lt
from typing import Any, Final

_OF_ONE_ZIP: Final = re.compile(r"^([0-9]{5}),.*\n(?:\1,.*\n)*", re.MULTILINE)
_ZIP_DIGITS: Final = 5
_ZIP_CELL: Final = len("00000,")
_MOST: Final = 1000  # rows that are taken at once: what a pattern remembers grows with them


class RowsInText(Mapping[str, Sequence[str]]):
    """The rows of each ZIP code without it, looked for in the text, and cut out of it, when they are asked for."""

    def __init__(self, text: str, begin: int, count: int) -> None:
        """Of `count` ZIP codes, in their order from `begin` on."""
        self._text, self._begin, self._count = text, begin, count

    def __getitem__(self, zip5: str) -> list[str]:
        place = self._place(zip5)
        rows = []
        while len(zip5) == _ZIP_DIGITS and self._text.startswith(f"{zip5},", place):
            end = self._text.index("\n", place)
            rows.append(self._text[place + _ZIP_CELL : end])
            place = end + 1
        if not rows:
            raise KeyError(zip5)
        return rows

    def _place(self, zip5: str) -> int:
        """Where the first line begins whose ZIP code is not lower: each look halves what is left."""
        text, low, high = self._text, self._begin, len(self._text)
        while low < high:
            line = text.rfind("\n", low, (low + high) // 2) + 1 or low
            if text[line : line + _ZIP_DIGITS] < zip5:
                low = text.index("\n", line) + 1
            else:
                high = line
        return low

    def __iter__(self) -> Iterator[str]:
        for of_zip in _OF_ONE_ZIP.finditer(self._text, self._begin):
            yield of_zip[1]

    def __len__(self) -> int:
        return self._count


def rows_alike(row: Callable[..., str], *cells: str) -> str:
    """The expression of rows, one after another, in which the same stands for these cells: `row` makes a line's of
    them, and they are its groups.
    """
    first = row(*(f"({cell})" for cell in cells))
    further = row(*(rf"\{number}" for number in range(1, len(cells) + 1)))
    return f"{first}(?:{further}){{0,{_MOST}}}"


def rows_in_order(text: str, *patterns: re.Pattern[str]) -> tuple[RowsInText, set[tuple[str, ...]]] | None:
    """The rows below the first line, and all that the groups of these patterns find in them: of `rows_alike`.

    None unless every row fits one of them, and the ZIP codes stand in their order.
    """
    begin = place = text.find("\n") + 1
    different: set[tuple[str, ...]] = set()
    while place < len(text):
        alike = next(filter(None, (pattern.match(text, place) for pattern in patterns)), None)
        if alike is None:
            return None
        different.add(alike.groups())
        place = alike.end()
    codes = _OF_ONE_ZIP.findall(text, begin)
    is_in_order = all(map(lt, codes, islice(codes, 1, None)))
    return (RowsInText(text, begin, len(codes)), different) if codes and is_in_order else None


def found_in_rows(text: str, cells: re.Pattern[str], state: str) -> set[Any]:
    """All that the pattern's group, or groups, find in the rows of a state, and perhaps in some others; in all rows
    where it is "". The ZIP codes of a state lie together, so most of the text need not be looked at.
    """
    if not state:
        return set(cells.findall(text))
    first, last = text.find(f",{state},"), text.rfind(f",{state},")
    return set(cells.findall(text, first - _ZIP_DIGITS, text.index("\n", last))) if first >= 0 else set()
