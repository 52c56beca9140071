"""A ZIP table made of another one, in the product's form: the same bytes for the same rows."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from actionmail.flows.lookup.table_text import read_text, zip_table_file
from actionmail.flows.lookup.zip_files import (
    COLUMNS,
    IS_GUESS,
    OLDER_COLUMNS,
    SHARED_COLUMNS,
    check_row,
    load_district_table,
)
from actionmail.rules.districts.blocks import ZipRow
from actionmail.rules.districts.zip_table import BOX_KINDS, GUESSES
from actionmail.rules.roster.seats import DatasetError, utf8_text

PUBLISHED_COLUMNS = (*SHARED_COLUMNS, "kind", "new_land", "guess")


def convert_zip_table(path: Path, *, as_of: date) -> bytes:
    """A table of ZIP codes and districts (columns zip, state, chamber, district, share, method) in the product's form.

    It may have kind (STANDARD, PO BOX, UNIQUE), new_land (not read) and guess (yes, no) too; without them, a ZIP code
    is a guess by its method. Sorted, without duplicates, every row with its date; gzip that has the same bytes for the
    same rows.
    """
    raw = read_text(path)
    text = utf8_text(raw, path.name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: dict[tuple[str, str, str, str], tuple[float, list[str]]] = {}
    line = 1
    try:
        header = next(reader, [])
        if tuple(header) not in {SHARED_COLUMNS, PUBLISHED_COLUMNS, OLDER_COLUMNS, COLUMNS}:
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
            marks = _marks(dict(zip(header, cells, strict=True)), path.name, line)
            rows[key] = (float(share), [*key, share, method, as_of.isoformat(), *marks])
            line = reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(path.name, "no_csv", line=line, why=str(error)) from None
    if not rows:
        raise DatasetError(path.name, "no_row", line=1)
    return _packed((share, values) for share, values in rows.values())


def _marks(row: Mapping[str, str], file: str, line: int) -> tuple[str, str]:
    """The kind of the row's ZIP code, as far as it is of boxes, and whether the row is a guess. Raises DatasetError."""
    kind, guess = row.get("kind", ""), row.get("guess", "")
    if kind not in {"", "STANDARD", *BOX_KINDS}:
        raise DatasetError(file, "no_kind", line=line, column="kind", value=kind[:20])
    if guess not in {"", "no", IS_GUESS}:
        raise DatasetError(file, "no_guess", line=line, column="guess", value=guess[:20])
    is_box = kind in BOX_KINDS
    by_method = "guess" not in row and row["method"] in GUESSES
    return (kind if is_box else "", IS_GUESS if is_box or by_method or guess == IS_GUESS else "")


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
    header, *lines = read_text(zip_table_file(path)).decode("utf-8-sig").splitlines()
    has_marks = tuple(header.split(",")) == COLUMNS
    for line in lines:
        zip5 = line[:5]
        day, kind = line.rsplit(",", 3)[1:3] if has_marks else (line.rsplit(",", 1)[1], "")
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
                kind=kind,
                is_guess=candidate.is_guess,
            )
        )
    return rows


def pack_zip_rows(rows: Iterable[ZipRow]) -> bytes:
    """The product's ZIP table of these rows: the same bytes for the same rows."""
    return _packed(
        (
            row.share,
            [
                row.zip,
                row.state,
                row.chamber,
                row.district,
                f"{row.share:g}",
                row.method,
                row.as_of.isoformat(),
                row.kind,
                IS_GUESS if row.is_guess else "",
            ],
        )
        for row in rows
    )
