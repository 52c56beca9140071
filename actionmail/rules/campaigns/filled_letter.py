"""A letter filled for one legislator: the one function behind form, preview, render matrix and frozen bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from actionmail.rules.campaigns.letter_language import Template, parse
from actionmail.rules.campaigns.plain_text import plain

MAX_SUBJECT: Final = 78  # delivery.md §1; RFC 5322 2.1.1's preferred line


@dataclass(frozen=True)
class LetterText:
    """The four parts of a letter, in the letter language. The supporter may edit `body` and `subject`."""

    opening: str
    body: str
    closing: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class FilledLetter:
    """A letter as it will be sent: `subject` and `text`. `blanks` names the fields that stand in it without a value."""

    subject: str
    text: str
    opening: str
    personal: str
    body: str
    closing: str
    blanks: tuple[str, ...] = ()


def fill_letter(
    letter: LetterText,
    values: Mapping[str, str],
    *,
    personal: str = "",
    body: str | None = None,
    subject: str | None = None,
) -> FilledLetter:
    """Fill one letter for one legislator: the one function behind form, preview and frozen bytes.

    `values` has every one of FIELDS. `personal`, and `body` and `subject` where the supporter edited them, are their
    plain words: cleaned of what no letter may hold (`plain`), never parsed. Raises LetterError.
    """
    blanks: dict[str, None] = {}
    opening = parse(letter.opening).fill(values, blanks)
    closing = parse(letter.closing).fill(values, blanks)
    if body is None:
        body = parse(letter.body).fill(values, blanks)
    if subject is None:
        subject = _fitting_subject(parse(letter.subject), values, blanks)
    parts = [_tidy(plain(part)) for part in (opening, personal, body, closing)]
    return FilledLetter(
        subject=_one_line(plain(subject)),
        text="\n\n".join(filter(None, parts)),
        opening=parts[0],
        personal=parts[1],
        body=parts[2],
        closing=parts[3],
        blanks=tuple(blanks),
    )


def _fitting_subject(template: Template, values: Mapping[str, str], blanks: dict[str, None]) -> str:
    subject = template.fill(values, blanks)
    if len(_one_line(subject)) > MAX_SUBJECT:
        return template.fill({**values, "place": values["zip"], "city": ""})
    return subject


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _tidy(text: str) -> str:
    if text.isascii() and not any(gap in text for gap in (" \n", "\t\n", "\n\n\n")):
        return text.rstrip().lstrip("\n")
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")
