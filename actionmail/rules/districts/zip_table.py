"""ZIP codes and the districts they lie in. A ZIP code is a hint: the biggest share is never picked in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from itertools import repeat
from typing import Any

from msgspec import Struct

from actionmail.rules.districts.elections import congress_elected
from actionmail.rules.districts.states import AT_LARGE, FEDERAL_CHAMBERS, STATEWIDE
from actionmail.rules.replacing import replace
from actionmail.rules.roster.calendar import Calendar, NewMap, is_map_newer

METHODS = ("block", "pop", "area", "near", "radius", "around", "centroid")
GUESSES = frozenset({"radius", "around", "centroid"})  # of a ZIP code whose area is not known
Seat = tuple[str, str, str]  # state, chamber, district
FindSeats = Callable[[str], Set[Seat]]  # of a state, "" for all
BOX_KINDS = ("PO BOX", "UNIQUE")  # of ZIP codes: boxes at a post office, and one receiver of much mail; nobody's homes


class Candidate(Struct, frozen=True, kw_only=True):
    """A district that a ZIP code may lie in. `share`: of the ZIP's residents.

    A guess is never a sure answer, and never speaks against what an address told: the ZIP code is of boxes, or where
    it lies is known only roughly. `block` rows are exact for the Census Bureau's area of the ZIP code, from which the
    post's may differ a little.

    Districts of Congress come from a list without shares (`list`: all the same) or are the whole state (`state`).
    """

    chamber: str
    district: str
    state: str
    share: float
    method: str
    is_guess: bool = False

    @property
    def is_statewide(self) -> bool:
        """Whether everybody in the state has it: senators in Congress, or an only representative."""
        return self.chamber in FEDERAL_CHAMBERS and self.district in (STATEWIDE, AT_LARGE)


class CandidatesByZip(Mapping[str, tuple[Candidate, ...]]):
    """The candidates of each ZIP code, made of its rows when it is first asked for: a start needs none of them.

    `seats` finds every seat of a state in the rows, "" for all states: few lookups need them. `read` makes a candidate
    of one of so many rows.
    """

    def __init__(
        self, rows: Mapping[str, Sequence[str]], seats: FindSeats, read: Callable[[str, int], Candidate]
    ) -> None:
        self._rows, self.seats, self._read = rows, seats, read
        self._made: dict[str, tuple[Candidate, ...]] = {}

    def __getitem__(self, zip5: str) -> tuple[Candidate, ...]:
        known = self._made.get(zip5)
        if known is None:
            rows = self._rows[zip5]
            known = self._made[zip5] = tuple(map(self._read, rows, repeat(len(rows))))
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def of_state(seats: Iterable[Seat], state: str) -> set[Seat]:
    """Those of this state; all where it is ""."""
    return {seat for seat in seats if state in {"", seat[0]}}


class DistrictTable:
    """Every ZIP code's candidates, in memory."""

    def __init__(
        self,
        candidates_by_zip: CandidatesByZip,
        *,
        version: str,
        days: Mapping[str, date],
        years: Mapping[str, int],
        congress: CandidatesByZip,
        congress_version: str = "",
        congress_as_of: date | None = None,
    ) -> None:
        self._candidates_by_zip = candidates_by_zip
        self._congress = congress
        self.congress_version = congress_version  # "" where there is no list of ZIP codes and districts of Congress
        self.version = version
        self.answers: dict[tuple[str, ...], Any] = {}  # those of `flows.lookup.by_zip.find_seats`, kept there
        self._names: dict[str, Mapping[str, tuple[str, ...]]] = {}  # of districts, by state and chamber
        self.congress_as_of = congress_as_of
        self.calendar = (
            Calendar()
        )  # which maps are newer than the rows; whoever reads the tables gives the one there is
        self.days = days  # of the oldest row of each state
        self._years = years  # of the newest: rows that nothing newer was known about stay beside those of new districts
        self.as_of = min(days.values())

    def __len__(self) -> int:
        return len(self._candidates_by_zip)

    def candidates(self, zip5: str) -> tuple[Candidate, ...]:
        """The districts of all states that the ZIP code may lie in, likeliest first per chamber; () if unknown."""
        return self._candidates_by_zip.get(zip5, ())

    def states(self, zip5: str, *, with_congress: bool) -> tuple[str, ...]:
        """The states that the ZIP code may lie in."""
        candidates = (*self.candidates(zip5), *(self._congress.get(zip5, ()) if with_congress else ()))
        return tuple(dict.fromkeys(candidate.state for candidate in candidates))

    def of_congress(self, zip5: str, state: str, chamber: str) -> tuple[Candidate, ...]:
        """The whole state for senators; for the House the districts on the list, () where the ZIP code is not on it."""
        if chamber == "us_upper":
            return (Candidate(chamber=chamber, district=STATEWIDE, state=state, share=1.0, method="state"),)
        is_guess = any(candidate.is_guess for candidate in self.candidates(zip5))
        listed = []
        for candidate in self._congress.get(zip5, ()):
            if candidate.state == state:
                listed.append(replace(candidate, is_guess=is_guess and not candidate.is_statewide))
        if not listed and self.districts_in(state, chamber) == (AT_LARGE,):
            return (Candidate(chamber=chamber, district=AT_LARGE, state=state, share=1.0, method="state"),)
        return tuple(listed)

    @property
    def congress(self) -> int:
        """The number of the Congress whose districts the list has; 0 where there is no list."""
        return congress_elected(self.congress_as_of.year) if self.congress_as_of else 0

    def districts(self) -> set[tuple[str, str, str]]:
        """Every (state, chamber, district) that some ZIP code leads to."""
        return set(self._candidates_by_zip.seats(""))

    def congress_districts(self) -> set[tuple[str, str, str]]:
        """The same for the House of Representatives."""
        return set(self._congress.seats(""))

    def year_of(self, state: str, chamber: str) -> int:
        """The year of the election that the chamber's districts here are of; 0 where there are none."""
        if chamber in FEDERAL_CHAMBERS:
            return self.congress_as_of.year if self.congress_as_of else 0
        return self._years.get(state, 0)

    def newer_map(self, state: str, chamber: str, districts: Sequence[str], *, roster_of: date) -> NewMap | None:
        """The map, newer than the rows of this house, by which the members in a roster of this day were elected.

        None where there is none, or it leaves these districts as they were.
        """
        rows_of = self.congress_as_of if chamber in FEDERAL_CHAMBERS else self.days.get(state)
        is_newer = is_map_newer(self.calendar, state, chamber, districts, rows_of)
        is_used = self.calendar.map_is_used(state, chamber, roster_of)
        return self.calendar.new_maps[state, chamber] if is_newer and is_used else None

    def districts_in(self, state: str, chamber: str) -> tuple[str, ...]:
        """The names of one chamber's districts."""
        names = self._names.get(state)
        if names is None:
            names = self._names[state] = self._named(state)
        return names.get(chamber, ())

    def _named(self, state: str) -> Mapping[str, tuple[str, ...]]:
        names: dict[str, list[str]] = {}
        for _, chamber, district in sorted(self._candidates_by_zip.seats(state) | self._congress.seats(state)):
            names.setdefault(chamber, []).append(district)
        return {chamber: tuple(districts) for chamber, districts in names.items()}
