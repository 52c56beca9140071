"""Who holds which seat: reading the roster, and replacing it by a newer one without losing anything in silence."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from actionmail.db.roster import Correction, DatasetVersion, Legislator
from actionmail.db.staff import AuditEntry
from actionmail.rules.districts.zip_districts import CHAMBERS, FEDERAL_CHAMBERS, DistrictTable
from actionmail.rules.roster.seats import (
    COLUMNS,
    DatasetError,
    SeatRow,
    fault,
    from_csv,
    in_order,
    to_csv,
    with_notes,
)

KIND = "people"
CONGRESS = "congress"
_CHAMBERS = {KIND: CHAMBERS, CONGRESS: FEDERAL_CHAMBERS}  # a kind's datasets speak of these and of no others
_TOO_MANY = 0.10  # of a state's legislators or addresses at once: a broken dataset, or an election
_KEPT = ("email", "phone", "website")  # never blanked by an import that merely lacks them
_MARK = r"\b(\w+) (\d{4}-\d{2}-\d{2})"
_MARKS = {"kept", "source", "as_of", "email_note"}  # what may differ without the person's data having changed


class OlderDataset(Exception):
    """The database already holds a newer roster; `str()` is the sentence."""


class NothingToUndo(Exception):
    """There is no version to go back to; `str()` is the sentence."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One row that an import changes, with what it was."""

    before: SeatRow
    after: SeatRow

    @property
    def columns(self) -> list[str]:
        return [c for c in COLUMNS if c not in _MARKS and getattr(self.before, c) != getattr(self.after, c)]


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """A correction in force, and what the dataset says in its place."""

    row: SeatRow
    field: str
    value: str
    dataset: str
    made_by: str
    made_at: datetime


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
    corrected: list[Corrected] = field(default_factory=list)  # corrections by staff that stay in force
    doubts: list[str] = field(default_factory=list)  # why somebody should look before it is imported, as sentences
    sitting: int = 0
    roster: bytes = b""  # the whole roster afterwards, as CSV
    is_new_version: bool = False
    dry_run: bool = False


class SuspiciousDataset(Exception):
    """An import that somebody should look at first was not confirmed; nothing was changed."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        super().__init__("This import needs a second look, and nothing was changed: " + " ".join(report.doubts))


@dataclass(frozen=True, kw_only=True)
class Version:
    """One line of the list of imports."""

    id: int
    kind: str
    source: str
    source_version: str
    as_of: date
    imported_at: datetime
    row_count: int
    is_current: bool
    undone_at: datetime | None
    undone_by: str
    can_be_undone: bool = False  # it is in force, and there is one before it


@dataclass(frozen=True, kw_only=True)
class UndoReport:
    """What going back changed. `roster` is the roster gone back to, as CSV."""

    undone: Version
    restored: Version
    added: list[SeatRow]
    changed: list[Change]
    gone: list[SeatRow]
    roster: bytes


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


def roster_as_of(session: Session) -> date | None:
    """The day of the roster's oldest row."""
    query = select(func.min(Legislator.as_of))
    return session.scalar(query.where(Legislator.gone_at.is_(None), Legislator.chamber.in_(_CHAMBERS[KIND])))


def roster_status(session: Session, *, now: datetime) -> RosterStatus:
    rows = _current(session, KIND)
    counts: dict[tuple[str, str], list[int]] = {}
    problems: dict[str, list[SeatRow]] = {"missing": [], "malformed": [], "shared": [], "personal": []}
    for row in rows:
        counts.setdefault((row.state, row.chamber), [0, 0])[row.status == "vacant"] += 1
        if row.email_note in problems:
            problems[row.email_note].append(row)
    as_of = min((row.as_of for row in rows), default=None)
    latest = latest_version(session, KIND)
    return RosterStatus(
        counts={seat: SeatCount(sitting=sitting, vacant=vacant) for seat, (sitting, vacant) in counts.items()},
        problems=problems,
        vacancies=[row for row in rows if row.status == "vacant"],
        as_of=as_of,
        age_days=(now.date() - as_of).days if as_of else None,
        version=latest.source_version if latest else "",
    )


def seats_held(session: Session) -> set[tuple[str, str, str]]:
    """Every (state, chamber, district) of the states' houses that has a legislator or is known to be vacant."""
    query = select(Legislator.state, Legislator.chamber, Legislator.district).where(
        Legislator.gone_at.is_(None), Legislator.chamber.in_(_CHAMBERS[KIND])
    )
    return {(state, chamber, district) for state, chamber, district in session.execute(query)}


def joins(session: Session, table: DistrictTable) -> Joins:
    """Check each district of the ZIP table against the roster, and each sitting legislator's against the table."""
    seats = seats_held(session)
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
    kind: str = KIND,
    whole: bool = False,
    blank_missing: bool = False,
    confirmed: bool = False,
    dry_run: bool = False,
    doubts: Sequence[str] = (),
) -> ImportReport:
    """Make `rows` the roster of the states they speak of (all states if `whole`); other states stay as they are.

    Who is not in `rows` any more is gone (`gone_at`), never deleted: the send log speaks of them. An e-mail address,
    phone or website that the rows lack but the database has is kept, with its date in `kept`, unless `blank_missing`.
    Corrections by staff stay in force. The same rows again change nothing. Raises DatasetError; OlderDataset where the
    database has newer rows; SuspiciousDataset where there are doubts (the reader's `doubts` among them) and nobody
    `confirmed`.
    """
    _check(rows, source, kind)
    states = sorted({row.state for row in rows})
    keys = {row.key for row in rows}
    stored = _stored(session)
    for row in rows:
        if row.key in stored and stored[row.key].row.chamber not in _CHAMBERS[kind]:
            raise DatasetError(source, f"{row.key} is already there as {stored[row.key].row.seat}")
    corrections = _in_force(session)
    held = {row.key: row for row in _without_corrections(stored, corrections, kind)}
    before = {key: row for key, row in held.items() if whole or row.state in states or key in keys}
    newest = max((row.as_of for row in before.values()), default=date.min)
    if newest > as_of:
        raise OlderDataset(
            f"The roster in the database is as of {newest.isoformat()}; this one, as of {as_of.isoformat()}, is older. "
            "Nothing was changed."
        )
    others = [row for key, row in held.items() if key not in before]
    taken = rows if blank_missing else [_keep(row, before.get(row.key)) for row in rows]
    everybody = {row.key: row for row in with_notes([*others, *taken])}
    after = {key: row for key, row in everybody.items() if key in keys}
    roster = to_csv(everybody.values())
    sha256 = hashlib.sha256(roster).hexdigest()
    latest = latest_version(session, kind)
    added, changed, gone = _difference(before, after)
    report = ImportReport(
        as_of=as_of,
        states=states,
        added=added,
        changed=changed,
        gone=gone,
        kept=in_order(row for row in after.values() if row.kept),
        vacant=in_order(row for row in after.values() if row.status == "vacant"),
        corrected=_corrected(corrections, after),
        doubts=[*doubts, *_from_the_future(as_of, now), *_doubts(before, changed, gone, kind)],
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
    if report.doubts and not confirmed:
        raise SuspiciousDataset(report)
    _write(session, everybody, stored, corrections, kind, now)
    if report.is_new_version:
        keep_version(
            session,
            kind,
            roster,
            source=source,
            source_version=source_version,
            licence=licence,
            as_of=as_of,
            now=now,
            row_count=len(everybody),
            sha256=sha256,
        )
    session.flush()
    session.expire_all()
    return report


def keep_version(
    session: Session,
    kind: str,
    packed: bytes,
    *,
    source: str,
    source_version: str,
    licence: str,
    as_of: date,
    now: datetime,
    row_count: int,
    sha256: str,
) -> None:
    """Write down an import that changed something; `packed` are its rows as CSV, to go back to."""
    session.add(
        DatasetVersion(
            kind=kind,
            source=source,
            source_version=source_version,
            licence=licence,
            as_of=as_of,
            imported_at=now,
            row_count=row_count,
            sha256=sha256,
            snapshot=zlib.compress(packed, 9),
            undone_at=None,
        )
    )


def versions(session: Session, kind: str | None = None, *, limit: int = 50) -> list[Version]:
    """The imports that changed something, newest first."""
    query = select(DatasetVersion).order_by(DatasetVersion.id.desc()).limit(limit)
    found = session.scalars(query.where(DatasetVersion.kind == kind) if kind else query)
    kinds = session.scalars(select(DatasetVersion.kind).distinct()).all()
    in_use = [_in_use(session, name, 2) for name in kinds]
    current = {two[0].id: len(two) == 2 for two in in_use if two}
    return [replace(_version(one, one.id in current), can_be_undone=current.get(one.id, False)) for one in found]


def latest_version(session: Session, kind: str) -> DatasetVersion | None:
    """The version in force of this kind of dataset."""
    return next(iter(_in_use(session, kind, 1)), None)


def begin_undo(
    session: Session, kind: str, *, by: str, now: datetime, staff_id: int | None = None, dry_run: bool = False
) -> tuple[Version, Version, bytes]:
    """Take the version in force out of force and say so in the audit trail; the caller puts the rows back.

    Gives what was undone, what to go back to, and its snapshot unpacked. A `dry_run` changes nothing. Raises
    NothingToUndo.
    """
    found = _in_use(session, kind, 2)
    if len(found) < 2:
        raise NothingToUndo(
            f"Version {found[0].id} is the first of {kind}; there is none before it to go back to."
            if found
            else f"No import of {kind} is there to undo."
        )
    undone, restored = found
    if not dry_run:
        undone.undone_at, undone.undone_by = now, by
        subject = f"{kind}: version {undone.id}, back to version {restored.id}, by {by}"
        session.add(AuditEntry(at=now, staff_id=staff_id, verb="undid an import", subject=subject))
    return _version(undone, False), _version(restored, True), zlib.decompress(restored.snapshot)


def undo(
    session: Session,
    kind: str = KIND,
    *,
    by: str,
    now: datetime,
    staff_id: int | None = None,
    dry_run: bool = False,
) -> UndoReport:
    """Go back to the roster before the last import. Corrections by staff stay in force. Raises NothingToUndo."""
    stored, corrections = _stored(session), _in_force(session)
    before = {row.key: row for row in _without_corrections(stored, corrections, kind)}
    undone, restored, snapshot = begin_undo(session, kind, by=by, now=now, staff_id=staff_id, dry_run=dry_run)
    after = {row.key: row for row in from_csv(snapshot, f"version {restored.id}")}
    added, changed, gone = _difference(before, after)
    if not dry_run:
        _write(session, after, stored, corrections, kind, now)
        session.flush()
        session.expire_all()
    return UndoReport(undone=undone, restored=restored, added=added, changed=changed, gone=gone, roster=snapshot)


def seat_row(one: Legislator) -> SeatRow:
    return SeatRow(**{column: getattr(one, column) for column in COLUMNS})


def dataset_rows(session: Session, kind: str = KIND) -> list[SeatRow]:
    """The roster as the datasets have it, without the corrections in force."""
    return _without_corrections(_stored(session), _in_force(session), kind)


def lay_corrections(session: Session, rows: Sequence[SeatRow], kind: str, *, now: datetime) -> None:
    """Lay the corrections in force over `rows`, which `dataset_rows` gave before one of them changed."""
    _write(session, {row.key: row for row in rows}, _stored(session), _in_force(session), kind, now)
    session.flush()
    session.expire_all()


@dataclass(frozen=True, kw_only=True)
class _Stored:
    id: int
    is_gone: bool
    row: SeatRow


_Corrections = dict[str, list[Correction]]  # those in force, by legislator


def _stored(session: Session) -> dict[str, _Stored]:
    """Every legislator there is or was, read without building ORM rows."""
    columns = [getattr(Legislator, column) for column in COLUMNS]
    found = session.execute(select(Legislator.id, Legislator.gone_at, *columns))
    rows = (
        _Stored(id=id_, is_gone=gone_at is not None, row=SeatRow(**dict(zip(COLUMNS, values, strict=True))))
        for id_, gone_at, *values in found
    )
    return {one.row.key: one for one in rows}


def _in_force(session: Session) -> _Corrections:
    found: _Corrections = {}
    for correction in session.scalars(select(Correction).where(Correction.ended_at.is_(None)).order_by(Correction.id)):
        found.setdefault(correction.legislator_key, []).append(correction)
    return found


def _without_corrections(stored: dict[str, _Stored], corrections: _Corrections, kind: str) -> list[SeatRow]:
    """What the datasets say today."""
    rows = [one.row for one in stored.values() if not one.is_gone and one.row.chamber in _CHAMBERS[kind]]
    bare = []
    for row in rows:
        for correction in corrections.get(row.key, ()):
            said: dict[str, Any] = {correction.field: correction.replaced}
            row = replace(row, **said)
            if correction.field == "email":
                row = replace(row, email_note="malformed" if correction.was_malformed else "")
        bare.append(row)
    return with_notes(bare)


def _with_corrections(rows: Iterable[SeatRow], corrections: _Corrections) -> list[SeatRow]:
    laid = []
    for row in rows:
        fields: dict[str, Any] = {correction.field: correction.value for correction in corrections.get(row.key, ())}
        if "email" in fields:
            fields["email_note"] = ""
        laid.append(replace(row, **fields) if fields else row)
    return with_notes(laid)


def _difference(
    before: dict[str, SeatRow], after: dict[str, SeatRow]
) -> tuple[list[SeatRow], list[Change], list[SeatRow]]:
    """Who is added, what changes in those who stay, and who is gone."""
    both = (Change(before=before[row.key], after=row) for row in in_order(after.values()) if row.key in before)
    return (
        in_order(row for key, row in after.items() if key not in before),
        [change for change in both if change.columns],
        in_order(row for key, row in before.items() if key not in after),
    )


def _corrected(corrections: _Corrections, rows: dict[str, SeatRow]) -> list[Corrected]:
    return [
        Corrected(
            row=row,
            field=correction.field,
            value=correction.value,
            dataset=getattr(row, correction.field),
            made_by=correction.made_by,
            made_at=correction.made_at,
        )
        for row in in_order(rows[key] for key in corrections if key in rows)
        for correction in corrections[row.key]
    ]


def _from_the_future(as_of: date, now: datetime) -> list[str]:
    """A slip in a date would make every later dataset an older one, and this one never old."""
    if as_of <= now.date() + timedelta(days=1):  # it may be tomorrow somewhere
        return []
    return [
        f"The dataset is as of {as_of.isoformat()}, which is still to come: until then newer ones would be refused."
    ]


def _doubts(before: dict[str, SeatRow], changed: Sequence[Change], gone: Sequence[SeatRow], kind: str) -> list[str]:
    """What a broken or a planted dataset would do, and a good one seldom."""

    def place(row: SeatRow) -> str:
        return "Congress" if kind == CONGRESS else row.state

    sitting = Counter(place(row) for row in before.values() if row.status == "sitting")
    lost = Counter(place(row) for row in gone if row.status == "sitting")
    moved = [change for change in changed if change.before.email and "email" in change.columns]
    readdressed = Counter(place(change.after) for change in moved)
    doubts = []
    for where, number in sorted(sitting.items()):
        for count, what in ((lost[where], "legislators would be gone"), (readdressed[where], "addresses would change")):
            if count > 2 and count > _TOO_MANY * number:
                doubts.append(f"{where}: {count} of {number} {what} ({count * 100 // number} %).")
    kinds = {"shared": "one that another legislator has", "personal": "one at a free-mail service"}
    for change in moved:
        if change.after.email_note in kinds:
            said = kinds[change.after.email_note]
            doubts.append(
                f"{change.after.seat}, {change.after.name}: the address would become {said}: {change.after.email}."
            )
    return doubts


def _write(
    session: Session,
    rows: dict[str, SeatRow],
    stored: dict[str, _Stored],
    corrections: _Corrections,
    kind: str,
    now: datetime,
) -> None:
    """Make `rows`, with the corrections laid over them, the roster of this kind."""
    for key, row in rows.items():
        for correction in corrections.get(key, ()):
            correction.replaced = getattr(row, correction.field)
            if correction.field == "email":
                correction.was_malformed = row.email_note == "malformed"
    after = {row.key: row for row in _with_corrections(rows.values(), corrections)}
    new = [_values(row) for key, row in sorted(after.items()) if key not in stored]
    old = [
        _values(row) | {"id": stored[key].id}
        for key, row in sorted(after.items())
        if key in stored and (stored[key].is_gone or stored[key].row != row)
    ]
    left = [
        {"id": one.id, "gone_at": now}
        for key, one in sorted(stored.items())
        if key not in after and not one.is_gone and one.row.chamber in _CHAMBERS[kind]
    ]
    if new:
        session.execute(insert(Legislator), new)
    if old:
        session.execute(update(Legislator), old)
    if left:
        session.execute(update(Legislator), left)


def _check(rows: Sequence[SeatRow], source: str, kind: str) -> None:
    seen: set[str] = set()
    if not rows:
        raise DatasetError(source, "there is no legislator in it")
    for row in rows:
        wrong = fault(row)
        if wrong:
            raise DatasetError(source, f"{row.seat}: {wrong[1]}", column=wrong[0])
        if row.chamber not in _CHAMBERS[kind]:
            raise DatasetError(source, f"{row.seat} does not belong in a dataset of {kind}", column="chamber")
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


def _current(session: Session, kind: str) -> list[SeatRow]:
    """The roster in use, in order, read without building ORM rows."""
    columns = [getattr(Legislator, column) for column in COLUMNS]
    found = session.execute(
        select(*columns).where(Legislator.gone_at.is_(None), Legislator.chamber.in_(_CHAMBERS[kind]))
    )
    return in_order(SeatRow(**dict(zip(COLUMNS, values, strict=True))) for values in found)


def _in_use(session: Session, kind: str, count: int) -> Sequence[DatasetVersion]:
    query = select(DatasetVersion).where(DatasetVersion.kind == kind, DatasetVersion.undone_at.is_(None))
    return session.scalars(query.order_by(DatasetVersion.id.desc()).limit(count)).all()


def _version(one: DatasetVersion, is_current: bool) -> Version:
    return Version(
        id=one.id,
        kind=one.kind,
        source=one.source,
        source_version=one.source_version,
        as_of=one.as_of,
        imported_at=one.imported_at,
        row_count=one.row_count,
        is_current=is_current,
        undone_at=one.undone_at,
        undone_by=one.undone_by,
    )


def _values(row: SeatRow) -> dict[str, object]:
    return {column: getattr(row, column) for column in COLUMNS} | {"gone_at": None}
