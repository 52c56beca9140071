"""Committees and who sits on them, as rows and as CSV: one row for each member, one for a committee without any."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from actionmail.rules.districts.states import CHAMBERS, FEDERAL_CHAMBERS, STATES
from actionmail.rules.roster.faults import RowFault, fault_in
from actionmail.rules.roster.seats import DatasetError, clean, utf8_text

CONGRESS = "US"  # in the place of the state; the chamber is us_upper, us_lower, or legislature for joint committees
_OF_CONGRESS = (*FEDERAL_CHAMBERS, "legislature")
_ORDER = (*CHAMBERS, *FEDERAL_CHAMBERS)


class MemberRow(NamedTuple):  # there are tens of thousands, and a tuple is made in half the time
    """`key` is the legislator's, or "" where the dataset knows only the name."""

    key: str
    name: str
    role: str


_NOBODY = MemberRow(key="", name="", role="")


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
_HEADER = (*_OF_COMMITTEE, *_OF_MEMBER)
_LENGTHS = {"key": 120, "name": 300, "parent_key": 120, "website": 2000, "source": 500}


def fault(row: CommitteeRow) -> RowFault | None:
    """Why a committee cannot be used; None if it can."""
    if not row.key or row.key != clean(row.key):
        return fault_in("id", "id_needed")
    if row.state not in STATES and row.state != CONGRESS:
        return fault_in("jurisdiction", "no_state", value=row.state)
    chambers = _OF_CONGRESS if row.state == CONGRESS else CHAMBERS
    if row.chamber not in chambers:
        return fault_in("chamber", "none_of", value=row.chamber, known=chambers)
    if not row.name:
        return fault_in("name", "committee_name")
    if row.website and not re.fullmatch(r"https?://[^\s\"<>]+", row.website):
        return fault_in("links", "no_website")
    for column, length in _LENGTHS.items():
        if len(getattr(row, column)) > length:
            return fault_in(column, "too_long", most=length)
    for key, name, role in row.members:
        if not name or len(name) > 200 or len(key) > 120 or len(role) > 80:
            return fault_in("members", "unusable_member", name=name[:40])
    return None


def in_order(rows: Iterable[CommitteeRow]) -> list[CommitteeRow]:
    return sorted(rows, key=lambda row: (row.state, _ORDER.index(row.chamber), row.name, row.key))


def to_csv(rows: Iterable[CommitteeRow]) -> bytes:
    """The same rows give the same bytes: UTF-8, LF, ordered."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    cells_of, once = attrgetter(*_OF_COMMITTEE), io.StringIO(newline="")
    of_committee = csv.writer(once, lineterminator="\n")
    for row in in_order(rows):
        of_committee.writerow(cells_of(row))
        begins = once.getvalue().removesuffix("\n")
        once.seek(0)
        once.truncate()
        for member in row.members or (_NOBODY,):
            out.write(f"{begins},")
            writer.writerow(member)
    return out.getvalue().encode()


def from_csv(raw: bytes, file: str) -> list[CommitteeRow]:
    """Read what `to_csv` wrote. Raises DatasetError."""
    by_key: dict[str, tuple[list[str], list[MemberRow]]] = {}
    key: str | None = None
    members: list[MemberRow] = []
    reader = csv.reader(io.StringIO(utf8_text(raw, file), newline=""), strict=True)
    key_at, of_committee = _OF_COMMITTEE.index("key"), len(_OF_COMMITTEE)
    try:
        if tuple(next(reader, ())) != _HEADER:
            raise DatasetError(file, "no_committee_columns", line=1)
        for cells in reader:
            if not cells:  # an empty line
                continue
            if len(cells) != len(_HEADER):
                raise DatasetError(file, "cell_count", line=reader.line_num)
            if cells[key_at] != key:  # the rows of one committee stand together, as nearly always
                key = cells[key_at]
                _, members = by_key.setdefault(key, (cells, []))
            member = MemberRow(*cells[of_committee:])
            if member.name:
                members.append(member)
    except csv.Error as error:
        raise DatasetError(file, "no_csv", line=reader.line_num, why=str(error)) from None
    rows = []
    for cells, members in by_key.values():
        rows.append(_committee(dict(zip(_OF_COMMITTEE, cells, strict=False)), members, file))
    return rows


def _committee(cells: dict[str, str], members: list[MemberRow], file: str) -> CommitteeRow:
    try:
        day = date.fromisoformat(cells["as_of"])
    except ValueError:
        raise DatasetError(file, "no_date", column="as_of", within=cells["key"]) from None
    texts = {column: cells[column] for column in _OF_COMMITTEE if column != "as_of"}
    row = CommitteeRow(**texts, as_of=day, members=tuple(members))
    if row_fault := fault(row):
        raise DatasetError(file, row_fault.code, column=row_fault.column, within=row.key, **row_fault.values)
    return row
