"""Columns and bars as an SVG within the page draws them (templates/staff/charts.html): the geometry alone.

A chart is as wide as there is room, so nothing in it is text: its words stand beside it in the page, its numbers in
the table behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from actionmail.flows.review.numbers import Day
from actionmail.flows.review.recent_days import COUNTED, RecentDays

HEIGHT: Final = 100.0
STEP: Final = 10.0  # from column to column
_GAP: Final = 2.0


class Column(Struct, frozen=True, kw_only=True):
    """A rectangle of the drawing, whose origin is at the top left."""

    x: float
    y: float
    width: float
    height: float


class Chart(Struct, frozen=True, kw_only=True):
    """`width` by HEIGHT; `top` is the number at the upper edge."""

    width: float
    top: int
    columns: Sequence[Column]


def column_chart(numbers: Sequence[int]) -> Chart:
    """One column a number, from left to right; what is more than nothing is seen."""
    top = round_up(max(numbers, default=0))
    columns = []
    for place, number in enumerate(numbers):
        height = max(HEIGHT * number / top, 0.5 if number else 0.0)
        columns.append(
            Column(x=place * STEP + _GAP / 2, y=round(HEIGHT - height, 2), width=STEP - _GAP, height=round(height, 2))
        )
    return Chart(width=len(numbers) * STEP, top=top, columns=columns)


def round_up(number: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50, ..."""
    unit = 1
    while True:
        for step in (1, 2, 5):
            if step * unit >= number:
                return step * unit
        unit *= 10


def share(number: int, most: int) -> float:
    """How long a bar is, in percent of the longest."""
    return round(100 * number / most, 1) if most else 0.0


def in_words(days: Sequence[Day], values: Sequence[int]) -> str:
    """What a chart shows: "From 2026-03-01 to 2026-03-14: 340 in all, most on 2026-03-04: 120." """
    if not any(values):
        return "None."
    most = max(values)
    peak = days[values.index(most)].day
    return f"From {days[0].day} to {days[-1].day}: {sum(values):,} in all, most on {peak}: {most:,}."


def drawn_days(recent: RecentDays) -> dict[str, Any]:
    """What templates/staff/recent_days.html shows."""
    actions = [day.actions for day in recent.days]
    return {
        "recent": recent,
        "recent_chart": column_chart(actions),
        "recent_words": in_words(recent.days, actions),
        "recent_counted": COUNTED,
    }
