"""The text of a campaign's page: plain text with a little Markdown, turned into HTML that can hold nothing else.

Headings, bold, italics, lists, quotes and links, as CommonMark writes them; everything else stands as it was typed. The
HTML is put together here, tag by tag, from what the parser found, so that no tag and no attribute comes from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

_TAGS: Final = {
    "paragraph": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "blockquote": "blockquote",
    "em": "em",
    "strong": "strong",
}
_HEADINGS: Final = {"h1": "h2", "h2": "h3"}  # the page has its own h1; deeper ones are all h4
_LINK: Final = re.compile(r"https://[^\s/?#]|mailto:[^\s@]+@[^\s@]|tel:\+?[0-9]", re.IGNORECASE)


class _Parser(MarkdownIt):
    """CommonMark without HTML, code, images and entities."""

    def __init__(self) -> None:
        super().__init__("zero")
        self.enable(["heading", "list", "blockquote", "emphasis", "link", "escape"])

    def validateLink(self, url: str) -> bool:  # noqa: N802  # the parser's own name for it
        return _LINK.match(url) is not None


_PARSER: Final = _Parser()


@lru_cache(maxsize=64)
def as_html(text: str) -> Markup:
    """The HTML of `text`, of at most `letters.MAX_SOURCE` characters. Links lead to https, mailto and tel alone."""
    return Markup("").join(map(_html, _flat(_PARSER.parse(text))))


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "inline":
            yield from token.children or ()
        elif not token.hidden:  # in a list without empty lines, its items' paragraphs
            yield token


def _html(token: Token) -> Markup:
    kind, _, side = token.type.rpartition("_")
    if token.type == "link_open":
        return Markup('<a href="{}" rel="noopener noreferrer">').format(token.attrs["href"])
    if token.type == "hardbreak":
        return Markup("<br>")
    tag = "a" if kind == "link" else _HEADINGS.get(token.tag, "h4") if kind == "heading" else _TAGS.get(kind)
    if tag is None:
        return escape(token.content)
    if side == "open":
        return Markup("<{}>").format(tag)
    return Markup("</{}>").format(tag)
