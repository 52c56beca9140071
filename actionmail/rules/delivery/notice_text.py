"""What a mail system tells a person in words: up to where it gives our letter back, and what it says of one address."""

from __future__ import annotations

import re
from typing import Final

ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_MOST_LINES: Final = 12  # that belong to one address
_LONGEST: Final = 1_500  # characters that are read as a reason
# A field that stands at the left edge, quoted or not, is the letter's: notices indent what they cite themselves.
_FIELD_OF_LETTER = re.compile(
    r"[> ]{0,2}(received|return-path|from|message-id|mime-version|dkim-signature|reply-to|delivered-to|x-[a-z-]{1,40})"
    r"[ \t]*:",
    re.IGNORECASE,
)
_COPY_FOLLOWS = re.compile(
    r"\b(copy of (your|the|this|my|that)( original)? (message|mail|e-?mail|letter|header)"
    r"|(original|returned|undelivered|unsent|failed) (message|mail|e-?mail|header|letter|body)s?( header| text)?s?"
    r"( is| are)? (follows?|attached|below|included|enclosed)"
    r"|(message|letter|mail)('s)? (headers?|text|body|lines)( lines)? follows?"
    r"|^\W{0,6}(original|returned) (message|mail)( headers?)?\W{0,6}$"
    r"|first (few )?lines (were|are|of)"
    r"|headers? of (the|your) (original|returned|message|letter|mail)"
    r"|below this line\b|original ?nachricht|kopie (der|ihrer|deiner) (nachricht|mail|e-?mail))"
    r"|^[ >]{0,4}[-=_*]{2,} ?.{0,40}\b(original|copy|headers?|message text|returned|forwarded|unsent)\b.{0,60}$"
    r"|^content-type: (message/rfc822|message/global|text/rfc822-headers)"
    r"|^[> ]{0,2}dear (the )?(honou?rable|rep(resentative|\.)|sen(ator|\.)|assembly|delegate|governor|speaker|member"
    r"|council)",
    re.IGNORECASE,
)
_ORIGIN: Final = re.compile(rf"\b(?:generated|expanded)\s{{1,8}}from:?\s{{1,8}}<?({ADDRESS.pattern})", re.IGNORECASE)
_AT_EDGE: Final = re.compile(rf"^[ \t]{{0,8}}<?({ADDRESS.pattern})", re.MULTILINE)
_EDGES: Final = " \t<>:;,.'\"()"
_STOPS: Final = " \t:;,."  # at the end, where a bracket may belong to what stands before it


def before_copy(text: str) -> str:
    """`text` up to where the letter that it gives back begins: nothing of that is the mail system's own word."""
    lines = []
    for line in text.splitlines():
        if _FIELD_OF_LETTER.match(line) or _COPY_FOLLOWS.search(line[:200]):
            break
        lines.append(line)
    return "\n".join(lines)


def beside(text: str, address: str) -> str:
    """What a notice says of `address`: in its line, and in the lines below it; "" where it says nothing."""
    lines = text.splitlines()
    wanted = address.casefold()
    least = ""
    for number, line in enumerate(lines):
        place = line.casefold().find(wanted)
        if place < 0:
            continue
        before, rest = line[:place].strip(_EDGES), line[place + len(wanted) :].lstrip(_EDGES).rstrip(_STOPS)
        after = [rest, *_below(lines[number + 1 : number + 1 + _MOST_LINES], bool(rest))]
        words = " ".join(filter(None, [before, *after]))[:_LONGEST]
        if any(after):
            return words
        least = least or words
    return least


def _below(lines: list[str], has_begun: bool) -> list[str]:
    """The rest of the paragraph, or the next one where nothing was said yet; not what belongs to the next address."""
    words: list[str] = []
    for line in lines:
        line = line.strip()
        if not line and (words or has_begun):
            break
        if line and ADDRESS.fullmatch(line.strip(_EDGES)):
            break
        if line:
            words.append(line)
    return words


def is_behind(text: str, address: str) -> bool:
    """Whether it only stands for whoever failed: "generated from" (Exim), "expanded from" (Postfix, Sendmail)."""
    wanted = address.casefold()
    for origin in _ORIGIN.finditer(text):
        if origin[1].strip(_EDGES).casefold() == wanted:
            named = _AT_EDGE.findall(text, max(0, origin.start() - _LONGEST), origin.start())
            return not named or str(named[-1]).casefold() != wanted  # an address may lead to itself
    return False
