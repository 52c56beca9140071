"""The letters of one request, filled once: for everybody who gets one, and by letter."""

from __future__ import annotations

from hashlib import sha256

from msgspec import Struct

from actionmail.flows.actions import composing
from actionmail.flows.actions.composing import Copy, Recipients, Words
from actionmail.rules.campaigns.problems import LetterError
from actionmail.web.supporter import recipients as naming
from actionmail.web.supporter.step import StartOver, Step


class Group(Struct, frozen=True, kw_only=True):
    """The legislators who get the same letter; it is edited once. `number` is that of its fields."""

    number: int
    name: str
    copies: tuple[Copy, ...]

    @property
    def first(self) -> Copy:
        return self.copies[0]

    @property
    def heading(self) -> str:
        return naming.heading(self.copies)

    @property
    def previews(self) -> list[Copy]:
        return naming.to_preview(self.copies)

    @property
    def default_subject(self) -> str:
        return self.first.unedited.subject

    @property
    def default_body(self) -> str:
        return self.first.unedited.body

    @property
    def base(self) -> str:
        """What the letter said before anybody edited it, so that an edit is told from a letter that staff changed."""
        return digest(self.default_subject, self.default_body)


class Letters(Struct, frozen=True, kw_only=True):
    """The letters of one request, filled once: for everybody who gets one, and by letter."""

    recipients: Recipients
    groups: tuple[Group, ...]


def letters_of(step: Step) -> Letters:
    """The letters as nobody edited them. Raises StartOver where what was typed in step 1 cannot stand in a letter."""
    if step.targets is None:
        raise StartOver
    try:
        recipients = composing.compose_all(step.campaign, step.targets, step.seats or [], step.supporter, key=step.key)
    except LetterError:  # of a draft from before such names were refused
        raise StartOver from None
    return _grouped(recipients)


def _grouped(recipients: Recipients) -> Letters:
    by_letter: dict[str, list[Copy]] = {}
    for copy in recipients.copies:
        by_letter.setdefault(copy.letter.name, []).append(copy)
    groups: list[Group] = []
    for number, (name, copies) in enumerate(by_letter.items(), 1):
        groups.append(Group(number=number, name=name, copies=tuple(copies)))
    return Letters(recipients=recipients, groups=tuple(groups))


def with_words(letters: Letters, typed: Words) -> Letters:
    """The same letters with the supporter's words. Raises LetterRefused."""
    return _grouped(composing.with_words(letters.recipients, typed))


def digest(subject: str, body: str) -> str:
    return sha256(f"{' '.join(subject.split())}\0{body.strip()}".encode("utf-8", "replace")).hexdigest()[:16]
