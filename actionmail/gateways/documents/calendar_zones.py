"""A time zone as iCalendar tells it: each change of the clocks with a rule for every year (RFC 5545 3.6.5).

icalendar's own components list the dates of all changes from 1970 to 2038 in one RDATE. Outlook does not read it
(MS-STANOICAL 2.2.47), and ical.js and vobject read its first date.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from msgspec import Struct

from actionmail.rules.campaigns.clock_times import change_between

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class _Rule(Struct, frozen=True):
    """What a change of the clocks has in common with that of another year."""

    month: int
    day: str  # "2SU", "-1SU"
    at: timedelta  # since midnight, by the clock before the change
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool


class _Change(Struct, frozen=True):
    rule: _Rule
    onset: datetime  # by the clock before the change, naive as the RFC has it


def zone_component(zone: str, first: date, last: date) -> Timezone:
    """The VTIMEZONE that is right from one day to another, and after it for as long as the law stays."""
    component = Timezone()
    component.add("tzid", zone)
    begin = datetime(first.year - 1, 1, 1, tzinfo=UTC)
    if not _changes(zone, first.year - 1):
        component.add_component(_unchanged(zone, begin))
    runs: dict[_Rule, list[_Change]] = {}
    for year in range(first.year - 1, last.year + 2):
        for change in _changes(zone, year):
            runs.setdefault(change.rule, []).append(change)
    for run in runs.values():
        component.add_component(_observance(run, last.year + 1))
    return component


def _unchanged(zone: str, at: datetime) -> TimezoneStandard:
    """What holds before any change, all the time where there are none."""
    local = at.astimezone(ZoneInfo(zone))
    offset = local.utcoffset() or timedelta()
    standard = TimezoneStandard()
    standard.add("dtstart", local.replace(tzinfo=None))
    standard.add("tzoffsetfrom", offset)
    standard.add("tzoffsetto", offset)
    standard.add("tzname", local.tzname())
    return standard


def _observance(run: list[_Change], last_year: int) -> TimezoneStandard | TimezoneDaylight:
    """One rule from its first year to its last, which is left open where it is still the law at the end."""
    rule, final = run[0].rule, run[-1].onset
    observance = TimezoneDaylight() if rule.is_summer else TimezoneStandard()
    observance.add("dtstart", run[0].onset)
    recurrence: dict[str, object] = {"freq": "yearly", "bymonth": rule.month, "byday": rule.day}
    if final.year < last_year:
        recurrence["until"] = (final - rule.before).replace(tzinfo=UTC)
    observance.add("rrule", recurrence)
    observance.add("tzoffsetfrom", rule.before)
    observance.add("tzoffsetto", rule.after)
    observance.add("tzname", rule.name)
    return observance


@lru_cache(maxsize=1_000)
def _changes(zone: str, year: int) -> tuple[_Change, ...]:
    return tuple(_find_changes(zone, year))


def _find_changes(zone: str, year: int) -> Iterator[_Change]:
    """The changes of one year; the clocks change at most once within a day."""
    clock, day = ZoneInfo(zone), timedelta(days=1)
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        if at.astimezone(clock).utcoffset() != (at + day).astimezone(clock).utcoffset():
            yield _change(at, change_between(at, at + day, zone), clock)
        at += day


def _change(earlier: datetime, at: datetime, clock: ZoneInfo) -> _Change:
    before = earlier.astimezone(clock).utcoffset() or timedelta()
    local = at.astimezone(clock)
    onset = at.replace(tzinfo=None) + before
    rule = _Rule(
        month=onset.month,
        day=_nth_weekday(onset),
        at=onset - onset.replace(hour=0, minute=0, second=0),
        before=before,
        after=local.utcoffset() or timedelta(),
        name=local.tzname() or "",
        is_summer=bool(local.dst()),
    )
    return _Change(rule, onset)


def _nth_weekday(day: datetime) -> str:
    is_last = day.day + 7 > monthrange(day.year, day.month)[1]
    number = -1 if is_last else (day.day - 1) // 7 + 1
    return f"{number}{_WEEKDAYS[day.weekday()]}"
