"""What a program with a token may read."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum


class ApiScope(StrEnum):
    """Each says what it opens; none opens what another one does not name."""

    LETTERS = "read:letters"  # the send log, without anybody's name, address or words
    UPDATES = "read:updates"  # the people who asked for news
    SUPPORTERS = "read:supporters"  # everybody who acted, and who wrote which letter


def last_moment(day: str) -> datetime | None:
    """The end of that day ("2026-12-31") in UTC; None for "". Raises ValueError."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time.min, UTC)
    except OverflowError:
        raise ValueError from None
