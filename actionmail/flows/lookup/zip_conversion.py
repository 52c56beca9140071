"""A ZIP table made of another one, in the product's form: the same bytes for the same rows."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from actionmail.flows.lookup.table_text import read_text, zip_table_file
from actionmail.flows.lookup.zip_files import COLUMNS, SHARED_COLUMNS, check_row, load_district_table
from actionmail.rules.districts.blocks import ZipRow
from actionmail.rules.roster.seats import DatasetError, utf8_text


def convert_zip_table(path: Path, *, as_of: date) -> bytes:
    """A table of ZIP codes and districts (columns zip, state, chamber, district, share, method) in the product's form.

    Sorted, without duplicates, every row with its date; gzip that has the same bytes for the same rows.
    """
    raw = read_text(path)
    text = utf8_text(raw, path.name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: dict[tuple[str, str, str, str], tuple[float, list[str]]] = {}
    line = 1
    try:
        header = next(reader, [])
        if tuple(header) not in {SHARED_COLUMNS, COLUMNS}:
            raise DatasetError(path.name, "table_columns", line=1, columns=",".join(SHARED_COLUMNS))
        line = 2
        for cells in reader:
            if len(cells) != len(header):
                raise DatasetError(path.name, "cell_count", line=line)
            check_row(cells[: len(SHARED_COLUMNS)], path.name, line)
            zip5, state, chamber, district, share, method, *_ = cells
            key = (zip5, state, chamber, district)
            if key in rows:
                raise DatasetError(path.name, "row_twice", line=line, key=" ".join(key))
            rows[key] = (float(share), [*key, share, method, as_of.isoformat()])
            line = reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(path.name, "no_csv", line=line, why=str(error)) from None
    if not rows:
        raise DatasetError(path.name, "no_row", line=1)
    return _packed((share, values) for share, values in rows.values())


def _packed(rows: Iterable[tuple[float, list[str]]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    ordered = sorted(rows, key=lambda row: (*row[1][:3], -row[0], row[1][3]))
    writer.writerows(values for _, values in ordered)
    return gzip.compress(out.getvalue().encode(), 9, mtime=0)


def read_zip_rows(path: Path) -> list[ZipRow]:
    """Every row of the table at `path`, for what makes another of it. Raises DatasetError."""
    table = load_district_table(path)  # which checks every line
    days: dict[str, date] = {}
    rows = []
    at: dict[str, int] = {}
    for line in read_text(zip_table_file(path)).decode("utf-8-sig").splitlines()[1:]:
        zip5, day = line[:5], line[-len("2024-11-05") :]
        place = at[zip5] = at.get(zip5, -1) + 1
        candidate = table.candidates(zip5)[place]
        rows.append(
            ZipRow(
                zip=zip5,
                state=candidate.state,
                chamber=candidate.chamber,
                district=candidate.district,
                share=candidate.share,
                method=candidate.method,
                as_of=days.get(day) or days.setdefault(day, date.fromisoformat(day)),
            )
        )
    return rows


def pack_zip_rows(rows: Iterable[ZipRow]) -> bytes:
    """The product's ZIP table of these rows: the same bytes for the same rows."""
    return _packed(
        (
            row.share,
            [row.zip, row.state, row.chamber, row.district, f"{row.share:g}", row.method, row.as_of.isoformat()],
        )
        for row in rows
    )
