"""The letter language: text, `{{ field }}` and `{% if field %}…{% else %}…{% endif %}`, and nothing else.

A letter is data, not a program. Its source is scanned tag by tag, so that whatever is refused is refused with line
and column; then Jinja2's parser reads it and the syntax tree is checked once more against a whitelist of four nodes.
The tree is filled by the few lines in `Template.fill`, never compiled: a value is put in as it is and not looked at
again.

A `{% … %}` alone on its line takes the line with it, so that an absent part leaves no gap.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes

from actionmail.rules.roster import titles

MAX_SOURCE: Final = 20_000  # characters of one part of a letter
MAX_OUTPUT: Final = 40_000  # characters of one filled part
MAX_DEPTH: Final = 3  # {% if %} within {% if %}
MAX_SUBJECT: Final = 78  # delivery.md §1; RFC 5322 2.1.1's preferred line


class LetterError(ValueError):
    """A letter cannot be read: where (line and column count from 1; `part` is "opening", "body", …) and why."""

    def __init__(self, line: int, column: int, reason: str, *, part: str = "") -> None:
        where = f"{part}, line {line}, column {column}" if part else f"line {line}, column {column}"
        super().__init__(f"{where}: {reason}")
        self.line = line
        self.column = column
        self.reason = reason
        self.part = part


@dataclass(frozen=True, kw_only=True)
class Field:
    """A blank in a letter. `per_legislator`: differs among the targets of one action. Not `required`: may be empty."""

    sentence: str
    example: str
    per_legislator: bool = False
    required: bool = True


COMMITTEE: Final = "committee"
FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "salutation": Field(
            sentence="The greeting with title and last name, comma included.",
            example="Dear Assemblymember Wicks,",
            per_legislator=True,
        ),
        "legislator_title": Field(
            sentence="The legislator's title in full.", example="Assemblymember", per_legislator=True
        ),
        "legislator_short_title": Field(
            sentence="The legislator's title in its short form.", example="Asm.", per_legislator=True
        ),
        "legislator_name": Field(
            sentence="The legislator's whole name, without title.", example="Buffy Wicks", per_legislator=True
        ),
        "legislator_last_name": Field(
            sentence="The legislator's last name, or the whole name where the last one is not known.",
            example="Wicks",
            per_legislator=True,
        ),
        "legislator_district": Field(
            sentence="The district that the legislator represents.", example="14", per_legislator=True
        ),
        "chamber_name": Field(
            sentence="The chamber that the legislator sits in.",
            example="California State Assembly",
            per_legislator=True,
        ),
        COMMITTEE: Field(
            sentence=(
                "The committee that the legislator sits on, of those the letter is for; only in letters that are for "
                "the members of committees."
            ),
            example="Assembly Committee on Transportation",
            per_legislator=True,
        ),
        "supporter_name": Field(sentence="The supporter's name as they typed it.", example="Mai Example"),
        "address": Field(
            sentence="The supporter's postal address, on one or two lines; at least state and ZIP code.",
            example="12 Sample Street\nBerkeley, CA 94703",
        ),
        "street": Field(
            sentence="The supporter's street and number; may be empty.", example="12 Sample Street", required=False
        ),
        "city": Field(sentence="The supporter's city; may be empty.", example="Berkeley", required=False),
        "state": Field(sentence="The supporter's state, its name in full.", example="California"),
        "zip": Field(sentence="The supporter's five-digit ZIP code.", example="94703"),
        "place": Field(
            sentence=(
                "The supporter's city and ZIP code; the ZIP code alone where the city is not known, or where the "
                "subject would become too long with it."
            ),
            example="Berkeley 94703",
        ),
        "bill": Field(sentence="The bill's number.", example="SB 1161"),
        "bill_title": Field(sentence="The bill's title in plain words.", example="Safer rides on public transit"),
        "session": Field(sentence="The legislative session.", example="2021-2022"),
        "position": Field(sentence="The campaign's position: support or oppose.", example="support"),
        "campaign_title": Field(sentence="The campaign's title.", example="Make every ride a safe ride"),
        "organisation": Field(sentence="The organisation that runs the campaign.", example="Example Community Group"),
    }
)


def field_values(
    *,
    state: str,
    chamber: str,
    legislator_name: str,
    legislator_family_name: str,
    district: str,
    supporter_name: str,
    zip_code: str,
    bill: str,
    bill_title: str,
    session: str,
    position: str,
    campaign_title: str,
    organisation: str,
    street: str = "",
    city: str = "",
    supporter_state: str = "",
    committee: str = "",
) -> dict[str, str]:
    """A value for every one of FIELDS. `supporter_state` is two letters, and `state` where it is left out."""
    state_code = supporter_state or state
    last_name = legislator_family_name.strip() or legislator_name.strip()
    street, city = street.strip(), city.strip()
    return {
        "salutation": titles.salutation(state, chamber, last_name),
        "legislator_title": titles.title(state, chamber),
        "legislator_short_title": titles.short_title(state, chamber),
        "legislator_name": legislator_name,
        "legislator_last_name": last_name,
        "legislator_district": district,
        "chamber_name": titles.chamber_name(state, chamber),
        COMMITTEE: committee,
        "supporter_name": supporter_name,
        "address": "\n".join(filter(None, [street, f"{city}, {state_code} {zip_code}".removeprefix(", ")])),
        "street": street,
        "city": city,
        "state": titles.STATES.get(state_code, state_code),
        "zip": zip_code,
        "place": f"{city} {zip_code}".strip(),
        "bill": bill,
        "bill_title": bill_title,
        "session": session,
        "position": position,
        "campaign_title": campaign_title,
        "organisation": organisation,
    }


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


_ASKS = r"\b(?:your|add|insert|write|tell|name|story|here|city|date)\b"
_PROMPTS = re.compile(
    rf"\[[^\[\]\n]{{0,80}}{_ASKS}[^\[\]\n]{{0,80}}\]"
    rf"|(?<!<)<(?=\w)[^<>@:/\n]{{0,80}}{_ASKS}[^<>@:/\n]{{0,80}}>"
    r"|\((?:add|insert|write)\s+(?:your|own|personal)\b[^()\n]{0,80}\)"
    r"|\b(?:add|insert|write|tell|share)\s+(?:us\s+)?your\s+(?:own\s+)?(?:story|name|words|reason|text)\s+here\b"
    r"|\binsert\s+(?:\w{1,20}\s+){1,4}here\b"
    r"|\byour\s+(?:own\s+)?(?:story|name|words|city|address)\s+here\b"
    r"|\blorem\s+ipsum\b",
    re.IGNORECASE,
)
# Marks, and fields as other tools write them: {name}, <<name>>, [[name]], *|NAME|*, %%name%%, and a line to write on.
_MARKS = re.compile(
    r"\{\{|\}\}|\{%|%\}|\b(?:TODO|FIXME|XXX+|TBD)\b"
    r"|\{[^{}\n]{1,60}\}|<<[^<>\n]{1,60}>>|\[\[[^\[\]\n]{1,60}\]\]|\*\|\w{1,40}\|\*|%%\w{1,40}%%"
    r"|(?<=[^\s_])[ \t]{0,8}_{3,}|_{3,}(?=[ \t]{0,8}[^\s_])"
)
# What staff write in brackets is a note to somebody, in any language; supporters may quote with them.
_BRACKETS = re.compile(r"\[(?!sic\])[^\[\]\n]{0,80}[^\W\d_]{2}[^\[\]\n]{0,80}\]|［[^［］\n]{1,80}］")


def faults(filled: FilledLetter) -> list[str]:
    """What keeps a filled letter from being sent, each a sentence; empty when nothing does."""
    found = [f'"{name}" is empty where the letter needs it.' for name in filled.blanks]
    if not filled.subject:
        found.append("The subject is empty.")
    if len(filled.subject) > MAX_SUBJECT:
        found.append(f"The subject has {len(filled.subject)} characters; at most {MAX_SUBJECT} fit.")
    if not filled.body.strip():
        found.append("The letter has no text.")
    if len(filled.text) > MAX_OUTPUT:
        found.append(f"The letter has {len(filled.text)} characters; at most {MAX_OUTPUT} fit.")
    for where, text in (("subject", filled.subject), ("letter", filled.text)):
        found += [f'The {where} still says "{words}".' for words in prompts(text)]
    return found


def prompts(text: str, *, of_staff: bool = False) -> list[str]:
    """What was meant for the writer and still stands in the text: "[add your story here]", "TODO", "{name}".

    In what is `of_staff` alone, whatever stands in brackets too.
    """
    found = [match[0].strip() for pattern in (_PROMPTS, _MARKS) if (match := pattern.search(text))]
    if of_staff and not found and (match := _BRACKETS.search(text)):
        found.append(match[0])
    return found


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
    shared = part in {"body", "subject"}
    allowed = {
        name: field
        for name, field in FIELDS.items()
        if not (shared and field.per_legislator) and (name != COMMITTEE or has_committees)
    }
    try:
        template = parse(text, allowed=allowed)
    except LetterError as error:
        raise LetterError(error.line, error.column, error.reason, part=part) from None
    if not text.strip():
        raise LetterError(1, 1, f"The {part} is empty.", part=part)
    if found := re.search(r"[{}]", re.sub(f"{_BLANK.pattern}|{_BLOCK.pattern}", _blotted, text)):
        reason = f"A single {found[0]} stands here. A field is written with two on each side, such as {{{{ bill }}}}."
        raise LetterError(*_place(text, found.start()), reason, part=part)
    if part == "closing" and "supporter_name" not in template.names:
        raise LetterError(1, 1, "The closing must sign with {{ supporter_name }}.", part=part)
    if found := _HTML.search(text):
        reason = f"{found[0][:40]} is HTML. Letters are plain text: it would stand there as you typed it; delete it."
        raise LetterError(*_place(text, found.start()), reason, part=part)
    if part == "subject":
        if found := _HEADER.match(text):
            reason = f'"{found[0].strip()}" belongs to the head of a message; write the subject alone.'
            raise LetterError(1, 1, reason, part=part)
        if "\n" in text.strip():
            raise LetterError(1, text.index("\n") + 1, "A subject is one line.", part=part)
        if template.fixed_length > MAX_SUBJECT:
            reason = f"The subject is longer than {MAX_SUBJECT} characters before any field is filled."
            raise LetterError(1, MAX_SUBJECT + 1, reason, part=part)


def _blotted(match: re.Match[str]) -> str:
    return " " * len(match[0])


_HTML = re.compile(
    r"</?(?:a|b|i|u|p|br|hr|em|strong|span|div|font|img|script|style|iframe|svg|h[1-6]|[uo]l|li|table|t[rdh]|html|body"
    r"|head|o:p)(?:[\s/][^<>]{0,500})?>|<!--",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\s*(?:to|cc|bcc|from|sender|reply-to|subject|content-[a-z-]+|mime-version)[ \t]*:", re.IGNORECASE
)

# What is typed on other keyboards or pasted from a word processor, and means the same.
_SAME = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2028": "\n", "\u2029": "\n", "\u0085": "\n", "\u000b": "\n"}
    | {"\ufeff": None, "\u00ad": None}
)
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """The text with line ends as LF and special spaces as plain ones; typographic quotes and dashes stay.

    Raises LetterError with the place of a control character or a mark that turns the reading direction.
    """
    if not text.isascii() or "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_SAME) if not text.isascii() or "\v" in text else text
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if character in _DIRECTION_MARKS:
            raise _at(text, index, f"The invisible mark U+{ord(character):04X} turns the reading direction; delete it.")
        if category == "Cs" or (category == "Cc" and character not in "\n\t"):
            raise _at(text, index, f"The control character U+{ord(character):04X} cannot stand in a letter; delete it.")
    return text


def _at(text: str, index: int, reason: str) -> LetterError:
    return LetterError(*_place(text, index), reason)


def _place(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


@dataclass(frozen=True)
class _Blank:
    name: str


@dataclass(frozen=True)
class _If:
    name: str
    then: _Pieces
    otherwise: _Pieces


_Pieces = tuple[str | _Blank | _If, ...]


@dataclass(frozen=True)
class Template:
    """A letter's part, read and found good. `names` are the fields in it, in order of appearance."""

    pieces: _Pieces
    names: tuple[str, ...]
    fixed_length: int  # characters outside of every tag and every {% if %}

    def fill(self, values: Mapping[str, str], blanks: dict[str, None] | None = None) -> str:
        """The text with every field's value in its place, as it is. Raises LetterError when it grows too long.

        `values` must have every field of `names` (KeyError otherwise: ours to see to). The fields that are put in
        without a visible value are added to `blanks`, in their order.
        """
        filled: list[str] = []
        _fill(self.pieces, values, filled, {} if blanks is None else blanks)
        if sum(map(len, filled)) > MAX_OUTPUT:
            raise LetterError(1, 1, f"Filled, the letter is longer than {MAX_OUTPUT} characters.")
        return "".join(filled)


def _fill(pieces: _Pieces, values: Mapping[str, str], filled: list[str], blanks: dict[str, None]) -> None:
    """Every piece at most once, so what is gathered is bounded by the source's length and the longest value."""
    for piece in pieces:
        if isinstance(piece, str):
            filled.append(piece)
        elif isinstance(piece, _Blank):
            value = values[piece.name]
            if not value.strip():
                blanks[piece.name] = None
            filled.append(value)
        else:
            _fill(piece.then if values[piece.name].strip() else piece.otherwise, values, filled, blanks)


def _pieces(tree: Sequence[nodes.Node]) -> Iterator[str | _Blank | _If]:
    for node in tree:
        if isinstance(node, nodes.Output):
            yield from _pieces(node.nodes)
        elif isinstance(node, nodes.TemplateData):
            yield node.data
        elif isinstance(node, nodes.Name):
            yield _Blank(node.name)
        elif isinstance(node, nodes.If) and isinstance(node.test, nodes.Name):
            yield _If(node.test.name, tuple(_pieces(node.body)), tuple(_pieces(node.else_)))


def parse(text: str, *, allowed: Collection[str] = FIELDS) -> Template:
    """Read one part of a letter in which the fields `allowed` may stand. Raises LetterError."""
    if len(text) > MAX_SOURCE:
        raise LetterError(1, 1, f"The text has {len(text):,} characters; at most {MAX_SOURCE:,} are taken.")
    return _parse(text, frozenset(allowed))


@lru_cache(maxsize=512)
def _parse(text: str, allowed: frozenset[str]) -> Template:
    text = plain(text)
    _scan(text, allowed)
    alone = re.sub(r"^[ \t]*((?:\{%[^%\n]*%\}[ \t]*)+)\n", lambda match: match[1].rstrip(), text, flags=re.MULTILINE)
    try:
        tree = tuple(_GRAMMAR.parse(alone).body)
    except (TemplateSyntaxError, RecursionError) as error:
        raise LetterError(getattr(error, "lineno", 1), 1, f"This cannot be read: {error}.") from None
    names = tuple(dict.fromkeys(_checked(tree, allowed)))
    fixed = sum(len(piece) for node in tree if isinstance(node, nodes.Output) for piece in _data(node))
    return Template(tuple(_pieces(tree)), names, fixed)


_GRAMMAR = Environment(autoescape=False, keep_trailing_newline=True, cache_size=0)  # noqa: S701 - plain text, only parsed


def _data(output: nodes.Output) -> Iterator[str]:
    return (node.data for node in output.nodes if isinstance(node, nodes.TemplateData))


def _checked(tree: Sequence[nodes.Node], allowed: frozenset[str]) -> Iterator[str]:
    """The fields in a tree of nothing but the four kinds of node. Raises LetterError for any other."""
    for node in tree:
        if isinstance(node, nodes.Output):
            yield from _checked(node.nodes, allowed)
        elif isinstance(node, nodes.Name) and node.name in allowed:
            yield node.name
        elif isinstance(node, nodes.If) and isinstance(node.test, nodes.Name) and not node.elif_:
            yield from _checked([node.test, *node.body, *node.else_], allowed)
        elif not isinstance(node, nodes.TemplateData):
            raise LetterError(
                node.lineno, 1, f"Only text, {{{{ field }}}} and {{% if field %}} may stand here. {_HELP}"
            )


_HELP = "Nothing else can be used in a letter."
_TAG = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_BLANK = re.compile(r"\{\{[ \t]*([^\W\d]\w*)[ \t]*\}\}")
_BLOCK = re.compile(r"\{%[ \t]*(?:if[ \t]+([^\W\d]\w*)|(else)|(endif))[ \t]*%\}")


@dataclass
class _Open:
    index: int
    name: str
    has_else: bool = False


def _scan(text: str, allowed: frozenset[str]) -> None:
    """Look at every tag from first to last. Raises LetterError at the first that may not stand."""
    opened: list[_Open] = []
    position = 0
    while tag := _TAG.search(text, position):
        index = tag.start()
        if blank := _BLANK.match(text, index):
            _check_name(text, blank, allowed)
            if blank[1] in FIELDS and not FIELDS[blank[1]].required:
                _check_guarded(text, index, blank[1], opened)
            position = blank.end()
        elif block := _BLOCK.match(text, index):
            _check_block(text, block, opened, allowed)
            position = block.end()
        else:
            raise _at(text, index, _refusal(text, index, tag[0]))
    if opened:
        raise _at(text, opened[-1].index, f"{{% if {opened[-1].name} %}} is never closed; put {{% endif %}} behind it.")


def _check_name(text: str, match: re.Match[str], allowed: frozenset[str]) -> None:
    name = match[1]
    if name in allowed:
        return
    if name == COMMITTEE and "salutation" in allowed:
        raise _at(text, match.start(1), f'"{name}" can only stand in a letter for the members of committees.')
    if name in FIELDS:
        raise _at(
            text,
            match.start(1),
            f'"{name}" differs from legislator to legislator, and the supporter edits this part once for all of them; '
            "use it in the opening or the closing.",
        )
    near = difflib.get_close_matches(name.lower()[:60], sorted(allowed), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"the fields are: {', '.join(sorted(allowed))}."
    raise _at(text, match.start(1), f'There is no field "{name[:60]}"; {hint}')


def _check_guarded(text: str, index: int, name: str, opened: list[_Open]) -> None:
    if not any(block.name == name and not block.has_else for block in opened):
        raise _at(
            text,
            index,
            f'"{name}" may be empty; write {{% if {name} %}}…{{{{ {name} }}}}…{{% endif %}} around what needs it.',
        )


def _check_block(text: str, block: re.Match[str], opened: list[_Open], allowed: frozenset[str]) -> None:
    if block[1]:
        _check_name(text, block, allowed)
        if len(opened) == MAX_DEPTH:
            raise _at(text, block.start(), f"More than {MAX_DEPTH} {{% if %}} stand within each other.")
        opened.append(_Open(block.start(), block[1]))
    elif not opened:
        raise _at(text, block.start(), f"There is no {{% if %}} before this {block[0]}.")
    elif block[3]:
        opened.pop()
    elif opened[-1].has_else:
        raise _at(text, block.start(), "This {% if %} has an {% else %} already.")
    else:
        opened[-1].has_else = True


def _refusal(text: str, index: int, tag: str) -> str:
    if tag == "{#":
        return "Comments cannot stand in a letter."
    if tag in {"}}", "%}", "#}"}:
        return f"{tag} closes nothing; is a {{{{ or {{% missing before it?"
    end = {"{{": "}}", "{%": "%}"}[tag]
    close = text.find(end, index, index + 2000)
    if close < 0:
        return f"{tag} is not closed; put {end} behind the field's name."
    shown = text[index : close + 2]
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    if tag == "{{":
        return f"{shown} is more than a field's name. {_HELP}"
    return f"{shown} is none of {{% if field %}}, {{% else %}} and {{% endif %}}. {_HELP}"
