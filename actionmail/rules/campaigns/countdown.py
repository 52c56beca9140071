"""How long a campaign still is open, as people count it: in days of its calendar, and in hours on the last one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

FAR: Final = 60  # days: beyond them nobody counts


class Left(Struct, frozen=True, kw_only=True):
    """`days` are midnights until then, in the campaign's time zone: 0 is today, 1 tomorrow. `hours` are begun ones, and
    count only today.
    """

    days: int
    hours: int = 0


def left_until(deadline: datetime | None, timezone: str, *, now: datetime) -> Left | None:
    """None where there is no deadline, where it is over, and where it is so far away that nobody counts."""
    if deadline is None or deadline <= now:
        return None
    zone = ZoneInfo(timezone)
    days = (deadline.astimezone(zone).date() - now.astimezone(zone).date()).days
    if days > FAR:
        return None
    hours = -(-(deadline - now) // timedelta(hours=1)) if days == 0 else 0
    return Left(days=days, hours=hours)
