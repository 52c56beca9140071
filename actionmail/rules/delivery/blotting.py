"""A stranger's words without what they repeat of a supporter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

_BLOT: Final = "(left out)"
_SHORTEST: Final = 3  # characters: less says nothing of anybody


class Private(Struct, frozen=True, kw_only=True):
    """What tells who a supporter is. `others` are addresses and numbers as they were typed; "" counts for nothing."""

    name: str
    others: Sequence[str]


def blotted(words: str, private: Private) -> str:
    """`words` with the name, its parts, and all the others blotted out, whatever white space they were broken by.

    A part of a name counts only as it is written, a capital included: "Will" is a person, "will" is not.
    """
    if not _may_tell(words.casefold(), private):
        return words
    for text in sorted((private.name, *private.others), key=len, reverse=True):
        words = _blotted_out(words, text.split(), re.IGNORECASE)
    for part in private.name.split():
        if not part.islower():
            words = _blotted_out(words, [part], re.NOFLAG)
    return words


def _may_tell(folded: str, private: Private) -> bool:
    """Whether anything of it begins in there at all, as it hardly ever does: each answer of a server is asked."""
    for part in private.name.split():
        if part.casefold() in folded:
            return True
    for text in private.others:
        first = text.split(maxsplit=1)[:1]
        if first and first[0].casefold() in folded:
            return True
    return False


def _blotted_out(words: str, parts: Sequence[str], flags: re.RegexFlag) -> str:
    if len(" ".join(parts)) < _SHORTEST or parts[0].casefold() not in words.casefold():  # as nearly always
        return words
    spelled = r"\s+".join(map(re.escape, parts))
    return re.sub(rf"(?<!\w){spelled}(?!\w)", _BLOT, words, flags=flags)
