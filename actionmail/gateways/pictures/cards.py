"""Cards for social networks, drawn as PNG: title, position and organisation, in each of our languages' scripts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from actionmail.gateways.pictures.fonts import SYSTEM_FOLDERS, Face, faces, runs
from actionmail.rules.campaigns.cards import HEIGHT, WIDTH, CardWords, clean, lines, shortened

_FIELD, _INK, _SPARK = "#15525f", "#ffffff", "#ffbf47"
_SIGNS: Final = {"support": "#1c6338", "oppose": "#a8200d"}
_EDGE: Final = 72
_ROOM: Final = WIDTH - 2 * _EDGE
_TITLE_SIZES: Final = (84, 76, 68, 60, 54, 48, 42)
_TITLE_HEIGHT: Final = 330
_LABEL_SIZE: Final = 40
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
        top = _EDGE
        if label := self._drawable(words.label):
            self._label(draw, label, words.position)
            top += 100
        if title := self.title_drawn(words):
            self._title(draw, title, top)
        foot = _Text(self._drawable(words.organisation), _FOOT_SIZE, self._faces).shortened(_ROOM)
        foot.put(draw, _EDGE, HEIGHT - 16 - 44)
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

    def _label(self, draw: ImageDraw.ImageDraw, label: str, position: str) -> None:
        """The position as a sign of a form and a colour of its own, and in words."""
        left = _EDGE
        if position in _SIGNS:
            _sign(draw, position)
            left += 96
        _Text(label, _LABEL_SIZE, self._faces).shortened(WIDTH - _EDGE - left).put(draw, left, _EDGE + 52)

    def _title(self, draw: ImageDraw.ImageDraw, title: str, top: int) -> None:
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
            drawn.put(draw, _EDGE, at + drawn.ascent)
            at += drawn.height
            if is_last:
                return


def _sign(draw: ImageDraw.ImageDraw, position: str) -> None:
    """An octagon with a bar for "oppose", a disk with a tick for "support"."""
    left, top, size = _EDGE, _EDGE, 72
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
    """A line of one size, in as many fonts as its letters need."""

    def __init__(self, text: str, size: int, among: Sequence[Face]) -> None:
        self.text = text
        self._size = size
        self._among = among
        stretches, _ = runs(text, among)
        self._stretches = [(_font(face.path, face.index, size), part) for face, part in stretches]
        heights = [font.getmetrics() for font, _ in self._stretches]
        self.ascent = max((ascent for ascent, _ in heights), default=0)
        self.height = _LEADING * (self.ascent + max((descent for _, descent in heights), default=0))

    @property
    def width(self) -> float:
        return sum(font.getlength(part) for font, part in self._stretches)

    def shortened(self, room: float) -> _Text:
        cut = shortened(self.text, room, lambda part: _Text(part, self._size, self._among).width)
        return _Text(cut, self._size, self._among)

    def put(self, draw: ImageDraw.ImageDraw, left: float, baseline: float) -> None:
        for font, part in self._stretches:
            draw.text((left, baseline), part, font=font, fill=_INK, anchor="ls")
            left += font.getlength(part)


@lru_cache(maxsize=128)
def _font(path: Path, index: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.RAQM)
