"""Text as it may stand in a letter or on a page: one kind of line end, and no mark that cannot be seen."""

from __future__ import annotations

import unicodedata

from actionmail.rules.campaigns.problems import LetterError

# What is typed on other keyboards or pasted from a word processor, and means the same.
_SAME = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2028": "\n", "\u2029": "\n", "\u0085": "\n", "\u000b": "\n"}
    | {"\ufeff": None, "\u00ad": None}
)
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """The text with line ends as LF and special spaces as plain ones; typographic quotes and dashes stay.

    Raises LetterError with the place of a control character or a mark that turns the reading direction.
    """
    if not text.isascii() or "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_SAME) if not text.isascii() or "\v" in text else text
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if character in _DIRECTION_MARKS:
            raise LetterError(*place(text, index), "letter.direction-mark", number=ord(character))
        if category == "Cs" or (category == "Cc" and character not in "\n\t"):
            raise LetterError(*place(text, index), "letter.control-character", number=ord(character))
    return text


def place(text: str, index: int) -> tuple[int, int]:
    """Line and column of a character, both from 1."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
