"""Which of a letter's subjects a supporter was offered, and whether they kept it."""

from __future__ import annotations

import hashlib

from actionmail.rules.campaigns.letter_language import parse


def offered(key: str, subjects: int) -> int:
    """The place, from 0, of the subject among so many that whoever acts under this idempotency key is offered."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % subjects


def is_filled_from(source: str, subject: str) -> bool:
    """Whether all that a subject's source has outside of its blanks stands in a letter's subject, in order.

    What was typed into the place of a blank is not told from what was filled in there.
    """
    is_free = False
    rest = subject
    for piece in parse(source).pieces:
        words = " ".join(piece.split()) if isinstance(piece, str) else ""
        if not words:
            is_free = is_free or not isinstance(piece, str)
            continue
        before, separator, rest = rest.partition(words)
        if not separator or (before.strip() and not is_free):
            return False
        is_free = False
    return is_free or not rest.strip()
