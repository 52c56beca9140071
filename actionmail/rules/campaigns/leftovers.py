"""What was meant for the writer and still stands in a text: prompts, marks, other tools' fields, notes in brackets."""

from __future__ import annotations

import re

_ASKS = r"\b(?:your|add|insert|write|tell|name|story|here|city|date)\b"
# What any text says that asks its writer for something.
_PROMPTS = re.compile(
    r"\((?:add|insert|write)\s+(?:your|own|personal)\b[^()\n]{0,80}\)"
    r"|\b(?:add|insert|write|tell|share)\s+(?:us\s+)?your\s+(?:own\s+)?(?:story|name|words|reason|text)\s+here\b"
    r"|\binsert\s+(?:\w{1,20}\s+){1,4}here\b"
    r"|\byour\s+(?:own\s+)?(?:story|name|words|city|address)\s+here\b"
    r"|\blorem\s+ipsum\b",
    re.IGNORECASE,
)
# Fields as other tools write them: {name}, <<name>>, [[name]], *|NAME|*, %%name%%, and a line to write on; one within
# a word is part of it, as in an e-mail address.
# A run of underscores is looked at from its first one alone: else a long one takes time that grows with its square.
_MARKS = re.compile(
    r"\{\{|\}\}|\{%|%\}"
    r"|\{[^{}\n]{1,60}\}|<<[^<>\n]{1,60}>>|\[\[[^\[\]\n]{1,60}\]\]|\*\|\w{1,40}\|\*|%%\w{1,40}%%"
    r"|(?<=[^\s_])[ \t]{0,8}_{3,}(?!\w)|(?<!\w)_{3,}(?=[ \t]{0,8}[^\s_])"
)
# Supporters quote with brackets ("[the city] has asked"): theirs is a prompt where it begins with what is to be done,
# or says no more than what is to be filled in.
_TO_FILL_IN = (
    r"(?:(?:please\s+)?(?:add|insert|write|enter|tell|fill|your)\b[^\[\]<>@:/\n]{0,80}"
    r"|(?:full\s+|first\s+|last\s+)?(?:name|city|date|address|street|town|story|zip(?:\s+code)?)(?:\s+here)?)"
)
_OF_SUPPORTERS = re.compile(rf"\[{_TO_FILL_IN}\]|(?<!<)<{_TO_FILL_IN}>", re.IGNORECASE)
# What staff write in brackets is a note to somebody, in any language; so is what they write to themselves.
_OF_STAFF = re.compile(
    rf"\[[^\[\]\n]{{0,80}}{_ASKS}[^\[\]\n]{{0,80}}\]|(?<!<)<(?=\w)[^<>@:/\n]{{0,80}}{_ASKS}[^<>@:/\n]{{0,80}}>",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"\b(?:TODO|FIXME|XXX+|TBD)\b"
    r"|\[(?!sic\])[^\[\]\n]{0,80}[^\W\d_]{2}[^\[\]\n]{0,80}\]|［[^［］\n]{1,80}］"
)

# Nearly every text has none of these, and is then not looked through character by character for longer patterns.
_BEGINNING_OF_MARK = re.compile(r"[{}<\[*%_]")
_PART_OF_PROMPT = ("(", "here", "lorem")
_WITHIN_PROMPT = re.compile(r"\(|here\b|lorem", re.IGNORECASE)


def prompts(text: str, *, of_staff: bool = False) -> list[str]:
    """What was meant for the writer and still stands in a supporter's text: "[add your story here]", "____", "{name}".

    In what is `of_staff`, "TODO" and whatever stands in brackets too.
    """
    # What stands in brackets first, so that it is told with them.
    if of_staff:
        patterns = [_OF_STAFF, _PROMPTS, _MARKS, _NOTES]
    else:
        lower = text.lower()  # to look for words in it costs a tenth of asking a pattern that ignores capitals
        may_be = any(part in lower for part in _PART_OF_PROMPT) and _WITHIN_PROMPT.search(text)
        patterns = [_PROMPTS] if may_be else []
        if _BEGINNING_OF_MARK.search(text):
            patterns = [_OF_SUPPORTERS, *patterns, _MARKS]
    left: list[str] = []
    for pattern in patterns:
        match = pattern.search(text)
        if match and not any(match[0].strip() in words for words in left):
            left.append(match[0].strip())
    return left
