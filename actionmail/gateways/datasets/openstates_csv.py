"""Open States' bulk CSV: a file per state and day with the people in office, who have no state in their rows.

Columns as published at open.pluralpolicy.com/data/legislator-csv: those below, and more that are not read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from actionmail.gateways.datasets.openstates import People, day_of
from actionmail.gateways.datasets.whole_files import read_file
from actionmail.rules.districts.states import CHAMBERS, STATES
from actionmail.rules.roster.doubts import Doubt, doubt
from actionmail.rules.roster.holders import Listed, holders
from actionmail.rules.roster.names import PersonName, greetable
from actionmail.rules.roster.seats import MAX_CSV_BYTES, DatasetError, SeatRow, clean, fault, is_address, utf8_text

NEEDED = ("id", "name", "current_party", "current_district", "current_chamber")
_PHONES = ("capitol_voice", "district_voice")
_LONGEST_PHONE = 40
READ = (*NEEDED, "given_name", "family_name", "email", "links", *_PHONES)
# What the file calls the columns of a row.
_COLUMNS = {"key": "id", "district": "current_district", "chamber": "current_chamber", "party": "current_party"}


def is_openstates(raw: bytes) -> bool:
    """Whether this is such a file, by its first line."""
    return b"current_chamber" in raw[:4096].partition(b"\n")[0]


def read_openstates_csv(path: Path, *, state: str = "", as_of: date | None = None) -> People:
    """The legislators in one state's file. Raises DatasetError.

    The state is `state`, else the file's name ("wi.csv", "wi-2026-08-05.csv"); the day is `as_of`, else the one in the
    file's name, else the day the file was written.
    """
    raw = read_file(path, MAX_CSV_BYTES)
    day = day_of(path, as_of, date.fromtimestamp(path.stat().st_mtime))  # noqa: DTZ012
    named = re.match(r"([A-Za-z]{2})(?![A-Za-z])", path.name)
    code = (state or (named[1] if named else "")).upper()
    if code not in STATES:
        raise DatasetError(path.name, "no_state_named")
    text = utf8_text(raw, path.name, "not_utf8_download")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    people: list[Listed] = []
    doubts: list[Doubt] = []
    seen: dict[str, int] = {}
    line = 1
    try:
        header = next(reader, [])
        missing = [column for column in NEEDED if column not in header]
        if missing or len(set(header)) != len(header):
            raise DatasetError(path.name, "columns_not_once", line=1, columns=missing)
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) != len(header):
                raise DatasetError(path.name, "cells", line=line, count=len(cells), needed=len(header))
            values = {column: cell for column, cell in zip(header, cells, strict=True) if column in READ}
            if clean(values["current_chamber"]) in CHAMBERS:  # others are governors and mayors
                row = _row(values, code, day, path.name, line)
                place = f"{path.name}, line {line}"
                doubts += _doubts_of_name(values, row, place)
                if row.key in seen:
                    raise DatasetError(path.name, "id_twice", line=line, column="id", first=seen[row.key])
                seen[row.key] = line
                people.append(Listed(file=place, holds=[row]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(path.name, "no_csv", line=line, why=str(error)) from None
    if not people:
        raise DatasetError(path.name, "nobody_to_import")
    listed = holders(people, day)
    return People(rows=listed.sitting, as_of=day, version=path.name, doubts=(*doubts, *listed.doubts))


def _named(values: Mapping[str, str]) -> PersonName:
    """The name as the file has it."""
    columns = ("name", "given_name", "family_name")
    return PersonName(**{column: clean(values.get(column, "")) for column in columns})


def _doubts_of_name(values: Mapping[str, str], row: SeatRow, place: str) -> list[Doubt]:
    in_file = _named(values)
    if greetable(in_file) == in_file:
        return []
    name = in_file.name if row.name != in_file.name else in_file.family_name
    return [doubt("odd_name", file=place, name=name, greeted=row.family_name or row.name)]


def _row(values: Mapping[str, str], state: str, day: date, file: str, line: int) -> SeatRow:
    def text(column: str) -> str:
        return clean(values.get(column, ""))

    capitol, district = (phone if len(phone) <= _LONGEST_PHONE else "" for phone in map(text, _PHONES))
    links = [link.strip() for link in values.get("links", "").split(";")]
    email = text("email")
    usable = not email or is_address(email)
    person = greetable(_named(values))
    row = SeatRow(
        key=text("id"),
        state=state,
        chamber=text("current_chamber"),
        district=text("current_district"),
        name=person.name,
        given_name=person.given_name,
        family_name=person.family_name,
        party=text("current_party"),
        email=email if usable else "",
        email_note="" if usable else "malformed",
        phone=capitol or district,
        district_phone=district,
        website=next((link for link in links if re.fullmatch(r"https?://[^\s\"<>]{1,1900}", link)), ""),
        source=f"Open States CSV {file}"[:500],
        as_of=day,
    )
    row_fault = fault(row)
    if row_fault:
        column = _COLUMNS.get(row_fault.column, row_fault.column)
        raise DatasetError(file, row_fault.code, line=line, column=column, **row_fault.values)
    return row
