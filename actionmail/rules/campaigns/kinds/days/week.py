"""Days of action as a kind: its table and rows in a campaign's file, and what is remembered of it for calendars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from actionmail.rules.campaigns import value_checks as checks
from actionmail.rules.campaigns.clock_times import minute_of_day, written
from actionmail.rules.campaigns.kinds.days.days import ActionDay, DayProblem, check_days
from actionmail.rules.campaigns.kinds.days.listed_events import ListedEvent, from_json, revised, to_json
from actionmail.rules.campaigns.kinds.days.reading import MAX_REGION, read_days, region_states, web_link
from actionmail.rules.campaigns.kinds.kind import DetailsError, Kind
from actionmail.rules.campaigns.kinds.typed_tables import Faults
from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.campaigns.value_checks import REQUIRED
from actionmail.rules.replacing import replace

_LISTED: Final = "listed"  # among the details: what calendars were given, which no file has


def days_in(details: Mapping[str, Any]) -> list[ActionDay]:
    """The days of a campaign, in the order of its authors."""
    return read_days(details.get("day", []), {}, "day")


def listed_in(details: Mapping[str, Any]) -> list[ListedEvent]:
    """What calendars are given of a campaign, with what was taken back."""
    return [from_json(entry) for entry in details.get(_LISTED, ())]


def warnings(details: Mapping[str, Any]) -> list[DayProblem]:
    """What an author should look at, and may leave as it is."""
    return [problem for problem in check_days(days_in(details)) if problem.is_warning]


def _fit(details: Mapping[str, Any]) -> None:
    faults: Faults = {}
    days = read_days(details["day"], faults, "day")
    for path, problems in faults.items():
        raise _error(path, problems[0])
    if not days:
        raise DetailsError("day", "days.none")
    for fault in check_days(days):
        if not fault.is_warning:
            raise _error(f"day.{fault.number}.{fault.key}", fault.problem)


def _error(path: str, problem: Problem) -> DetailsError:
    """At a path such as "day.2.sessions.0.to"."""
    *rows, key = path.split(".")
    numbers = tuple(map(int, rows[1::2]))
    return DetailsError(key, problem.code, row=".".join(rows[::2]), number=numbers or 0, **problem.values)


def _remember(before: Mapping[str, Any], after: Mapping[str, Any], is_public: bool, now: datetime) -> dict[str, Any]:
    """With what calendars are given from now on. What nobody could have seen is not taken back."""
    if "day" not in after:
        return dict(after)
    entries = revised(listed_in(before), days_in(after), now)
    if not is_public:
        entries = tuple(replace(entry, sequence=0) for entry in entries if not entry.is_cancelled)
    return {**after, _LISTED: [to_json(entry) for entry in entries]}


def _states(value: Any) -> list[str]:
    return list(region_states(value))


def _optional_link(value: Any) -> str:
    return web_link(value) if checks.text(value).strip() else ""


def _clock_time(value: Any) -> str:
    return written(minute_of_day(value))


KIND: Final = Kind(
    code="days",
    table={
        "reminders": (checks.flag, True),  # whoever asks is reminded by mail
        "after": (checks.optional_paragraphs, ""),  # once all days have passed
    },
    rows={
        "day": {
            "key": (checks.slug, REQUIRED),  # never changes: it stands in addresses and calendars
            "date": (checks.iso_day, REQUIRED),
            "region": (checks.line(MAX_REGION), REQUIRED),
            "states": (_states, REQUIRED),
            "host": (checks.optional_line(120), ""),
            "link": (_optional_link, ""),
            "text": (checks.optional_paragraphs, ""),
            "after": (checks.optional_paragraphs, ""),  # once this day has passed
        },
        "day.sessions": {
            "title": (checks.optional_line(200), ""),
            "from": (_clock_time, REQUIRED),
            "to": (_clock_time, REQUIRED),
            "timezone": (checks.timezone, REQUIRED),
            "link": (_optional_link, ""),
        },
    },
    words={"after": (checks.optional_paragraphs, "")},
    row_words={"day": {"text": (checks.optional_paragraphs, ""), "after": (checks.optional_paragraphs, "")}},
    fit=_fit,
    remember=_remember,
)
