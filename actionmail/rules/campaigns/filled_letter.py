"""A letter filled for one legislator: the one function behind form, preview, render matrix and frozen bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import Struct

from actionmail.rules.campaigns.fields import FIELDS
from actionmail.rules.campaigns.letter_language import Template, parse
from actionmail.rules.campaigns.plain_text import plain

MAX_SUBJECT: Final = 78  # delivery.md §1; RFC 5322 2.1.1's preferred line


class LetterText(Struct, frozen=True):
    """The four parts of a letter, in the letter language. The supporter may edit `body` and `subject`."""

    opening: str
    body: str
    closing: str
    subject: str


_NO_BLANKS: Final[Mapping[str, Mapping[str, None]]] = MappingProxyType({})


class FilledLetter(NamedTuple):  # a matrix has thousands, and a tuple is made in a third of the time
    """A letter as it will be sent: `subject` and `text`.

    `blanks_in` names, for "opening", "closing", "body" and "subject", the fields that stand there without a value.
    """

    subject: str
    text: str
    opening: str
    personal: str
    body: str
    closing: str
    blanks_in: Mapping[str, Mapping[str, None]] = _NO_BLANKS

    @property
    def blanks(self) -> tuple[str, ...]:
        """The fields that stand in it without a value, each once."""
        return tuple(dict.fromkeys(chain.from_iterable(self.blanks_in.values())))


def fill_letter(
    letter: LetterText,
    values: Mapping[str, str],
    *,
    personal: str = "",
    body: str | None = None,
    subject: str | None = None,
) -> FilledLetter:
    """Fill one letter for one legislator: with `reworded`, the one way to form, preview and frozen bytes.

    `values` has every one of FIELDS. `personal`, and `body` and `subject` where the supporter edited them, are their
    plain words: cleaned of what no letter may hold (`plain`), never parsed. Raises LetterError.
    """
    blanks: dict[str, dict[str, None]] = {part: {} for part in ("opening", "closing", "body", "subject")}
    opening = parse(letter.opening).fill(values, blanks["opening"])
    closing = parse(letter.closing).fill(values, blanks["closing"])
    if body is None:
        body = parse(letter.body).fill(values, blanks["body"])
    if subject is None:
        subject = _fitting_subject(parse(letter.subject), values, blanks["subject"])
    frame = FilledLetter(
        subject=cleaned_line(subject),
        text="",
        opening=cleaned(opening),
        personal="",
        body=cleaned(body),
        closing=cleaned(closing),
        blanks_in=blanks,
    )
    return reworded(frame, personal=cleaned(personal))


def for_another(filled: FilledLetter, letter: LetterText, values: Mapping[str, str]) -> FilledLetter:
    """The letter that was filled for one legislator, filled for another with the same supporter.

    Only what names a field that differs among legislators is filled again; what is blank in body and subject, which
    have none, is told of the first. Raises LetterError.
    """
    blanks = {**filled.blanks_in, "body": {}, "subject": {}}
    opening, closing = filled.opening, filled.closing
    if _differs(letter.opening):
        opening = _filled_part(letter.opening, values, blanks, "opening")
    if _differs(letter.closing):
        closing = _filled_part(letter.closing, values, blanks, "closing")
    return FilledLetter(
        subject=filled.subject,
        text=_joined(opening, filled.personal, filled.body, closing),
        opening=opening,
        personal=filled.personal,
        body=filled.body,
        closing=closing,
        blanks_in=blanks,
    )


@lru_cache(maxsize=512)
def _differs(part: str) -> bool:
    return any(FIELDS[name].per_legislator for name in parse(part).names)


def _filled_part(part: str, values: Mapping[str, str], blanks: dict[str, Mapping[str, None]], name: str) -> str:
    blank: dict[str, None] = {}
    text = cleaned(parse(part).fill(values, blank))
    blanks[name] = blank
    return text


def reworded(
    filled: FilledLetter, *, personal: str = "", body: str | None = None, subject: str | None = None
) -> FilledLetter:
    """A filled letter with a supporter's own words, which `cleaned` and `cleaned_line` made fit to stand in it.

    None leaves what stands there. No template is filled, so one cleaning does for every legislator's copy.
    """
    blanks = dict(filled.blanks_in)
    if body is not None:
        blanks.pop("body", None)
    if subject is not None:
        blanks.pop("subject", None)
    body = filled.body if body is None else body
    return filled._replace(
        subject=filled.subject if subject is None else subject,
        text=_joined(filled.opening, personal, body, filled.closing),
        personal=personal,
        body=body,
        blanks_in=blanks,
    )


def _joined(*parts: str) -> str:
    return "\n\n".join(filter(None, parts))


def cleaned(text: str) -> str:
    """A text as it stands in a letter: `plain`, without white space at ends of lines and around. Raises LetterError."""
    return _tidy(plain(text))


def cleaned_line(text: str) -> str:
    """A subject as it stands in a letter. Raises LetterError."""
    return _one_line(plain(text))


def _fitting_subject(template: Template, values: Mapping[str, str], blanks: dict[str, None]) -> str:
    subject = template.fill(values, blanks)
    if len(_one_line(subject)) > MAX_SUBJECT:
        return template.fill({**values, "place": values["zip"], "city": ""})
    return subject


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _tidy(text: str) -> str:
    if text.isascii() and " \n" not in text and "\t\n" not in text and "\n\n\n" not in text:
        return text.rstrip().lstrip("\n")
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")
