"""Words for calls: numbers read aloud, office hours by the caller's clocks, how a call went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from actionmail.rules.campaigns.kinds.call.calls import Outcome
from actionmail.rules.campaigns.kinds.call.office_hours import (
    OfficeHours,
    current_or_next,
    is_open,
    seen_from,
    week,
)
from actionmail.rules.campaigns.kinds.call.phone_numbers import PhoneNumber
from actionmail.rules.wording import and_join

# What the buttons say, in their order.
OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.SPOKE: "I spoke to somebody",
    Outcome.VOICEMAIL: "I left a message",
    Outcome.BUSY: "It was busy",
    Outcome.NO_ANSWER: "Nobody answered",
    Outcome.NOT_NOW: "Not now",
}
_DAYS: Final = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ZONES: Final = {
    "EST": "Eastern time",
    "EDT": "Eastern time",
    "CST": "Central time",
    "CDT": "Central time",
    "MST": "Mountain time",
    "MDT": "Mountain time",
    "PST": "Pacific time",
    "PDT": "Pacific time",
    "AKST": "Alaska time",
    "AKDT": "Alaska time",
    "HST": "Hawaii time",
    "HDT": "Hawaii-Aleutian time",
    "AST": "Atlantic time",
    "ChST": "Chamorro time",
    "SST": "Samoa time",
}
_DAY: Final = 24 * 60


def aloud(number: PhoneNumber) -> str:
    """ "two zero two, four five six, one one one one", with the extension behind it."""
    groups = [_digits(group) for group in number.groups]
    if number.extension:
        groups.append(f"extension {_digits(number.extension)}")
    return ", ".join(groups)


def _digits(digits: str) -> str:
    return " ".join(_DIGITS[int(digit)] for digit in digits)


def shown(number: PhoneNumber) -> str:
    """As it is read on the page: "1-800-FLOWERS (800-356-9377)", "202-456-1111, extension 12"."""
    if number.lettered:
        return f"{number.lettered} ({number.national})"
    return f"{number.national}, extension {number.extension}" if number.extension else number.national


def zone_words(zone: str, at: datetime) -> str:
    """ "Eastern time"; the zone's own name where people have none for it."""
    return _ZONES.get(at.astimezone(ZoneInfo(zone)).tzname() or "", f"the time of {zone.replace('_', ' ')}")


def week_words(hours: OfficeHours, zone: str, now: datetime) -> list[str]:
    """ "Tuesday to Thursday, 11 AM to 3 PM", a line for each run of days with the same hours; by `zone`'s clocks."""
    lines = []
    for run in week(hours, zone, now.astimezone(ZoneInfo(zone or hours.zone)).date()):
        days = _DAYS[run.first] if run.first == run.last else f"{_DAYS[run.first]} to {_DAYS[run.last]}"
        times = [f"{_clock(opens)} to {_clock(closes)}" for opens, closes in run.times]
        lines.append(f"{days}, {and_join(times)}")
    return lines


def standing(hours: OfficeHours, zone: str, now: datetime) -> str:
    """Whether somebody is there at this moment, until when, and else from when; by the clocks of `zone`, or, where that
    is "", by the office's.
    """
    opening = current_or_next(hours, now)
    if opening is None:
        return "Nobody answers at the moment."
    seen = seen_from(hours, opening, zone)
    by = zone_words(seen.zone, seen.begins)
    if is_open(hours, now):
        return f"Somebody should answer now, until {_time(seen.ends)} {by}."
    day = f"{seen.begins:%A, %B} {seen.begins.day}"
    return f"Nobody answers now. The next time is {day}, from {_time(seen.begins)} to {_time(seen.ends)} {by}."


def _time(moment: datetime) -> str:
    return _clock(moment.hour * 60 + moment.minute)


def _clock(minute: int) -> str:
    """ "11 AM", "3:30 PM", "noon", "midnight"; past 24:00 it is on the day after."""
    after = " the day after" if minute > _DAY else ""
    hour, rest = divmod(minute % _DAY, 60)
    if rest == 0 and hour in (0, 12):
        return ("midnight" if hour == 0 else "noon") + after
    half = "AM" if hour < 12 else "PM"
    return f"{hour % 12 or 12}{f':{rest:02}' if rest else ''} {half}{after}"
