"""How much of a stranger's mail is looked at, before any parser sees it."""

from __future__ import annotations

import re
from typing import Final

from actionmail.rules.delivery.returned import Unreadable

LARGEST: Final = 400_000  # octets that are looked at; reports and first text parts stand at the front
MOST_LINES: Final = 20_000
LONGEST_HEADER: Final = 2_000
_LONGEST_LINE: Final = 4_000
_MOST_BOUNDARIES: Final = 60  # mentions of "boundary", so about half as many levels
_MOST_NESTED: Final = 60
_MIME_HEADER = re.compile(rb"^content-[a-z-]{1,30}[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.MULTILINE)


def bounded(raw: bytes) -> bytes:
    lines = raw[:LARGEST].split(b"\n", MOST_LINES)[:MOST_LINES]
    return b"\n".join(line[:_LONGEST_LINE] for line in lines)


def why_unreasonable(text: bytes) -> Unreadable | None:
    """What no honest mail has, and this one does; None where there is no such thing."""
    lowered = text.lower()
    if not text.strip():
        return Unreadable.EMPTY
    if lowered.count(b"boundary") > _MOST_BOUNDARIES or lowered.count(b"message/") > _MOST_NESTED:
        return Unreadable.NESTED
    if any(len(header[0]) > LONGEST_HEADER for header in _MIME_HEADER.finditer(lowered)):
        return Unreadable.LONG_HEADER
    return None
