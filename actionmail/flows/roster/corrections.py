"""What staff mend in the roster by hand.

A correction stands against every later import and undo until somebody withdraws it. It says who made it, when and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.roster import Correction, Legislator, lock_datasets
from actionmail.flows.roster.dataset_versions import Curator
from actionmail.flows.roster.reading import (
    LARGEST_ID,
    StoredSeat,
    corrections_in_force,
    kind_of_seat,
    seat_row,
    stored_alike,
    stored_seats,
    without_corrections,
)
from actionmail.flows.roster.writing import write_rows
from actionmail.flows.staff.audit import record
from actionmail.rules.replacing import replace
from actionmail.rules.roster.seats import CORRECTABLE, SeatRow, clean, fault
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

LONGEST_REASON = 500
_LONGEST_NAME = 254
_SHOWN_KEY = 120


class CorrectionRefused(ValueError):
    """A correction cannot be made so. `field` is what it is about: field, value, why or by.

    The codes and their values: unknown_field; vacant_seat; unusable_value (what, fault); not_corrected (what,
    key); reason_missing; reason_too_long (length); name_missing; and of UnknownLegislator, unknown_legislator (key).
    """

    def __init__(self, code: str, field: str = "value", **values: Any) -> None:
        self.code, self.field = code, field
        self.values: Mapping[str, Any] = values
        super().__init__(code, values)


class UnknownLegislator(CorrectionRefused):
    """Nobody in office has this key."""


class MadeCorrection(Struct, frozen=True, kw_only=True):
    """One correction, in force or withdrawn."""

    key: str
    field: str
    value: str
    replaced: str
    why: str
    made_by: str
    made_at: datetime
    ended_by: str
    ended_at: datetime | None


class SeatDetail(Struct, frozen=True, kw_only=True):
    """One seat with every correction there was, newest first."""

    id: int
    row: SeatRow
    gone_at: datetime | None
    corrections: list[MadeCorrection]

    @property
    def in_force(self) -> list[MadeCorrection]:
        return [made for made in self.corrections if made.ended_at is None]


class _Roster(Struct, frozen=True, kw_only=True):
    """Those rows of the roster that a correction may change, as they are stored and as the datasets have them."""

    kind: str
    stored: Mapping[str, StoredSeat]
    rows: Mapping[str, SeatRow]


def correct(session: Session, key: str, field: str, value: str, *, why: str, curator: Curator) -> MadeCorrection:
    """Let `field` of this legislator be `value` from now on, whatever datasets say. Raises CorrectionRefused."""
    if field not in CORRECTABLE:
        raise CorrectionRefused("unknown_field", "field")
    why, curator, value = _reason(why), _named(curator), clean(value)
    roster = _read(session, key, value if field == "email" else "")
    row = roster.rows[key]
    if row.status == "vacant":
        raise CorrectionRefused("vacant_seat")
    changed: dict[str, Any] = {field: value}
    row_fault = fault(replace(row, **changed))
    if row_fault:
        raise CorrectionRefused("unusable_value", what=field, fault=row_fault)
    _end(session, key, field, curator)
    correction = Correction(
        legislator_key=key,
        field=field,
        value=value,
        replaced=getattr(row, field),
        was_malformed=row.email_note == "malformed",
        why=why,
        made_by=curator.by,
        made_at=curator.now,
        ended_by="",
        ended_at=None,
    )
    session.add(correction)
    _record(session, AuditAction.CORRECTED, key, field, why, curator)
    session.flush()
    made = _made(correction)
    _lay(session, roster, now=curator.now)
    return made


def withdraw(session: Session, key: str, field: str, *, why: str, curator: Curator) -> str:
    """Let the dataset's value stand again, and give it. Raises CorrectionRefused."""
    why, curator = _reason(why), _named(curator)
    roster = _read(session, key)
    if not _end(session, key, field, curator):
        raise CorrectionRefused("not_corrected", "field", what=field, key=key)
    _record(session, AuditAction.CORRECTION_WITHDRAWN, key, field, why, curator)
    session.flush()
    _lay(session, roster, now=curator.now)
    return str(getattr(roster.rows[key], field))


def in_force(session: Session) -> list[MadeCorrection]:
    """Every correction in force, newest first."""
    query = select(Correction).where(Correction.ended_at.is_(None)).order_by(Correction.id.desc())
    return [_made(correction) for correction in session.scalars(query)]


def seat_detail(session: Session, number: int) -> SeatDetail | None:
    """The seat with this id and its corrections; None where there is none."""
    holder = session.get(Legislator, number) if 0 < number <= LARGEST_ID else None
    if holder is None:
        return None
    query = select(Correction).where(Correction.legislator_key == holder.key).order_by(Correction.id.desc())
    return SeatDetail(
        id=holder.id,
        row=seat_row(holder),
        gone_at=holder.gone_at,
        corrections=[_made(correction) for correction in session.scalars(query)],
    )


def _read(session: Session, key: str, address: str = "") -> _Roster:
    """What the dataset holds of this legislator and of those at the same addresses, before and after.

    The datasets are locked until the transaction ends.
    """
    lock_datasets(session)
    seat = stored_seats(session, Legislator.key == key).get(key)
    if seat is None or seat.is_gone:
        raise UnknownLegislator("unknown_legislator", key=key[:_SHOWN_KEY])
    of_dataset = [made.replaced for made in corrections_in_force(session, [key]).get(key, ()) if made.field == "email"]
    stored = stored_alike(session, seat, [address, *of_dataset])
    kind = kind_of_seat(seat.row)
    rows = without_corrections(stored, corrections_in_force(session, stored.keys()), kind)
    return _Roster(kind=kind, stored=stored, rows={row.key: row for row in rows})


def _lay(session: Session, roster: _Roster, *, now: datetime) -> None:
    """Lay the corrections that are in force by now over these rows."""
    corrections = corrections_in_force(session, roster.stored.keys())
    write_rows(session, roster.rows, roster.stored, corrections, roster.kind, now=now)


def _end(session: Session, key: str, field: str, curator: Curator) -> bool:
    query = select(Correction).where(
        Correction.legislator_key == key, Correction.field == field, Correction.ended_at.is_(None)
    )
    correction = session.scalars(query).one_or_none()
    if correction is None:
        return False
    correction.ended_at, correction.ended_by = curator.now, curator.by
    session.flush()
    return True


def _record(session: Session, action: AuditAction, key: str, field: str, why: str, curator: Curator) -> None:
    details = {"field": field, "reason": why}
    record(session, action, ObjectKind.LEGISLATOR, key, by=curator.staff_id, now=curator.now, **details)


def _reason(text: str) -> str:
    why = clean(text)
    if not why:
        raise CorrectionRefused("reason_missing", "why")
    if len(why) > LONGEST_REASON:
        raise CorrectionRefused("reason_too_long", "why", length=len(why), longest=LONGEST_REASON)
    return why


def _named(curator: Curator) -> Curator:
    by = clean(curator.by)
    if not by or len(by) > _LONGEST_NAME:
        raise CorrectionRefused("name_missing", "by", longest=_LONGEST_NAME)
    return replace(curator, by=by)


def _made(correction: Correction) -> MadeCorrection:
    return MadeCorrection(
        key=correction.legislator_key,
        field=correction.field,
        value=correction.value,
        replaced=correction.replaced,
        why=correction.why,
        made_by=correction.made_by,
        made_at=correction.made_at,
        ended_by=correction.ended_by,
        ended_at=correction.ended_at,
    )
