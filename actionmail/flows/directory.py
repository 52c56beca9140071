"""Who holds which seat: reading the roster, and replacing it by a newer one without losing anything in silence."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.orm import Session

from actionmail.db.roster import DatasetVersion, Legislator
from actionmail.rules.districts import DistrictTable
from actionmail.rules.roster import COLUMNS, DatasetError, SeatRow, fault, in_order, to_csv, with_notes

KIND = "people"
_KEPT = ("email", "phone", "website")  # never blanked by an import that merely lacks them
_MARK = r"(\w+) (\d{4}-\d{2}-\d{2})"
_MARKS = {"kept", "source", "as_of", "email_note"}  # what may differ without the person's data having changed


class OlderDataset(Exception):
    """The database already holds a newer roster; `str()` is the sentence."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One row that an import changes, with what it was."""

    before: SeatRow
    after: SeatRow

    @property
    def columns(self) -> list[str]:
        return [c for c in COLUMNS if c not in _MARKS and getattr(self.before, c) != getattr(self.after, c)]


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did, or would do (`dry_run`)."""

    as_of: date
    states: list[str]
    added: list[SeatRow] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    gone: list[SeatRow] = field(default_factory=list)
    kept: list[SeatRow] = field(default_factory=list)  # an older phone, address or website stays: see `SeatRow.kept`
    vacant: list[SeatRow] = field(default_factory=list)
    missing: list[SeatRow] = field(default_factory=list)
    shared: list[SeatRow] = field(default_factory=list)
    personal: list[SeatRow] = field(default_factory=list)
    malformed: list[SeatRow] = field(default_factory=list)
    sitting: int = 0
    roster: bytes = b""  # the whole roster afterwards, as CSV
    is_new_version: bool = False
    dry_run: bool = False


@dataclass(frozen=True, kw_only=True)
class SeatCount:
    sitting: int
    vacant: int


@dataclass(frozen=True, kw_only=True)
class RosterStatus:
    """What the roster holds now. `as_of` is that of its oldest row."""

    counts: dict[tuple[str, str], SeatCount]
    problems: dict[str, list[SeatRow]]  # by email_note: missing, malformed, shared, personal
    vacancies: list[SeatRow]
    as_of: date | None
    age_days: int | None
    version: str

    @property
    def sitting(self) -> int:
        return sum(count.sitting for count in self.counts.values())


@dataclass(frozen=True, kw_only=True)
class Joins:
    """Where the ZIP table and the roster do not meet: (state, chamber, district)."""

    without_legislator: list[tuple[str, str, str]]
    without_zip: list[tuple[str, str, str]]


def legislators_for(session: Session, state: str, seats: Iterable[tuple[str, str]]) -> list[Legislator]:
    """Today's holders of these (chamber, district) seats, in their order; vacant seats are rows of their own."""
    wanted = [(chamber, unicodedata.normalize("NFC", district)) for chamber, district in dict.fromkeys(seats)]
    if not wanted:
        return []
    query = select(Legislator).where(
        Legislator.state == state,
        Legislator.gone_at.is_(None),
        or_(*(and_(Legislator.chamber == chamber, Legislator.district == district) for chamber, district in wanted)),
    )
    place = {seat: number for number, seat in enumerate(wanted)}
    return sorted(
        session.scalars(query),
        key=lambda one: (place[one.chamber, one.district], one.status, one.family_name, one.key),
    )


def legislator(session: Session, legislator_id: int) -> Legislator | None:
    """The legislator with this id, in office or gone."""
    return session.get(Legislator, legislator_id)


def roster_status(session: Session, *, now: datetime) -> RosterStatus:
    rows = _current(session)
    counts: dict[tuple[str, str], list[int]] = {}
    problems: dict[str, list[SeatRow]] = {"missing": [], "malformed": [], "shared": [], "personal": []}
    for row in rows:
        counts.setdefault((row.state, row.chamber), [0, 0])[row.status == "vacant"] += 1
        if row.email_note in problems:
            problems[row.email_note].append(row)
    as_of = min((row.as_of for row in rows), default=None)
    latest = _latest_version(session)
    return RosterStatus(
        counts={seat: SeatCount(sitting=sitting, vacant=vacant) for seat, (sitting, vacant) in counts.items()},
        problems=problems,
        vacancies=[row for row in rows if row.status == "vacant"],
        as_of=as_of,
        age_days=(now.date() - as_of).days if as_of else None,
        version=latest.source_version if latest else "",
    )


def joins(session: Session, table: DistrictTable) -> Joins:
    """Check each district of the ZIP table against the roster, and each sitting legislator's against the table."""
    seats = {(row.state, row.chamber, row.district) for row in _current(session)}
    reached = table.districts()
    return Joins(without_legislator=sorted(reached - seats), without_zip=sorted(seats - reached))


def import_people(
    session: Session,
    rows: Sequence[SeatRow],
    *,
    source: str,
    source_version: str,
    licence: str,
    as_of: date,
    now: datetime,
    dry_run: bool = False,
) -> ImportReport:
    """Make `rows` the roster of the states they speak of; other states stay as they are.

    Who is not in `rows` any more is gone (`gone_at`), never deleted: the send log speaks of them. An e-mail address,
    phone or website that the rows lack but the database has is kept, with its date in `kept`. The same rows again
    change nothing. Raises DatasetError, and OlderDataset where the database has newer rows.
    """
    _check(rows, source)
    states = sorted({row.state for row in rows})
    keys = {row.key for row in rows}  # someone may have moved here from another state
    stored = {one.key: one for one in session.scalars(select(Legislator)) if one.state in states or one.key in keys}
    before = {key: _row(one) for key, one in stored.items() if one.gone_at is None}
    newest = max((row.as_of for row in before.values()), default=date.min)
    if newest > as_of:
        raise OlderDataset(
            f"The roster in the database is as of {newest.isoformat()}; this one, as of {as_of.isoformat()}, is older. "
            "Nothing was changed."
        )
    after = {row.key: row for row in with_notes(_keep(row, before.get(row.key)) for row in rows)}
    gone = {key: row for key, row in before.items() if key not in after}
    touched = {key for key, row in after.items() if before.get(key) != row}
    others = [row for row in _current(session) if row.key not in stored]
    roster = to_csv([*others, *after.values()])
    sha256 = hashlib.sha256(roster).hexdigest()
    latest = _latest_version(session)
    report = ImportReport(
        as_of=as_of,
        states=states,
        added=in_order(row for key, row in after.items() if key not in before),
        changed=[
            change
            for row in in_order(after.values())
            if row.key in before and (change := Change(before=before[row.key], after=row)).columns
        ],
        gone=in_order(gone.values()),
        kept=in_order(row for row in after.values() if row.kept),
        vacant=in_order(row for row in after.values() if row.status == "vacant"),
        sitting=sum(row.status == "sitting" for row in after.values()),
        roster=roster,
        is_new_version=latest is None or latest.sha256 != sha256,
        dry_run=dry_run,
        **{
            note: in_order(row for row in after.values() if row.email_note == note)
            for note in ("missing", "shared", "personal", "malformed")
        },
    )
    if dry_run:
        return report
    _write(session, after, gone, touched, stored, now)
    if report.is_new_version:
        session.add(
            DatasetVersion(
                kind=KIND,
                source=source,
                source_version=source_version,
                licence=licence,
                as_of=as_of,
                imported_at=now,
                row_count=len(others) + len(after),
                sha256=sha256,
                snapshot=zlib.compress(roster, 9),
            )
        )
    session.flush()
    session.expire_all()
    return report


def _write(
    session: Session,
    after: dict[str, SeatRow],
    gone: dict[str, SeatRow],
    touched: set[str],
    stored: dict[str, Legislator],
    now: datetime,
) -> None:
    new = [_values(after[key]) for key in sorted(touched) if key not in stored]
    old = [_values(after[key]) | {"id": stored[key].id} for key in sorted(touched) if key in stored]
    left = [{"id": stored[key].id, "gone_at": now} for key in sorted(gone)]
    if new:
        session.execute(insert(Legislator), new)
    if old:
        session.execute(update(Legislator), old)
    if left:
        session.execute(update(Legislator), left)


def _check(rows: Sequence[SeatRow], source: str) -> None:
    seen: set[str] = set()
    if not rows:
        raise DatasetError(source, "there is no legislator in it")
    for row in rows:
        wrong = fault(row)
        if wrong:
            raise DatasetError(source, f"{row.seat}: {wrong[1]}", column=wrong[0])
        if row.key in seen:
            raise DatasetError(source, f"{row.key} is there twice ({row.seat})")
        seen.add(row.key)


def _keep(row: SeatRow, old: SeatRow | None) -> SeatRow:
    """The row with what only the database knows, and the day from which it is."""
    lacking = [column for column in _KEPT if old and getattr(old, column) and not getattr(row, column)]
    if old is None or not lacking:
        return row
    since = dict(re.findall(_MARK, old.kept))
    marks = re.findall(_MARK, row.kept) + [(column, since.get(column, old.as_of.isoformat())) for column in lacking]
    kept = ", ".join(" ".join(mark) for mark in marks)
    return replace(row, kept=kept, **{column: getattr(old, column) for column in lacking})


def _current(session: Session) -> list[SeatRow]:
    """The roster in order, read without building ORM rows."""
    columns = [getattr(Legislator, column) for column in COLUMNS]
    found = session.execute(select(*columns).where(Legislator.gone_at.is_(None)))
    return in_order(SeatRow(**dict(zip(COLUMNS, values, strict=True))) for values in found)


def _latest_version(session: Session) -> DatasetVersion | None:
    query = select(DatasetVersion).where(DatasetVersion.kind == KIND).order_by(DatasetVersion.id.desc()).limit(1)
    return session.scalars(query).first()


def _row(one: Legislator) -> SeatRow:
    return SeatRow(**{column: getattr(one, column) for column in COLUMNS})


def _values(row: SeatRow) -> dict[str, object]:
    return {column: getattr(row, column) for column in COLUMNS} | {"gone_at": None}
