"""Mail domains that look like a slip of the finger beside one that very many people have."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

# The large mail providers of the United States. No list of who has how many users is behind it: a name is asked about
# only where it is one slip from one of these and is none of the names below.
_LARGE: Final = (
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "aol.com",
    "comcast.net",
    "verizon.net",
    "att.net",
    "sbcglobal.net",
    "bellsouth.net",
    "charter.net",
    "earthlink.net",
    "protonmail.com",
    "live.com",
    "msn.com",
    "me.com",
    "mac.com",
    "cox.net",
    "ymail.com",
)
# Real ones that stand a slip away from those.
_REAL: Final = frozenset(_LARGE) | {
    "mail.com",
    "email.com",
    "gmx.com",
    "gmx.net",
    "aim.com",
    "aol.net",
    "fmail.com",
    "hmail.com",
    "qmail.com",
    "rmail.com",
    "tmail.com",
    "zmail.com",
    "yahoo.co",
    "we.com",
    "mc.com",
    "max.com",
    "mas.com",
    "ms.com",
    "msn.net",
    "att.com",
    "cox.com",
    "cos.net",
    "love.com",
    "olive.com",
    "charter.com",
    "verizon.com",
    "comcast.com",
    "live.co",
    "life.com",
}
_SHORTEST: Final = 7  # shorter names have too many real neighbours


@lru_cache(maxsize=1024)  # most people have addresses at few domains
def likely_meant(domain: str) -> str | None:
    """The large provider's domain that `domain` is one slip away from, or None. Offer it; never put it in its place."""
    typed = domain.casefold()
    if typed in _REAL or len(typed) < _SHORTEST:
        return None
    for known in _LARGE:
        if len(known) >= _SHORTEST and abs(len(known) - len(typed)) <= 1 and _is_one_slip(typed, known):
            return known
    return None


def _is_one_slip(typed: str, meant: str) -> bool:
    """Whether one letter is left out, put in, or another, or two neighbours are swapped (Damerau)."""
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    rest, wanted = typed[start:], meant[start:]
    return (
        (rest[1:] == wanted[1:] and len(rest) == len(wanted))
        or rest[1:] == wanted
        or rest == wanted[1:]
        or (len(rest) > 1 and rest[1::-1] == wanted[:2] and rest[2:] == wanted[2:])
    )  # fmt: skip
