"""What keeps a supporter's letter from being sent, as codes with values; the doors have the words."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from actionmail.rules.campaigns.filled_letter import MAX_SUBJECT, FilledLetter
from actionmail.rules.campaigns.leftovers import prompts
from actionmail.rules.campaigns.letter_language import MAX_OUTPUT


class Fault(StrEnum):
    """What is wrong; what `LetterFault.value` is then."""

    BLANK = "blank"  # the name of the field that has no value
    NO_SUBJECT = "no-subject"
    LONG_SUBJECT = "long-subject"  # how many characters it has
    NO_TEXT = "no-text"
    LONG_TEXT = "long-text"  # how many characters it has
    LEFT_OVER = "left-over"  # what was meant for the writer: "[add your story here]"
    UNREADABLE = "unreadable"  # line and column of a mark or control character that no letter may hold


class Part(StrEnum):
    """Where: what the supporter wrote or may edit, or the opening and the closing around it."""

    SUBJECT = "subject"
    PERSONAL = "personal"
    BODY = "body"
    FRAME = "frame"


class LetterFault(Struct, frozen=True, kw_only=True):
    """One fault of the letter with the name `letter`, "" for the supporter's own words; `value` is as `Fault` says."""

    letter: str
    part: Part
    code: Fault
    value: str = ""


class FaultFinder:
    """Looks at the copies of a press, each distinct text once: a letter to 40 legislators has one body."""

    def __init__(self) -> None:
        self._looked_at: set[tuple[str, Part, str]] = set()
        self.faults: dict[LetterFault, None] = {}

    def look_at(self, letter: str, filled: FilledLetter) -> None:
        """Add what is wrong with one copy of the letter with the name `letter`."""
        for fault in _shape_faults(letter, filled):
            self.faults[fault] = None
        for part, text in _texts(filled):
            owner = "" if part is Part.PERSONAL else letter
            if (owner, part, text) in self._looked_at:
                continue
            self._looked_at.add((owner, part, text))
            for words in prompts(text):
                self.faults[LetterFault(letter=owner, part=part, code=Fault.LEFT_OVER, value=words)] = None


def _texts(filled: FilledLetter) -> Iterator[tuple[Part, str]]:
    yield Part.SUBJECT, filled.subject
    yield Part.FRAME, filled.opening
    yield Part.PERSONAL, filled.personal
    yield Part.BODY, filled.body
    yield Part.FRAME, filled.closing


def _shape_faults(letter: str, filled: FilledLetter) -> Iterator[LetterFault]:
    for name in filled.blanks:
        yield LetterFault(letter=letter, part=Part.FRAME, code=Fault.BLANK, value=name)
    length = len(filled.subject)
    if not length:
        yield LetterFault(letter=letter, part=Part.SUBJECT, code=Fault.NO_SUBJECT)
    if length > MAX_SUBJECT:
        yield LetterFault(letter=letter, part=Part.SUBJECT, code=Fault.LONG_SUBJECT, value=str(length))
    if not filled.body.strip():
        yield LetterFault(letter=letter, part=Part.BODY, code=Fault.NO_TEXT)
    if len(filled.text) > MAX_OUTPUT:
        yield LetterFault(letter=letter, part=Part.PERSONAL, code=Fault.LONG_TEXT, value=str(len(filled.text)))
