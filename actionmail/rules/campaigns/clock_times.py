"""Times of the day as people write them, and the moments that they are on a day in a time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from actionmail.rules.campaigns.problems import CampaignValueError

DAY: Final = 24 * 60  # minutes; as a time, the midnight that ends a day
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_HALVES = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))? ?([ap])\.?m\.?", re.IGNORECASE)


def minute_of_day(value: Any) -> int:
    """Minutes since midnight, 0 to `DAY`, of a time in a file or of "11:00", "3 pm", "3:30 p.m.", "24:00".

    A number alone is refused: it is not told which half of the day is meant. Raises CampaignValueError.
    """
    if isinstance(value, time) and value.tzinfo is None and not (value.second or value.microsecond):
        return value.hour * 60 + value.minute
    typed = " ".join(value[:20].split()) if isinstance(value, str) else ""
    if clock := _CLOCK.fullmatch(typed):
        hour, minute = int(clock[1]), int(clock[2])
        if minute < 60 and hour * 60 + minute <= DAY:
            return hour * 60 + minute
    if halves := _HALVES.fullmatch(typed):
        hour, minute = int(halves[1]), int(halves[2] or 0)
        if 1 <= hour <= 12 and minute < 60:
            return hour % 12 * 60 + minute + (DAY // 2 if halves[3] in "pP" else 0)
    raise CampaignValueError("value.no-clock-time")


def written(minute: int) -> str:
    """The same as `minute_of_day` reads it: "15:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def moment(day: date, minute: int, zone: str) -> datetime:
    """When a clock in the zone shows this, in UTC.

    What the clocks leave out is the moment at which they jump, so that an order among times stays one among moments;
    of an hour that comes twice it is the first.
    """
    wall = _wall(day, minute)
    clock = ZoneInfo(zone)
    meant = wall.replace(tzinfo=clock).astimezone(UTC)
    if _shown(meant, clock) == wall:
        return meant
    return change_between(wall.replace(tzinfo=clock, fold=1).astimezone(UTC), meant, zone)


def is_skipped(day: date, minute: int, zone: str) -> bool:
    """Whether the clocks jump over this time."""
    wall, clock = _wall(day, minute), ZoneInfo(zone)
    return _shown(wall.replace(tzinfo=clock).astimezone(UTC), clock) != wall


def is_doubled(day: date, minute: int, zone: str) -> bool:
    """Whether the clocks show this time twice."""
    wall, clock = _wall(day, minute), ZoneInfo(zone)
    first, second = wall.replace(tzinfo=clock), wall.replace(tzinfo=clock, fold=1)
    return first.utcoffset() != second.utcoffset() and not is_skipped(day, minute, zone)


def _wall(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def _shown(at: datetime, clock: ZoneInfo) -> datetime:
    return at.astimezone(clock).replace(tzinfo=None)


def change_between(before: datetime, after: datetime, zone: str) -> datetime:
    """The second at which a zone's clocks are changed, which they are once between two moments in UTC."""
    clock = ZoneInfo(zone)
    offset = before.astimezone(clock).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(clock).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
