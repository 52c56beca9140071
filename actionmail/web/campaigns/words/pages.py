"""What staff call the words of a campaign's page, and whom a campaign asks to confirm by mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from actionmail.rules.actions import reviews
from actionmail.rules.actions.confirmation import ALWAYS, NEW, OFF
from actionmail.web.campaigns import kinds

ASKED: Final[Mapping[str, str]] = {
    OFF: "nobody",
    NEW: "whoever never confirmed before",
    ALWAYS: "everybody each time",
}
READ: Final[Mapping[str, str]] = {
    reviews.OFF: "nobody's",
    reviews.EDITED: "those with a word of the supporter's own",
    reviews.ALL: "everybody's",
}
_WORD_NAMES: Final[Mapping[str, str]] = {  # by `translations.WORDS`
    "title": "title",
    "bill_title": "the bill in plain words",
    "stage": "where the bill stands",
    "summary": "what the page says",
    "notice": "notice",
    "deadline_label": "deadline in words",
    "privacy_line": "what becomes of supporters' data",
    "picture_alt": "what the picture shows",
    "outcome": "what came of it",
    "thanks": "the thanks on the receipt",
}


def word_names(keys: Iterable[str], kind: str) -> str:
    """Such as "title, where the bill stands". Two kinds may call words of theirs by the same key."""
    known = {**kinds.kind_of(kind).word_names, **_WORD_NAMES}
    return ", ".join(known.get(key) or _of_row(key, kind) for key in keys)


def _of_row(word: str, kind: str) -> str:
    """Such as "the text of midwest", of "day-midwest-text"."""
    row, _, rest = word.partition("-")
    key, _, name = rest.rpartition("-")
    return kinds.kind_of(kind).row_word_names[f"{row}.{name}"].format(key=key)
