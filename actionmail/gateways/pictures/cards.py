"""Cards for social networks, drawn as PNG: title, position and organisation, in each of our languages' scripts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont

from actionmail.gateways.pictures.fonts import IS_SHAPED, SYSTEM_FOLDERS, Face, faces, runs
from actionmail.rules.campaigns.cards import HEIGHT, WIDTH, CardWords, clean, directed, is_leftward, lines, shortened

_FIELD, _INK, _SPARK = "#15525f", "#ffffff", "#ffbf47"
_SIGNS: Final = {"support": "#1c6338", "oppose": "#a8200d"}
_EDGE: Final = 72
_ROOM: Final = WIDTH - 2 * _EDGE
_TITLE_SIZES: Final = (84, 76, 68, 60, 54, 48, 42)
_TITLE_HEIGHT: Final = 330
_LABEL_SIZE: Final = 40
_SIGN: Final = 72
_FOOT_SIZE: Final = 36
_LEADING: Final = 1.12  # of a font's own height


class CardPress:
    """Draws cards with the fonts of these folders."""

    def __init__(self, shipped: Path, system: Sequence[Path] = SYSTEM_FOLDERS) -> None:
        self._shipped = shipped
        self._system = tuple(system)

    @property
    def _faces(self) -> tuple[Face, ...]:
        return faces(self._shipped, self._system)

    def draw(self, words: CardWords) -> bytes:
        """The card as PNG. Where a title has letters that no font has, the next is taken; see `title_drawn`."""
        image = Image.new("RGB", (WIDTH, HEIGHT), _FIELD)
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, HEIGHT - 16, WIDTH, HEIGHT), fill=_SPARK)
        title = self.title_drawn(words)
        begin = _Edge(is_leftward(title))
        top = _EDGE
        if label := self._drawable(words.label):
            self._label(draw, label, words.position, begin)
            top += 100
        if title:
            self._title(draw, title, top, begin)
        foot = _Text(self._drawable(words.organisation), _FOOT_SIZE, self._faces).shortened(_ROOM)
        begin.put(draw, foot, HEIGHT - 16 - 44)
        to = BytesIO()
        image.save(to, "PNG", optimize=True)
        return to.getvalue()

    def title_drawn(self, words: CardWords) -> str:
        """The first title of which every letter can be drawn; else the first without those that cannot; else ""."""
        titles = [clean(title) for title in words.titles]
        for title in titles:
            if title and not runs(title, self._faces)[1]:
                return title
        for title in titles:
            left = self._drawable(title)
            if 2 * len(left) > len(title):  # an emoji may be missing, a script may not
                return left
        return ""

    def _drawable(self, text: str) -> str:
        stretches, _ = runs(clean(text), self._faces)
        return " ".join("".join(part for _, part in stretches).split())

    def _label(self, draw: ImageDraw.ImageDraw, label: str, position: str, begin: _Edge) -> None:
        """The position as a sign of a form and a colour of its own, and in words."""
        behind = 0
        if position in _SIGNS:
            _sign(draw, position, begin.left_of(_SIGN))
            behind = 96
        text = _Text(label, _LABEL_SIZE, self._faces).shortened(_ROOM - behind)
        begin.put(draw, text, _EDGE + 52, behind=behind)

    def _title(self, draw: ImageDraw.ImageDraw, title: str, top: int, begin: _Edge) -> None:
        """As large as it fits; at the smallest size its last line ends in "…"."""
        for size in _TITLE_SIZES:
            broken = lines(title, _ROOM, lambda part, size=size: _Text(part, size, self._faces).width)  # type: ignore[misc]
            shown = [_Text(line, size, self._faces) for line in broken]
            if sum(text.height for text in shown) <= _TITLE_HEIGHT:
                break
        room, at = float(_TITLE_HEIGHT), float(top)
        for number, text in enumerate(shown):
            room -= text.height
            is_last = number + 1 < len(shown) and shown[number + 1].height > room
            drawn = _Text(f"{text.text}…", size, self._faces).shortened(_ROOM) if is_last else text
            begin.put(draw, drawn, at + drawn.ascent)
            at += drawn.height
            if is_last:
                return


class _Edge(Struct, frozen=True):
    """Where lines begin: at the left, or where they are read from right to left at the right."""

    is_leftward: bool

    def left_of(self, width: float, behind: float = 0) -> float:
        """Where something as wide has its left end, `behind` what stands first in its line."""
        return WIDTH - _EDGE - behind - width if self.is_leftward else _EDGE + behind

    def put(self, draw: ImageDraw.ImageDraw, text: _Text, baseline: float, *, behind: float = 0) -> None:
        text.put(draw, self.left_of(text.width, behind), baseline)


def _sign(draw: ImageDraw.ImageDraw, position: str, left: float) -> None:
    """An octagon with a bar for "oppose", a disk with a tick for "support"."""
    top, size = _EDGE, _SIGN
    middle = (left + size / 2, top + size / 2)
    if position == "oppose":
        draw.regular_polygon((*middle, size / 2), 8, rotation=22, fill=_SIGNS[position], outline=_INK)
        draw.line((left + 20, middle[1], left + size - 20, middle[1]), fill=_INK, width=9)
    else:
        draw.ellipse((left, top, left + size, top + size), fill=_SIGNS[position], outline=_INK)
        draw.line(
            ((left + 19, top + 38), (left + 32, top + 51), (left + 54, top + 24)), fill=_INK, width=9, joint="curve"
        )


class _Text:
    """A line of one size, in as many fonts as its letters need, as they stand from left to right."""

    def __init__(self, text: str, size: int, among: Sequence[Face]) -> None:
        self.text = text
        self._size = size
        self._among = among
        self._stretches: list[_Stretch] = []
        for part, leftward in directed(text):
            stretches, _ = runs(part, among)
            turned = stretches[::-1] if leftward else stretches
            self._stretches += [_Stretch(_font(face.path, face.index, size), words, leftward) for face, words in turned]
        heights = [stretch.font.getmetrics() for stretch in self._stretches]
        self.ascent = max((ascent for ascent, _ in heights), default=0)
        self.height = _LEADING * (self.ascent + max((descent for _, descent in heights), default=0))

    @property
    def width(self) -> float:
        return sum(stretch.width for stretch in self._stretches)

    def shortened(self, room: float) -> _Text:
        cut = shortened(self.text, room, lambda part: _Text(part, self._size, self._among).width)
        return _Text(cut, self._size, self._among)

    def put(self, draw: ImageDraw.ImageDraw, left: float, baseline: float) -> None:
        for stretch in self._stretches:
            draw.text(
                (left, baseline), stretch.text, font=stretch.font, fill=_INK, anchor="ls", direction=stretch.direction
            )
            left += stretch.width


class _Stretch(Struct, frozen=True):
    """Neighbours in one font and of one direction."""

    font: ImageFont.FreeTypeFont
    text: str
    is_leftward: bool

    @property
    def direction(self) -> str | None:
        return "rtl" if self.is_leftward and IS_SHAPED else None

    @property
    def width(self) -> float:
        return self.font.getlength(self.text, direction=self.direction)


@lru_cache(maxsize=128)
def _font(path: Path, index: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.RAQM)
