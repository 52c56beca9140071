"""A stranger's words without what they repeat of a supporter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BLOT: Final = "(left out)"
_SHORTEST: Final = 3  # characters: less says nothing of anybody


@dataclass(frozen=True, kw_only=True)
class Private:
    """What tells who a supporter is. `others` are addresses and numbers as they were typed; "" counts for nothing."""

    name: str
    others: Sequence[str]


def blotted(words: str, private: Private) -> str:
    """`words` with the name, its parts, and all the others blotted out, whatever white space they were broken by.

    A part of a name counts only as it is written, a capital included: "Will" is a person, "will" is not.
    """
    for text in sorted((private.name, *private.others), key=len, reverse=True):
        if len(text.strip()) >= _SHORTEST:
            words = re.sub(_spelled(text.split()), _BLOT, words, flags=re.IGNORECASE)
    for part in private.name.split():
        if len(part) >= _SHORTEST and not part.islower():
            words = re.sub(_spelled([part]), _BLOT, words)
    return words


def _spelled(parts: Sequence[str]) -> str:
    spelled = r"\s+".join(map(re.escape, parts))
    return rf"(?<!\w){spelled}(?!\w)"
