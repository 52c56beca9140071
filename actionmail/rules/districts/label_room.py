"""Where labels find room on a small map without lying over one another."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

_WIDE, _WIDE_CAPITAL = 0.62, 0.78  # of a letter's height, on average; digits and capitals, set bold or apart
_GAP = 7  # from a place's dot to its name

Anchor = Literal["start", "middle", "end"]
Box = tuple[float, float, float, float]  # left, top, right, bottom


class Label(Struct, frozen=True, kw_only=True):
    """Text at a point of its base line; `dot` is the place that it names."""

    text: str
    x: float
    y: float
    anchor: Anchor
    dot: tuple[float, float] | None = None


class LabelRoom:
    """What of a square of `size` is taken already."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken: list[Box] = []

    def take(self, left: float, top: float, width: float, height: float) -> None:
        """Keep this free."""
        self._taken.append((left, top, left + width, top + height))

    def centred(self, text: str, x: float, y: float, *, letter: float, is_needed: bool = False) -> Label | None:
        """Around a point; None where there is no room, unless it `is_needed`."""
        width = _width(text, letter)
        x = min(max(x, width / 2), self._size - width / 2)
        y = min(max(y, letter), self._size - letter)
        box = (x - width / 2, y - letter * 0.6, x + width / 2, y + letter * 0.6)
        if not is_needed and not self._is_free(box):
            return None
        self._taken.append(box)
        return Label(text=text, x=x, y=y + letter * 0.35, anchor="middle")

    def beside(self, text: str, x: float, y: float, *, letter: float) -> Label | None:
        """To the right of a dot or to its left; None where there is no room."""
        width = _width(text, letter) + _GAP
        sides: tuple[tuple[Anchor, float], ...] = (("start", x), ("end", x - width))
        for anchor, left in sides:
            box = (left - 4, y - letter * 0.6, left + width + 4, y + letter * 0.6)
            if self._is_free(box):
                self._taken.append(box)
                aside = _GAP if anchor == "start" else -_GAP
                return Label(text=text, x=x + aside, y=y + letter * 0.35, anchor=anchor, dot=(x, y))
        return None

    def _is_free(self, box: Box) -> bool:
        left, top, right, bottom = box
        if left < 0 or top < 0 or right > self._size or bottom > self._size:
            return False
        return all(
            right <= taken[0] or left >= taken[2] or bottom <= taken[1] or top >= taken[3] for taken in self._taken
        )


def _width(text: str, letter: float) -> float:
    return len(text) * letter * (_WIDE_CAPITAL if text == text.upper() else _WIDE)
