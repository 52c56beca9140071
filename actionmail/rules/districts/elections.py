"""When each state elects its legislature, and whether it did since the day of our districts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

# Every state elects its legislature in even years, at least a part of it, but these: the length of the cycle, and its
# year in it. National Conference of State Legislatures, "Odd Ones Out" (2023) and "Number of Legislators and Length of
# Terms in Years".
_ELECTS = {"NJ": (2, 1), "VA": (2, 1), "LA": (4, 3), "MS": (4, 3), "AL": (4, 2), "MD": (4, 2), "PR": (4, 0)}
# And the elections that a court ordered for new districts: Mississippi State Conference of the NAACP v. State Board of
# Election Commissioners, S.D. Miss. 3:22-cv-734.
_ORDERED = {"MS": (date(2025, 11, 4),)}


def elections_since(days: Mapping[str, date], today: date) -> dict[date, list[str]]:
    """The states that elected their legislatures since their districts' day (`days`, by state), by the day of the
    election, the newest first; {} where none did.
    """
    since: dict[date, list[str]] = {}
    for state, day in days.items():
        held = last_election(state, today)
        if day < held:
            since.setdefault(held, []).append(state)
    return dict(sorted(since.items(), reverse=True))


def congress_in(day: date) -> int:
    """The number of the Congress that sits on this day: a new one on 3 January of odd years (U.S. Const. amend. XX)."""
    year = day.year if day >= date(day.year, 1, 3) else day.year - 1
    return (year - 1787) // 2


def congress_elected(year: int) -> int:
    """The number of the Congress that is elected in this year, or was in the year before an odd one."""
    return (year - 1786) // 2


def last_election(state: str, today: date) -> date:
    """The day of the last election to the state's legislature, or a part of it, up to today."""
    cycle, remainder = _ELECTS.get(state, (2, 0))
    years = (year for year in range(today.year, today.year - 5, -1) if year % cycle == remainder)
    regular = next(day for year in years if (day := _election_day(state, year)) <= today)
    return max([regular, *(day for day in _ORDERED.get(state, ()) if day <= today)])


def general_election(year: int) -> date:
    """The Tuesday after the first Monday in November (2 U.S.C. 7)."""
    first = date(year, 11, 1)
    return date(year, 11, 2 + (-first.weekday()) % 7)


def _election_day(state: str, year: int) -> date:
    """The Tuesday after the first Monday in November (as 2 U.S.C. 7 has it, and the states with it).

    In Louisiana the last round: the fifth Saturday after the third to last in October (La. R.S. 18:402, as of 2025).
    """
    if state == "LA":
        last_of_october = date(year, 10, 31)
        last_saturday = last_of_october - timedelta(days=(last_of_october.weekday() - 5) % 7)
        return last_saturday + timedelta(weeks=5 - 2)
    return general_election(year)
