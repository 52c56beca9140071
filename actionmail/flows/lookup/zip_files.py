"""The ZIP table's file: read, every row of it checked."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence, Set
from datetime import date
from functools import partial
from pathlib import Path

from msgspec import Struct

from actionmail.flows.lookup.congress_files import read_congress_table
from actionmail.flows.lookup.rows_in_order import found_in_rows, rows_alike, rows_in_order
from actionmail.flows.lookup.table_text import (
    CONGRESS_FILE,
    check_zip_code,
    grouped_rows,
    read_text,
    zip_table_file,
)
from actionmail.flows.roster.calendar_files import load_calendar
from actionmail.flows.roster.collecting import nothing_to_collect
from actionmail.rules.districts.states import CHAMBERS, ONE_HOUSE, STATES
from actionmail.rules.districts.zip_table import (
    BOX_KINDS,
    GUESSES,
    METHODS,
    Candidate,
    CandidatesByZip,
    DistrictTable,
    FindSeats,
    Seat,
    of_state,
)
from actionmail.rules.roster.seats import DatasetError, clean, utf8_text

SHARED_COLUMNS = ("zip", "state", "chamber", "district", "share", "method")
OLDER_COLUMNS = (*SHARED_COLUMNS, "as_of")  # of tables that versions before made
COLUMNS = (*OLDER_COLUMNS, "kind", "guess")
IS_GUESS = "yes"


_MARKS = frozenset({("", ""), ("", IS_GUESS), *((kind, IS_GUESS) for kind in BOX_KINDS)})
_TIDY = r"[!#-+\--~]+(?: [!#-+\--~]+)*"  # of signs that can be printed, but for quotes and commas
_NAME = rf"(?:[0-9]{{1,3}}|(?=[^,]{{1,120}},){_TIDY}|(?=.[^\"]{{1,120}}\")\"{_TIDY}(?:, ?{_TIDY})*\")"
_SHARE = r"(?:0?\.0*[1-9][0-9]*|1)"
_PLAIN_MARKS = f"(?:{'|'.join(f',{kind},{guess}' for kind, guess in sorted(_MARKS))})"


def _plain(states: Collection[str], chambers: str, marks: str) -> str:
    """The expression of rows of one state and day, each as `check_row` wants it; the day is still to be checked."""

    def row(state: str, day: str) -> str:
        return rf"[0-9]{{5}},{state},{chambers},{_NAME},{_SHARE},(?:{'|'.join(METHODS)}),{day}{marks}\n"

    return rows_alike(row, "|".join(sorted(states)), "....-..-..")


_OF_TWO_HOUSES = {  # by the first line of a table
    COLUMNS: re.compile(_plain(STATES.keys() - ONE_HOUSE, "(?:lower|upper)", _PLAIN_MARKS)),
    OLDER_COLUMNS: re.compile(_plain(STATES.keys() - ONE_HOUSE, "(?:lower|upper)", "")),
}
_OF_ONE_HOUSE = {
    COLUMNS: re.compile(_plain(ONE_HOUSE, "legislature", _PLAIN_MARKS)),
    OLDER_COLUMNS: re.compile(_plain(ONE_HOUSE, "legislature", "")),
}
_PLAIN_SEATS = re.compile(r"^[0-9]{5},(..,[a-z]+,(?:\"[^\"\n]+\"|[^,\n]+))", re.MULTILINE)


class _Rows(Struct, frozen=True, kw_only=True):
    by_zip: Mapping[str, Sequence[str]]
    seats: FindSeats
    days: Set[tuple[str, ...]]  # the different ones, each with its state


@nothing_to_collect()
def load_district_table(path: Path) -> DistrictTable:
    """Read `zip_districts.csv.gz` or `.csv` (either is found by the other's name, and both in a folder).

    Every row is checked. Raises DatasetError.
    """
    file = zip_table_file(path)
    raw = read_text(file)
    text = utf8_text(raw, file.name)
    rows = _plain_rows(text) or _any_rows(text, file.name)
    days: dict[str, date] = {}
    years: dict[str, int] = {}
    for state, day in rows.days:
        of_row = date.fromisoformat(day)
        days[state] = min(of_row, days.get(state, of_row))
        years[state] = max(of_row.year, years.get(state, of_row.year))
    congress, congress_version, congress_as_of = read_congress_table(file.with_name(CONGRESS_FILE))
    table = DistrictTable(
        CandidatesByZip(rows.by_zip, rows.seats, _candidate),
        version=f"{min(days.values()).isoformat()}-{hashlib.sha256(raw).hexdigest()[:12]}",
        days=days,
        years=years,
        congress=congress,
        congress_version=congress_version,
        congress_as_of=congress_as_of,
    )
    table.calendar = load_calendar(file.parent)
    return table


def _plain_rows(text: str) -> _Rows | None:
    """Of a table as we write it. None where a row is not plainly right, so that each is to be looked at."""
    columns = tuple(text.partition("\n")[0].split(","))
    if columns not in _OF_TWO_HOUSES:
        return None
    known = rows_in_order(text, _OF_TWO_HOUSES[columns], _OF_ONE_HOUSE[columns])
    if known is None:
        return None
    by_zip, days = known
    try:
        for _, day in days:
            date.fromisoformat(day)
    except ValueError:
        return None
    return _Rows(by_zip=by_zip, seats=partial(_plain_seats, text), days=days)


def _plain_seats(text: str, state: str) -> set[Seat]:
    return of_state(map(_seat, found_in_rows(text, _PLAIN_SEATS, state)), state)


def _seat(cells: str) -> Seat:
    state, chamber, district = _cells(cells)
    return state, chamber, district


def _any_rows(text: str, file: str) -> _Rows:
    """Raises DatasetError with the line where one is wrong."""
    lines = text.splitlines()
    if not lines or tuple(lines[0].split(",")) not in {COLUMNS, OLDER_COLUMNS}:
        raise DatasetError(file, "table_columns", line=1, columns=",".join(COLUMNS))
    if len(lines) == 1:
        raise DatasetError(file, "no_row", line=1)
    by_zip, first = grouped_rows(lines, file)
    kinds = _check_rows(first, file, len(lines[0].split(",")) - 1)
    seats = {(state, chamber, district) for state, chamber, district, *_ in kinds}
    return _Rows(by_zip=by_zip, seats=partial(of_state, seats), days={(state, day) for state, *_, day in kinds})


def _check_rows(first: Mapping[str, int], file: str, width: int) -> set[tuple[str, ...]]:
    """Check each different row; the different (state, chamber, district, method, day) in them."""
    portions: set[str] = set()
    checked: set[tuple[str, ...]] = set()
    for row, line in first.items():
        cells = _cells(row)
        if len(cells) != width:
            raise DatasetError(file, "cell_count", line=line)
        state, chamber, district, share, method, day, *marks = cells
        if marks and tuple(marks) not in _MARKS:
            raise DatasetError(file, "no_kind_and_guess", line=line, value=",".join(marks)[:40])
        kind = (state, chamber, district, method, day)
        if share not in portions or kind not in checked:  # most rows are like others, and one check is enough
            check_row(["00000", *cells[:5]], file, line)
            try:
                date.fromisoformat(day)
            except ValueError:
                raise DatasetError(file, "no_date", line=line, column="as_of") from None
            portions.add(share)
            checked.add(kind)
    return checked


def _cells(row: str) -> list[str]:
    return next(csv.reader([row])) if '"' in row else row.split(",")


def _candidate(row: str, _: int) -> Candidate:
    state, chamber, district, share, method, _day, *marks = _cells(row)
    is_guess = marks[-1] == IS_GUESS if marks else method in GUESSES
    return Candidate(
        chamber=chamber, district=district, state=state, share=float(share), method=method, is_guess=is_guess
    )


def _share(text: str) -> float | None:
    """A part of a ZIP code's people, above 0 and at most 1; None for anything else."""
    try:
        portion = float(text)
    except ValueError:
        return None
    return portion if 0 < portion <= 1 else None


def check_row(cells: Sequence[str], file: str, line: int) -> None:
    """Raises DatasetError unless these are a row's first six cells, each as it must be."""
    if len(cells) != len(SHARED_COLUMNS):
        raise DatasetError(file, "cell_count", line=line)
    zip5, state, chamber, district, share, method = cells
    check_zip_code(zip5, file, line)
    if state not in STATES:
        raise DatasetError(file, "unknown_state", line=line, column="state", value=state[:20])
    if chamber not in CHAMBERS or (chamber == "legislature") != (state in ONE_HOUSE):
        raise DatasetError(file, "unknown_chamber", line=line, column="chamber", value=chamber[:20], state=state)
    if not district or len(district) > 120 or district != clean(district):
        raise DatasetError(file, "no_district_name", line=line, column="district", value=district[:40])
    if _share(share) is None:
        raise DatasetError(file, "no_share", line=line, column="share", value=share[:20])
    if method not in METHODS:
        raise DatasetError(file, "none_of", line=line, column="method", value=method[:20], known=METHODS)
