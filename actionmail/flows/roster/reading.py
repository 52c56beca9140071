"""Who holds which seat: the roster as it is used, and as the datasets have it."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from actionmail.db.roster import Correction, Legislator
from actionmail.rules.districts.states import CHAMBERS, FEDERAL_CHAMBERS
from actionmail.rules.roster.seats import COLUMNS, ELECTED, SeatRow, clean, in_order, with_notes

PEOPLE = "people"
CONGRESS = "congress"
CHAMBERS_OF: Mapping[str, tuple[str, ...]] = {  # a kind's datasets speak of these chambers and of no others
    PEOPLE: CHAMBERS,
    CONGRESS: FEDERAL_CHAMBERS,
}
PAGE_SIZE = 50
LARGEST_ID = 2**31 - 1
_MOST_WORDS = 8  # of a search
_NOTES = ("malformed", "missing", "shared", "personal", "")  # the order in which staff see them

Seat = tuple[str, str, str]  # state, chamber, district
_Group = tuple[str, str]  # note, state: what the roster page shows together
CorrectionsByKey = dict[str, list[Correction]]  # those in force, by legislator


class StoredSeat(Struct, frozen=True, kw_only=True):
    """One row of the table of legislators."""

    id: int
    is_gone: bool
    row: SeatRow


class RosterLine(Struct, frozen=True, kw_only=True):
    """One line of the roster page."""

    id: int
    row: SeatRow
    is_corrected: bool


class RosterPage(Struct, frozen=True, kw_only=True):
    """Problems first: malformed, missing, shared and personal addresses, then everybody else by seat."""

    lines: list[RosterLine]
    total: int
    number: int

    @property
    def count(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def legislators_for(session: Session, state: str, seats: Iterable[tuple[str, str]]) -> list[Legislator]:
    """Today's holders of these (chamber, district) seats, in their order; vacant seats are rows of their own."""
    wanted = _distinct(seats)
    if not wanted:
        return []
    any_seat = [and_(Legislator.chamber == chamber, Legislator.district == district) for chamber, district in wanted]
    holders_by_seat: dict[tuple[str, str], list[Legislator]] = {}
    for holder in session.scalars(_today(state).where(or_(*any_seat))):
        holders_by_seat.setdefault((holder.chamber, holder.district), []).append(holder)
    return holders_of(holders_by_seat, wanted)


def seat_holders(session: Session, state: str) -> list[Legislator]:
    """Today's holders of all seats of a state, vacant seats too; by chamber and name."""
    query = _today(state).order_by(Legislator.chamber.desc(), Legislator.family_name, Legislator.id)
    return list(session.scalars(query))


def holders_of(
    by_seat: Mapping[tuple[str, str], Sequence[Legislator]], seats: Iterable[tuple[str, str]]
) -> list[Legislator]:
    """As `legislators_for`, of holders that were read before."""
    holders: list[Legislator] = []
    for seat in _distinct(seats):
        holders += sorted(by_seat.get(seat, ()), key=lambda holder: (holder.status, holder.family_name, holder.key))
    return holders


def _today(state: str) -> Select[Legislator]:
    return select(Legislator).where(
        Legislator.state == state, Legislator.gone_at.is_(None), Legislator.status != ELECTED
    )


def _distinct(seats: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(chamber, unicodedata.normalize("NFC", district)) for chamber, district in dict.fromkeys(seats)]


def legislator(session: Session, legislator_id: int) -> Legislator | None:
    """The legislator with this id, in office or gone."""
    return session.get(Legislator, legislator_id)


def roster_as_of(session: Session, kind: str = PEOPLE) -> date | None:
    """The day of the roster's oldest row."""
    query = select(func.min(Legislator.as_of))
    return session.scalar(query.where(Legislator.gone_at.is_(None), Legislator.chamber.in_(CHAMBERS_OF[kind])))


def seats_held(session: Session) -> set[Seat]:
    """Every seat of the states' houses that has a legislator or is known to be vacant."""
    query = select(Legislator.state, Legislator.chamber, Legislator.district).where(
        Legislator.gone_at.is_(None), Legislator.chamber.in_(CHAMBERS_OF[PEOPLE])
    )
    return {(state, chamber, district) for state, chamber, district in session.execute(query)}


def seat_row(holder: Legislator) -> SeatRow:
    """A legislator as a row of a dataset."""
    return SeatRow(**{column: getattr(holder, column) for column in COLUMNS})


def current_rows(session: Session, kind: str = PEOPLE) -> list[SeatRow]:
    """The roster in use, corrections laid over it, in order; read without building ORM rows."""
    query = select(*_columns()).where(Legislator.gone_at.is_(None), Legislator.chamber.in_(CHAMBERS_OF[kind]))
    return in_order(_row(values) for values in session.execute(query))


def stored_alike(session: Session, seat: StoredSeat, addresses: Collection[str]) -> dict[str, StoredSeat]:
    """A seat in office, and all others of its kind that are written to at its address or at one of these, by key.

    Whether an address is shared shows among these; so whoever changes one row need not read the whole roster.
    """
    alike = {address.lower() for address in (seat.row.email, *addresses) if address}
    others = stored_seats(
        session,
        Legislator.gone_at.is_(None),
        Legislator.chamber.in_(CHAMBERS_OF[kind_of_seat(seat.row)]),
        func.lower(Legislator.email).in_(alike),
    )
    return {seat.row.key: seat} | others


def kind_of_seat(row: SeatRow) -> str:
    """The kind of dataset that speaks of this seat."""
    return CONGRESS if row.chamber in CHAMBERS_OF[CONGRESS] else PEOPLE


def dataset_rows(session: Session, kind: str = PEOPLE) -> list[SeatRow]:
    """The roster as the datasets have it, without the corrections in force."""
    return without_corrections(stored_seats(session), corrections_in_force(session), kind)


def stored_seats(session: Session, *conditions: ColumnElement[bool]) -> dict[str, StoredSeat]:
    """Every legislator there is or was, or those of whom this holds, by key; read without building ORM rows."""
    stored = {}
    query = select(Legislator.id, Legislator.gone_at, *_columns()).where(*conditions).order_by(Legislator.id)
    for id_, gone_at, *values in session.execute(query):
        row = _row(values)
        stored[row.key] = StoredSeat(id=id_, is_gone=gone_at is not None, row=row)
    return stored


def corrections_in_force(session: Session, keys: Collection[str] | None = None) -> CorrectionsByKey:
    """The corrections in force, oldest first, by the legislator's key: all, or those of these legislators."""
    by_key: CorrectionsByKey = {}
    query = select(Correction).where(Correction.ended_at.is_(None)).order_by(Correction.id)
    if keys is not None:
        query = query.where(Correction.legislator_key.in_(keys))
    for correction in session.scalars(query):
        by_key.setdefault(correction.legislator_key, []).append(correction)
    return by_key


def without_corrections(stored: Mapping[str, StoredSeat], corrections: CorrectionsByKey, kind: str) -> list[SeatRow]:
    """What the datasets of this kind say today."""
    bare = []
    for seat in stored.values():
        row = seat.row
        if seat.is_gone or row.chamber not in CHAMBERS_OF[kind]:
            continue
        for correction in corrections.get(row.key, ()):
            replaced: dict[str, Any] = {correction.field: correction.replaced}
            if correction.field == "email":
                replaced["email_note"] = "malformed" if correction.was_malformed else ""
            row = replace(row, **replaced)
        bare.append(row)
    return with_notes(bare)


def with_corrections(rows: Iterable[SeatRow], corrections: CorrectionsByKey) -> list[SeatRow]:
    """The rows as they are to be used."""
    laid = []
    for row in rows:
        fields: dict[str, Any] = {correction.field: correction.value for correction in corrections.get(row.key, ())}
        if "email" in fields:
            fields["email_note"] = ""
        laid.append(replace(row, **fields) if fields else row)
    return with_notes(laid)


def roster_page(session: Session, *, words: str = "", state: str = "", only: str = "", number: int = 1) -> RosterPage:
    """The roster by what was asked.

    `words` are parts of a name, seat or address; `only` is "problems", "corrected", "vacant" or "elected"; `number`
    counts pages from 1, and one that is not there gives the nearest.
    """
    corrected = select(Correction.legislator_key).where(Correction.ended_at.is_(None))
    conditions: list[ColumnElement[bool]] = [Legislator.gone_at.is_(None), *_searched(words)]
    if state:
        conditions.append(Legislator.state == state)
    if only == "problems":
        conditions.append(Legislator.email_note != "")
    elif only == "corrected":
        conditions.append(Legislator.key.in_(corrected))
    elif only in {"vacant", ELECTED}:
        conditions.append(Legislator.status == only)
    fitting = _fitting(session, conditions) if words else {}
    groups = {group: len(ids) for group, ids in fitting.items()} if words else _groups(session, conditions)
    groups = {group: groups[group] for group in sorted(groups, key=_place)}
    total = sum(groups.values())
    number = max(1, min(number, -(-total // PAGE_SIZE) or 1))
    before, touched = _touched(groups, (number - 1) * PAGE_SIZE)
    if words:
        conditions = [Legislator.id.in_(chain.from_iterable(map(fitting.__getitem__, touched)))]
    else:
        conditions.append(tuple_(Legislator.email_note, Legislator.state).in_(touched))
    shown = _on_page(session, conditions, (number - 1) * PAGE_SIZE - before)
    mended = set(session.scalars(corrected.where(Correction.legislator_key.in_([row.key for row in shown.values()]))))
    lines = [RosterLine(id=id_, row=row, is_corrected=row.key in mended) for id_, row in shown.items()]
    return RosterPage(lines=lines, total=total, number=number)


def _groups(session: Session, conditions: Sequence[ColumnElement[bool]]) -> dict[_Group, int]:
    """How many there are of each group."""
    query = select(Legislator.email_note, Legislator.state, func.count()).where(*conditions)
    groups = {}
    for note, state, count in session.execute(query.group_by(Legislator.email_note, Legislator.state)):
        groups[note, state] = count
    return groups


def _fitting(session: Session, conditions: Sequence[ColumnElement[bool]]) -> dict[_Group, list[int]]:
    """The ids of each group: words are looked for in every row, so not once to count and once more to read.

    In the order of the ids, so that SQLite goes along the table instead of fetching each row by an index.
    """
    query = select(Legislator.email_note, Legislator.state, Legislator.id).where(*conditions).order_by(Legislator.id)
    groups: dict[_Group, list[int]] = {}
    for note, state, id_ in session.execute(query):
        groups.setdefault((note, state), []).append(id_)
    return groups


def _place(group: _Group) -> tuple[int, str]:
    """Where staff see it."""
    note, state = group
    return _NOTES.index(note), state


def _touched(groups: Mapping[_Group, int], first: int) -> tuple[int, list[_Group]]:
    """The groups of which the page that begins behind `first` others shows some, and how many stand before these."""
    begins = ends = before = 0
    touched: list[_Group] = []
    for group, count in groups.items():
        begins, ends = ends, ends + count
        if ends > first and begins < first + PAGE_SIZE:
            before = before if touched else begins
            touched.append(group)
    return before, touched


def _on_page(session: Session, conditions: Sequence[ColumnElement[bool]], first: int) -> dict[int, SeatRow]:
    """Of those of whom this holds the rows of the page that begins behind `first` others, by id."""
    by_key = {}
    for id_, *values in session.execute(select(Legislator.id, *_columns()).where(*conditions)):
        row = _row(values)
        by_key[row.key] = id_, row
    rows = in_order(row for _, row in by_key.values())
    rows.sort(key=lambda row: _NOTES.index(row.email_note))
    return {by_key[row.key][0]: row for row in rows[first : first + PAGE_SIZE]}


def _searched(words: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for word in clean(words).split()[:_MOST_WORDS]:
        if word.isdecimal():
            conditions.append(Legislator.district == word)
            continue
        texts = (Legislator.name, Legislator.email, Legislator.district)
        conditions.append(or_(Legislator.key == word, *(text.icontains(word, autoescape=True) for text in texts)))
    return conditions


def _columns() -> list[Any]:
    return [getattr(Legislator, column) for column in COLUMNS]


def _row(values: Row[Any] | list[Any]) -> SeatRow:
    return SeatRow(**dict(zip(COLUMNS, values, strict=True)))
