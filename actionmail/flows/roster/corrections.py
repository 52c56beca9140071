"""What staff mend in the roster by hand, and the pages they do it on.

A correction stands against every later import and undo until somebody withdraws it. It says who made it, when and why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from actionmail.db.roster import Correction, Legislator
from actionmail.flows.roster import importing
from actionmail.flows.staff.audit import record
from actionmail.rules.districts.zip_districts import FEDERAL_CHAMBERS
from actionmail.rules.roster.seats import CORRECTABLE, SeatRow, clean, fault, in_order
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

PAGE_SIZE = 50
LONGEST_REASON = 500
_LARGEST_ID = 2**31 - 1


class CorrectionRefused(ValueError):
    """A correction cannot be made so. `str()` is the sentence, `field` what it is about: field, value, why or by."""

    def __init__(self, sentence: str, field: str = "value") -> None:
        self.field = field
        super().__init__(sentence)


class UnknownLegislator(CorrectionRefused):
    """Nobody in office has this key."""


@dataclass(frozen=True, kw_only=True)
class Made:
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


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the roster page."""

    id: int
    row: SeatRow
    is_corrected: bool


@dataclass(frozen=True, kw_only=True)
class Page:
    """Problems first: malformed, missing, shared and personal addresses, then everybody else by seat."""

    lines: list[Line]
    total: int
    number: int

    @property
    def count(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, kw_only=True)
class Detail:
    """One seat with every correction there was, newest first."""

    id: int
    row: SeatRow
    gone_at: datetime | None
    corrections: list[Made]

    @property
    def in_force(self) -> list[Made]:
        return [made for made in self.corrections if made.ended_at is None]


def correct(
    session: Session,
    key: str,
    field: str,
    value: str,
    *,
    why: str,
    by: str,
    now: datetime,
    staff_id: int | None = None,
) -> Made:
    """Let `field` of this legislator be `value` from now on, whatever datasets say. Raises CorrectionRefused."""
    if field not in CORRECTABLE:
        raise CorrectionRefused(f"Choose what to correct: one of {', '.join(CORRECTABLE)}.", "field")
    why, by, value = _reason(why), _who(by), clean(value)
    kind, rows, row = _roster(session, key)
    if row.status == "vacant":
        raise CorrectionRefused("This seat is vacant. A dataset that names its new holder fills it.")
    changed: dict[str, Any] = {field: value}
    wrong = fault(replace(row, **changed))
    if wrong:
        raise CorrectionRefused(f"This cannot be the {field}: {wrong[1]}.")
    _end(session, key, field, by=by, now=now)
    made = Correction(
        legislator_key=key,
        field=field,
        value=value,
        replaced=getattr(row, field),
        was_malformed=row.email_note == "malformed",
        why=why,
        made_by=by,
        made_at=now,
        ended_by="",
        ended_at=None,
    )
    session.add(made)
    details = {"field": field, "reason": why}
    record(session, AuditAction.CORRECTED, ObjectKind.LEGISLATOR, key, by=staff_id, now=now, **details)
    session.flush()
    done = _made(made)
    importing.lay_corrections(session, rows, kind, now=now)
    return done


def withdraw(
    session: Session, key: str, field: str, *, why: str, by: str, now: datetime, staff_id: int | None = None
) -> str:
    """Let the dataset's value stand again, and give it. Raises CorrectionRefused."""
    why, by = _reason(why), _who(by)
    kind, rows, row = _roster(session, key)
    if not _end(session, key, field, by=by, now=now):
        raise CorrectionRefused(f"No correction of the {field} of {key} is in force.", "field")
    details = {"field": field, "reason": why}
    record(session, AuditAction.CORRECTION_WITHDRAWN, ObjectKind.LEGISLATOR, key, by=staff_id, now=now, **details)
    session.flush()
    importing.lay_corrections(session, rows, kind, now=now)
    return str(getattr(row, field))


def in_force(session: Session) -> list[Made]:
    """Every correction in force, newest first."""
    query = select(Correction).where(Correction.ended_at.is_(None)).order_by(Correction.id.desc())
    return [_made(one) for one in session.scalars(query)]


def page(session: Session, *, words: str = "", state: str = "", only: str = "", number: int = 1) -> Page:
    """The roster by what was asked: part of a name, seat or address; a state; `only` "problems" or "corrected"."""
    corrected = set(session.scalars(select(Correction.legislator_key).where(Correction.ended_at.is_(None))))
    conditions: list[ColumnElement[bool]] = [Legislator.gone_at.is_(None)]
    for word in clean(words).split()[:8]:
        if word.isdecimal():
            conditions.append(Legislator.district == word)
        else:
            texts = (Legislator.name, Legislator.email, Legislator.district)
            conditions.append(or_(Legislator.key == word, *(text.icontains(word, autoescape=True) for text in texts)))
    if state:
        conditions.append(Legislator.state == state)
    if only == "problems":
        conditions.append(Legislator.email_note != "")
    if only == "corrected":
        conditions.append(Legislator.key.in_(corrected))
    if only == "vacant":
        conditions.append(Legislator.status == "vacant")
    query = select(Legislator).where(*conditions)
    found = {one.key: one for one in session.scalars(query)}
    notes = ("malformed", "missing", "shared", "personal", "")
    rows = sorted(
        in_order(importing.seat_row(one) for one in found.values()), key=lambda row: notes.index(row.email_note)
    )
    number = max(1, min(number, -(-len(rows) // PAGE_SIZE) or 1))
    shown = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return Page(
        lines=[Line(id=found[row.key].id, row=row, is_corrected=row.key in corrected) for row in shown],
        total=len(rows),
        number=number,
    )


def detail(session: Session, number: int) -> Detail | None:
    one = session.get(Legislator, number) if 0 < number <= _LARGEST_ID else None
    if one is None:
        return None
    query = select(Correction).where(Correction.legislator_key == one.key).order_by(Correction.id.desc())
    return Detail(
        id=one.id,
        row=importing.seat_row(one),
        gone_at=one.gone_at,
        corrections=[_made(made) for made in session.scalars(query)],
    )


def _roster(session: Session, key: str) -> tuple[str, list[SeatRow], SeatRow]:
    """The kind of dataset this legislator is in, its rows as the dataset has them, and the legislator's."""
    chamber = session.scalar(select(Legislator.chamber).where(Legislator.key == key, Legislator.gone_at.is_(None)))
    if chamber is None:
        raise UnknownLegislator(
            f"Nobody in office has the key {key[:120]!r}; the roster page and legislators.csv show keys."
        )
    kind = importing.CONGRESS if chamber in FEDERAL_CHAMBERS else importing.KIND
    rows = importing.dataset_rows(session, kind)
    return kind, rows, next(row for row in rows if row.key == key)


def _end(session: Session, key: str, field: str, *, by: str, now: datetime) -> bool:
    ended = session.scalars(
        select(Correction).where(
            Correction.legislator_key == key, Correction.field == field, Correction.ended_at.is_(None)
        )
    ).one_or_none()
    if ended is None:
        return False
    ended.ended_at, ended.ended_by = now, by
    session.flush()
    return True


def _reason(text: str) -> str:
    why = clean(text)
    if not why:
        raise CorrectionRefused("Say why, in a few words: colleagues will want to know.", "why")
    if len(why) > LONGEST_REASON:
        raise CorrectionRefused(f"Say why in at most {LONGEST_REASON} characters; this has {len(why)}.", "why")
    return why


def _who(text: str) -> str:
    by = clean(text)
    if not by or len(by) > 254:
        raise CorrectionRefused("Say who makes this correction, in at most 254 characters.", "by")
    return by


def _made(one: Correction) -> Made:
    return Made(
        key=one.legislator_key,
        field=one.field,
        value=one.value,
        replaced=one.replaced,
        why=one.why,
        made_by=one.made_by,
        made_at=one.made_at,
        ended_by=one.ended_by,
        ended_at=one.ended_at,
    )
