"""Text as it may stand in a letter or on a page: one kind of line end, and no mark of direction."""

from __future__ import annotations

import unicodedata

from actionmail.rules.actions.invisible_marks import first_that_deceives, without_marks
from actionmail.rules.campaigns.problems import LetterError

# What is typed on other keyboards or pasted from a word processor, and means the same.
_SAME = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2028": "\n", "\u2029": "\n", "\u0085": "\n", "\u000b": "\n"}
    | {"\ufeff": None, "\u00ad": None}
)


def plain(text: str) -> str:
    """The text with line ends as LF, special spaces as plain ones, and without marks of direction, which Hebrew and
    Arabic keyboards set; typographic quotes and dashes stay.

    Raises LetterError with the place of a control character, or of an override that makes a text read otherwise.
    """
    if text.isascii() and text.isprintable():  # one line, as of a greeting
        return text
    if not text.isascii() or "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_SAME) if not text.isascii() or "\v" in text else text
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    if (index := first_that_deceives(text)) is not None:
        raise LetterError(*place(text, index), "letter.direction-mark", number=ord(text[index]))
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and character not in "\n\t"):
            raise LetterError(*place(text, index), "letter.control-character", number=ord(character))
    return without_marks(text)


def place(text: str, index: int) -> tuple[int, int]:
    """Line and column of a character, both from 1."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
