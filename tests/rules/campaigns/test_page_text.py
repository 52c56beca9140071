"""A campaign page's text: a little Markdown, and no way to anything else."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns.letter_language import MAX_SOURCE
from actionmail.rules.campaigns.page_text import as_html
from tests.growth import LINEAR, growth

ALLOWED = {
    "p": (),
    "h2": (),
    "h3": (),
    "h4": (),
    "ul": (),
    "ol": (),
    "li": (),
    "em": (),
    "strong": (),
    "blockquote": (),
    "br": (),
    "a": ("href", "rel"),
}


class Reader(HTMLParser):
    """What a browser would find in the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tuple(name for name, _ in attrs) == ALLOWED[tag]
        if tag == "a":
            found = dict(attrs)
            assert found["rel"] == "noopener noreferrer"
            self.links.append(found["href"] or "")
        if tag != "br":
            self.open.append(tag)
        if tag == "p":
            self.words += " "

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError("a declaration")


def read(text: str) -> Reader:
    found = Reader(str(as_html(text)))
    assert found.open == []
    assert all(link.lower().startswith(("https://", "mailto:", "tel:")) for link in found.links)
    return found


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# One\n\n## Two\n\n### Three\n\n###### Six", "<h2>One</h2><h3>Two</h3><h4>Three</h4><h4>Six</h4>"),
        ("**Bold** and *slanted*", "<p><strong>Bold</strong> and <em>slanted</em></p>"),
        (
            "> We were **heard**.\n>\n> At last.\n\nSo she said.",
            "<blockquote><p>We were <strong>heard</strong>.</p><p>At last.</p></blockquote><p>So she said.</p>",
        ),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        (
            "[the bill](https://example.org/ab?a=1&b=2)",
            '<p><a href="https://example.org/ab?a=1&amp;b=2" rel="noopener noreferrer">the bill</a></p>',
        ),
        ("[us](mailto:a@example.org)", '<p><a href="mailto:a@example.org" rel="noopener noreferrer">us</a></p>'),
        ("[call](tel:+16085550100)", '<p><a href="tel:+16085550100" rel="noopener noreferrer">call</a></p>'),
        ("7 \\* 6", "<p>7 * 6</p>"),
    ],
)
def test_what_can_be_written(text: str, html: str) -> None:
    assert as_html(text) == html
    read(text)


@pytest.mark.parametrize(
    "text",
    [
        "One line\nand another.\n\nA second paragraph, with 5 < 6 & \"quotes\" and 'more'.",
        "A price of $5 & a tilde ~x~, `code`, a | table | row, https://example.org and snake_case_names",
        "5 > 4 is no quote\n\n    not code\n\n```\nnot code either\n```\n\n---\n\nA line\n===",
        "&copy; &lt;b&gt; stay as typed",
    ],
)
def test_plain_text_stays_as_it_looked(text: str) -> None:
    found = read(text)
    assert found.words.split() == text.split()
    assert set(str(as_html(text)).replace("</p>", "<p>").split("<p>")[::2]) == {""}


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![a picture](https://example.org/a.png)",
        '![x](x "onerror=alert(1)")',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x]( javascript:alert(1))",
        "[x](<javascript:alert(1)>)",
        "[x](java\tscript:alert(1))",
        "[x](feed:javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox(1))",
        "[x](http://example.org)",
        "[x](//example.org)",
        "[x](/staff/)",
        "[x](https:javascript:alert(1))",
        "[x](https://)",
        '[x](https://a"onmouseover="alert(1))',
        "[x](https://example.org 'a\" onclick=\"alert(1)')",
        "[x][1]\n\n[1]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "<https://example.org>",
        "[<b onclick=alert(1)>](https://example.org)",
        "[a [b](https://example.org) c](https://example.org)",
        "*<b*>*",
        "<!-- a comment -->\n\n<![CDATA[ x ]]>\n\n<!DOCTYPE html>\n\n<?php ?>",
        "</p></div><style>*{display:none}</style>",
        "# <svg/onload=alert(1)>",
        "- <iframe src=https://example.org>",
        "[x](https://example.org\x00)",
        "a\x00\u202e\u2028b \ud800",
    ],
)
def test_hostile_text_is_text(text: str) -> None:
    html = str(as_html(text)).lower()
    for tag in ("<script", "<img", "<svg", "<iframe", "<style", "<b", "<!", "<?"):
        assert tag not in html.replace("<br>", "")
    for link in read(text).links:
        assert link.startswith("https://")


_MARKS = "* ** _ [ ]( ) ![ ! # - 1. < > <b> \" ' & &lt; \\ ` a href= https: : ](https://a.example) ](javascript:x)"
_PIECES = st.sampled_from([*_MARKS.split(), " ", "# ", "- ", "1. ", "\n", "\n\n", "  \n", "\t", "\x00", "\u202e"])


@given(st.lists(_PIECES | st.text(max_size=4), max_size=60).map("".join))
def test_whatever_is_typed_only_what_is_allowed_comes_out(text: str) -> None:
    read(text)


@pytest.mark.parametrize(
    "piece", ["[", "*", "*a ", "**a", "[a](", "- ", "![", "\\", "_a*b", "*_", "]", "<", "# ", "(["]
)
def test_a_text_takes_no_longer_than_it_is(piece: str) -> None:
    text = (piece * MAX_SOURCE)[:MAX_SOURCE]
    read(text)
    assert growth(as_html, text[: MAX_SOURCE // 2], text) <= LINEAR
