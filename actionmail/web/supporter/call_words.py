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
from actionmail.rules.moments import beside, listed, weekday, weekday_day, zone_words
from actionmail.rules.speech import gettext, lazy

# What the buttons say, in their order.
OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.SPOKE: lazy("I spoke to somebody"),
    Outcome.VOICEMAIL: lazy("I left a message"),
    Outcome.BUSY: lazy("It was busy"),
    Outcome.NO_ANSWER: lazy("Nobody answered"),
    Outcome.NOT_NOW: lazy("Not now"),
}
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DIGITS: Final = (
    lazy("zero"),
    lazy("one"),
    lazy("two"),
    lazy("three"),
    lazy("four"),
    lazy("five"),
    lazy("six"),
    lazy("seven"),
    lazy("eight"),
    lazy("nine"),
)
_DAY: Final = 24 * 60


def aloud(number: PhoneNumber) -> str:
    """ "two zero two, four five six, one one one one", with the extension behind it."""
    groups = [_digits(group) for group in number.groups]
    if number.extension:
        groups.append(gettext("extension %(number)s", number=_digits(number.extension)))
    return ", ".join(groups)


def _digits(digits: str) -> str:
    return " ".join(str(_DIGITS[int(digit)]) for digit in digits)


def shown(number: PhoneNumber) -> str:
    """As it is read on the page: "1-800-FLOWERS (800-356-9377)", "202-456-1111, extension 12"."""
    if number.lettered:
        return f"{number.lettered} ({number.national})"
    if not number.extension:
        return number.national
    return gettext("%(number)s, extension %(extension)s", number=number.national, extension=number.extension)


def week_words(hours: OfficeHours, zone: str, now: datetime) -> list[str]:
    """ "Tuesday to Thursday, 11 AM to 3 PM", a line for each run of days with the same hours; by `zone`'s clocks."""
    lines = []
    for run in week(hours, zone, now.astimezone(ZoneInfo(zone or hours.zone)).date()):
        first, last = weekday(_DAYS.index(run.first)), weekday(_DAYS.index(run.last))
        days = first if run.first == run.last else gettext("%(first)s to %(last)s", first=first, last=last)
        times = [
            gettext("%(first)s to %(last)s", first=_clock(opens), last=_clock(closes)) for opens, closes in run.times
        ]
        lines.append(beside([days, listed(times)]))
    return lines


def standing(hours: OfficeHours, zone: str, now: datetime) -> str:
    """Whether somebody is there at this moment, until when, and else from when; by the clocks of `zone`, or, where that
    is "", by the office's.
    """
    opening = current_or_next(hours, now)
    if opening is None:
        return gettext("Nobody answers at the moment.")
    seen = seen_from(hours, opening, zone)
    by = zone_words(seen.begins)
    if is_open(hours, now):
        return gettext("Somebody should answer now, until %(time)s %(zone)s.", time=_time(seen.ends), zone=by)
    return gettext(
        "Nobody answers now. The next time is %(day)s, from %(begins)s to %(ends)s %(zone)s.",
        day=weekday_day(seen.begins),
        begins=_time(seen.begins),
        ends=_time(seen.ends),
        zone=by,
    )


def _time(moment: datetime) -> str:
    return _clock(moment.hour * 60 + moment.minute)


def _clock(minute: int) -> str:
    """ "11 AM", "3:30 PM", "noon", "midnight"; past 24:00 it is on the day after."""
    if minute > _DAY:
        return gettext("%(time)s the day after", time=_clock(minute - _DAY))
    hour, rest = divmod(minute % _DAY, 60)
    if rest == 0 and hour in (0, 12):
        return gettext("midnight") if hour == 0 else gettext("noon")
    half = "AM" if hour < 12 else "PM"
    return f"{hour % 12 or 12}{f':{rest:02}' if rest else ''} {half}"
