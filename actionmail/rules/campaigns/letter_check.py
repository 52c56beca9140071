"""What keeps a letter from being sent to everybody whom it is for, part by part, and once it is filled."""

from __future__ import annotations

import re
from collections.abc import Collection

from actionmail.rules.campaigns.fields import COMMITTEE, FIELDS
from actionmail.rules.campaigns.filled_letter import MAX_SUBJECT, FilledLetter, LetterText
from actionmail.rules.campaigns.leftovers import prompts
from actionmail.rules.campaigns.letter_language import MAX_OUTPUT, Template, parse, without_tags
from actionmail.rules.campaigns.plain_text import place
from actionmail.rules.campaigns.problems import LetterError, Problem


def check_letter(letter: LetterText, *, has_committees: bool = False) -> None:
    """Refuse a letter that could not be sent to everybody. Raises LetterError with its `part`.

    `has_committees`: the letter is for the members of committees alone, so it can name theirs. The supporter edits body
    and subject once for all their legislators, so nothing that differs among these may stand there. A closing names
    the supporter.
    """
    for part in ("opening", "body", "closing", "subject"):
        check_part(part, getattr(letter, part), has_committees=has_committees)


def check_part(part: str, text: str, *, has_committees: bool = False) -> None:
    """Refuse one part ("opening", "body", "closing" or "subject") that could not be sent. Raises LetterError."""
    try:
        template = parse(text, allowed=_allowed(part, has_committees=has_committees))
        _check_text(part, text, template)
        if part == "subject":
            _check_subject(text, template)
    except LetterError as error:
        raise error.in_part(part) from None


def _allowed(part: str, *, has_committees: bool) -> Collection[str]:
    """The fields that may stand in a part."""
    shared = part in {"body", "subject"}
    allowed = []
    for name, field in FIELDS.items():
        if not (shared and field.per_legislator) and (name != COMMITTEE or has_committees):
            allowed.append(name)
    return allowed


def _check_text(part: str, text: str, template: Template) -> None:
    if not text.strip():
        raise LetterError(1, 1, "letter.empty-part", name=part)
    if brace := _BRACE.search(without_tags(text)):
        raise LetterError(*place(text, brace.start()), "letter.single-brace", brace=brace[0])
    if part == "closing" and "supporter_name" not in template.names:
        raise LetterError(1, 1, "letter.unsigned")
    if tag := _HTML.search(text):
        raise LetterError(*place(text, tag.start()), "letter.html", tag=tag[0][:40])


def _check_subject(text: str, template: Template) -> None:
    if header := _HEADER.match(text):
        raise LetterError(1, 1, "letter.header-in-subject", header=header[0].strip())
    if "\n" in text.strip():
        raise LetterError(1, text.index("\n") + 1, "letter.subject-lines")
    if template.fixed_length > MAX_SUBJECT:
        raise LetterError(1, MAX_SUBJECT + 1, "letter.subject-too-long", most=MAX_SUBJECT)


_BRACE = re.compile(r"[{}]")
_HTML = re.compile(
    r"</?(?:a|b|i|u|p|br|hr|em|strong|span|div|font|img|script|style|iframe|svg|h[1-6]|[uo]l|li|table|t[rdh]|html|body"
    r"|head|o:p)(?:[\s/][^<>]{0,500})?>|<!--",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\s*(?:to|cc|bcc|from|sender|reply-to|subject|content-[a-z-]+|mime-version)[ \t]*:", re.IGNORECASE
)


def faults(filled: FilledLetter) -> list[Problem]:
    """What keeps a filled letter from being sent; empty when nothing does."""
    problems = [Problem("filled.blank", {"field": name}) for name in filled.blanks]
    if not filled.subject:
        problems.append(Problem("filled.no-subject"))
    if len(filled.subject) > MAX_SUBJECT:
        problems.append(Problem("filled.long-subject", {"length": len(filled.subject), "most": MAX_SUBJECT}))
    if not filled.body.strip():
        problems.append(Problem("filled.no-text"))
    if len(filled.text) > MAX_OUTPUT:
        problems.append(Problem("filled.long-text", {"length": len(filled.text), "most": MAX_OUTPUT}))
    for where, text in (("subject", filled.subject), ("letter", filled.text)):
        for words in prompts(text):
            problems.append(Problem(f"filled.left-over-in-{where}", {"words": words}))
    return problems
