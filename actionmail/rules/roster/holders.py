"""Who of the people that a file lists holds which seat on a day, who is yet to, and what somebody should look at.

In the weeks of a turnover a seat has two people in a file, and a person two seats: the role that began last counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct, field

from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.replacing import replace
from actionmail.rules.roster.doubts import Doubt, doubt
from actionmail.rules.roster.seats import ELECTED, SeatRow, vacant_key

# Chambers with districts of several seats (National Conference of State Legislatures, "Multi-Member Districts", 2024;
# the Council of DC and Puerto Rico's houses have theirs at large). In all others two holders are one too many.
_SEVERAL = """
    AZ-lower DC-legislature MD-lower ND-lower NH-lower NJ-lower PR-lower PR-upper SD-lower VT-lower VT-upper WA-lower
    WV-upper
"""
SEVERAL_A_DISTRICT = frozenset(_SEVERAL.split())
_FROM = "/from/"  # between a person's key and the day from which they hold another seat than now
_LATELY = timedelta(days=180)  # a seat left longer ago may be one of districts that are no more


class Listed(Struct, frozen=True, kw_only=True):
    """One person of one file: the seats held on the day, those to be held later, and those that were left."""

    file: str
    holds: Sequence[SeatRow] = ()
    will_hold: Sequence[SeatRow] = ()
    left: Sequence[SeatRow] = ()


class Holders(Struct, frozen=True, kw_only=True):
    """The seats of a day. `waiting` are elected and not seated: each has its day in `begins`."""

    sitting: list[SeatRow]
    left: list[SeatRow]  # their last holders; a seat that nobody holds instead is vacant
    waiting: list[SeatRow]
    doubts: list[Doubt] = field(default_factory=list)


def holders(people: Iterable[Listed], day: date) -> Holders:
    """One seat for each person, one person for each seat of one."""
    seats = Holders(sitting=[], left=[], waiting=[])
    files: dict[str, str] = {}
    taken_over = _seats_begun(people := list(people), day)
    for person in people:
        current = [row for row in person.holds if not _hands_over(row, taken_over, day)]
        seats.left.extend(row for row in person.holds if row not in current)
        seats.left.extend(person.left)
        seats.waiting.extend(person.will_hold)
        if not current:
            continue
        newest = max(current, key=_began)
        files[newest.key] = person.file
        seats.sitting.append(newest)
        seats.left.extend(row for row in current if row.seat != newest.seat)
        seats.doubts.extend(_second_seats(person, newest, current, day))
    return _one_in_each(seats, files)


def vacancy(of: SeatRow, number: int = 1) -> SeatRow:
    """The seat of this row, with nobody in it; `number` tells it from others of the same district."""
    return SeatRow(
        key=vacant_key(of.state, of.chamber, of.district, number),
        state=of.state,
        chamber=of.chamber,
        district=of.district,
        status="vacant",
        source=of.source,
        as_of=of.as_of,
    )


def vacancies(seats: Iterable[SeatRow], held: Iterable[SeatRow]) -> list[SeatRow]:
    """Those of these seats that are not held, each once, as vacant."""
    known = {row.seat for row in held}
    vacant = []
    for row in seats:
        if row.seat not in known:
            known.add(row.seat)
            vacant.append(vacancy(row))
    return vacant


def vacancies_beside(before: Iterable[SeatRow], after: Sequence[SeatRow]) -> list[SeatRow]:
    """In districts of several seats, a vacancy for each of the seats there were before and are not in `after`."""
    count_after = Counter(row.seat for row in after if row.status != ELECTED)
    count_before: Counter[str] = Counter()
    keys = {row.key for row in after}
    vacant = []
    for row in before:
        if row.status == ELECTED or not has_several(row):
            continue
        count_before[row.seat] += 1
        if count_before[row.seat] > count_after[row.seat]:
            numbered = (vacancy(row, number) for number in range(1, len(keys) + 2))
            vacant.append(next(seat for seat in numbered if seat.key not in keys))
            keys.add(vacant[-1].key)
    return vacant


def as_elected(waiting: Iterable[SeatRow], rows: Iterable[SeatRow]) -> list[SeatRow]:
    """Rows for those who wait, beside `rows`: whoever has one there already gets one more, with the day in its key.

    What a file of the states says of them is the mailbox of the seat that they have; that of Congress says it term by
    term.
    """
    keys = {row.key for row in rows}
    elected = []
    for row in waiting:
        if row.key in keys:
            row = replace(row, key=f"{row.key}{_FROM}{row.begins}")
            if row.chamber not in FEDERAL_CHAMBERS:
                row = replace(row, email="", email_note="", phone="", district_phone="", website="")
        if row.key not in keys:
            keys.add(row.key)
            elected.append(replace(row, status=ELECTED))
    return elected


def is_in_office(status: str, begins: date | None, ends: date | None, day: date) -> bool:
    """Whether somebody of this status and term holds a seat on a day of their state."""
    return status == "sitting" and (begins is None or begins <= day) and (ends is None or day <= ends)


def person_key(row: SeatRow) -> str:
    """The key of the person, whichever of their seats this row is of."""
    return person_of_key(row.key)


def person_of_key(key: str) -> str:
    """The same, of a row's key."""
    return key.partition(_FROM)[0]


def is_lately_left(row: SeatRow, day: date) -> bool:
    """Whether the seat was left in this turnover."""
    return row.ends is not None and day - _LATELY <= row.ends <= day


def _began(row: SeatRow) -> tuple[date, date]:
    return row.begins or date.min, row.ends or date.max


def _seats_begun(people: Sequence[Listed], day: date) -> Mapping[str, int]:
    """How many begin on this very day, by seat."""
    begun: Counter[str] = Counter()
    for person in people:
        begun.update({row.seat for row in person.holds if row.begins == day})
    return begun


def _hands_over(row: SeatRow, taken_over: Mapping[str, int], day: date) -> bool:
    """Whether this is the last day of a role in a seat that somebody takes over on it."""
    return row.ends == day and row.begins != day and taken_over.get(row.seat, 0) > 0


def _second_seats(person: Listed, newest: SeatRow, current: Sequence[SeatRow], day: date) -> list[Doubt]:
    """A person in two seats whose older role does not end on this day."""
    doubts = []
    for row in current:
        if row.seat != newest.seat and row.ends != day:
            doubts.append(doubt("two_seats", file=person.file, name=row.name, seat=newest.seat, other_seat=row.seat))
    return doubts


def _one_in_each(seats: Holders, files: Mapping[str, str]) -> Holders:
    """In a seat of one, whoever began last; where two began together, both stay, and the doubt says so."""
    by_seat: dict[str, list[SeatRow]] = {}
    for row in seats.sitting:
        by_seat.setdefault(row.seat, []).append(row)
    sitting = []
    for seat, rows in by_seat.items():
        if len(rows) == 1 or has_several(rows[0]):
            sitting += rows
            continue
        last = max(map(_began, rows))
        newest = [row for row in rows if _began(row) == last]
        sitting += newest
        seats.doubts.append(_two_holders(seat, rows, newest, files))
    return replace(seats, sitting=sitting)


def has_several(row: SeatRow) -> bool:
    """Whether several people sit for this district; each state's two senators in Congress do for the whole of it."""
    return row.chamber == "us_upper" or f"{row.state}-{row.chamber}" in SEVERAL_A_DISTRICT


def _two_holders(seat: str, rows: Sequence[SeatRow], newest: Sequence[SeatRow], files: Mapping[str, str]) -> Doubt:
    values = {
        "seat": seat,
        "names": ", ".join(row.name for row in rows),
        "files": ", ".join(files.get(row.key, "") for row in rows),
        "kept": ", ".join(row.name for row in newest),
    }
    return doubt("two_holders" if len(newest) == 1 else "none_began_last", **values)
