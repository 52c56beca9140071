"""Which organisations are likely the same one under two names: to be offered to staff, never merged unasked.

No two names are compared. Each is given keys, and those that share one are likely the same; so 5,000 names cost 5,000
times what one costs. The keys are the name's words without what does not count, the name with its words abbreviated,
the name with a letter missing, and the website.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, Literal
from urllib.parse import urlsplit

from msgspec import Struct

from actionmail.rules.districts.states import STATES

Reason = Literal["same-words", "abbreviation", "spelling", "website"]


class NamedOrganisation(Struct, frozen=True, kw_only=True):
    """`identity` is what it is known by in the tables; `website` as typed, "" where there is none."""

    identity: str
    name: str
    website: str = ""


class Likeness(Struct, frozen=True, kw_only=True):
    """Two identities, in the order given, and why they are likely the same."""

    first: str
    second: str
    reason: Reason


_MOST_WORDS: Final = 12  # of a name: more are not looked at
_MOST_LETTERS: Final = 24  # of a word that may be misspelt
_FEWEST_LETTERS: Final = 5
_FEWEST_INITIALS: Final = 3
_ENGLISH: Final = ("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with")
_ROMANCE: Final = ("da", "de", "del", "des", "do", "dos", "du", "e", "el", "et", "la", "las", "le", "les", "los", "y")
_SMALL: Final = frozenset((*_ENGLISH, *_ROMANCE))
_LEGAL: Final = frozenset(
    ("inc", "incorporated", "llc", "ltd", "limited", "corp", "corporation", "co", "pc", "501c3", "nonprofit")
)
_WORD: Final = re.compile(r"\w+")
_POINTED: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,12}")  # A.C.L.U.
_APOSTROPHES: Final = re.compile(r"['’ʼ](?=s\b)|(?<=\w)['’ʼʻ‘](?=\w)")
# Sites where an address belongs to many, each with a page of their own.
_SHARED: Final = frozenset(
    (
        "actionnetwork.org",
        "bsky.app",
        "docs.google.com",
        "eventbrite.com",
        "facebook.com",
        "gofundme.com",
        "instagram.com",
        "linkedin.com",
        "linktr.ee",
        "medium.com",
        "meetup.com",
        "sites.google.com",
        "threads.net",
        "tiktok.com",
        "twitter.com",
        "x.com",
        "youtube.com",
    )
)
_MARKS: Final = dict.fromkeys(range(0x300, 0x370))  # above and below Latin letters
_STATE_NAMES: Final = {
    unicodedata.normalize("NFKD", name.removeprefix("the ").lower()): code for code, name in STATES.items()
}


def likely_duplicates(organisations: Sequence[NamedOrganisation]) -> list[Likeness]:
    """Pairs, each once with its best reason, by the order of `organisations`.

    Of several that share a key, each is paired with the first of them alone: three of the same name are two pairs.
    """
    names = [_Name(organisation.name) for organisation in organisations]
    reasons: dict[tuple[int, int], Reason] = {}
    _link(reasons, names, _by_words(names), "same-words")
    _link_abbreviations(reasons, names)
    _link(reasons, names, _by_spelling(names), "spelling")
    _link(reasons, names, _by_website(organisations), "website")
    likenesses = []
    for (first, second), reason in sorted(reasons.items()):
        likenesses.append(
            Likeness(first=organisations[first].identity, second=organisations[second].identity, reason=reason)
        )
    return likenesses


class _Name:
    """The words of a name that count, and all of them."""

    def __init__(self, name: str) -> None:
        self.all = _words(name)[:_MOST_WORDS]
        self.words = [word for word in self.all if word not in _SMALL and word not in _LEGAL] or self.all
        self.key = tuple(sorted(self.words))
        self.states = _states(self.all)

    def is_elsewhere(self, other: _Name) -> bool:
        """Both name a state, and not the same one: two chapters."""
        return bool(self.states and other.states and not self.states & other.states)


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = unicodedata.normalize("NFC", plain.translate(_MARKS)).replace("đ", "d").replace("ø", "o").replace("ł", "l")
    plain = _APOSTROPHES.sub("", plain)
    plain = _POINTED.sub(lambda match: match[0].replace(".", "") + " ", plain)
    return _WORD.findall(_with_signs(plain))


def _with_signs(text: str) -> str:
    """`\\w` has no vowel signs of Khmer, Lao and Burmese: told as numbers, they leave a word whole."""
    if text.isascii():
        return text
    return "".join(
        f"{ord(character):x}" if unicodedata.category(character) in ("Mn", "Mc") else character for character in text
    )


def _states(words: Sequence[str]) -> frozenset[str]:
    """The states that are named in full."""
    names = (*words, *map(" ".join, itertools.pairwise(words)))
    return frozenset(filter(None, map(_STATE_NAMES.get, names)))


def _by_words(names: Sequence[_Name]) -> Iterator[tuple[object, int]]:
    for index, name in enumerate(names):
        if name.key:
            yield name.key, index
            yield "".join(name.words), index  # "Asian Law Caucus", "AsianLawCaucus"


def _by_spelling(names: Sequence[_Name]) -> Iterator[tuple[object, int]]:
    """Names of two words and more that differ in one letter of one long word: what is left without any one letter."""
    for index, name in enumerate(names):
        if len(name.words) < 2:
            continue
        for place, word in enumerate(name.words):
            if _FEWEST_LETTERS <= len(word) <= _MOST_LETTERS and not word.isdigit():
                rest = tuple(sorted(name.words[:place] + name.words[place + 1 :]))
                yield (rest, word), index
                for cut in range(1, len(word)):
                    yield (rest, word[:cut] + word[cut + 1 :]), index


def _by_website(organisations: Sequence[NamedOrganisation]) -> Iterator[tuple[object, int]]:
    for index, organisation in enumerate(organisations):
        site = site_of(organisation.website)
        if site:
            yield site, index


def site_of(website: str) -> str:
    """Whose site it is: the host without "www.", and the first step of the path where many share it; "" if none."""
    text = website.strip().lower()
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
    host = host.removeprefix("www.").removeprefix("m.")
    if "." not in host:
        return ""
    if host not in _SHARED:
        return host
    step = parts.path.strip("/").partition("/")[0]
    return f"{host}/{step}" if step else ""


def _link(
    reasons: dict[tuple[int, int], Reason],
    names: Sequence[_Name],
    keys: Iterator[tuple[object, int]],
    reason: Reason,
) -> None:
    firsts: dict[object, int] = {}
    for key, index in keys:
        first = firsts.setdefault(key, index)
        if first != index and not names[first].is_elsewhere(names[index]):
            reasons.setdefault((first, index), reason)


def _link_abbreviations(reasons: dict[tuple[int, int], Reason], names: Sequence[_Name]) -> None:
    """A name that is written short against those that may be shortened to it."""
    short: dict[tuple[str, ...], int] = {}
    for index, name in enumerate(names):
        if name.key:
            short.setdefault(name.key, index)
    for index, name in enumerate(names):
        for key in _shortened(name):
            other = short.get(key)
            if other is not None and other != index and not names[other].is_elsewhere(name):
                reasons.setdefault((min(other, index), max(other, index)), "abbreviation")


def _shortened(name: _Name) -> Iterator[tuple[str, ...]]:
    """The name with the initials of some neighbouring words, once with the small ones ("of") and once without."""
    legal = [word for word in name.all if word not in _LEGAL]
    for words in (name.words, legal):
        for begin in range(len(words)):
            for end in range(begin + _FEWEST_INITIALS, len(words) + 1):
                initials = "".join(word[0] for word in words[begin:end])
                rest = [word for word in words[:begin] + words[end:] if word not in _SMALL]
                yield tuple(sorted([*rest, initials]))
