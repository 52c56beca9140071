"""Days, times, numbers and lists as the language that is spoken writes them.

English is written by ourselves, so that no new version of Babel changes a page. Babel knows the others (CLDR); for one
that it does not know, the language's own folder says how days are written (`tongues.Calendar`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from actionmail.rules.speech import ENGLISH, Calendar, Tongue, gettext, lazy, spoken
from actionmail.rules.wording import and_join

if TYPE_CHECKING:
    from babel import Locale

# How English writes each form of a day. CLDR has the patterns of all others under the skeletons below.
_ENGLISH: Final[Mapping[str, str]] = {
    "day": "%B %-d, %Y",
    "short_day": "%b %-d, %Y",
    "weekday_day": "%A, %B %-d",
    "weekday_date": "%A, %B %-d, %Y",
    "month": "%B %Y",
    "weekday": "%A",
}
_SKELETONS: Final[Mapping[str, str]] = {
    "day": "yMMMMd",
    "short_day": "yMMMd",
    "weekday_day": "MMMMEd",
    "month": "yMMMM",
}

# What people in the United States call their clocks.
_ZONES: Final[Mapping[str, str]] = {
    "EST": lazy("Eastern time"),
    "EDT": lazy("Eastern time"),
    "CST": lazy("Central time"),
    "CDT": lazy("Central time"),
    "MST": lazy("Mountain time"),
    "MDT": lazy("Mountain time"),
    "PST": lazy("Pacific time"),
    "PDT": lazy("Pacific time"),
    "AKST": lazy("Alaska time"),
    "AKDT": lazy("Alaska time"),
    "HST": lazy("Hawaii time"),
    "HDT": lazy("Hawaii-Aleutian time"),
    "AST": lazy("Atlantic time"),
    "ChST": lazy("Chamorro time"),
    "SST": lazy("Samoa time"),
}
_A_MONDAY: Final = date(2024, 1, 1)
# Inés, Íñigo, Hilda and Yvonne begin with it; Hiatt, Yolanda and Yi do not.
_SOUND_OF_I: Final = re.compile(r"[ií]|h[ií](?![aeo])|y(?=[b-df-hj-np-tv-xz])", re.IGNORECASE)


def day(at: date) -> str:
    """ "March 4, 2026" """
    return _written("day", at)


def short_day(at: date) -> str:
    """ "Mar 4, 2026" """
    return _written("short_day", at)


def weekday_day(at: date) -> str:
    """ "Wednesday, March 4" """
    return _written("weekday_day", at)


def weekday_date(at: date) -> str:
    """ "Wednesday, March 4, 2026" """
    return _written("weekday_date", at)


def month_year(at: date) -> str:
    """ "March 2026" """
    return _written("month", at)


def moment(at: datetime, timezone: str) -> str:
    """ "March 4, 2026, 9:12 AM CST" """
    local = at.astimezone(ZoneInfo(timezone))
    return gettext("%(day)s, %(time)s", day=day(local), time=clock_and_zone(local))


def clock_and_zone(at: datetime) -> str:
    """ "9:12 AM CST" by the clocks of the moment's own zone. Other languages say the zone in words: to whoever reads
    Chinese, CST is the time of China.
    """
    zone = f"{at:%Z}" if spoken() is ENGLISH else zone_words(at)
    return gettext("%(time)s %(zone)s", time=clock(at), zone=zone)


def zone_words(at: datetime) -> str:
    """ "Central time"; the zone's own name where people have none for it."""
    known = _ZONES.get(at.tzname() or "")
    return str(known) if known else gettext("the time of %(zone)s", zone=str(at.tzinfo).replace("_", " "))


def clock(at: datetime) -> str:
    """ "9:12 AM", or as the language writes it."""
    if not _by_babel(spoken()):
        return f"{at:%-I:%M %p}"
    from babel.dates import format_time

    return format_time(at, "short", locale=_locale(spoken().babel))


def weekday(number: int) -> str:
    """The day of the week, Monday being 0."""
    return _written("weekday", _A_MONDAY + timedelta(days=number))


def number(count: int) -> str:
    """With the thousands apart: "12,345" for everybody, since whoever reads this lives where it is written so."""
    return f"{count:,}"


def and_all(words: Sequence[str]) -> str:
    """ "Ana and Bo", of any number; where it is English, with "and" between all of them."""
    return " and ".join(words) if spoken() is ENGLISH else listed(words)


def listed(words: Sequence[str]) -> str:
    """Such as "Ana", "Ana and Bo", "Ana, Bo and Cy"."""
    tongue = spoken()
    if tongue is ENGLISH or len(words) < 2:
        return and_join(words)
    if not tongue.babel:
        return tongue.and_words.format(beside(words[:-1]), words[-1])
    from babel.lists import format_list

    locale = _locale(tongue.babel)
    enumeration = format_list(list(words), locale=locale)
    return _e_for_y(enumeration, words[-1]) if locale.language == "es" else enumeration


def _e_for_y(enumeration: str, last: str) -> str:
    """The Spanish list "Michigan e Indiana": before the sound of i "y" becomes "e", which CLDR cannot say."""
    head, ends_so, _ = enumeration.rpartition(f" y {last}")
    return f"{head} e {last}" if ends_so and _SOUND_OF_I.match(last) else enumeration


def beside(parts: Iterable[str]) -> str:
    """ "Wisconsin State Assembly, District 76": what stands side by side, as the language sets it apart; "" is none."""
    joined = ""
    for part in filter(None, parts):
        joined = gettext("%(first)s, %(rest)s", first=joined, rest=part) if joined else part
    return joined


def _by_babel(tongue: Tongue) -> bool:
    return tongue is not ENGLISH and bool(tongue.babel)


def _written(form: str, at: date) -> str:
    tongue = spoken()
    if tongue.calendar is not None:
        return _by_calendar(tongue.calendar, form, at)
    if not _by_babel(tongue):
        return at.strftime(_ENGLISH[form])
    from babel.dates import format_date

    return format_date(at, _pattern(tongue.babel, form), locale=_locale(tongue.babel))


def _by_calendar(calendar: Calendar, form: str, at: date) -> str:
    """By the language's own names; of CLDR's letters d, MMMM, EEEE and y are known, and text stands in quotes."""
    pattern = {"short_day": calendar.day, "weekday": "EEEE"}.get(form) or getattr(calendar, form)
    parts = {
        "EEEE": calendar.weekdays[at.weekday()],
        "MMMM": calendar.months[at.month - 1],
        "d": str(at.day),
        "y": str(at.year),
    }
    return re.sub(r"'([^']*)'|EEEE|MMMM|d|y", lambda match: parts.get(match[0]) or match[1], pattern)


@lru_cache(maxsize=64)
def _locale(babel: str) -> Locale:
    from babel import Locale

    return Locale.parse(babel)


@lru_cache(maxsize=512)
def _pattern(babel: str, form: str) -> str:
    """CLDR has the day of the week written out with the year, and short without: that is made long."""
    if form == "weekday":
        return "EEEE"
    if form == "weekday_date":
        return str(_locale(babel).date_formats["full"].pattern)
    pattern = str(_locale(babel).datetime_skeletons[_SKELETONS[form]].pattern)
    return pattern.replace("E", "EEEE")


TEMPLATE_FILTERS: Final = {
    "day": day,
    "short_day": short_day,
    "weekday_day": weekday_day,
    "weekday_date": weekday_date,
    "month_year": month_year,
    "number": number,
    "and_all": and_all,
    "beside": beside,
}
