"""The tables of first days in office and of new maps: read, and taken as datasets like all others."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.roster import Legislator
from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.district_files import (
    FIRST_DAYS,
    NEW_MAPS,
    TABLES,
    DistrictFilesReport,
    found_in,
    held_files,
    propose_files,
)
from actionmail.flows.roster.importing import Proposal
from actionmail.rules.districts.states import STATES
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.rules.roster.calendar import (
    COUNTRY,
    Calendar,
    FirstDay,
    House,
    HouseDay,
    NewMap,
    Turnover,
    calendar_lines,
    turnovers,
)
from actionmail.rules.roster.doubts import Doubt, doubt
from actionmail.rules.roster.seats import ALL_CHAMBERS, ELECTED, DatasetError, clean, utf8_text

FIRST_DAY_COLUMNS = ("state", "chamber", "election", "first_day", "rule", "note", "source")
NEW_MAP_COLUMNS = ("state", "chamber", "first_election", "districts", "law", "source", "official_file")
_LONGEST = 2 * 1024 * 1024

Row = tuple[int, dict[str, str]]  # with its line


@dataclass(frozen=True, kw_only=True)
class CalendarDataset:
    """`raw` is to be the table of this kind. Houses that the table before had and this one lacks are a doubt."""

    folder: Path
    raw: bytes
    file: str
    kind: str

    def propose(self, session: Session, provenance: Provenance, *, now: datetime) -> Proposal[DistrictFilesReport]:
        name = TABLES[self.kind]
        houses = _houses(self.kind, self.raw, self.file)
        old = held_files(self.folder, self.kind)
        doubts: list[Doubt] = []
        if name in old:
            lost = sorted(_houses(self.kind, old[name], name) - houses)
            doubts += [doubt("house_not_in_calendar", where=f"{state} {chamber}") for state, chamber in lost]
        return propose_files(
            session,
            DistrictFilesReport(doubts=doubts),
            kind=self.kind,
            old=old,
            new={name: self.raw},
            found=found_in(self.folder, old, now=now),
            provenance=provenance,
        )


def load_calendar(folder: Path) -> Calendar:
    """The tables in the data folder; one that is not there says nothing. Raises DatasetError."""
    first_days, new_maps = TABLES[FIRST_DAYS], TABLES[NEW_MAPS]
    return Calendar(
        first_days=read_first_days(_content(folder / first_days), first_days),
        new_maps=read_new_maps(_content(folder / new_maps), new_maps),
    )


def read_first_days(raw: bytes, file: str) -> dict[House, FirstDay]:
    """By house. Raises DatasetError."""
    days = {}
    for line, cells in _rows(raw, file, FIRST_DAY_COLUMNS):
        election, first_day = _day(cells, "election", file, line), _day(cells, "first_day", file, line)
        if (election is None) != (first_day is None) or (election and first_day and first_day < election):
            raise DatasetError(file, "first_day_of_no_election", line=line, column="first_day")
        house = cells["state"], cells["chamber"]
        texts = {column: cells[column] for column in ("rule", "note", "source")}
        days[house] = FirstDay(state=house[0], chamber=house[1], election=election, first_day=first_day, **texts)
    return days


def read_new_maps(raw: bytes, file: str) -> dict[House, NewMap]:
    """By house. Raises DatasetError."""
    maps = {}
    for line, cells in _rows(raw, file, NEW_MAP_COLUMNS):
        election = _day(cells, "first_election", file, line)
        if election is None:
            raise DatasetError(file, "no_date", line=line, column="first_election")
        house = cells["state"], cells["chamber"]
        texts = {column: cells[column] for column in ("law", "source", "official_file")}
        districts = frozenset(cells["districts"].split())
        maps[house] = NewMap(state=house[0], chamber=house[1], first_election=election, districts=districts, **texts)
    return maps


def roster_days(session: Session) -> dict[House, date]:
    """The day of each house's oldest row."""
    query = select(Legislator.state, Legislator.chamber, func.min(Legislator.as_of))
    query = query.where(Legislator.gone_at.is_(None)).group_by(Legislator.state, Legislator.chamber)
    return {(state, chamber): as_of for state, chamber, as_of in session.execute(query)}


def turnovers_due(session: Session, folder: Path, *, now: datetime, ahead: timedelta = timedelta()) -> list[Turnover]:
    """The houses that have changed hands since the day of their roster, or will within `ahead`. Raises DatasetError."""
    return turnovers(load_calendar(folder), roster_days(session), now.date(), ahead=ahead)


def calendar_of(session: Session, folder: Path, table: DistrictTable, *, states: Sequence[str] = ()) -> list[HouseDay]:
    """Who takes office when, what the data has, what it lacks. Raises DatasetError."""
    query = select(Legislator.state, Legislator.chamber, func.count())
    query = query.where(Legislator.gone_at.is_(None), Legislator.status == ELECTED)
    elected = {}
    for state, chamber, count in session.execute(query.group_by(Legislator.state, Legislator.chamber)):
        elected[state, chamber] = count
    return calendar_lines(
        load_calendar(folder),
        roster_days=roster_days(session),
        district_days=_district_days(table),
        elected=elected,
        states=states,
    )


def _district_days(table: DistrictTable) -> Mapping[House, date]:
    days: dict[House, date] = {}
    for state, chamber, _ in table.districts():
        days[state, chamber] = table.days[state]
    if table.congress_as_of:
        days[COUNTRY, "us_lower"] = table.congress_as_of
    return days


def _houses(kind: str, raw: bytes, file: str) -> set[House]:
    return set(read_first_days(raw, file) if kind == FIRST_DAYS else read_new_maps(raw, file))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes() if file.is_file() else b""
    except OSError as error:
        raise DatasetError(file.name, "cannot_be_read", why=error.strerror) from None


def _rows(raw: bytes, file: str, columns: Sequence[str]) -> list[Row]:
    """Each row of a table, its state and chamber checked; none of no table."""
    if not raw:
        return []
    if len(raw) > _LONGEST:
        raise DatasetError(file, "not_this_large", megabytes=_LONGEST // 1024 // 1024)
    reader = csv.reader(io.StringIO(utf8_text(raw, file), newline=""), strict=True)
    rows: list[Row] = []
    seen: set[House] = set()
    try:
        if tuple(next(reader, [])) != tuple(columns):
            raise DatasetError(file, "table_columns", line=1, columns=",".join(columns))
        for values in reader:
            cells = dict(zip(columns, map(clean, values), strict=False))
            _check(cells, len(values), columns, file, reader.line_num)
            house = cells["state"], cells["chamber"]
            if house in seen:
                raise DatasetError(file, "house_twice", line=reader.line_num, house=" ".join(house))
            seen.add(house)
            rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise DatasetError(file, "no_csv", line=reader.line_num, why=str(error)) from None
    return rows


def _check(cells: Mapping[str, str], count: int, columns: Sequence[str], file: str, line: int) -> None:
    if count != len(columns):
        raise DatasetError(file, "cells", line=line, count=count, needed=len(columns))
    if cells["state"] not in STATES and cells["state"] != COUNTRY:
        raise DatasetError(file, "unknown_state", line=line, column="state", value=cells["state"][:20])
    if cells["chamber"] not in ALL_CHAMBERS:
        chamber = cells["chamber"][:20]
        raise DatasetError(file, "unknown_chamber", line=line, column="chamber", value=chamber, state=cells["state"])


def _day(cells: Mapping[str, str], column: str, file: str, line: int) -> date | None:
    try:
        return date.fromisoformat(cells[column]) if cells[column] else None
    except ValueError:
        raise DatasetError(file, "no_date", line=line, column=column) from None
