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
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from msgspec import Struct

from actionmail.rules.campaigns.fields import COMMITTEE, FIELDS
from actionmail.rules.campaigns.plain_text import place, plain
from actionmail.rules.campaigns.problems import LetterError

MAX_SOURCE: Final = 20_000  # characters of one part of a letter
MAX_OUTPUT: Final = 40_000  # characters of one filled part
MAX_DEPTH: Final = 3  # {% if %} within {% if %}


class _Blank(Struct, frozen=True):
    name: str


class _If(Struct, frozen=True):
    name: str
    then: _Pieces
    otherwise: _Pieces


_Pieces = tuple[str | _Blank | _If, ...]


class Template(Struct, frozen=True):
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
            raise LetterError(1, 1, "letter.filled-too-long", most=MAX_OUTPUT)
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


_ALL = frozenset(FIELDS)


def parse(text: str, *, allowed: Collection[str] = FIELDS) -> Template:
    """Read one part of a letter in which the fields `allowed` may stand. Raises LetterError."""
    if len(text) > MAX_SOURCE:
        raise LetterError(1, 1, "letter.too-long", length=len(text), most=MAX_SOURCE)
    return _parse(text, _ALL if allowed is FIELDS else frozenset(allowed))


@lru_cache(maxsize=512)
def _parse(text: str, allowed: frozenset[str]) -> Template:
    text = plain(text)
    _scan(text, allowed)
    alone = re.sub(r"^[ \t]*((?:\{%[^%\n]*%\}[ \t]*)+)\n", lambda match: match[1].rstrip(), text, flags=re.MULTILINE)
    try:
        tree = tuple(_GRAMMAR.parse(alone).body)
    except (TemplateSyntaxError, RecursionError) as error:
        raise LetterError(getattr(error, "lineno", 1), 1, "letter.unreadable", reason=str(error)) from None
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
            raise LetterError(node.lineno, 1, "letter.not-allowed")


_TAG = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_BLANK = re.compile(r"\{\{[ \t]*([^\W\d]\w*)[ \t]*\}\}")
_BLOCK = re.compile(r"\{%[ \t]*(?:if[ \t]+([^\W\d]\w*)|(else)|(endif))[ \t]*%\}")
_ANY_TAG = re.compile(f"{_BLANK.pattern}|{_BLOCK.pattern}")


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
            raise _refusal(text, index, tag[0])
    if opened:
        raise _at(text, opened[-1].index, "letter.never-closed", field=opened[-1].name)


def _at(text: str, index: int, code: str, **values: Any) -> LetterError:
    return LetterError(*place(text, index), code, **values)


def _check_name(text: str, match: re.Match[str], allowed: frozenset[str]) -> None:
    name = match[1]
    if name in allowed:
        return
    if name == COMMITTEE and "salutation" in allowed:
        raise _at(text, match.start(1), "letter.committee-field", field=name)
    if name in FIELDS:
        raise _at(text, match.start(1), "letter.field-per-legislator", field=name)
    near = difflib.get_close_matches(name.lower()[:60], sorted(allowed), n=1, cutoff=0.5)
    if near:
        raise _at(text, match.start(1), "letter.unknown-field-near", field=name[:60], near=near[0])
    raise _at(text, match.start(1), "letter.unknown-field", field=name[:60], fields=", ".join(sorted(allowed)))


def _check_guarded(text: str, index: int, name: str, opened: list[_Open]) -> None:
    if not any(block.name == name and not block.has_else for block in opened):
        raise _at(text, index, "letter.may-be-empty", field=name)


def _check_block(text: str, block: re.Match[str], opened: list[_Open], allowed: frozenset[str]) -> None:
    if block[1]:
        _check_name(text, block, allowed)
        if len(opened) == MAX_DEPTH:
            raise _at(text, block.start(), "letter.too-deep", most=MAX_DEPTH)
        opened.append(_Open(block.start(), block[1]))
    elif not opened:
        raise _at(text, block.start(), "letter.no-if", tag=block[0])
    elif block[3]:
        opened.pop()
    elif opened[-1].has_else:
        raise _at(text, block.start(), "letter.second-else")
    else:
        opened[-1].has_else = True


def _refusal(text: str, index: int, tag: str) -> LetterError:
    """Why a tag that begins or ends here cannot stand."""
    if tag == "{#":
        return _at(text, index, "letter.comment")
    if tag in {"}}", "%}", "#}"}:
        return _at(text, index, "letter.closes-nothing", tag=tag)
    end = {"{{": "}}", "{%": "%}"}[tag]
    close = text.find(end, index, index + 2000)
    if close < 0:
        return _at(text, index, "letter.tag-not-closed", tag=tag, end=end)
    shown = text[index : close + 2]
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    return _at(text, index, "letter.more-than-field" if tag == "{{" else "letter.unknown-block", tag=shown)


def without_tags(text: str) -> str:
    """The text with every tag that is one made spaces, so that what is left keeps its place."""
    return _ANY_TAG.sub(lambda match: " " * len(match[0]), text)
