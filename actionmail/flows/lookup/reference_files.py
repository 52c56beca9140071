"""A reference to measure the ZIP tables by: `zip,state,chamber,district`, and `share` where it is known.

What else stands in it is not read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from actionmail.flows.lookup.table_text import check_zip_code, read_text
from actionmail.rules.districts.reference import CandidatesOf, ReferenceRow
from actionmail.rules.districts.states import CHAMBERS, ONE_HOUSE, STATES
from actionmail.rules.districts.zip_table import Candidate, DistrictTable
from actionmail.rules.roster.seats import DatasetError, utf8_text

COLUMNS = ("zip", "state", "chamber", "district")
_SHARE = "share"


def read_reference(path: Path) -> list[ReferenceRow]:
    """The rows of the file. Raises DatasetError with the line."""
    text = utf8_text(read_text(path), path.name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        header = next(reader, [])
        if not set(COLUMNS).issubset(header) or len(set(header)) < len(header):
            raise DatasetError(path.name, "reference_columns", line=1, columns=",".join(COLUMNS), share=_SHARE)
        for cells in reader:
            if len(cells) != len(header):
                raise DatasetError(path.name, "cell_count", line=reader.line_num)
            rows.append(_row(dict(zip(header, cells, strict=True)), path.name, reader.line_num))
    except csv.Error as error:
        raise DatasetError(path.name, "no_csv", line=reader.line_num, why=str(error)) from None
    if not rows:
        raise DatasetError(path.name, "no_row", line=1)
    return rows


def _row(cells: Mapping[str, str], file: str, line: int) -> ReferenceRow:
    zip5, state, chamber, district = (cells[column] for column in COLUMNS)
    share_text = cells.get(_SHARE, "")
    check_zip_code(zip5, file, line)
    if state not in STATES:
        raise DatasetError(file, "unknown_state", line=line, column="state", value=state[:20])
    is_own = chamber in CHAMBERS and (chamber == "legislature") == (state in ONE_HOUSE)
    if not is_own and chamber != "us_lower":
        raise DatasetError(file, "unknown_chamber", line=line, column="chamber", value=chamber[:20], state=state)
    try:
        share = float(share_text) if share_text else 0.0
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise DatasetError(file, "no_share", line=line, column=_SHARE, value=share_text[:20])
    return ReferenceRow(zip=zip5, state=state, chamber=chamber, district=district, share=share)


def candidates_in(table: DistrictTable) -> CandidatesOf:
    """What the tables in force say of one chamber of a ZIP code in a state."""

    def candidates(zip5: str, state: str, chamber: str) -> tuple[Candidate, ...]:
        if chamber == "us_lower":
            return table.of_congress(zip5, state, chamber)
        own = []
        for candidate in table.candidates(zip5):
            if (candidate.state, candidate.chamber) == (state, chamber):
                own.append(candidate)
        return tuple(own)

    return candidates
