from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actionmail.rules.campaigns.kinds.call.office_hours import (
    DayRun,
    OfficeHours,
    Opening,
    Span,
    current_or_next,
    hours_table,
    is_open,
    read_hours,
    seen_from,
    week,
)
from actionmail.rules.campaigns.kinds.typed_tables import Faults

EASTERN = "America/New_York"
COMMENT_LINE = OfficeHours(zone=EASTERN, spans=(Span(days=("tue", "wed", "thu"), opens=660, closes=900),))
TOML = """
timezone = "America/New_York"
closed = [2022-11-24, 2022-07-04]
[[spans]]
days = ["tue", "wed", "thu"]
from = 11:00:00
to = "3 pm"
[[spans]]
days = ["fri"]
from = "9:00"
to = "12:00"
[[spans]]
days = ["fri"]
from = "13:00"
to = "24:00"
"""


def at(day: int, hour: int, minute: int = 0, *, month: int = 3, zone: str = EASTERN) -> datetime:
    return datetime(2022, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def table(**changes: Any) -> dict[str, Any]:
    span = {"days": ["tue"], "from": "11:00", "to": "15:00"}
    return {"timezone": EASTERN, "spans": [span | changes.pop("span", {})], **changes}


def faults_of(raw: Any) -> dict[str, list[str]]:
    faults: Faults = {}
    assert read_hours(raw, faults) is None
    return {path: [problem.code for problem in problems] for path, problems in faults.items()}


def test_the_hours_of_a_file_are_read_and_written_again() -> None:
    faults: Faults = {}
    hours = read_hours(tomllib.loads(TOML), faults)
    assert hours is not None
    assert faults == {}
    assert hours.closed == (date(2022, 7, 4), date(2022, 11, 24))
    assert [(span.days, span.opens, span.closes) for span in hours.spans] == [
        (("tue", "wed", "thu"), 660, 900),
        (("fri",), 540, 720),
        (("fri",), 780, 1440),
    ]
    assert read_hours(hours_table(hours), {}) == hours


def test_the_values_of_a_form_are_read_as_those_of_a_file() -> None:
    typed = table(closed="2022-07-04\n\n2022-12-25, 2022-11-24", span={"days": ("wed", "tue"), "from": "11 am"})
    hours = read_hours(typed, {})
    assert hours == OfficeHours(
        zone=EASTERN,
        spans=(Span(days=("tue", "wed"), opens=660, closes=900),),
        closed=(date(2022, 7, 4), date(2022, 11, 24), date(2022, 12, 25)),
    )


@pytest.mark.parametrize(
    ("raw", "faults"),
    [
        ("always", {"hours": ["value.no-table"], "hours.timezone": ["value.empty"], "hours.spans": ["hours.none"]}),
        (table(timezone="Eastern"), {"hours.timezone": ["value.no-time-zone"]}),
        (table(timezone=""), {"hours.timezone": ["value.empty"]}),
        (table(spans=[]), {"hours.spans": ["hours.none"]}),
        (table(spans="tue"), {"hours.spans": ["value.no-list"]}),
        (table(spans=["tue"]), None),
        (table(spans=[{}] * 15), {"hours.spans": ["value.too-many-tables"]}),
        (table(zone="x"), {"hours.zone": ["value.unknown-key"]}),
        (table(closed="next Monday"), {"hours.closed": ["value.no-date"]}),
        (table(closed=[datetime(2022, 1, 1)]), {"hours.closed": ["value.no-date"]}),  # noqa: DTZ001
        (table(closed=["1022-01-01"]), {"hours.closed": ["value.wrong-year"]}),
        (table(closed=["2022-02-30"]), {"hours.closed": ["value.no-date"]}),
        (table(closed=["2022-01-01"] * 101), {"hours.closed": ["value.too-many-dates"]}),
        (table(span={"days": ["Tuesday"]}), {"hours.spans.0.days": ["hours.no-day"]}),
        (table(span={"days": "tue"}), {"hours.spans.0.days": ["value.no-list"]}),
        (table(span={"days": ["tue", "tue"]}), {"hours.spans.0.days": ["hours.day-twice"]}),
        (table(span={"days": [["tue"]]}), {"hours.spans.0.days": ["hours.no-day"]}),
        (table(span={"days": []}), {"hours.spans.0.days": ["value.empty"]}),
        (table(span={"from": "11"}), {"hours.spans.0.from": ["value.no-clock-time"]}),
        (table(span={"from": None}), {"hours.spans.0.from": ["value.empty"]}),
        (table(span={"from": time(0, 0), "to": time(0, 0)}), {"hours.spans.0.to": ["hours.ends-before-begins-near"]}),
        (table(span={"to": "3:00"}), {"hours.spans.0.to": ["hours.ends-before-begins-near"]}),
        (table(span={"from": "17:00", "to": "4:00"}), {"hours.spans.0.to": ["hours.ends-before-begins"]}),
    ],
)
def test_whatever_is_wrong_with_hours_stands_at_its_own_place(raw: Any, faults: dict[str, list[str]] | None) -> None:
    seen = faults_of(raw)
    if faults is None:
        assert seen["hours.spans.0"] == ["value.no-table"]
    else:
        assert seen == faults


def test_an_afternoon_that_was_meant_is_offered() -> None:
    faults: Faults = {}
    read_hours(table(span={"to": "3:00"}), faults)
    assert faults["hours.spans.0.to"][0].values == {"near": "15:00"}


def test_two_spans_of_one_day_may_touch_but_not_overlap() -> None:
    morning = {"days": ["tue"], "from": "9:00", "to": "12:00"}
    touching = read_hours(table(spans=[morning, {"days": ["tue"], "from": "12:00", "to": "15:00"}]), {})
    assert touching is not None
    opening = current_or_next(touching, at(8, 10))
    assert opening == Opening(begins=at(8, 9), ends=at(8, 15))
    overlapping = table(spans=[morning, {"days": ["mon", "tue"], "from": "11:59", "to": "15:00"}])
    assert faults_of(overlapping) == {"hours.spans.1.from": ["hours.overlap"]}


@pytest.mark.parametrize(
    ("moment", "is_now", "begins"),
    [
        (at(8, 10, 59), False, at(8, 11)),
        (at(8, 11), True, at(8, 11)),
        (at(8, 14, 59), True, at(8, 11)),
        (at(8, 15), False, at(9, 11)),
        (at(10, 15), False, at(15, 11)),  # Thursday; the clocks change on Sunday
        (at(12, 12), False, at(15, 11)),
    ],
)
def test_an_office_is_open_or_has_a_next_opening(moment: datetime, is_now: bool, begins: datetime) -> None:
    opening = current_or_next(COMMENT_LINE, moment)
    assert opening is not None
    assert (is_open(COMMENT_LINE, moment), opening.begins) == (is_now, begins)


def test_closed_dates_are_passed_over_however_many_there_are() -> None:
    wednesdays = tuple(date(2022, 3, 9) + timedelta(weeks=number) for number in range(60))
    hours = OfficeHours(zone=EASTERN, spans=(Span(days=("wed",), opens=660, closes=900),), closed=wednesdays)
    opening = current_or_next(hours, at(8, 12))
    assert opening is not None
    assert opening.begins.astimezone(ZoneInfo(EASTERN)).date() == wednesdays[-1] + timedelta(weeks=1)


def test_hours_through_midnight_are_one_opening() -> None:
    spans = (Span(days=("tue",), opens=1200, closes=1440), Span(days=("wed",), opens=0, closes=120))
    night = OfficeHours(zone=EASTERN, spans=spans)
    assert current_or_next(night, at(9, 1)) == Opening(begins=at(8, 20), ends=at(9, 2))


def test_without_hours_there_is_no_opening() -> None:
    assert current_or_next(OfficeHours(zone=EASTERN, spans=()), at(8, 12)) is None


def test_a_span_that_the_clocks_jump_over_is_none_and_one_that_begins_there_begins_late() -> None:
    gone = OfficeHours(zone=EASTERN, spans=(Span(days=("sun",), opens=120, closes=180),))
    opening = current_or_next(gone, at(12, 12))
    assert opening is not None
    assert opening.begins == at(20, 2)
    late = OfficeHours(zone=EASTERN, spans=(Span(days=("sun",), opens=150, closes=240),))
    assert current_or_next(late, at(12, 12)) == Opening(begins=at(13, 3), ends=at(13, 4))


@pytest.mark.parametrize("sunday", [date(2022, 3, 13), date(2022, 11, 6)])
@pytest.mark.parametrize(("opens", "closes"), [(0, 90), (60, 120), (90, 150), (90, 600), (0, 1440), (180, 240)])
def test_a_day_of_changing_clocks_agrees_with_every_minute_of_it(sunday: date, opens: int, closes: int) -> None:
    hours = OfficeHours(zone=EASTERN, spans=(Span(days=("sun",), opens=opens, closes=closes),))
    minutes = [
        datetime(sunday.year, sunday.month, sunday.day, 4, tzinfo=UTC) + timedelta(minutes=n) for n in range(1560)
    ]
    open_ones = [minute for minute in minutes if is_open(hours, minute)]
    opening = current_or_next(hours, minutes[0])
    assert opening is not None
    assert len(open_ones) == (opening.ends - opening.begins) // timedelta(minutes=1)
    for minute in open_ones:  # whatever the clock shows, an open minute is within the hours or the second of its kind
        shown = minute.astimezone(ZoneInfo(EASTERN))
        assert opens <= shown.hour * 60 + shown.minute < closes or shown.fold == 1


def test_an_opening_is_seen_from_where_the_caller_is() -> None:
    opening = Opening(begins=at(8, 11), ends=at(8, 15))
    pacific = seen_from(COMMENT_LINE, opening, "America/Los_Angeles")
    assert (pacific.begins.hour, pacific.ends.hour, pacific.is_other_day) == (8, 12, False)
    guam = seen_from(COMMENT_LINE, opening, "Pacific/Guam")
    assert (guam.begins.day, guam.begins.hour, guam.is_other_day) == (9, 2, True)
    unknown = seen_from(COMMENT_LINE, opening, "")
    assert (unknown.zone, unknown.begins.hour, unknown.is_other_day) == (EASTERN, 11, False)


def test_a_week_is_told_in_runs_of_days() -> None:
    assert week(COMMENT_LINE) == (DayRun(first="tue", last="thu", times=((660, 900),)),)
    hours = read_hours(tomllib.loads(TOML), {})
    assert hours is not None
    assert week(hours) == (
        DayRun(first="tue", last="thu", times=((660, 900),)),
        DayRun(first="fri", last="fri", times=((540, 720), (780, 1440))),
    )
    gap = OfficeHours(zone=EASTERN, spans=(Span(days=("mon", "wed", "thu"), opens=660, closes=900),))
    assert [(run.first, run.last) for run in week(gap)] == [("mon", "mon"), ("wed", "thu")]


def test_a_week_is_told_by_the_callers_clocks_on_the_days_that_they_are_there() -> None:
    around = date(2022, 5, 4)
    assert week(COMMENT_LINE, "America/Los_Angeles", around) == (DayRun(first="tue", last="thu", times=((480, 720),)),)
    assert week(COMMENT_LINE, "Pacific/Guam", around) == (DayRun(first="wed", last="fri", times=((60, 300),)),)
    summer, winter = date(2022, 7, 6), date(2022, 1, 5)
    phoenix = [week(COMMENT_LINE, "America/Phoenix", day)[0].times for day in (summer, winter)]
    assert phoenix == [((480, 720),), ((540, 780),)]


def test_hours_that_cross_the_callers_midnight_end_after_24() -> None:
    evening = OfficeHours(zone=EASTERN, spans=(Span(days=("tue",), opens=540, closes=1020),))
    assert week(evening, "Pacific/Guam", date(2022, 5, 4)) == (DayRun(first="tue", last="tue", times=((1380, 1860),)),)
