"""The card that social networks show for a link: which words stand on it, and where its lines may break."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import regex

WIDTH: Final = 1200  # points, as Open Graph's readers want it
HEIGHT: Final = 630
_LONGEST: Final = 400  # characters of a text
_DESIGN: Final = 2  # counted up whenever the same words are drawn in another way

_CLUSTER: Final = regex.compile(r"\p{Regional_Indicator}{2}|\X")
# What turns or breaks text, or cannot be seen; the joiners of Khmer and of emoji stay.
_UNSEEN: Final = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u00ad\u061c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_ZERO_WIDTH_SPACE: Final = "\u200b"
_JOINS_ON: Final = frozenset("\u17d2\u1039\u200d")  # what is stacked below, or joined to, the next letter
_IN_FRONT: Final = range(0x0EC0, 0x0EC5)  # vowels of Lao that stand before their consonant
_IDEOGRAPHS: Final = regex.compile(r"[\p{Han}\u3000-\u303f\uff00-\uffef]")
_NOT_FIRST: Final = frozenset("、。，．：；！？）］｝」』】》〉…—")
_NOT_LAST: Final = frozenset("（［｛「『【《〈")
# Letters by their direction; a number keeps its own within a line from right to left (Unicode's annex 9).
_STRONG: Final = regex.compile(r"[\p{bc=L}\p{bc=R}\p{bc=AL}]")
_LEFTWARD: Final = r"\p{bc=R}\p{bc=AL}"
_AGAINST: Final = {
    False: regex.compile(rf"[{_LEFTWARD}](?:[^\p{{bc=L}}]*[{_LEFTWARD}])?"),
    True: regex.compile(rf"[\p{{bc=L}}\p{{bc=EN}}](?:[^{_LEFTWARD}]*[\p{{bc=L}}\p{{bc=EN}}])?"),
}


@dataclass(frozen=True, kw_only=True)
class CardWords:
    """What stands on a card. The first of `titles` is drawn for which there are letters: a translation, then the own.

    `position` is "support", "oppose" or "" for none; `label` its words, such as "Oppose AB 969".
    """

    titles: tuple[str, ...]
    label: str
    position: str
    organisation: str

    @property
    def version(self) -> str:
        """Another one for other words: the card's address has it, so that a card can be kept for ever."""
        canonical = json.dumps([_DESIGN, asdict(self)], sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:20]


DrawCard = Callable[[CardWords], bytes]  # a PNG of WIDTH x HEIGHT


def clean(text: str) -> str:
    """On one line, without what cannot be seen, and no longer than any card can show."""
    return " ".join(_UNSEEN.sub(" ", unicodedata.normalize("NFC", text[:_LONGEST])).split())


def is_leftward(text: str) -> bool:
    """Whether it is read from right to left, by its first letter that has a direction."""
    strong = _STRONG.search(text)
    return bool(strong and regex.match(f"[{_LEFTWARD}]", strong[0]))


def directed(line: str) -> list[tuple[str, bool]]:
    """The parts of a line as they stand from left to right, each with whether it is itself read from right to left."""
    leftward, end = is_leftward(line), 0
    parts: list[tuple[str, bool]] = []
    for against in _AGAINST[leftward].finditer(line):
        parts += [(line[end : against.start()], leftward), (against[0], not leftward)]
        end = against.end()
    parts = [part for part in (*parts, (line[end:], leftward)) if part[0]]
    return parts[::-1] if leftward else parts


def clusters(text: str) -> list[str]:
    """What is never parted when a line has to break within a word, or when a font changes."""
    whole: list[str] = []
    for cluster in _CLUSTER.findall(text):
        if whole and _belongs(whole[-1], cluster):
            whole[-1] += cluster
        else:
            whole.append(cluster)
    return whole


def _belongs(before: str, cluster: str) -> bool:
    """Whether it stands with what is before it: a vowel sign, a letter below, the consonant of a vowel in front."""
    if before.isspace():
        return False
    if before[-1] in _JOINS_ON or ord(before[-1]) in _IN_FRONT:
        return True
    return unicodedata.category(cluster[0]).startswith("M") or cluster[0] in "\u0eb0\u0eb2\u0eb3"


def pieces(text: str) -> Iterator[str]:
    """The text in pieces behind each of which a line may break; a space stands at the end of its piece.

    Between words, at a zero-width space, behind a hyphen, and between Chinese characters; Lao, Khmer and Burmese break
    where their authors put a space of either kind, since no word is parted without a dictionary.
    """
    piece = ""
    for cluster in clusters(text):
        if piece and _may_break(piece[-1], cluster[0]):
            yield piece
            piece = ""
        piece += cluster
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after.isspace() or after == _ZERO_WIDTH_SPACE:
        return False
    if before.isspace() or before in {_ZERO_WIDTH_SPACE, "-", "–", "—"}:
        return before != "—" or after != "—"
    if before in _NOT_LAST or after in _NOT_FIRST:
        return False
    return bool(_IDEOGRAPHS.match(before) or _IDEOGRAPHS.match(after))


def lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The text in lines of at most `width`, by `measure`; a piece that is wider by itself breaks between clusters."""
    broken = [""]
    for piece in pieces(text):
        if measure((broken[-1] + piece).rstrip()) <= width:
            broken[-1] += piece
        elif measure(piece.rstrip()) <= width:
            broken.append(piece)
        else:
            broken.extend(_broken_within(piece, width, measure))
    return [line.strip() for line in broken if line.strip()]


def _broken_within(piece: str, width: float, measure: Callable[[str], float]) -> Sequence[str]:
    parts = [""]
    for cluster in clusters(piece):
        if parts[-1] and measure(parts[-1] + cluster) > width:
            parts.append(cluster)
        else:
            parts[-1] += cluster
    return parts


def shortened(text: str, width: float, measure: Callable[[str], float]) -> str:
    """The text with "…" in place of as much of its end as is too wide."""
    if measure(text) <= width:
        return text
    left = clusters(text)
    while left and measure("".join(left).rstrip() + "…") > width:
        left.pop()
    return "".join(left).rstrip() + "…"
