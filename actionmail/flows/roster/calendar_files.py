"""The tables of first days in office and of new maps: read, and taken as datasets like all others."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.roster import Legislator
from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.district_files import (
    FIRST_DAYS,
    NEW_MAPS,
    SPECIAL_ELECTIONS,
    TABLES,
    DistrictFilesReport,
    found_in,
    held_files,
    propose_files,
)
from actionmail.flows.roster.importing import Proposal
from actionmail.flows.roster.reading import CHAMBERS_OF
from actionmail.rules.districts.states import STATES
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.rules.roster.calendar import (
    COUNTRY,
    Calendar,
    FirstDay,
    House,
    HouseDay,
    NewMap,
    SpecialElection,
    Turnover,
    calendar_lines,
    turnovers,
)
from actionmail.rules.roster.doubts import Doubt, doubt
from actionmail.rules.roster.seats import ALL_CHAMBERS, ELECTED, DatasetError, clean, utf8_text

FIRST_DAY_COLUMNS = ("state", "chamber", "election", "first_day", "rule", "note", "source")
NEW_MAP_COLUMNS = ("state", "chamber", "first_election", "districts", "law", "source", "official_file")
SPECIAL_ELECTION_COLUMNS = ("state", "chamber", "district", "election", "first_day", "source")
_HOUSE = ("state", "chamber")  # the columns in which no two rows are the same
_LONGEST = 2 * 1024 * 1024

Row = tuple[int, dict[str, str]]  # with its line


class CalendarDataset(Struct, frozen=True, kw_only=True):
    """`raw` is to be the table of this kind. Houses that the table before had and this one lacks are a doubt."""

    folder: Path
    raw: bytes
    file: str
    kind: str

    def propose(self, session: Session, provenance: Provenance, *, now: datetime) -> Proposal[DistrictFilesReport]:
        old = held_files(self.folder, self.kind)
        before = old.get(TABLES[self.kind], b"")
        if self.kind == SPECIAL_ELECTIONS:
            doubts = self._doubts_of_elections(session, before, now)
        else:
            doubts = self._doubts_of_houses(before)
        return propose_files(
            session,
            DistrictFilesReport(doubts=doubts),
            kind=self.kind,
            old=old,
            new={TABLES[self.kind]: self.raw},
            old_provenance=found_in(self.folder, old, now=now),
            provenance=provenance,
        )

    def _doubts_of_houses(self, before: bytes) -> list[Doubt]:
        houses = _houses(self.kind, self.raw, self.file)
        lost = sorted(_houses(self.kind, before, TABLES[self.kind]) - houses)
        return [doubt("house_not_in_calendar", where=f"{state} {chamber}") for state, chamber in lost]

    def _doubts_of_elections(self, session: Session, before: bytes, now: datetime) -> list[Doubt]:
        """Elections still to come that are in it no more, and seats that the roster, where it has the house, lacks."""
        today, elections, seats = now.date(), read_special_elections(self.raw, self.file), _seats(session)
        there = {special.seat for special in elections}
        doubts = []
        for special in read_special_elections(before, TABLES[self.kind]):
            if special.election >= today and special.seat not in there:
                seat = " ".join(special.seat)
                doubts.append(doubt("special_election_lost", seat=seat, election=special.election))
        rostered = {seat[:2] for seat in seats}
        for special in elections:
            where = f"{special.state} {special.chamber}"
            if special.seat not in seats and special.seat[:2] in rostered:
                doubts.append(doubt("district_not_in_roster", where=where, name=special.district))
        return doubts


def load_calendar(folder: Path) -> Calendar:
    """The tables in the data folder; one that is not there says nothing. Raises DatasetError."""
    first_days, new_maps, special = TABLES[FIRST_DAYS], TABLES[NEW_MAPS], TABLES[SPECIAL_ELECTIONS]
    return Calendar(
        first_days=read_first_days(_content(folder / first_days), first_days),
        new_maps=read_new_maps(_content(folder / new_maps), new_maps),
        special_elections=read_special_elections(_content(folder / special), special),
    )


def missing_tables(folder: Path) -> list[str]:
    """The tables without which a calendar knows of no turnover and of no new map."""
    missing = []
    for kind in (FIRST_DAYS, NEW_MAPS):
        if not (folder / TABLES[kind]).is_file():
            missing.append(TABLES[kind])
    return missing


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


def read_special_elections(raw: bytes, file: str) -> list[SpecialElection]:
    """By their day. Raises DatasetError."""
    specials = []
    for line, cells in _rows(raw, file, SPECIAL_ELECTION_COLUMNS, unique=SPECIAL_ELECTION_COLUMNS[:4]):
        election, first_day = _day(cells, "election", file, line), _day(cells, "first_day", file, line)
        if election is None:
            raise DatasetError(file, "no_date", line=line, column="election")
        if first_day and first_day < election:
            raise DatasetError(file, "first_day_before_election", line=line, column="first_day")
        if cells["state"] == COUNTRY:
            raise DatasetError(file, "unknown_state", line=line, column="state", value=COUNTRY)
        if not cells["district"]:
            raise DatasetError(file, "district_missing", line=line, column="district")
        if not cells["source"]:
            raise DatasetError(file, "source_missing", line=line, column="source")
        texts = {column: cells[column] for column in ("state", "chamber", "district", "source")}
        specials.append(SpecialElection(election=election, first_day=first_day, **texts))
    return sorted(specials, key=lambda special: special.election)


def specials_ahead(folder: Path, *, today: date, states: Sequence[str] = ()) -> list[SpecialElection]:
    """Those whose winners are not there yet, in the order of their days. Raises DatasetError."""
    ahead = []
    for special in load_calendar(folder).special_elections:
        if not special.is_over(today) and (not states or special.state in states):
            ahead.append(special)
    return ahead


def _seats(session: Session) -> set[tuple[str, str, str]]:
    query = select(Legislator.state, Legislator.chamber, Legislator.district).where(Legislator.gone_at.is_(None))
    return {(state, chamber, district) for state, chamber, district in session.execute(query)}


def roster_days(session: Session) -> dict[House, date]:
    """The day of each house's oldest row."""
    house = (Legislator.state, Legislator.chamber)
    query = select(*house, func.min(Legislator.as_of)).where(Legislator.gone_at.is_(None))
    days: dict[House, date] = {}
    # by note first, as the index is that holds all of it
    for state, chamber, as_of in session.execute(query.group_by(Legislator.email_note, *house)):
        days[state, chamber] = min(as_of, days.get((state, chamber), as_of))
    return days


def oldest(days: Mapping[House, date], kind: str) -> date | None:
    """Of the roster's days that of the oldest house of which this kind of dataset speaks."""
    return min((day for (_, chamber), day in days.items() if chamber in CHAMBERS_OF[kind]), default=None)


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


def _rows(raw: bytes, file: str, columns: Sequence[str], *, unique: Sequence[str] = _HOUSE) -> list[Row]:
    """Each row of a table, its state and chamber checked; none of no table."""
    if not raw:
        return []
    if len(raw) > _LONGEST:
        raise DatasetError(file, "not_this_large", megabytes=_LONGEST // 1024 // 1024)
    reader = csv.reader(io.StringIO(utf8_text(raw, file), newline=""), strict=True)
    rows: list[Row] = []
    seen: set[tuple[str, ...]] = set()
    try:
        if tuple(next(reader, [])) != tuple(columns):
            raise DatasetError(file, "table_columns", line=1, columns=",".join(columns))
        for values in reader:
            cells = dict(zip(columns, map(clean, values), strict=False))
            _check(cells, len(values), columns, file, reader.line_num)
            key = tuple(map(cells.__getitem__, unique))
            if key in seen:
                raise DatasetError(file, "house_twice", line=reader.line_num, house=" ".join(key))
            seen.add(key)
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
