"""The datasets of legislators, of the states and of Congress: replaced without losing anything in silence."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.roster import Legislator
from actionmail.flows.roster.dataset_versions import Provenance, Snapshot, is_another
from actionmail.flows.roster.importing import (
    DatasetReport,
    Proposal,
    doubts_of_day,
    is_too_many,
    refuse_older,
)
from actionmail.flows.roster.reading import (
    CHAMBERS_OF,
    CONGRESS,
    PEOPLE,
    CorrectionsByKey,
    corrections_in_force,
    stored_seats,
    without_corrections,
)
from actionmail.flows.roster.writing import Rows, write_rows
from actionmail.rules.roster.doubts import Doubt, doubt
from actionmail.rules.roster.holders import has_several, vacancies, vacancies_beside
from actionmail.rules.roster.seats import (
    ELECTED,
    NEVER_BLANKED,
    OF_THE_HOUSE,
    OF_THE_PERSON,
    DatasetError,
    SeatRow,
    fault,
    from_csv,
    in_order,
    of_the_person,
    to_csv,
    with_notes,
)

FILES = {PEOPLE: "legislators.csv", CONGRESS: "congress.csv"}  # below the data folder: what else holds these rows
_MARK = r"\b(\w+) (\d{4}-\d{2}-\d{2})"


class SeatChange(Struct, frozen=True, kw_only=True):
    """One row that an import changes, with what it was."""

    before: SeatRow
    after: SeatRow

    @property
    def columns(self) -> list[str]:
        return [c for c in OF_THE_PERSON if getattr(self.before, c) != getattr(self.after, c)]


class SeatDifference(Struct, frozen=True, kw_only=True):
    """Who is added, what changes in those who stay, and who is gone."""

    added: list[SeatRow]
    changed: list[SeatChange]
    gone: list[SeatRow]


class StandingCorrection(Struct, frozen=True, kw_only=True):
    """A correction in force, and what the dataset says in its place."""

    row: SeatRow
    field: str
    value: str
    dataset: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class LegislatorsReport(DatasetReport):
    """What an import of legislators did, or would do."""

    as_of: date
    states: list[str]
    added: list[SeatRow]
    changed: list[SeatChange]
    gone: list[SeatRow]
    rows: list[SeatRow]  # those of the dataset, as they are now, in order
    corrected: list[StandingCorrection]  # corrections by staff that stay in force
    roster: bytes  # the whole roster afterwards, as CSV

    @property
    def sitting(self) -> int:
        return sum(row.status == "sitting" for row in self.rows)

    @property
    def kept(self) -> list[SeatRow]:
        """An older phone, address or website stays: see `SeatRow.kept`."""
        return [row for row in self.rows if row.kept]

    @property
    def waiting(self) -> list[SeatRow]:
        """Elected and not seated: nobody writes to them before their day."""
        return [row for row in self.rows if row.status == ELECTED]

    @property
    def vacant(self) -> list[SeatRow]:
        return [row for row in self.rows if row.status == "vacant"]

    def noted(self, note: str) -> list[SeatRow]:
        """Those whose address is missing, malformed, shared or personal."""
        return [row for row in self.rows if row.email_note == note]


class LegislatorsDataset(Struct, frozen=True, kw_only=True):
    """Rows that are to be the roster of the states they speak of (all of the kind if `whole`); other states stay.

    Who is not in the rows any more is gone (`gone_at`), never deleted: the send log speaks of them. An e-mail address,
    phone or website that the rows lack but the database has is kept, with its date in `kept`, unless `blank_missing`.
    Corrections by staff stay in force. `doubts` are the reader's.
    """

    rows: Sequence[SeatRow]
    kind: str = PEOPLE
    whole: bool = False
    blank_missing: bool = False
    doubts: Sequence[Doubt] = ()

    def propose(self, session: Session, provenance: Provenance, *, now: datetime) -> Proposal[LegislatorsReport]:
        stored = stored_seats(session, Legislator.chamber.in_(CHAMBERS_OF[self.kind]))
        corrections = corrections_in_force(session)
        self._validate(_seats_elsewhere(session, self.kind), provenance.source)
        held = {row.key: row for row in without_corrections(stored, corrections, self.kind)}
        before = self._spoken_of(held)
        refuse_older(self.kind, [row.as_of for row in before.values()], provenance.as_of)
        left = _seats_left(before, self.rows, self.kind)
        everybody = self._with_others(held, before, left)
        mine = {row.key for row in (*self.rows, *left)}
        after = {key: row for key, row in everybody.items() if key in mine}
        difference, rows = compare(before, after), in_order(after.values())
        roster = to_csv(everybody.values())
        snapshot = Snapshot(packed=roster, sha256=hashlib.sha256(roster).hexdigest(), row_count=len(everybody))
        is_new = is_another(session, self.kind, snapshot.sha256)
        report = LegislatorsReport(
            as_of=provenance.as_of,
            states=sorted({row.state for row in self.rows}),
            added=difference.added,
            changed=difference.changed,
            gone=difference.gone,
            rows=rows,
            corrected=_standing(corrections, after),
            doubts=[
                *self.doubts,
                *doubts_of_day(provenance.as_of, now),
                *_doubts(before, difference, self.kind),
                *_of_other_chamber(difference, corrections),
                *_seats_lost(before, after),
                *_second_holders(before, rows, self.doubts),
            ],
            roster=roster,
            is_new_version=is_new,
        )
        return Proposal(
            report=report,
            versions=[(snapshot, provenance)] if is_new else [],
            write=lambda: write_rows(session, everybody, stored, corrections, self.kind, now=now),
        )

    def _validate(self, elsewhere: Mapping[str, str], source: str) -> None:
        seen: set[str] = set()
        if not self.rows:
            raise DatasetError(source, "no_legislator")
        for row in self.rows:
            row_fault = fault(row)
            if row_fault:
                raise DatasetError(source, row_fault.code, column=row_fault.column, within=row.seat, **row_fault.values)
            if row.chamber not in CHAMBERS_OF[self.kind]:
                raise DatasetError(source, "other_kind", column="chamber", seat=row.seat, kind=self.kind)
            if row.key in seen:
                raise DatasetError(source, "key_twice", key=row.key, seat=row.seat)
            seen.add(row.key)
            if row.key in elsewhere:
                raise DatasetError(source, "key_elsewhere", key=row.key, seat=elsewhere[row.key])

    def _spoken_of(self, held: Rows) -> Rows:
        """Those in the database whose states or keys are in this dataset."""
        states = {row.state for row in self.rows}
        keys = {row.key for row in self.rows}
        return {key: row for key, row in held.items() if self.whole or row.state in states or key in keys}

    def _with_others(self, held: Rows, before: Rows, left: Sequence[SeatRow]) -> Rows:
        """The whole roster afterwards, each address with its note."""
        others = [row for key, row in held.items() if key not in before]
        taken = list(self.rows)
        if not self.blank_missing:
            taken = [_keep(row, before.get(row.key)) for row in self.rows]
        return {row.key: row for row in with_notes([*others, *taken, *left])}


def _seats_elsewhere(session: Session, kind: str) -> dict[str, str]:
    """By key, the seats of everybody of whom datasets of another kind speak."""
    query = select(Legislator.key, Legislator.state, Legislator.chamber, Legislator.district)
    seats = {}
    for key, *seat in session.execute(query.where(Legislator.chamber.not_in(CHAMBERS_OF[kind]))):
        seats[key] = " ".join(seat)
    return seats


def revert_legislators(
    session: Session, kind: str, snapshot: bytes, name: str, *, now: datetime, dry_run: bool
) -> SeatDifference:
    """Put the rows of `snapshot`, which `name` names, back. Corrections by staff stay in force."""
    stored, corrections = stored_seats(session), corrections_in_force(session)
    before = {row.key: row for row in without_corrections(stored, corrections, kind)}
    after = {row.key: row for row in from_csv(snapshot, name)}
    if not dry_run:
        write_rows(session, after, stored, corrections, kind, now=now)
    return compare(before, after)


def compare(before: Rows, after: Rows) -> SeatDifference:
    """What is different, in the order of the seats."""
    changed = []
    for row in in_order(after.values()):
        if row.key in before and of_the_person(before[row.key]) != of_the_person(row):
            changed.append(SeatChange(before=before[row.key], after=row))
    return SeatDifference(
        added=in_order(row for key, row in after.items() if key not in before),
        changed=changed,
        gone=in_order(row for key, row in before.items() if key not in after),
    )


def _standing(corrections: CorrectionsByKey, rows: Rows) -> list[StandingCorrection]:
    standing = []
    for row in in_order(rows[key] for key in corrections if key in rows):
        for correction in corrections[row.key]:
            standing.append(
                StandingCorrection(
                    row=row,
                    field=correction.field,
                    value=correction.value,
                    dataset=getattr(row, correction.field),
                    made_by=correction.made_by,
                    made_at=correction.made_at,
                )
            )
    return standing


def _doubts(before: Rows, difference: SeatDifference, kind: str) -> list[Doubt]:
    """What a broken or a planted dataset would do, and a good one seldom."""

    def count(rows: Iterable[SeatRow]) -> Counter[str]:
        return Counter("Congress" if kind == CONGRESS else row.state for row in rows if row.status == "sitting")

    sitting, lost = count(before.values()), count(difference.gone)
    moved = [change for change in difference.changed if change.before.email and "email" in change.columns]
    readdressed = Counter("Congress" if kind == CONGRESS else change.after.state for change in moved)
    doubts = []
    for where, whole in sorted(sitting.items()):
        for number, code in ((lost[where], "legislators_gone"), (readdressed[where], "addresses_changed")):
            if is_too_many(number, whole):
                doubts.append(doubt(code, where=where, count=number, whole=whole))
    for change in moved:
        if change.after.email_note in {"shared", "personal"}:
            row = change.after
            doubts.append(doubt(f"address_{row.email_note}", seat=row.seat, name=row.name, email=row.email))
    return doubts


def _seats_lost(before: Rows, after: Rows) -> list[Doubt]:
    """Seats that nobody has any more, not even as vacant, since whoever had them has another in the same chamber."""
    known = {row.seat for row in after.values()}
    moved = []
    for old in before.values():
        if old.status == "sitting" and old.key in after and old.seat not in known:
            moved.append(old)
    doubts = []
    for old in in_order(moved):
        doubts.append(doubt("seat_lost", seat=old.seat, name=old.name, other_seat=after[old.key].seat))
    return doubts


def _second_holders(before: Rows, after: Iterable[SeatRow], known: Sequence[Doubt]) -> list[Doubt]:
    """Seats of one that come to have several holders; not those that the reader `known` of. `after` is in order."""
    known_seats = {str(reason.values["seat"]) for reason in known if reason.code in {"two_holders", "none_began_last"}}
    had = Counter(row.seat for row in before.values() if row.status == "sitting")
    by_seat: dict[str, list[SeatRow]] = {}
    for row in after:
        if row.status == "sitting" and not has_several(row) and row.seat not in known_seats:
            by_seat.setdefault(row.seat, []).append(row)
    doubts = []
    for seat, rows in by_seat.items():
        if len(rows) > max(1, had[seat]):
            doubts.append(doubt("second_holder", seat=seat, names=", ".join(row.name for row in rows)))
    return doubts


def _seats_left(before: Rows, rows: Sequence[SeatRow], kind: str) -> list[SeatRow]:
    """Vacancies of which the dataset does not speak: the seat of whoever is in another chamber now.

    The file of Congress never has a vacancy: a seat that somebody left, or that was vacant, is until somebody has it.
    """
    now = {row.key: row for row in rows}
    left = []
    for key, old in before.items():
        if key in now and old.status == "sitting" and old.chamber != now[key].chamber:
            left.append(old)
        if key not in now and old.status != ELECTED and kind == CONGRESS:
            left.append(old)
    after = [row for row in rows if row.status != ELECTED]
    after += vacancies(left, after)
    if kind == CONGRESS:
        after += vacancies_beside(before.values(), after)
    return [row for row in after if row.key not in now]


def _of_other_chamber(difference: SeatDifference, corrections: CorrectionsByKey) -> list[Doubt]:
    """The mailbox that somebody had in a chamber that they have left, as the dataset or as staff still say it."""
    doubts = []
    for change in difference.changed:
        row, old = change.after, change.before
        if row.chamber == old.chamber:
            continue
        if row.email and row.email == old.email:
            values = {"email": row.email, "other_seat": old.seat}
            doubts.append(doubt("mailbox_of_other_chamber", seat=row.seat, name=row.name, **values))
        for correction in corrections.get(row.key, ()):
            if correction.field in OF_THE_HOUSE:
                values = {"field": correction.field, "value": correction.value, "other_seat": old.seat}
                doubts.append(doubt("correction_of_other_chamber", seat=row.seat, name=row.name, **values))
    return doubts


def _keep(row: SeatRow, old: SeatRow | None) -> SeatRow:
    """The row with what only the database knows, and the day from which it is. A chamber's mailbox stays with it."""
    if old is None or (old.state, old.chamber) != (row.state, row.chamber):
        return row
    lacking = [column for column in NEVER_BLANKED if getattr(old, column) and not getattr(row, column)]
    if not lacking:
        return row
    if "phone" in lacking:  # with what tells where it rings
        row = replace(row, district_phone=row.district_phone or old.district_phone)
    since = dict(re.findall(_MARK, old.kept))
    marks = re.findall(_MARK, row.kept)
    for column in lacking:
        marks.append((column, since.get(column, old.as_of.isoformat())))
    written = ", ".join(" ".join(mark) for mark in marks)
    return replace(row, kept=written, **{column: getattr(old, column) for column in lacking})
