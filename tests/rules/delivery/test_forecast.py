"""How long letters take at the pace that is kept: the same as if they were sent one after the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.delivery.forecast import forecast, room_until
from actionmail.rules.delivery.rates import Bucket

NOW = datetime(2026, 3, 4, 15, 12, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
THIRTY = Bucket(limit=30, period=HOUR)


def sent_until(bucket: Bucket, end: timedelta) -> int:
    """How many letters a worker that looks every minute sends."""
    used, at, sent, now = bucket.used, bucket.at, 0, NOW
    while now <= NOW + end:
        here = Bucket(limit=bucket.limit, period=bucket.period, used=used, at=at)
        room = here.room(now)
        used, at, sent, now = here.used_at(now) + room, now, sent + room, now + timedelta(minutes=1)
    return sent


@given(
    limit=st.sampled_from([1.0, 2.0, 7.5, 30.0, 100.0]),
    used=st.floats(min_value=0, max_value=30),
    count=st.integers(min_value=1, max_value=200),
)
def test_the_time_is_that_in_which_so_many_go(limit: float, used: float, count: int) -> None:
    bucket = Bucket(limit=limit, period=HOUR, used=min(used, limit), at=NOW)
    needed = bucket.time_for(count, NOW)
    if needed > timedelta(hours=30):
        return
    assert sent_until(bucket, needed + timedelta(minutes=2)) >= count
    if needed > timedelta(minutes=2):
        assert sent_until(bucket, needed - timedelta(minutes=2)) < count


def test_a_line_that_fits_ends_when_the_last_letter_goes() -> None:
    found = forecast([NOW + 96 * HOUR] * 165, THIRTY, now=NOW)
    assert (found.sent, found.lost, found.lost_from) == (165, 0, None)
    assert found.ends_at == NOW + 10 * HOUR  # fifteen at once, then fifteen an hour


def test_a_line_that_is_too_long_loses_its_end() -> None:
    found = forecast([NOW + 96 * HOUR] * 2_930, THIRTY, now=NOW)
    assert (found.sent, found.lost) == (1_454, 1_476)
    assert found.lost_from == NOW + 96 * HOUR
    assert found.ends_at < NOW + 96 * HOUR


def test_letters_whose_time_is_over_first_leave_room_for_the_others() -> None:
    expiries = [NOW + timedelta(minutes=1)] * 20 + [NOW + 96 * HOUR] * 10
    found = forecast(expiries, THIRTY, now=NOW)
    assert (found.sent, found.lost, found.lost_from) == (25, 5, NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("hours", "times"), [((8, 20), 2.0), ((20, 8), 2.0), ((0, 24), 1.0), ((9, 9), 1.0), (None, 1.0)]
)
def test_sending_hours_stretch_it(hours: tuple[int, int] | None, times: float) -> None:
    found = forecast([NOW + 96 * HOUR] * 165, THIRTY, now=NOW, hours=hours)
    assert found.ends_at == NOW + 10 * HOUR * times
    assert room_until(THIRTY, 10 * HOUR * times, hours) == 165


def test_nothing_goes_in_no_time_but_the_first_lot() -> None:
    assert room_until(THIRTY, -HOUR) == 15
    assert forecast([], THIRTY, now=NOW).sent == 0
