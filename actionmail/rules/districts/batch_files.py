"""The Census geocoder's batch files: addresses as it takes them, and as it answers them.

No header. Addresses: ID, street, city, state, ZIP code; at most 10,000. Answers: ID, the address in one line, Match,
No_Match or Tie, and for a match Exact or Non_Exact, the matched address, "longitude,latitude", the TIGER line and its
side; with geographies then state, county, tract and block. Census Bureau, "Geocoding Services Web Application
Programming Interface (API)", 2025, "Batch geocoding".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from actionmail.rules.csv_export import neutral
from actionmail.rules.districts.addresses import Address, Exactness, Place, parse
from actionmail.rules.districts.places import is_in_united_states, state_code, zip_code
from actionmail.rules.roster.seats import DatasetError

MOST = 10_000
MATCH, NO_MATCH, TIE = "Match", "No_Match", "Tie"
EXACT, NON_EXACT = "Exact", "Non_Exact"
_POINT = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?),(-?\d{1,2}(?:\.\d{1,12})?)")
_LONGEST_CELL = 300


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    """One address; with `is_answered`, the place that the service found, or None. Its `repr` has the ID alone."""

    id: str
    address: Address = field(repr=False)
    is_answered: bool = False
    place: Place | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class BatchAnswer:
    """What is written for one address: the service's columns, and behind them ours."""

    row: BatchRow
    matched: str = NO_MATCH
    place: Place | None = field(default=None, repr=False)
    ours: tuple[str, ...] = ()


def read_batch(text: str, file: str) -> list[BatchRow]:
    """The addresses of a batch, or of its answer. Raises DatasetError with the line that cannot be read."""
    rows = []
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in lines:
            if any(cells):
                rows.append(_row(list(map(_short, cells)), file, lines.line_num))
            if len(rows) > MOST:
                raise DatasetError(file, "batch_too_long", most=MOST)
    except csv.Error as error:
        raise DatasetError(file, "points_no_csv", line=lines.line_num, why=str(error)) from None
    if not rows:
        raise DatasetError(file, "batch_empty")
    return rows


def _short(cell: str) -> str:
    return cell.strip()[:_LONGEST_CELL]


def _row(cells: Sequence[str], file: str, line: int) -> BatchRow:
    if len(cells) >= 3 and cells[2] in {MATCH, NO_MATCH, TIE}:
        address = parse(cells[1])
        place = _place(cells) if cells[2] == MATCH and len(cells) >= 6 else None
        return BatchRow(id=cells[0], address=address, is_answered=True, place=place)
    if len(cells) != 5:
        raise DatasetError(file, "batch_columns", line=line, count=len(cells))
    number, street, city, state, zip5 = cells
    address = Address(street=street, city=city, state=state_code(state), zip=zip_code(zip5))
    return BatchRow(id=number, address=address)


def _place(cells: Sequence[str]) -> Place | None:
    """The point of a match, None where it is none."""
    match = _POINT.fullmatch(cells[5].replace(" ", ""))
    if match is None or not is_in_united_states(float(match[2]), float(match[1])):
        return None
    return Place(
        longitude=float(match[1]),
        latitude=float(match[2]),
        state="",
        zip=parse(cells[4]).zip,
        found_by="census",
        exactness=Exactness.RANGE if cells[3] == EXACT else Exactness.UNCERTAIN,
    )


def write_batch(answers: Iterable[BatchAnswer]) -> str:
    """CSV with CRLF, every cell quoted as the service does; no cell is a formula to a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for answer in answers:
        text = (answer.row.id, answer.row.address.one_line, answer.matched)
        writer.writerow([*map(neutral, text), *_match(answer.place), *map(neutral, answer.ours)])
    return out.getvalue()


def _match(place: Place | None) -> tuple[str, str, str, str, str]:
    """Exact or not, no matched address, the point, and neither line nor side."""
    if place is None:
        return ("", "", "", "", "")
    exactness = NON_EXACT if place.exactness.is_rough else EXACT
    return (exactness, "", f"{place.longitude:.6f},{place.latitude:.6f}", "", "")
