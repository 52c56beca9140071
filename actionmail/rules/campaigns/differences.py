"""Texts compared line by line: two versions side by side, or many that should say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
MOST_WORDS: Final = 1_000  # per line; comparing takes time that grows with their square


@dataclass(frozen=True)
class Piece:
    """Part of a line; `differs` where the other side has something else or nothing."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Row:
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
            rows += [Row((Piece(line, False),), (Piece(line, False),)) for line in before[i:j]]
        else:
            rows += [_row(left, right) for left, right in zip_longest(before[i:j], after[k:m])]
    return rows


def common(texts: Sequence[str]) -> list[Piece]:
    """The lines of the first text, each with whether any of the others has something else in its place, or nothing."""
    first, *others = (text.split("\n") for text in texts)
    shared = set(range(len(first)))
    for other in others:
        blocks = SequenceMatcher(None, first, other, autojunk=False).get_matching_blocks()
        shared &= {place for block in blocks for place in range(block.a, block.a + block.size)}
    return [Piece(line, place not in shared) for place, line in enumerate(first)]


def _row(old: str | None, new: str | None) -> Row:
    if old is None or new is None:
        return Row(None if old is None else (Piece(old, True),), None if new is None else (Piece(new, True),))
    left, right = _WORD.findall(old), _WORD.findall(new)
    if max(len(left), len(right)) > MOST_WORDS:
        return Row((Piece(old, True),), (Piece(new, True),))
    changes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return Row(
        tuple(_pieces(left, [(kind != "equal", i, j) for kind, i, j, _, _ in changes])),
        tuple(_pieces(right, [(kind != "equal", i, j) for kind, _, _, i, j in changes])),
    )


def _pieces(words: Sequence[str], parts: Sequence[tuple[bool, int, int]]) -> Iterator[Piece]:
    for differs, begin, end in parts:
        if begin < end:
            yield Piece("".join(words[begin:end]), differs)
