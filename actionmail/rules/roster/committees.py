"""Committees and who sits on them, as rows and as CSV: one row for each member, one for a committee without any."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from actionmail.rules.districts.states import CHAMBERS, FEDERAL_CHAMBERS, STATES
from actionmail.rules.roster.seats import DatasetError, clean, utf8_text

CONGRESS = "US"  # in the place of the state; the chamber is us_upper, us_lower, or legislature for joint committees
_OF_CONGRESS = (*FEDERAL_CHAMBERS, "legislature")
_ORDER = (*CHAMBERS, *FEDERAL_CHAMBERS)


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberRow:
    """`key` is the legislator's, or "" where the dataset knows only the name."""

    key: str
    name: str
    role: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitteeRow:
    key: str
    state: str
    chamber: str
    name: str
    parent_key: str = ""
    website: str = ""
    source: str = ""
    as_of: date
    members: tuple[MemberRow, ...] = ()


_OF_COMMITTEE = tuple(field.name for field in fields(CommitteeRow) if field.name != "members")
_OF_MEMBER = ("member_key", "member_name", "member_role")
_LENGTHS = {"key": 120, "name": 300, "parent_key": 120, "website": 2000, "source": 500}


def fault(row: CommitteeRow) -> tuple[str, str] | None:
    """The column and the reason for which a committee cannot be used; None if it can."""
    if not row.key or row.key != clean(row.key):
        return "id", "every committee needs an id, on one line"
    if row.state not in STATES and row.state != CONGRESS:
        return "jurisdiction", f"{row.state!r} is no state's two capital letters"
    chambers = _OF_CONGRESS if row.state == CONGRESS else CHAMBERS
    if row.chamber not in chambers:
        return "chamber", f"{row.chamber!r} is none of {', '.join(chambers)}"
    if not row.name:
        return "name", "a committee needs a name"
    if row.website and not re.fullmatch(r"https?://[^\s\"<>]+", row.website):
        return "links", "a website begins with http:// or https:// and has no spaces"
    for column, length in _LENGTHS.items():
        if len(getattr(row, column)) > length:
            return column, f"longer than {length} characters"
    for member in row.members:
        if not member.name or len(member.name) > 200 or len(member.key) > 120 or len(member.role) > 80:
            return "members", f"{member.name[:40]!r} has no name, or a name, role or id that is too long"
    return None


def in_order(rows: Iterable[CommitteeRow]) -> list[CommitteeRow]:
    return sorted(rows, key=lambda row: (row.state, _ORDER.index(row.chamber), row.name, row.key))


def to_csv(rows: Iterable[CommitteeRow]) -> bytes:
    """The same rows give the same bytes: UTF-8, LF, ordered."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*_OF_COMMITTEE, *_OF_MEMBER))
    for row in in_order(rows):
        said = [getattr(row, column) for column in _OF_COMMITTEE]
        for member in row.members or (MemberRow(key="", name="", role=""),):
            writer.writerow([*said, member.key, member.name, member.role])
    return out.getvalue().encode()


def from_csv(raw: bytes, file: str) -> list[CommitteeRow]:
    """Read what `to_csv` wrote. Raises DatasetError."""
    found: dict[str, tuple[dict[str, str], list[MemberRow]]] = {}
    reader = csv.DictReader(io.StringIO(utf8_text(raw, file), newline=""), strict=True)
    try:
        if reader.fieldnames is None or tuple(reader.fieldnames) != (*_OF_COMMITTEE, *_OF_MEMBER):
            raise DatasetError(file, "the columns are not those of committees", line=1)
        for cells in reader:
            if None in cells or None in cells.values():
                raise DatasetError(file, "too few or too many cells", line=reader.line_num)
            _, members = found.setdefault(cells["key"], (cells, []))
            if cells["member_name"]:
                members.append(MemberRow(key=cells["member_key"], name=cells["member_name"], role=cells["member_role"]))
    except csv.Error as error:
        raise DatasetError(file, f"not readable as CSV: {error}", line=reader.line_num) from None
    return [_committee(cells, members, file) for cells, members in found.values()]


def _committee(cells: dict[str, str], members: list[MemberRow], file: str) -> CommitteeRow:
    try:
        day = date.fromisoformat(cells["as_of"])
    except ValueError:
        raise DatasetError(file, f"{cells['key']}: not a date such as 2026-08-05", column="as_of") from None
    said = {column: cells[column] for column in _OF_COMMITTEE if column != "as_of"}
    row = CommitteeRow(**said, as_of=day, members=tuple(members))
    if wrong := fault(row):
        raise DatasetError(file, f"{row.key}: {wrong[1]}", column=wrong[0])
    return row
