"""Marks that nobody sees in what people type: which carry nothing, and which deceive.

Phones, keyboards and other programs put them there: Apple's contacts wrap a number in a left-to-right override, Hebrew
and Arabic keyboards set direction marks, web pages isolate a name (Unicode Standard Annex 9).
"""

from __future__ import annotations

import unicodedata
from typing import Final

# Marks, embeddings, isolates and their ends: without them the letters are the same, and in the same order.
_LEFT_OUT: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
_LEFT_TO_RIGHT: Final = "\u202d"  # the override that turns only what is written from right to left
_RIGHT_TO_LEFT: Final = "\u202e"  # the one that turns everything else
_TABLE: Final = dict.fromkeys(map(ord, _LEFT_OUT + _LEFT_TO_RIGHT))
_JOINERS: Final = frozenset("\u200c\u200d")  # they shape letters of Persian, Khmer or Burmese, and emoji
_NOT_IN_NUMBERS: Final = _JOINERS | set(map(chr, range(0xFE00, 0xFE10)))  # and variation selectors
_MINUS: Final = "\u2212"
_MAILTO: Final = "mailto:"
_TEL: Final = "tel:"
_AROUND: Final = frozenset({"<>", '""', "''", "“”", "‘’", "«»", "()"})
_BEHIND: Final = ",; "  # in a list of them
_TURNED: Final = frozenset({"R", "AL"})


def first_that_deceives(text: str) -> int | None:
    """Where the first override stands that makes the text read otherwise than it is written; None for nowhere."""
    right = text.find(_RIGHT_TO_LEFT)
    left = text.find(_LEFT_TO_RIGHT)
    if left >= 0 and any(unicodedata.bidirectional(character) in _TURNED for character in text[left:]):
        return left if right < 0 else min(left, right)
    return right if right >= 0 else None


def without_marks(text: str) -> str:
    """The text without marks of direction; an override that deceives stays, so that it can be refused."""
    if text.isascii():
        return text
    if first_that_deceives(text) is not None:
        return text
    return text.translate(_TABLE)


def line(text: str) -> str:
    """One line as it was meant: no marks, no spaces at its ends, special spaces as plain ones."""
    if text.isascii():
        return text.strip()
    seen = []
    for character in without_marks(text):
        if unicodedata.category(character) == "Zs":
            seen.append(" ")
        elif unicodedata.category(character) != "Cf" or character in _JOINERS or character == _RIGHT_TO_LEFT:
            seen.append(character)
    return "".join(seen).strip()


def number(text: str) -> str:
    """A telephone number or ZIP code as it was meant: digits of any script as plain ones, any dash as a hyphen, and
    without the "tel:" of a copied link.
    """
    seen = []
    for character in _without_scheme(_folded(text), _TEL, ";"):
        is_dash = unicodedata.category(character) == "Pd" or character == _MINUS
        digit = unicodedata.decimal(character, None)
        seen.append("-" if is_dash else character if digit is None else str(digit))
    return "".join(seen)


def email(text: str) -> str:
    """An e-mail address as it was meant: a full-width @ as a plain one, without the "mailto:" of a copied link, and
    without what mail programs put around and behind it.
    """
    address = _without_scheme(_folded(text).rstrip(_BEHIND), _MAILTO, "?")
    return address[1:-1].strip() if address[:1] + address[-1:] in _AROUND and len(address) > 1 else address


def sought(text: str) -> str:
    """What is looked for among what supporters typed, as those who typed it were meant: one line, single spaces."""
    address, digits = email(text), number(text)
    is_number = any(map(str.isdecimal, digits)) and not any(map(str.isalpha, digits))
    normalised = address if "@" in address else digits if is_number else line(text)
    return " ".join("".join(character if is_text(character) else " " for character in normalised).split())


def is_text(text: str) -> bool:
    """Whether all of it may stand in a text: no control characters, and of what is not seen joiners alone."""
    return all(character.isprintable() or character in _JOINERS for character in text)


def _without_scheme(text: str, scheme: str, end: str) -> str:
    """What a link of this scheme leads to, up to what is added behind `end`; any other text as it is."""
    if text[: len(scheme)].lower() != scheme:
        return text
    return text[len(scheme) :].partition(end)[0].strip()


def _folded(text: str) -> str:
    """Compatibility forms folded (NFKC, Unicode Standard Annex 15), and nothing invisible."""
    if text.isascii():
        return text.strip()
    folded = unicodedata.normalize("NFKC", line(text))
    return "".join(character for character in folded if character not in _NOT_IN_NUMBERS).strip()
