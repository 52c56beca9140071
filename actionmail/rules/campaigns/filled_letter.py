"""A letter filled for one legislator: the one function behind form, preview, render matrix and frozen bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    """A letter as it will be sent: `subject` and `text`.

    `blanks_in` names, for "opening", "closing", "body" and "subject", the fields that stand there without a value.
    """

    subject: str
    text: str
    opening: str
    personal: str
    body: str
    closing: str
    blanks_in: Mapping[str, Mapping[str, None]] = field(default_factory=dict)

    @property
    def blanks(self) -> tuple[str, ...]:
        """The fields that stand in it without a value, each once."""
        names: dict[str, None] = {}
        for blank in self.blanks_in.values():
            names.update(blank)
        return tuple(names)


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
    return replace(
        filled,
        subject=filled.subject if subject is None else subject,
        text="\n\n".join(filter(None, (filled.opening, personal, body, filled.closing))),
        personal=personal,
        body=body,
        blanks_in=blanks,
    )


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
    if text.isascii() and not any(gap in text for gap in (" \n", "\t\n", "\n\n\n")):
        return text.rstrip().lstrip("\n")
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")
