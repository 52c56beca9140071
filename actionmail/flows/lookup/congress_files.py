"""The list of ZIP codes and districts of Congress: read, made of the published one, and written."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from actionmail.flows.lookup.rows_in_order import found_in_rows, rows_alike, rows_in_order
from actionmail.flows.lookup.table_text import CONGRESS_FILE, check_zip_code, grouped_rows, read_text
from actionmail.rules.districts.blocks import ZipRow
from actionmail.rules.districts.states import AT_LARGE, STATES
from actionmail.rules.districts.zip_table import Candidate, CandidatesByZip, FindSeats, Seat, of_state
from actionmail.rules.roster.seats import DatasetError, utf8_text

CONGRESS_COLUMNS = ("zip", "state", "district", "as_of")
_PUBLISHED_COLUMNS = ("state_fips", "state_abbr", "zcta", "cd")
_THINNED_COLUMNS = ("zip", "state", "district", "share", "method", "new_land")


def _plain_row(state: str, day: str) -> str:
    return rf"[0-9]{{5}},{state},(?:{AT_LARGE}|[1-9][0-9]?),{day}\n"


_PLAIN_ROWS = re.compile(rows_alike(_plain_row, "|".join(sorted(STATES)), "....-..-.."))
_PLAIN_SEATS = re.compile(r"^[0-9]{5},(..),([^,\n]+)", re.MULTILINE)

Rows = tuple[Mapping[str, Sequence[str]], FindSeats, set[date]]  # by ZIP code; their seats; their days


def read_congress_table(file: Path) -> tuple[CandidatesByZip, str, date | None]:
    """The list of ZIP codes and districts of Congress with its version and day; nothing where there is none."""
    if not file.is_file():
        return CandidatesByZip({}, partial(of_state, ()), _of_congress), "", None
    raw = read_text(file)
    text = raw.decode("ascii", "replace")
    rows, seats, days = _plain_rows(text) or _any_rows(text, file.name)
    as_of = min(days)
    version = f"congress:{as_of.isoformat()}-{hashlib.sha256(raw).hexdigest()[:12]}"
    return CandidatesByZip(rows, seats, _of_congress), version, as_of


def _plain_rows(text: str) -> Rows | None:
    """Of a list as we write it. None where a row is not plainly right, so that each is to be looked at."""
    if not text.startswith(f"{','.join(CONGRESS_COLUMNS)}\n") or (known := rows_in_order(text, _PLAIN_ROWS)) is None:
        return None
    rows, different = known
    try:
        days = {date.fromisoformat(day) for _, day in different}
    except ValueError:
        return None
    return rows, partial(_plain_seats, text), days


def _plain_seats(text: str, state: str) -> set[Seat]:
    seats = ((of, "us_lower", district) for of, district in found_in_rows(text, _PLAIN_SEATS, state))
    return of_state(seats, state)


def _any_rows(text: str, file: str) -> Rows:
    """Raises DatasetError with the line where one is wrong."""
    lines = text.splitlines()
    if not lines or tuple(lines[0].split(",")) != CONGRESS_COLUMNS:
        raise DatasetError(file, "table_columns", line=1, columns=",".join(CONGRESS_COLUMNS))
    if len(lines) == 1:
        raise DatasetError(file, "no_row", line=1)
    rows, first = grouped_rows(lines, file)
    seats, days = _checked({tuple(row.split(",")): line for row, line in first.items()}, file)
    return rows, partial(of_state, seats), days


def _checked(first: Mapping[tuple[str, ...], int], file: str) -> tuple[set[Seat], set[date]]:
    """The seats and the days in the different rows, each given with its line. Raises DatasetError."""
    seats = set()
    days: dict[str, date] = {}
    for cells, line in first.items():
        if len(cells) != len(CONGRESS_COLUMNS) - 1:
            raise DatasetError(file, "cell_count", line=line)
        state, district, day = cells
        _check_congress("00000", state, district, file, line)
        seats.add((state, "us_lower", district))
        if day not in days:
            try:
                days[day] = date.fromisoformat(day)
            except ValueError:
                raise DatasetError(file, "no_date", line=line, column="as_of") from None
    return seats, set(days.values())


def _of_congress(row: str, rows: int) -> Candidate:
    state, district, _ = row.split(",")
    return Candidate(chamber="us_lower", district=district, state=state, share=1 / rows, method="list")


def _check_congress(zip5: str, state: str, district: str, file: str, line: int) -> None:
    check_zip_code(zip5, file, line)
    if state not in STATES:
        raise DatasetError(file, "unknown_state", line=line, column="state", value=state[:20])
    if district != AT_LARGE and not (district.isascii() and district.isdecimal() and 0 < int(district) < 100):
        raise DatasetError(file, "unknown_congress_district", line=line, column="district", value=district[:20])


def convert_congress_table(path: Path, *, as_of: date) -> bytes:
    """The published list (columns state_fips, state_abbr, zcta, cd; 0 and 98 are At-Large) in the product's form.

    Or one with the columns zip, state, district, share, method, new_land, of which the first three are taken.
    """
    raw = read_text(path)
    text = utf8_text(raw, path.name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: set[tuple[str, str, str]] = set()
    line = 1
    try:
        header = next(reader, [])
        if tuple(header) not in {_PUBLISHED_COLUMNS, _THINNED_COLUMNS}:
            raise DatasetError(path.name, "table_columns", line=1, columns=",".join(_PUBLISHED_COLUMNS))
        for cells in reader:
            line = reader.line_num
            if len(cells) != len(header):
                raise DatasetError(path.name, "cell_count", line=line)
            if len(cells) == len(_PUBLISHED_COLUMNS):
                _, state, zip5, number = cells
            else:
                zip5, state, number, *_ = cells
            district = AT_LARGE if number in {"0", "00", "98"} else number.lstrip("0")
            if state not in STATES and len(state) == 2 and state.isupper():
                continue  # territories that are in no other table either
            _check_congress(zip5, state, district, path.name, line)
            rows.add((zip5, state, district))
    except csv.Error as error:
        raise DatasetError(path.name, "no_csv", line=line, why=str(error)) from None
    if not rows:
        raise DatasetError(path.name, "no_row", line=1)
    return pack_congress_rows(
        ZipRow(zip=zip5, state=state, chamber="us_lower", district=district, share=1.0, method="list", as_of=as_of)
        for zip5, state, district in rows
    )


def read_congress_rows(path: Path) -> list[ZipRow]:
    """Every row of the list of ZIP codes and districts of Congress in the folder `path`; none where there is no list.

    The shares of a ZIP code are all the same, since the list has none.
    """
    file = path / CONGRESS_FILE
    if not file.is_file():
        return []
    cells = [line.split(",") for line in read_text(file).decode("ascii", "replace").splitlines()[1:]]
    listed, *_ = read_congress_table(file)  # which checks every line
    return [
        ZipRow(
            zip=zip5,
            state=state,
            chamber="us_lower",
            district=district,
            share=1 / len(listed[zip5]),
            method="list",
            as_of=date.fromisoformat(as_of),
        )
        for zip5, state, district, as_of in cells
    ]


def pack_congress_rows(rows: Iterable[ZipRow]) -> bytes:
    """The product's list of ZIP codes and districts of Congress."""
    ordered = sorted(rows, key=lambda row: (row.zip, row.state, 0 if row.district == AT_LARGE else int(row.district)))
    lines = [
        ",".join(CONGRESS_COLUMNS),
        *(f"{row.zip},{row.state},{row.district},{row.as_of.isoformat()}" for row in ordered),
    ]
    return gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0)
