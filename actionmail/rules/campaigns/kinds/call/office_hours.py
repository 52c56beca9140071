"""When an office answers its phone: "Tuesday to Thursday, 11 to 3 Eastern", open or not at a moment, and seen from
another zone. Only structures; days and times become words at the doors.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from actionmail.rules.campaigns import value_checks as checks
from actionmail.rules.campaigns.clock_times import DAY, minute_of_day, moment, written
from actionmail.rules.campaigns.kinds.typed_tables import Faults, TypedTable, dates
from actionmail.rules.campaigns.problems import CampaignValueError, Problem
from actionmail.rules.replacing import replace

WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_SPANS: Final = 14
_NEVER: Final[tuple[date, ...]] = ()
_HALF_DAY: Final = DAY // 2


class Span(Struct, frozen=True, kw_only=True):
    """On these days (of `WEEK`, in its order) from one minute of the day to another; `closes` at most 24:00."""

    days: tuple[str, ...]
    opens: int
    closes: int


class OfficeHours(Struct, frozen=True, kw_only=True):
    """The hours by the clocks of `zone`, and the dates on which nobody is there."""

    zone: str
    spans: tuple[Span, ...]
    closed: tuple[date, ...] = ()


class Opening(Struct, frozen=True, kw_only=True):
    """From when to when an office is open, without a break; aware, in UTC."""

    begins: datetime
    ends: datetime


class Seen(Struct, frozen=True, kw_only=True):
    """An opening by the clocks of `zone`, and whether its day there is another than at the office."""

    zone: str
    begins: datetime
    ends: datetime
    is_other_day: bool


class DayRun(Struct, frozen=True, kw_only=True):
    """Days in a row with the same hours, by their first and last; a time above 24:00 is one of the day after."""

    first: str
    last: str
    times: tuple[tuple[int, int], ...]


def read_hours(table: Any, faults: Faults, path: str = "hours") -> OfficeHours | None:
    """The hours of a file's table or of a form's values; None where something is wrong, which is added to `faults`.

    `timezone`, `closed` (dates, or lines with one each), and `spans`, each with `days` ("tue", "wed"), `from` and `to`.
    """
    typed = TypedTable(table, faults, path)
    known = len(faults)
    typed.only("timezone", "closed", "spans")
    zone = typed.value("timezone", checks.timezone)
    closed = typed.value("closed", dates, _NEVER)
    spans: list[Span] = []
    for number, row in enumerate(typed.tables("spans", MAX_SPANS)):
        if span := _read_span(row):
            if any(_overlap(span, other) for other in spans):
                typed.fault(f"spans.{number}.from", Problem("hours.overlap"))
            spans.append(span)
    if not spans and not any(key.startswith(f"{path}.spans") for key in faults):
        typed.fault("spans", Problem("hours.none"))
    if len(faults) > known or zone is None or closed is None:
        return None
    return OfficeHours(zone=zone, spans=tuple(spans), closed=closed)


def _read_span(row: TypedTable) -> Span | None:
    row.only("days", "from", "to")
    days = row.value("days", days_of_week)
    opens, closes = row.value("from", minute_of_day), row.value("to", minute_of_day)
    if days is None or opens is None or closes is None:
        return None
    if opens < closes:
        return Span(days=days, opens=opens, closes=closes)
    if opens < closes + _HALF_DAY < DAY:  # "11:00" to "3:00": the afternoon, as like as not
        row.fault("to", Problem("hours.ends-before-begins-near", {"near": written(closes + _HALF_DAY)}))
    else:
        row.fault("to", Problem("hours.ends-before-begins"))
    return None


def days_of_week(value: Any) -> tuple[str, ...]:
    """Days of `WEEK`, each once, in its order. Raises CampaignValueError."""
    checks.is_a(list, list(value) if isinstance(value, tuple) else value)
    for day in value:
        if day not in WEEK:
            raise CampaignValueError("hours.no-day", days=", ".join(WEEK))
    if len(set(value)) != len(value):
        raise CampaignValueError("hours.day-twice")
    return tuple(sorted(value, key=WEEK.index))


def _overlap(span: Span, other: Span) -> bool:
    return not set(span.days).isdisjoint(other.days) and span.opens < other.closes and other.opens < span.closes


def hours_table(hours: OfficeHours) -> dict[str, Any]:
    """What `read_hours` reads as these hours."""
    spans = []
    for span in hours.spans:
        spans.append({"days": list(span.days), "from": written(span.opens), "to": written(span.closes)})
    table: dict[str, Any] = {"timezone": hours.zone}
    if hours.closed:
        table["closed"] = list(hours.closed)
    return table | {"spans": spans}


def is_open(hours: OfficeHours, at: datetime) -> bool:
    """Whether somebody is there at an aware moment."""
    opening = current_or_next(hours, at)
    return opening is not None and opening.begins <= at


def current_or_next(hours: OfficeHours, at: datetime) -> Opening | None:
    """The opening that an aware moment is in, else the next one; None where there are no hours."""
    for opening in openings(hours, at.astimezone(ZoneInfo(hours.zone)).date() - timedelta(days=1)):
        if opening.ends > at:
            return opening
    return None


def openings(hours: OfficeHours, first: date) -> Iterator[Opening]:
    """The openings from a day on, in order, for as long as the closed dates can matter and two weeks more: of one,
    the clocks may jump over all of it."""
    last = max([first, *hours.closed]) + timedelta(days=15)
    waiting: Opening | None = None
    for opening in _single_openings(hours, first, last):
        if waiting is not None and waiting.ends == opening.begins:
            waiting = replace(waiting, ends=opening.ends)
            continue
        if waiting is not None:
            yield waiting
        waiting = opening
    if waiting is not None:
        yield waiting


def _single_openings(hours: OfficeHours, first: date, last: date) -> Iterator[Opening]:
    day = first
    while day <= last:
        if day not in hours.closed:
            for span in _of_day(hours, WEEK[day.weekday()]):
                begins, ends = moment(day, span[0], hours.zone), moment(day, span[1], hours.zone)
                if begins < ends:  # else the clocks jump over it
                    yield Opening(begins=begins, ends=ends)
        day += timedelta(days=1)


def _of_day(hours: OfficeHours, day: str) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((span.opens, span.closes) for span in hours.spans if day in span.days))


def seen_from(hours: OfficeHours, opening: Opening, zone: str) -> Seen:
    """An opening of the office by the caller's clocks; by its own where the caller's zone is not known ("")."""
    there = opening.begins.astimezone(ZoneInfo(hours.zone))
    shown = zone or hours.zone
    here = opening.begins.astimezone(ZoneInfo(shown))
    ends = opening.ends.astimezone(ZoneInfo(shown))
    return Seen(zone=shown, begins=here, ends=ends, is_other_day=here.date() != there.date())


def week(hours: OfficeHours, zone: str = "", around: date | None = None) -> tuple[DayRun, ...]:
    """The hours of a week, by the office's clocks or, with a zone, by the caller's in the week `around` a day."""
    times: dict[str, list[tuple[int, int]]] = {day: [] for day in WEEK}
    if not zone or zone == hours.zone or around is None:
        for day in WEEK:
            times[day] += _of_day(hours, day)
    else:
        monday = around - timedelta(days=around.weekday())
        every_week = replace(hours, closed=())
        for opening in _single_openings(every_week, monday, monday + timedelta(days=6)):
            here = opening.begins.astimezone(ZoneInfo(zone))
            opens = here.hour * 60 + here.minute
            lasts = (opening.ends.astimezone(UTC) - opening.begins.astimezone(UTC)) // timedelta(minutes=1)
            times[WEEK[here.weekday()]].append((opens, opens + lasts))
    return _runs({day: _joined(spans) for day, spans in times.items()})


def _joined(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """In order, with those made one that have no break between them."""
    joined: list[tuple[int, int]] = []
    for opens, closes in sorted(spans):
        if joined and joined[-1][1] == opens:
            joined[-1] = (joined[-1][0], closes)
        else:
            joined.append((opens, closes))
    return tuple(joined)


def _runs(times: dict[str, tuple[tuple[int, int], ...]]) -> tuple[DayRun, ...]:
    runs: list[DayRun] = []
    before = ""
    for day in WEEK:
        if times[day] and runs and runs[-1].last == before and runs[-1].times == times[day]:
            runs[-1] = replace(runs[-1], last=day)
        elif times[day]:
            runs.append(DayRun(first=day, last=day, times=times[day]))
        before = day
    return tuple(runs)
