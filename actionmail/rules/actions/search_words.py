"""How a person or a sentence is found among what supporters wrote: by words, or parts of them, in any script.

A text is cut into grams: three characters of a word that stand side by side, and of scripts without spaces between
words (Khmer, Lao, Burmese, Chinese, ...) one and two as well. A text that has all grams of a term may have the term;
whether it does is then looked up in the text. Words of one or two letters of other scripts (Vu, Ng, Lo) are grams as a
whole. So neither database needs an extension for it, and both find the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final
from zlib import crc32

from msgspec import Struct

from actionmail.rules.campaigns.searching import folded

LONGEST: Final = 20_000  # characters of one person's words that are searched
MOST_TERMS: Final = 8
_GRAM: Final = 3
_RARE, _COMMON = 50, 10  # what at most every so manyth text has is rare, what more of them have common
_WITHIN: Final = "@.-_+'/"  # part of an address, a name or a number, where it stands within


class SearchTerm(Struct, frozen=True, kw_only=True):
    """One thing that has to stand in the words. `is_whole`: as a word of its own; else it may be part of one."""

    text: str
    is_whole: bool

    @property
    def grams(self) -> frozenset[int]:
        """What every text with this term has; at least one."""
        return frozenset(map(_number, _pieces_of(self.text)))


def telling_grams(terms: Iterable[SearchTerm], others: Iterable[str], *, most: int) -> list[int]:
    """Of the grams of all terms those, at most so many, that the fewest of these `others`, indexed words, have.

    Where one of them is rare, those that are common are left out. Whoever looks for texts with all grams is told about
    as much by these, and reads much less.
    """
    bounded = [f" {words} " for words in others]
    pieces = set[str]().union(*(_pieces_of(term.text) for term in terms))
    had_by = {piece: _count_with(piece, bounded) for piece in pieces}
    rarest = sorted(pieces, key=lambda piece: (had_by[piece], piece))[:most]
    if had_by[rarest[0]] * _RARE <= len(bounded) > 0:
        rarest = [piece for piece in rarest if had_by[piece] * _COMMON <= len(bounded)]
    return sorted({_number(piece) for piece in rarest})


def _count_with(piece: str, texts: Iterable[str]) -> int:
    return sum(piece in text for text in texts)


def indexed_words(texts: Iterable[str]) -> str:
    """The words of these texts as they are searched: folded, one space between them, at most LONGEST characters."""
    words: list[str] = []
    length = 0
    for text in texts:
        for word in _words(text):
            length += len(word) + 1
            if length > LONGEST:
                return " ".join(words)
            words.append(word)
    return " ".join(words)


def grams_of(words: str) -> set[int]:
    """The grams of what `indexed_words` gives, as numbers below 2**31; two grams may share one."""
    grams: set[int] = set()
    for word in set(words.split(" ")):
        grams.update(map(_number, _pieces_of(word)))
    return grams


def search_terms(typed: str) -> list[SearchTerm]:
    """What all has to stand in the words; of more than MOST_TERMS the longest. Empty where there is nothing."""
    words = sorted(dict.fromkeys(_words(typed)), key=len, reverse=True)
    return [SearchTerm(text=word, is_whole=_is_short(word)) for word in words[:MOST_TERMS]]


def _words(text: str) -> list[str]:
    spaced = "".join(character if _belongs(character) else " " for character in folded(text))
    words = (word.strip(_WITHIN) for word in spaced.split())
    return [word for word in words if word]


def _belongs(character: str) -> bool:
    return character in _WITHIN or unicodedata.category(character)[0] in "LMN"


def _is_short(word: str) -> bool:
    return len(word) < _GRAM and not any(map(_stands_alone, word))


def _stands_alone(character: str) -> bool:
    """Whether it is of a script whose letters have no cases, where spaces may be missing."""
    return unicodedata.category(character) == "Lo"


def _pieces_of(word: str) -> set[str]:
    """What the grams are the numbers of: parts of a word, or a short one with the spaces around it."""
    if _is_short(word):
        return {f" {word} "}
    pieces = {word[start : start + _GRAM] for start in range(len(word) - _GRAM + 1)}
    if word.isascii():  # most are; none of these letters stands alone
        return pieces
    for length in (1, 2):
        for start in range(len(word) - length + 1):
            piece = word[start : start + length]
            if any(map(_stands_alone, piece)):
                pieces.add(piece)
    return pieces


def _number(gram: str) -> int:
    return crc32(gram.encode()) & 0x7FFFFFFF
