"""Days of action: a day for each region, which of them is somebody's own, and what is over.

Only structures: dates, zones and codes; sentences are made at the doors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from actionmail.rules.campaigns.clock_times import DAY, is_doubled, moment
from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.districts.states import STATES
from actionmail.rules.districts.time_zones import zones_of

_EVENING: Final = 18 * 60  # minute of the day at which people are reminded
_OF_ALL: Final = ("Pacific/Pago_Pago",)  # where no day ends later in the United States


class Session(Struct, frozen=True, kw_only=True):
    """Part of a day, by the clocks of `zone`; `title` and `link` may be empty. Times are minutes of the day."""

    title: str
    begins: int
    ends: int
    zone: str
    link: str = ""


class ActionDay(Struct, frozen=True, kw_only=True):
    """One region's day. `key` names it for good, in addresses and calendars.

    `host`, `link` and `text` may be empty, and so may `after`: what to do once the day has passed.
    """

    key: str
    day: date
    region: str
    states: tuple[str, ...]
    host: str = ""
    link: str = ""
    text: str = ""
    after: str = ""
    sessions: tuple[Session, ...] = ()

    def begins(self, session: Session) -> datetime:
        """When one of its sessions begins, aware, in UTC."""
        return moment(self.day, session.begins, session.zone)

    def ends(self, session: Session) -> datetime:
        return moment(self.day, session.ends, session.zone)


class Phase(StrEnum):
    """Where a day or a session stands at a moment."""

    COMING = "coming"
    NOW = "now"
    PAST = "past"


class DayProblem(Struct, frozen=True, kw_only=True):
    """What is wrong among days: of which (from 0), and whether it is only to be looked at."""

    number: int  # -1 where it is of none of them
    key: str  # of the value that it is about
    problem: Problem
    is_warning: bool = False


class Standing(Struct, frozen=True, kw_only=True):
    """What to tell somebody at a moment: their own days, likeliest first, and what they can still join.

    `own` is () where their state is in no region, or not known. `missed` says that all of their own are over;
    `following` is then, as always, the next day of any region that is not, None when all are over.
    """

    own: tuple[ActionDay, ...]
    phases: tuple[tuple[ActionDay, Phase], ...]  # of every day, in the order of their dates
    following: ActionDay | None
    missed: bool

    @property
    def is_over(self) -> bool:
        return self.following is None


def check_days(days: Sequence[ActionDay], *, expected: Iterable[str] = STATES) -> list[DayProblem]:
    """What does not fit among days that are each right: keys and states that stand twice, and states left out."""
    problems: list[DayProblem] = []
    keys: Counter[str] = Counter()
    region_of: dict[str, str] = {}
    for number, day in enumerate(days):
        keys[day.key] += 1
        if keys[day.key] == 2:
            problems.append(DayProblem(number=number, key="key", problem=Problem("days.key-twice", {"key": day.key})))
        for state in day.states:
            if state in region_of:
                values = {"state": state, "region": region_of[state]}
                problems.append(DayProblem(number=number, key="states", problem=Problem("days.state-twice", values)))
            region_of.setdefault(state, day.region)
        problems += _doubled_hours(number, day)
    left_out = [state for state in expected if state not in region_of]
    if days and left_out:
        problem = Problem("days.states-left-out", {"states": ", ".join(left_out), "count": len(left_out)})
        problems.append(DayProblem(number=-1, key="states", problem=problem, is_warning=True))
    return problems


def _doubled_hours(number: int, day: ActionDay) -> list[DayProblem]:
    problems = []
    for place, session in enumerate(day.sessions):
        for key, minute in (("from", session.begins), ("to", session.ends)):
            if is_doubled(day.day, minute, session.zone):
                problem = Problem("days.hour-twice", {"zone": session.zone})
                path = f"sessions.{place}.{key}"
                problems.append(DayProblem(number=number, key=path, problem=problem, is_warning=True))
    return problems


def days_of(days: Iterable[ActionDay], states: Collection[str]) -> tuple[ActionDay, ...]:
    """The days of the regions that these states are in, in the order of the states: those a ZIP code may lie in."""
    listed = list(days)
    by_key: dict[str, ActionDay] = {}
    for state in states:
        for day in listed:
            if state in day.states:
                by_key[day.key] = day
    return tuple(by_key.values())


def over_at(day: ActionDay) -> datetime:
    """When a day is over: at midnight in the last of its region's zones, and not before its last session's end."""
    midnights = [moment(day.day, DAY, zone) for zone in zones_of(day.states) or _OF_ALL]
    return max([*midnights, *(day.ends(session) for session in day.sessions)])


def begins_at(day: ActionDay) -> datetime:
    """When a day begins: at midnight in the first of its region's zones, or with a session before that."""
    midnights = [moment(day.day, 0, zone) for zone in zones_of(day.states) or _OF_ALL]
    return min([*midnights, *(day.begins(session) for session in day.sessions)])


def phase(day: ActionDay, now: datetime) -> Phase:
    return _phase(begins_at(day), over_at(day), now)


def session_phase(day: ActionDay, session: Session, now: datetime) -> Phase:
    return _phase(day.begins(session), day.ends(session), now)


def _phase(begins: datetime, ends: datetime, now: datetime) -> Phase:
    if now < begins:
        return Phase.COMING
    return Phase.NOW if now < ends else Phase.PAST


def standing(days: Iterable[ActionDay], states: Collection[str], now: datetime) -> Standing:
    """What to tell somebody who is in one of these states, () if that is not known."""
    ordered = sorted(days, key=lambda day: (day.day, begins_at(day), day.key))
    phases = tuple((day, phase(day, now)) for day in ordered)
    past = {day.key for day, where in phases if where == Phase.PAST}
    own = days_of(ordered, states)
    return Standing(
        own=own,
        phases=phases,
        following=next((day for day in ordered if day.key not in past), None),
        missed=bool(own) and all(day.key in past for day in own),
    )


def reminder_at(day: ActionDay, zones: Collection[str]) -> datetime:
    """When to remind somebody of a day: the evening before, at six by the clocks of a supporter in these zones; UTC.

    In several zones it is six in the last of them, and so never earlier for anybody. Of a session that begins for the
    supporter on the date before already, it is the evening before that. Without zones, those of the day's region.
    """
    theirs = tuple(zones) or zones_of(day.states) or _OF_ALL
    return max(moment(_first_date(day, zone) - timedelta(days=1), _EVENING, zone) for zone in theirs)


def _first_date(day: ActionDay, zone: str) -> date:
    """The date on which the day begins by the clocks of a zone."""
    begun = [day.begins(session).astimezone(ZoneInfo(zone)).date() for session in day.sessions]
    return min([day.day, *begun])
