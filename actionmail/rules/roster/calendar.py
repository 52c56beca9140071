"""Who takes office when, which maps are new, and what that makes of a roster and of districts of some day.

Days and maps are data (`first_days.csv`, `new_maps.csv`); which day it is where a legislature sits is told here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from actionmail.rules.districts.elections import congress_elected, general_election
from actionmail.rules.districts.states import FEDERAL_CHAMBERS, STATES
from actionmail.rules.districts.time_zones import zones_of
from actionmail.rules.roster.seats import ALL_CHAMBERS

COUNTRY = "US"  # in the place of a state: Congress, whose members of all states begin on one day
WARNING = timedelta(days=7)  # before a legislature changes hands
_ANYWHERE = ("Pacific/Pago_Pago",)  # for a state that is not known: no day begins later in the United States

House = tuple[str, str]  # state and chamber


class FirstDay(Struct, frozen=True, kw_only=True):
    """When those elected on a day take office; neither day where a house elected nobody in that year."""

    state: str
    chamber: str
    election: date | None
    first_day: date | None
    rule: str
    note: str
    source: str


class NewMap(Struct, frozen=True, kw_only=True):
    """Districts that were first used in an election. Without `districts`, any of the house's may be another."""

    state: str
    chamber: str
    first_election: date
    districts: frozenset[str]
    law: str
    source: str
    official_file: str


class SpecialElection(Struct, frozen=True, kw_only=True):
    """An election to one seat out of its turn. `first_day` is None where it is not known."""

    state: str
    chamber: str
    district: str
    election: date
    first_day: date | None
    source: str

    @property
    def seat(self) -> tuple[str, str, str]:
        return self.state, self.chamber, self.district

    def is_over(self, today: date) -> bool:
        """Whether whoever was elected has taken office, as far as that is known."""
        return (self.first_day or self.election) < today


class Calendar(Struct, frozen=True, kw_only=True):
    """All that is known of first days and new maps, by house, and of special elections, the next one first."""

    first_days: Mapping[House, FirstDay] = field(default_factory=dict)
    new_maps: Mapping[House, NewMap] = field(default_factory=dict)
    special_elections: Sequence[SpecialElection] = ()

    def special_election(self, state: str, chamber: str, district: str, today: date) -> SpecialElection | None:
        """The next one to this seat, until whoever was elected is there."""
        for special in self.special_elections:
            if special.seat == (state, chamber, district) and not special.is_over(today):
                return special
        return None

    def first_day(self, state: str, chamber: str) -> FirstDay | None:
        """That of a house; for a house of Congress the country's."""
        return self.first_days.get(_national_house(state, chamber))

    def map_is_used(self, state: str, chamber: str, day: date) -> bool:
        """Whether those elected by the new map of a house sit on a day; where their first day is not known, from the
        election on.
        """
        new, known = self.new_maps.get((state, chamber)), self.first_day(state, chamber)
        if new is None:
            return False
        if known and known.first_day and known.election == new.first_election:
            return day >= known.first_day
        return day >= new.first_election


class Turnover(Struct, frozen=True, kw_only=True):
    """A house whose roster is of a day before those elected took office, or will be soon."""

    state: str
    chamber: str
    as_of: date
    election: date
    first_day: date


class HouseDay(Struct, frozen=True, kw_only=True):
    """One line of the calendar: who takes office when, what the data has, what it lacks."""

    state: str
    chamber: str
    first_day: FirstDay | None
    new_map: NewMap | None
    roster_as_of: date | None
    districts_as_of: date | None
    elected: int  # of those elected, how many the roster has and keeps aside
    needs_roster: bool  # it is of a day before those elected took or will take office
    needs_districts: bool  # a map is newer than they are


def local_day(state: str, now: datetime) -> date:
    """The day in all of the state at a moment in UTC."""
    return min(now.astimezone(ZoneInfo(zone)).date() for zone in zones_of((state,)) or _ANYWHERE)


def is_map_newer(calendar: Calendar, state: str, chamber: str, districts: Iterable[str], rows_of: date | None) -> bool:
    """Whether a map is newer than rows of `rows_of`, and concerns one of these districts: such rows are never sure.

    A district that a new map left alone is where it was, and what lies in no other of its house lies in it still.
    """
    new = calendar.new_maps.get((state, chamber))
    if new is None or (rows_of is not None and rows_of >= new.first_election):
        return False
    return not new.districts or not new.districts.isdisjoint(districts)


def turnovers(
    calendar: Calendar, roster_days: Mapping[House, date], today: date, *, ahead: timedelta = timedelta()
) -> list[Turnover]:
    """The houses whose roster is older than its members' first day, that day having come, or coming within `ahead`."""
    due = []
    for (state, chamber), as_of in sorted(roster_days.items()):
        known = calendar.first_day(state, chamber)
        if known is None or known.first_day is None or known.election is None:
            continue
        if as_of < known.first_day <= today + ahead:
            turnover = Turnover(
                state=state, chamber=chamber, as_of=as_of, election=known.election, first_day=known.first_day
            )
            due.append(turnover)
    return due


def congress_of(election: date) -> int:
    """The number of the Congress elected on this day, or on the last such day before it: 2024-11-05 gives 119."""
    year = election.year - election.year % 2
    if election < general_election(year):
        year -= 2
    return congress_elected(year)


def calendar_lines(
    calendar: Calendar,
    *,
    roster_days: Mapping[House, date],
    district_days: Mapping[House, date],
    elected: Mapping[House, int],
    states: Iterable[str] = (),
) -> list[HouseDay]:
    """The calendar of these states, else of all and of Congress, in order."""
    wanted = list(states) or [*sorted(STATES), COUNTRY]
    rosters, districts = _national(roster_days), _national(district_days)
    lines = []
    for state in wanted:
        for chamber in ALL_CHAMBERS:
            house = (state, chamber)
            if house in calendar.first_days or house in rosters or house in calendar.new_maps:
                of_data = _national_house(*house)
                lines.append(
                    _line(calendar, house, rosters.get(of_data), districts.get(of_data), elected.get(house, 0))
                )
    return lines


def _national(days: Mapping[House, date]) -> dict[House, date]:
    """The same with one line for each house of Congress: the oldest day."""
    by_house: dict[House, date] = {}
    for (state, chamber), day in days.items():
        house = _national_house(state, chamber)
        by_house[house] = min(day, by_house.get(house, day))
    return by_house


def _national_house(state: str, chamber: str) -> House:
    return COUNTRY if chamber in FEDERAL_CHAMBERS else state, chamber


def _line(calendar: Calendar, house: House, roster: date | None, districts: date | None, elected: int) -> HouseDay:
    known, new = calendar.first_day(*house), calendar.new_maps.get(house)
    first_day = known.first_day if known else None
    return HouseDay(
        state=house[0],
        chamber=house[1],
        first_day=known,
        new_map=new,
        roster_as_of=roster,
        districts_as_of=districts,
        elected=elected,
        needs_roster=roster is None or (first_day is not None and roster < first_day),
        needs_districts=new is not None and (districts is None or districts < new.first_election),
    )
