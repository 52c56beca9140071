"""Alphabetical order of organisations and of people, in any script: the Unicode Collation Algorithm (UTS 10)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from pyuca.collator import Collator_10_0_0

_ARTICLE: Final = re.compile(r"(?:the|a|an) (?=\S)", re.IGNORECASE)
# All dashes are one. Apostrophes do not count, nor does the glottal stop: the Unicode table has it between H and I,
# where nobody looks for ʻAna.
_SAME: Final = {**str.maketrans("–—‐‑‒−", "------"), **dict.fromkeys(map(ord, "'’‘‛`´ʻʼ"))}

OrderKey = tuple[tuple[int, ...], str, str]


def organisation_key(name: str, identity: str) -> OrderKey:
    """What to sort organisations by. A leading "The", "A" or "An" does not count, nor do marks before the
    first letter.

    Names that read alike are told apart by their characters, then by `identity`, so that the order is always the same.
    """
    words = _words(name)
    article = _ARTICLE.match(words)
    return _key(words[article.end() :] if article else words, name, identity)


def person_key(name: str, identity: str) -> OrderKey:
    """The same for people, whose names begin with no article: as written, since what is a surname no rule knows."""
    return _key(_words(name), name, identity)


def _words(name: str) -> str:
    """The name from its first letter or digit on, spaces single; all of it where it has none."""
    plain = " ".join(unicodedata.normalize("NFC", name).translate(_SAME).split())
    for index, character in enumerate(plain):
        if character.isalnum():
            return plain[index:]
    return plain


def _key(words: str, name: str, identity: str) -> OrderKey:
    return _collator().sort_key(words), name, identity


@cache
def _collator() -> Collator_10_0_0:
    """Reads its table once: a quarter of a second."""
    return Collator_10_0_0()
