"""Rows that stand by ZIP code, each as a pattern says: checked at once, and left in the text that they are of.

All tables that we write are like this. A start would otherwise spend a third of its time on lines of which nobody asks
for one in a hundred. Whatever is written otherwise is read line by line (`table_text.grouped_rows`), which tells what
is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_OF_ONE_ZIP = re.compile(r"^([0-9]{5}),.*\n(?:\1,.*\n)*", re.MULTILINE)
_PIECE = 256 * 1024  # so much is looked at in one go: what is different in all of it would take five times its memory
_ZIP_CELL = len("00000,")


class RowsInText(Mapping[str, Sequence[str]]):
    """The rows of each ZIP code without it, cut out of the text when they are asked for."""

    def __init__(self, text: str, begins: Mapping[str, int]) -> None:
        self._text, self._begins = text, begins

    def __getitem__(self, zip5: str) -> list[str]:
        place = self._begins[zip5]
        rows = []
        while self._text.startswith(f"{zip5},", place):
            end = self._text.index("\n", place)
            rows.append(self._text[place + _ZIP_CELL : end])
            place = end + 1
        return rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._begins)

    def __len__(self) -> int:
        return len(self._begins)


def rows_in_order(text: str, row: re.Pattern[str]) -> tuple[RowsInText, set[Any]] | None:
    """The rows below the first line, and all that the pattern's group, or groups, find in them.

    The pattern is of a whole line with its end. None unless every row fits it, and all of a ZIP code stand together.
    """
    begin = text.find("\n") + 1
    different: set[Any] = set()  # texts, or tuples of them
    count, place = 0, begin
    while place < len(text):
        end = text.find("\n", place + _PIECE) + 1 or len(text)
        fits = row.findall(text, place, end)
        count += len(fits)
        different.update(fits)
        place = end
    if not count or count != text.count("\n") - 1 or not text.endswith("\n"):
        return None
    parts = [(of_zip[1], of_zip.start()) for of_zip in _OF_ONE_ZIP.finditer(text, begin)]
    begins = dict(parts)
    return (RowsInText(text, begins), different) if len(begins) == len(parts) else None
