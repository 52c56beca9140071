"""What a caller reads aloud: a text with blanks, filled from what is known and left blank where nothing is.

Authors mark blanks as people do: a line to write on (`____`), a hint in brackets (`(city, state)`, `[your name]`), or
a field as in letters (`{{ bill }}`). A line says what it is for by the hint beside it, or by the words before it ("My
name is ____"). Round brackets with anything else in them are text; what stands in square ones must be a blank.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Struct

from actionmail.rules.campaigns.fields import FIELDS
from actionmail.rules.campaigns.leftovers import prompts
from actionmail.rules.campaigns.letter_language import MAX_SOURCE
from actionmail.rules.campaigns.plain_text import place, plain
from actionmail.rules.campaigns.problems import LetterError

# What may be asked for in a script. A letter's greeting and address block are for the eye.
SCRIPT_FIELDS: Final = tuple(name for name in FIELDS if name not in ("salutation", "address", "place"))
_HINTS: Final[Mapping[str, str]] = {
    "name": "supporter_name",
    "full name": "supporter_name",
    "first name": "supporter_name",
    "first and last name": "supporter_name",
    "caller's name": "supporter_name",
    "city": "city",
    "town": "city",
    "city or town": "city",
    "hometown": "city",
    "state": "state",
    "home state": "state",
    "zip": "zip",
    "zip code": "zip",
    "zipcode": "zip",
    "postal code": "zip",
    "street": "street",
    "street address": "street",
    "bill": "bill",
    "bill number": "bill",
    "bill name": "bill_title",
    "bill title": "bill_title",
    "title": "legislator_title",
    "district": "legislator_district",
    "district number": "legislator_district",
    "legislator": "legislator_name",
    "legislator's name": "legislator_name",
    "legislator name": "legislator_name",
    "legislator's last name": "legislator_last_name",
    "last name of legislator": "legislator_last_name",
    "senator's name": "legislator_name",
    "representative's name": "legislator_name",
    "assemblymember's name": "legislator_name",
    "chamber": "chamber_name",
    "committee": "committee",
    "organization": "organisation",
    "organisation": "organisation",
    "group": "organisation",
}
_OWNERS: Final = ("insert ", "enter ", "state ", "say ", "add ", "your ", "my ", "the ", "own ")
# Words right before a line to write on, and what is to be written there; longest first.
_LEADS: Final[tuple[tuple[str, str], ...]] = (
    ("name is", "supporter_name"),
    ("i am", "supporter_name"),
    ("i'm", "supporter_name"),
    ("this is", "supporter_name"),
    ("name:", "supporter_name"),
    ("zip code is", "zip"),
    ("zip is", "zip"),
    ("zip code", "zip"),
    ("zip:", "zip"),
    ("live in", "city"),
    ("living in", "city"),
    ("resident of", "city"),
    ("calling from", "city"),
    ("city of", "city"),
    ("from", "city"),
    ("state of", "state"),
    ("live on", "street"),
    ("senator", "legislator_last_name"),
    ("representative", "legislator_last_name"),
    ("assemblymember", "legislator_last_name"),
    ("delegate", "legislator_last_name"),
    ("councilmember", "legislator_last_name"),
)
_LONGEST_LEAD: Final = 40  # characters looked back at

_MARK = re.compile(r"_+|\{\{[^{}\n]{0,80}\}\}|\[[^\[\]\n]{0,80}\]|\([^()\n]{0,80}\)")
_HINT_BEHIND = re.compile(r"[ \t]{0,4}[(\[]([^()\[\]\n]{0,80})[)\]]")
_SEPARATOR = re.compile(r", ?| ?/ ?| and | & ")
_OWN_WORDS = re.compile(r"\((?:your|insert|enter|fill|add) ", re.IGNORECASE)
_OPEN = re.compile(rf"[\[\]]|{_OWN_WORDS.pattern}", re.IGNORECASE)


class Blank(Struct, frozen=True):
    """Where the value of a field is said; a key of `FIELDS`."""

    field: str


class Part(Struct, frozen=True):
    """A piece of a filled script: text where `field` is "", else a field's value, "" where it is not known."""

    text: str
    field: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether the caller has to think of it."""
        return bool(self.field) and not self.text


class Script(Struct, frozen=True):
    """A script, read and found good. `fields` are those in it, in order of appearance."""

    pieces: tuple[str | Blank, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(piece.field for piece in self.pieces if isinstance(piece, Blank)))

    def fill(self, values: Mapping[str, str]) -> tuple[Part, ...]:
        """The script for somebody of whom these values are known, by field, each in one line."""
        parts = []
        for piece in self.pieces:
            if isinstance(piece, str):
                parts.append(Part(piece))
            else:
                parts.append(Part(" ".join(values.get(piece.field, "").split()), piece.field))
        return tuple(parts)


def read_script(text: str) -> Script:
    """Raises LetterError, with line and column, for the first thing that is wrong; see `script_errors`."""
    reader = _read(text)
    if reader.errors:
        raise reader.errors[0]
    return Script(tuple(reader.pieces))


def script_errors(text: str) -> list[LetterError]:
    """All that is wrong with a script, in order: blanks without a field, and marks left for the author."""
    try:
        return _read(text).errors
    except LetterError as error:
        return [error]


@dataclass
class _Reader:
    text: str
    pieces: list[str | Blank] = field(default_factory=list)
    errors: list[LetterError] = field(default_factory=list)
    texts: list[tuple[int, int]] = field(default_factory=list)  # where what stands outside of every mark is
    position: int = 0

    def refuse(self, index: int, code: str, **values: Any) -> None:
        self.errors.append(LetterError(*place(self.text, index), code, **values))

    def take(self, begin: int, end: int, pieces: tuple[str | Blank, ...]) -> None:
        """What stands up to a mark, and the pieces in the mark's place."""
        if begin > self.position:
            self.pieces.append(self.text[self.position : begin])
            self.texts.append((self.position, begin))
        self.pieces += pieces
        self.position = end


def _read(text: str) -> _Reader:
    text = plain(text)
    if len(text) > MAX_SOURCE:
        raise LetterError(1, 1, "letter.too-long", length=len(text), most=MAX_SOURCE)
    reader = _Reader(text)
    if not text.strip():
        reader.refuse(0, "script.empty")
    position = 0
    while mark := _MARK.search(text, position):
        position = _BY_MARK[mark[0][0]](reader, mark)
    reader.take(len(text), len(text), ())
    _find_leftovers(reader)
    reader.errors.sort(key=lambda error: (error.line, error.column))
    return reader


def _line(reader: _Reader, mark: re.Match[str]) -> int:
    """A line to write on, with the hint beside it if there is one."""
    end = mark.end()
    if end - mark.start() < 2:
        return end
    before, last = reader.text[reader.position : mark.start()], reader.pieces[-1:]
    hint = _HINT_BEHIND.match(reader.text, end)
    pieces = _pieces(hint[1]) if hint else None
    if hint and pieces:
        end = hint.end()
    elif name := _led(before, last):
        pieces = (Blank(name),)
    else:
        reader.refuse(mark.start(), "script.blank-without-field")
    reader.take(mark.start(), end, pieces or ())
    return end


def _led(before: str, last: list[str | Blank]) -> str:
    """The field that the words before a line ask for, or ""."""
    if before.strip() == "," and last == [Blank("city")]:
        return "state"
    words = " ".join(before[-_LONGEST_LEAD:].replace("’", "'").lower().split())
    for lead, name in _LEADS:
        if words == lead or (words.endswith(lead) and not words[-len(lead) - 1].isalnum()):
            return name
    return ""


def _field(reader: _Reader, mark: re.Match[str]) -> int:
    name = mark[0][2:-2].strip()
    if name in SCRIPT_FIELDS:
        reader.take(mark.start(), mark.end(), (Blank(name),))
        return mark.end()
    near = difflib.get_close_matches(name.lower(), SCRIPT_FIELDS, n=1, cutoff=0.5)
    if near:
        reader.refuse(mark.start(), "letter.unknown-field-near", field=name, near=near[0])
    else:
        reader.refuse(mark.start(), "letter.unknown-field", field=name, fields=", ".join(sorted(SCRIPT_FIELDS)))
    reader.take(mark.start(), mark.end(), ())
    return mark.end()


def _square(reader: _Reader, mark: re.Match[str]) -> int:
    if mark[0].lower() == "[sic]":
        return mark.end()
    pieces = _pieces(mark[0][1:-1])
    if pieces is None:
        _refuse_hint(reader, mark)
    reader.take(mark.start(), mark.end(), pieces or ())
    return mark.end()


def _round(reader: _Reader, mark: re.Match[str]) -> int:
    pieces = _pieces(mark[0][1:-1])
    if pieces is None and _OWN_WORDS.match(mark[0]):
        _refuse_hint(reader, mark)
        pieces = ()
    if pieces is not None:
        reader.take(mark.start(), mark.end(), pieces)
        return mark.end()
    return mark.start() + 1  # text, in which a line to write on may stand


def _refuse_hint(reader: _Reader, mark: re.Match[str]) -> None:
    near = difflib.get_close_matches(_bare(mark[0][1:-1]), _HINTS, n=1, cutoff=0.6)
    if near:
        reader.refuse(mark.start(), "script.unknown-blank-near", blank=mark[0], near=near[0])
    else:
        reader.refuse(mark.start(), "script.unknown-blank", blank=mark[0])


_BY_MARK: Final[Mapping[str, Callable[[_Reader, re.Match[str]], int]]] = {
    "_": _line,
    "{": _field,
    "[": _square,
    "(": _round,
}


def _pieces(hint: str) -> tuple[str | Blank, ...] | None:
    """The blanks that a hint names, with what stands between them; None where any of it is no field."""
    pieces: list[str | Blank] = []
    position = 0
    if name := _field_of(hint):  # "first and last name"
        return (Blank(name),)
    for separator in [*_SEPARATOR.finditer(hint), None]:
        name = _field_of(hint[position : separator.start() if separator else len(hint)])
        if not name:
            return None
        pieces.append(Blank(name))
        if separator:
            pieces.append(", " if separator[0].strip() in {"/", "&", "and"} else separator[0])
            position = separator.end()
    return tuple(pieces)


def _field_of(hint: str) -> str:
    bare = _bare(hint)
    return _HINTS.get(bare) or (bare if bare in SCRIPT_FIELDS else "")


def _bare(hint: str) -> str:
    """A hint without whose it is: "Insert your name here" as "name"."""
    words = " ".join(hint.replace("’", "'").lower().split()).strip(" _.:")
    words = words.removesuffix(" here")
    if words in _HINTS:  # "state" is one, and not only what begins "state your name"
        return words
    for owner in _OWNERS:
        words = words.removeprefix(owner)
    return words


def _find_leftovers(reader: _Reader) -> None:
    """What else was meant for the author: "TODO", "{name}", a bracket that is not closed."""
    for begin, end in reader.texts:
        text = reader.text[begin:end]
        for words in prompts(text, of_staff=True):
            reader.refuse(begin + text.index(words), "script.left-over", words=words)
        if bracket := _OPEN.search(text.replace("[sic]", "(sic)")):
            reader.refuse(begin + bracket.start(), "script.bracket-not-closed")
