"""Days until a deadline are those of the calendar that hangs where the campaign is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from actionmail.rules.campaigns.countdown import FAR, Left, left_until

CHICAGO = "America/Chicago"
HEARING = datetime(2027, 2, 11, 15, 0, tzinfo=UTC)  # 9:00 in Chicago


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2027, 2, 8, 15, 0, tzinfo=UTC), Left(days=3)),
        (datetime(2027, 2, 9, 5, 59, tzinfo=UTC), Left(days=3)),  # still the 8th there
        (datetime(2027, 2, 9, 6, 0, tzinfo=UTC), Left(days=2)),
        (datetime(2027, 2, 11, 5, 59, tzinfo=UTC), Left(days=1)),  # ten hours before: tomorrow
        (datetime(2027, 2, 11, 6, 0, tzinfo=UTC), Left(days=0, hours=9)),
        (datetime(2027, 2, 11, 14, 59, 59, tzinfo=UTC), Left(days=0, hours=1)),
        (HEARING, None),
        (datetime(2027, 3, 1, tzinfo=UTC), None),
    ],
)
def test_midnights_are_counted_and_on_the_last_day_hours(now: datetime, left: Left | None) -> None:
    assert left_until(HEARING, CHICAGO, now=now) == left


def test_the_day_on_which_the_clocks_change_is_a_day_too() -> None:
    deadline = datetime(2027, 3, 15, 14, 0, tzinfo=UTC)  # the day after it, 9:00
    assert left_until(deadline, CHICAGO, now=datetime(2027, 3, 13, 14, 30, tzinfo=UTC)) == Left(days=2)
    night = datetime(2027, 3, 14, 6, 30, tzinfo=UTC)  # 0:30 of a day of 23 hours
    assert left_until(datetime(2027, 3, 14, 20, 0, tzinfo=UTC), CHICAGO, now=night) == Left(days=0, hours=14)


def test_nothing_is_counted_without_a_deadline_or_far_before_one() -> None:
    assert left_until(None, CHICAGO, now=HEARING) is None
    assert left_until(HEARING, CHICAGO, now=datetime(2026, 12, 1, tzinfo=UTC)) is None
    assert left_until(HEARING, CHICAGO, now=datetime(2026, 12, 13, 18, tzinfo=UTC)) == Left(days=FAR)
