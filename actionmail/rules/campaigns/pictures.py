"""Pictures on pages: what is accepted, the two sizes that are shown, and the words for who cannot see them.

A picture is never kept as it came: `Reencode` makes both sizes anew from its points alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from actionmail.rules.campaigns.problems import CampaignValueError, Problem
from actionmail.rules.campaigns.translations import OWN, languages
from actionmail.rules.campaigns.value_checks import line, optional_line

MAX_UPLOAD: Final = 20 * 1024 * 1024  # bytes; a telephone's picture of 50 million points has 15 million or so
MAX_SIDE: Final = 16_000  # points
MAX_POINTS: Final = 50_000_000  # of a JPEG, which is decoded smaller: 8160 x 6120, which many telephones take
MAX_POINTS_WHOLE: Final = 25_000_000  # of all others, which are decoded whole
LARGE: Final = 1600  # points of the longer side, for the page itself
SMALL: Final = 480  # for lists
LONGEST_ALTERNATIVE: Final = 500  # characters; screen readers read it in one breath

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
ENDINGS: Final[Mapping[str, str]] = {JPEG: "jpg", PNG: "png"}

Alternatives = Mapping[str, str]  # by tag of the language, the campaign's own under `OWN.tag`


class PictureFile(Struct, frozen=True, kw_only=True):
    """One size of a picture: bytes that we wrote, without metadata, and their measures in points."""

    content: bytes
    media_type: str
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """The name under which it is served: other bytes have another."""
        return hashlib.sha256(self.content).hexdigest()


class BothSizes(Struct, frozen=True, kw_only=True):
    """The same picture at most `LARGE` and at most `SMALL` points long; one file twice where it is small already."""

    large: PictureFile
    small: PictureFile


Reencode = Callable[[bytes], BothSizes]  # raises CampaignValueError with a code "picture.…"


class ShownPicture(Struct, frozen=True, kw_only=True):
    """What a page needs to show a picture; `alternatives` are its words by language."""

    id: int
    large: ShownFile
    small: ShownFile
    alternatives: Alternatives

    def alternative(self, tag: str) -> str:
        """The words for a reader of `tag`, or else the campaign's own."""
        return self.alternatives.get(tag) or self.alternatives[OWN.tag]


class ShownFile(Struct, frozen=True, kw_only=True):
    """One size of it; `name` is that of its address."""

    sha256: str
    media_type: str
    width: int
    height: int

    @property
    def name(self) -> str:
        return f"{self.sha256}.{ENDINGS[self.media_type]}"


def check_measures(width: int, height: int, *, most_points: int) -> None:
    """Refuse what is too large to be decoded, by what its header declares. Raises CampaignValueError."""
    if max(width, height) > MAX_SIDE:
        raise CampaignValueError("picture.too-wide", width=width, height=height, most=MAX_SIDE)
    if width * height > most_points:
        raise CampaignValueError("picture.too-many-points", most=most_points)


def fitted(width: int, height: int, longest: int) -> tuple[int, int]:
    """The measures at most `longest` points long, in the same proportion, never enlarged, never less than 1."""
    if max(width, height) <= longest:
        return width, height
    scale = longest / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def looks_like_svg(content: bytes) -> bool:
    """Whether it is a drawing as XML; one is never taken, since it may hold scripts and links."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<svg", b"<?xml", b"<!doctype svg")) or b"<svg" in head


def check_alternatives(typed: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, list[Problem]]]:
    """The words by language, cleaned, the empty ones left out; and what is wrong with them, by language.

    The campaign's own language needs some: a picture without words is not there for who cannot see it.
    """
    words: dict[str, str] = {}
    faults: dict[str, list[Problem]] = {}
    for tag in (OWN.tag, *languages()):
        check = line if tag == OWN.tag else optional_line
        try:
            cleaned = check(LONGEST_ALTERNATIVE)(typed.get(tag, ""))
        except CampaignValueError as error:
            is_missing = error.problem.code == "value.empty"
            faults[tag] = [Problem("picture.no-alternative") if is_missing else error.problem]
            continue
        if cleaned:
            words[tag] = cleaned
    return words, faults


def without_alternative(alternatives: Alternatives, languages: Iterable[str]) -> list[str]:
    """In which of these languages nobody said yet what the picture shows: for a campaign that is read in them."""
    return [tag for tag in languages if not alternatives.get(tag)]
