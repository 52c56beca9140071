from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actionmail.rules.campaigns.clock_times import is_doubled, is_skipped, minute_of_day, moment, written
from actionmail.rules.campaigns.problems import CampaignValueError

SPRING, AUTUMN = date(2022, 3, 13), date(2022, 11, 6)
EASTERN = "America/New_York"


@pytest.mark.parametrize(
    ("typed", "minute"),
    [
        ("11:00", 660),
        ("9:05", 545),
        ("00:00", 0),
        ("24:00", 1440),
        ("11 am", 660),
        ("3 pm", 900),
        ("3:30 p.m.", 930),
        ("12 am", 0),
        ("12 pm", 720),
        ("12:15PM", 735),
        ("  3  PM ", 900),
        (time(15, 0), 900),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: Any, minute: int) -> None:
    assert minute_of_day(typed) == minute
    assert minute_of_day(written(minute)) == minute


@pytest.mark.parametrize(
    "typed", ["", "3", "15", "25:00", "24:01", "11:60", "13 pm", "0 am", "3:60 pm", "noon", 11, None, time(11, 0, 5)]
)
def test_what_is_no_time_is_refused(typed: Any) -> None:
    with pytest.raises(CampaignValueError) as caught:
        minute_of_day(typed)
    assert caught.value.problem.code == "value.no-clock-time"


def test_what_the_clocks_leave_out_is_the_moment_at_which_they_jump() -> None:
    jump = datetime(2022, 3, 13, 7, 0, tzinfo=UTC)
    assert [moment(SPRING, minute, EASTERN) for minute in (120, 150, 179, 180)] == [jump] * 4
    assert moment(SPRING, 119, EASTERN) == jump - timedelta(minutes=1)
    assert moment(SPRING, 181, EASTERN) == jump + timedelta(minutes=1)
    assert [is_skipped(SPRING, minute, EASTERN) for minute in (119, 120, 179, 180)] == [False, True, True, False]
    assert not is_skipped(SPRING, 150, "America/Phoenix")


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    assert moment(AUTUMN, 90, EASTERN) == datetime(2022, 11, 6, 5, 30, tzinfo=UTC)
    assert [is_doubled(AUTUMN, minute, EASTERN) for minute in (59, 60, 119, 120)] == [False, True, True, False]
    assert not is_doubled(SPRING, 150, EASTERN)


def test_the_end_of_a_day_is_the_midnight_after_it() -> None:
    assert moment(SPRING, 1440, EASTERN) == datetime(2022, 3, 14, tzinfo=ZoneInfo(EASTERN)).astimezone(UTC)


@pytest.mark.parametrize("zone", [EASTERN, "America/Phoenix", "Pacific/Honolulu", "Australia/Lord_Howe"])
@pytest.mark.parametrize("day", [SPRING, AUTUMN, date(2022, 4, 3), date(2022, 10, 2)])
def test_later_on_the_clock_is_never_earlier(zone: str, day: date) -> None:
    moments = [moment(day, minute, zone) for minute in range(0, 1441, 5)]
    assert moments == sorted(moments)
