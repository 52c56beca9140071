"""Texts compared line by line: two versions side by side, or many that should say the same."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import starmap, zip_longest
from typing import Final

import regex
from msgspec import Struct

# Words of letters that have cases; of other scripts, where spaces may be missing, one character with its signs.
_WORD = regex.compile(r"\s+|(?:[\p{Lu}\p{Ll}\p{Lt}\p{N}_]\p{M}*)+|\X\p{M}*")
MOST_WORDS: Final = 1_000  # per line; comparing takes time that grows with their square


class Piece(Struct, frozen=True):
    """Part of a line; `differs` where the other side has something else or nothing."""

    text: str
    differs: bool


class Row(Struct, frozen=True):
    """One line of each side; None where that side has none."""

    old: tuple[Piece, ...] | None
    new: tuple[Piece, ...] | None

    @property
    def is_same(self) -> bool:
        return self.old == self.new


def side_by_side(old: str, new: str) -> list[Row]:
    """The lines of both, in order, those that belong together in one row."""
    before, after = old.split("\n"), new.split("\n")
    rows: list[Row] = []
    for kind, i, j, k, m in SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            for line in before[i:j]:
                same = (Piece(line, False),)
                rows.append(Row(same, same))
        else:
            rows += starmap(_row, zip_longest(before[i:j], after[k:m]))
    return rows


def common(texts: Sequence[str]) -> list[Piece]:
    """The lines of the first text, each with whether any of the others has something else in its place, or nothing."""
    first, *others = (text.split("\n") for text in texts)
    shared = set(range(len(first)))
    for other in others:
        alike: set[int] = set()
        for block in SequenceMatcher(None, first, other, autojunk=False).get_matching_blocks():
            alike.update(range(block.a, block.a + block.size))
        shared &= alike
    return [Piece(line, place not in shared) for place, line in enumerate(first)]


def _row(old: str | None, new: str | None) -> Row:
    if old is None or new is None:
        return Row(None if old is None else (Piece(old, True),), None if new is None else (Piece(new, True),))
    left, right = _WORD.findall(old), _WORD.findall(new)
    if max(len(left), len(right)) > MOST_WORDS:
        return Row((Piece(old, True),), (Piece(new, True),))
    changes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    old_pieces: list[Piece] = []
    new_pieces: list[Piece] = []
    for kind, i, j, k, m in changes:
        differs = kind != "equal"
        if i < j:
            old_pieces.append(Piece("".join(left[i:j]), differs))
        if k < m:
            new_pieces.append(Piece("".join(right[k:m]), differs))
    return Row(tuple(old_pieces), tuple(new_pieces))
