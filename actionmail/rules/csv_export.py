"""CSV that people open in a spreadsheet: one function for everything that is exported.

A cell that a spreadsheet would take for a formula is made text by an apostrophe, as OWASP advises, also where what
makes it one stands behind characters that nobody sees.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

BYTE_ORDER_MARK: Final = "\ufeff"  # without it Excel reads UTF-8 as Windows-1252
_BEGINS_A_FORMULA: Final = frozenset("=+-@−|%")
# General categories. Unassigned ones too: U+FFFE is a byte order mark read the wrong way round.
_UNSEEN: Final = frozenset({"Cf", "Cc", "Cn", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})

Cell = str | int | None


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file in pieces, one a row, each ending in CR LF (RFC 4180); rows are asked for one at a time, none is kept.

    A number stands as it is, None is an empty cell. Raises ValueError where a row is longer or shorter than the head.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow(map(neutral, head))
    yield buffer.getvalue()
    for row in rows:
        if len(row) != len(head):
            raise ValueError(len(row))
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(map(neutral, row))
        yield buffer.getvalue()


def neutral(cell: Cell) -> str:
    """The cell's text, so that no spreadsheet computes it."""
    if not isinstance(cell, str):
        return "" if cell is None else str(cell)
    text = cell.replace("\0", "")
    for character in text:
        if _plain(character) in _BEGINS_A_FORMULA:
            return "'" + text
        if unicodedata.category(character) not in _UNSEEN and not _draws_nothing(character):
            return text
    return text


def _plain(character: str) -> str:
    """The sign that it is a form of: full-width, small, raised, for vertical lines (Unicode's NFKC)."""
    return character if character.isascii() else unicodedata.normalize("NFKC", character)[:1]


def _draws_nothing(character: str) -> bool:
    """Letters by their category that are blank: Hangul fillers and the empty Braille pattern."""
    return character in "\u115f\u1160\u3164\uffa0\u2800"
