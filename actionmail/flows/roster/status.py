"""How the datasets stand: how many, how old, what is odd, what does not meet: `data check`, the roster page."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.roster import Legislator
from actionmail.flows.roster import district_files, reading
from actionmail.flows.roster.dataset_versions import latest_version
from actionmail.flows.roster.reading import Seat
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.rules.roster.seats import ELECTED, SeatRow

_PROBLEMS = ("missing", "malformed", "shared", "personal")
NO_TABLE = "PR"  # no ZIP code leads to its districts, for want of a table


class SeatCount(Struct, frozen=True, kw_only=True):
    """How many seats of a chamber are held, and how many are vacant."""

    sitting: int
    vacant: int


class RosterStatus(Struct, frozen=True, kw_only=True):
    """What the roster holds now. `as_of` is that of its oldest row."""

    counts: dict[tuple[str, str], SeatCount]
    problems: dict[str, list[SeatRow]]  # by email_note: missing, malformed, shared, personal
    vacancies: list[SeatRow]
    elected: list[SeatRow]  # and not seated yet
    as_of: date | None
    age_days: int | None
    version: str

    @property
    def sitting(self) -> int:
        return sum(count.sitting for count in self.counts.values())


class RosterSummary(Struct, frozen=True, kw_only=True):
    """The roster of the states' houses in numbers. `as_of` is that of its oldest row."""

    sitting: int
    vacant: int
    problems: dict[str, int]  # by email_note: missing, malformed, shared, personal
    as_of: date | None
    age_days: int | None


class Joins(Struct, frozen=True, kw_only=True):
    """Where the ZIP table and the roster do not meet."""

    without_legislator: list[Seat]
    without_zip: list[Seat]


class DataCheck(Struct, frozen=True, kw_only=True):
    """Everything that `data check` says."""

    roster: RosterStatus
    without_legislator: list[Seat]  # districts of the ZIP table that nobody holds, in states that the roster has
    empty_states: list[str]  # in the ZIP table; the roster has nobody there
    without_zip: list[Seat]  # seats that no ZIP code leads to; NO_TABLE left out
    table_age_days: int
    out_of_step: list[tuple[str, int]]  # kinds whose files are not those of the version in force, with its id

    @property
    def is_sound(self) -> bool:
        """Whether every district of the ZIP table has a legislator or a known vacancy."""
        return not (self.without_legislator or self.empty_states)


def roster_status(session: Session, *, now: datetime) -> RosterStatus:
    """Count the roster of the states' houses."""
    rows = reading.current_rows(session)
    counts: dict[tuple[str, str], list[int]] = {}
    problems: dict[str, list[SeatRow]] = {note: [] for note in _PROBLEMS}
    for row in rows:
        if row.status != ELECTED:
            counts.setdefault((row.state, row.chamber), [0, 0])[row.status == "vacant"] += 1
        if row.email_note in problems:
            problems[row.email_note].append(row)
    as_of = min((row.as_of for row in rows), default=None)
    latest = latest_version(session, reading.PEOPLE)
    return RosterStatus(
        counts={seat: SeatCount(sitting=sitting, vacant=vacant) for seat, (sitting, vacant) in counts.items()},
        problems=problems,
        vacancies=[row for row in rows if row.status == "vacant"],
        elected=[row for row in rows if row.status == ELECTED],
        as_of=as_of,
        age_days=(now.date() - as_of).days if as_of else None,
        version=latest.source_version if latest else "",
    )


def roster_summary(session: Session, *, now: datetime) -> RosterSummary:
    """Count the roster of the states' houses, without reading it."""
    query = select(Legislator.status, Legislator.email_note, func.count(), func.min(Legislator.as_of)).where(
        Legislator.gone_at.is_(None), Legislator.chamber.in_(reading.CHAMBERS_OF[reading.PEOPLE])
    )
    # by all that comes before the status in the index that holds all of it, so that nothing is sorted
    query = query.group_by(Legislator.email_note, Legislator.state, Legislator.chamber, Legislator.status)
    by_status: dict[str, int] = {}
    problems = dict.fromkeys(_PROBLEMS, 0)
    days = []
    for status, note, count, oldest in session.execute(query):
        by_status[status] = by_status.get(status, 0) + count
        days.append(oldest)
        if note in problems:
            problems[note] += count
    as_of = min(days, default=None)
    return RosterSummary(
        sitting=by_status.get("sitting", 0),
        vacant=by_status.get("vacant", 0),
        problems=problems,
        as_of=as_of,
        age_days=(now.date() - as_of).days if as_of else None,
    )


def joins(session: Session, table: DistrictTable) -> Joins:
    """Check each district of the ZIP table against the roster, and each sitting legislator's against the table."""
    seats = reading.seats_held(session)
    reached = table.districts()
    return Joins(without_legislator=sorted(reached - seats), without_zip=sorted(seats - reached))


def check_datasets(session: Session, folder: Path, table: DistrictTable, *, now: datetime) -> DataCheck:
    """Look at everything in the database and in the data folder. Raises DatasetError for files that cannot be read."""
    roster = roster_status(session, now=now)
    unmet = joins(session, table)
    held = {state for state, _ in roster.counts}
    out_of_step = []
    for kind in district_files.KINDS:
        if (version := district_files.out_of_step(session, folder, kind)) is not None:
            out_of_step.append((kind, version))
    return DataCheck(
        roster=roster,
        without_legislator=[seat for seat in unmet.without_legislator if seat[0] in held],
        empty_states=sorted({state for state, _, _ in unmet.without_legislator} - held),
        without_zip=[seat for seat in unmet.without_zip if seat[0] != NO_TABLE],
        table_age_days=(now.date() - table.as_of).days,
        out_of_step=out_of_step,
    )
