"""What was meant for the writer and still stands in a text: prompts, marks, other tools' fields, notes in brackets."""

from __future__ import annotations

import re

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
# A run of underscores is looked at from its first one alone: else a long one takes time that grows with its square.
_MARKS = re.compile(
    r"\{\{|\}\}|\{%|%\}|\b(?:TODO|FIXME|XXX+|TBD)\b"
    r"|\{[^{}\n]{1,60}\}|<<[^<>\n]{1,60}>>|\[\[[^\[\]\n]{1,60}\]\]|\*\|\w{1,40}\|\*|%%\w{1,40}%%"
    r"|(?<=[^\s_])[ \t]{0,8}_{3,}|(?<!_)_{3,}(?=[ \t]{0,8}[^\s_])"
)
# What staff write in brackets is a note to somebody, in any language; supporters may quote with them.
_BRACKETS = re.compile(r"\[(?!sic\])[^\[\]\n]{0,80}[^\W\d_]{2}[^\[\]\n]{0,80}\]|［[^［］\n]{1,80}］")


def prompts(text: str, *, of_staff: bool = False) -> list[str]:
    """What was meant for the writer and still stands in the text: "[add your story here]", "TODO", "{name}".

    In what is `of_staff` alone, whatever stands in brackets too.
    """
    left: list[str] = []
    for pattern in (_PROMPTS, _MARKS):
        if match := pattern.search(text):
            left.append(match[0].strip())
    if of_staff and not left and (match := _BRACKETS.search(text)):
        left.append(match[0])
    return left
