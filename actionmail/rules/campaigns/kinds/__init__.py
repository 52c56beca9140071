"""The kinds of action that a campaign may ask for. The next one is a module here and a line in `KINDS`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from actionmail.rules.campaigns.kinds import letter, news, petition, statement, toolkit
from actionmail.rules.campaigns.kinds.call import table as call
from actionmail.rules.campaigns.kinds.days import week
from actionmail.rules.campaigns.kinds.kind import DetailsError, Kind, lists_in, row_word
from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.campaigns.translations import WORDS, name_of
from actionmail.rules.campaigns.value_checks import REQUIRED, Columns

__all__ = [
    "CODES",
    "KINDS",
    "LETTER",
    "DetailsError",
    "Kind",
    "chambers_of",
    "kind_of",
    "lists_in",
    "misfit",
    "own_words",
    "problems",
    "row_word",
    "still_said",
    "whole",
    "words_for",
]

KINDS: Final[tuple[Kind, ...]] = (
    letter.KIND,
    petition.KIND,
    statement.KIND,
    call.KIND,
    toolkit.KIND,
    week.KIND,
    news.KIND,
)
CODES: Final = tuple(kind.code for kind in KINDS)
LETTER: Final = letter.KIND.code
_BY_CODE: Final[Mapping[str, Kind]] = {kind.code: kind for kind in KINDS}


def kind_of(code: str) -> Kind:
    """Raises KeyError for a code of none."""
    return _BY_CODE[code]


def whole(code: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """A campaign's details with every key of its kind, and no other.

    What a draft lacks is its default, or "" where it has none.
    """
    kind = kind_of(code)
    filled = {key: "" if default is REQUIRED else default for key, (_, default) in kind.table.items()}
    filled |= {key: [] for key, _ in lists_in(kind.rows)}
    return {key: details.get(key, default) for key, default in filled.items()}


def own_words(columns: Mapping[str, Any]) -> dict[str, str]:
    """What of a campaign with these columns can be translated, in its own words."""
    details = whole(columns["kind"], columns["details"])
    words = {key: columns[key] for key in WORDS}
    words |= {key: details[key] for key in kind_of(columns["kind"]).words}
    for word, row, name in _row_words(columns["kind"], details):
        words[word] = row.get(name, "")
    return words


def words_for(code: str, details: Mapping[str, Any]) -> Columns:
    """What a translation may hold of these details, each word with its check."""
    words = dict(kind_of(code).words)
    for word, _, name in _row_words(code, details):
        words[word] = kind_of(code).row_words[word.partition("-")[0]][name]
    return words


def _row_words(code: str, details: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Each word of each row, with the row and the word's name in it."""
    for row_name, columns in kind_of(code).row_words.items():
        for row in details.get(row_name, ()):
            for name in columns:
                yield row_word(row_name, row.get("key", ""), name), row, name


def still_said(columns: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The translations of a campaign with these columns, without those of rows that are not there any more."""
    own, left = own_words(columns), {}
    for tag, words in columns["translations"].items():
        remaining = {key: text for key, text in words.items() if key in own}
        if remaining:
            left[tag] = remaining
    return left


def chambers_of(columns: Mapping[str, Any]) -> list[str]:
    """In which chambers the supporter's own legislators are looked up, of a campaign with these columns."""
    kind = kind_of(columns["kind"])
    return list(columns["chambers"] if kind.writes_letters else kind.chambers(columns["details"]))


def misfit(code: str, details: Mapping[str, Any], words: Mapping[str, str]) -> DetailsError | None:
    """Why these words of a translation do not go in the place of the details' own; None where they do, or where
    already those do not.
    """
    kind = kind_of(code)
    own = {key: text for key, text in words.items() if key in kind.words}
    try:
        kind.fit(whole(code, details))
    except DetailsError:
        return None
    try:
        kind.fit(whole(code, {**details, **own}))
    except DetailsError as error:
        return error if error.key in own else None
    return None


def problems(
    code: str,
    details: Mapping[str, Any],
    translations: Mapping[str, Mapping[str, str]] | None = None,
    *,
    state: str = "",
) -> list[Problem]:
    """What of these details, and of their translations by language, keeps a campaign from being published.

    `state` is the campaign's; "" is the whole country.
    """
    kind = kind_of(code)
    lacking = []
    for key, (_, default) in kind.table.items():
        if default is REQUIRED and not details.get(key):
            lacking.append(Problem("kind.missing", {"kind": code, "name": key}))
    if lacking:
        return lacking
    try:
        kind.fit(whole(code, details))
    except DetailsError as error:
        return [error.problem]
    if kind.needs_state(details) and not state:
        return [Problem("kind.needs-state")]
    misfits = []
    for tag, words in (translations or {}).items():
        if wrong := misfit(code, details, words):
            misfits.append(Problem("kind.translation", {"language": name_of(tag), "problem": wrong.problem}))
    return misfits
