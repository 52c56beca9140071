"""Words that somebody looks for in the news, however they write them: capitals, accents and apostrophes aside."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

MAX_SEARCH: Final = 200  # characters
# Accents of Latin, Greek and Cyrillic. Marks of other scripts are letters there: without them words become others.
_ACCENTS: Final = dict.fromkeys(range(0x0300, 0x0370))
# What Unicode takes for letters of their own, and people type as plain ones.
_PLAIN: Final = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "’": "'", "‘": "'", "ʻ": "'", "ʼ": "'"})


def folded(text: str) -> str:
    """As texts are compared."""
    return unicodedata.normalize("NFKD", text.casefold()).translate(_ACCENTS).translate(_PLAIN)


def terms(typed: str) -> list[str]:
    """What all has to stand in a text, folded. Where no spaces stand between words it is found within."""
    return list(dict.fromkeys(folded(typed).split()))


def searchable(bill: str, texts: Iterable[str]) -> str:
    """What is searched: these texts, and the bill's number with and without what stands between its parts."""
    squeezed = "".join(character for character in bill if character.isalnum())
    return folded("\n".join((bill, squeezed, *texts)))
