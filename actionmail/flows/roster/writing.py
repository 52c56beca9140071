"""The rows of a roster written into the table of legislators: whoever goes stays there, for the log.

A row of the table is one person in one house. Letters, pauses and rates are a row's, so whoever changes houses gets
another one: nothing goes to the one that they leave, and going back on the import gives it to them again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from actionmail.db.bulk import insert_rows, update_rows
from actionmail.db.roster import Legislator
from actionmail.flows.roster.reading import CHAMBERS_OF, CorrectionsByKey, StoredSeat, with_corrections
from actionmail.rules.roster.seats import COLUMNS, SeatRow, left_key

Rows = Mapping[str, SeatRow]  # by key
_TABLE = Legislator.__table__


def write_rows(
    session: Session,
    rows: Rows,
    stored: Mapping[str, StoredSeat],
    corrections: CorrectionsByKey,
    kind: str,
    *,
    now: datetime,
) -> None:
    """Make `rows`, with the corrections in force laid over them, the roster of this kind. Nobody else's rows change."""
    _remember_replaced(rows, corrections)
    after = {row.key: row for row in with_corrections(rows.values(), corrections)}
    changed = {key: row for key, row in after.items() if key not in stored or _differs(row, stored[key])}
    aside = {}
    for key, row in changed.items():
        if key in stored and _house(row) != _house(stored[key].row):
            aside[key] = stored[key]
    new: list[SeatRow] = []
    old: dict[int, SeatRow] = {}  # by id
    for key, row in sorted(changed.items()):
        seat = _left_before(row, stored) if key in aside else stored.get(key)
        if seat is None:
            new.append(row)
        else:
            old[seat.id] = row
    left = []
    for key in sorted(stored.keys() - after.keys()):
        if not stored[key].is_gone and stored[key].row.chamber in CHAMBERS_OF[kind]:
            left.append(stored[key].id)
    _step_aside(session, aside, now=now)
    insert_rows(session, _TABLE, _columns(new))
    update_rows(session, _TABLE, list(old), _columns(old.values()))
    update_rows(session, _TABLE, left, {"gone_at": [now] * len(left)})
    session.flush()
    session.expire_all()


def _differs(row: SeatRow, seat: StoredSeat) -> bool:
    return seat.is_gone or seat.row != row


def _house(row: SeatRow) -> tuple[str, str]:
    return row.state, row.chamber


def _left_before(row: SeatRow, stored: Mapping[str, StoredSeat]) -> StoredSeat | None:
    """The row of this person in this house, where they were in it before and left it for another."""
    for seat in stored.values():
        if seat.is_gone and _house(seat.row) == _house(row) and seat.row.key == left_key(row.key, seat.id):
            return seat
    return None


def _step_aside(session: Session, aside: Mapping[str, StoredSeat], *, now: datetime) -> None:
    """Rename these rows, so that the person's key is free, and have those that are not gone be gone."""
    by_being_gone: dict[bool, dict[int, str]] = {True: {}, False: {}}
    for key, seat in sorted(aside.items()):
        by_being_gone[seat.is_gone][seat.id] = left_key(key, seat.id)
    for is_gone, renamed in by_being_gone.items():
        columns: dict[str, list[Any]] = {"key": list(renamed.values())}
        if not is_gone:
            columns["gone_at"] = [now] * len(renamed)
        update_rows(session, _TABLE, list(renamed), columns)


def _remember_replaced(rows: Rows, corrections: CorrectionsByKey) -> None:
    """Let each correction know what the dataset says in its place, so that it can be withdrawn."""
    for key, row in rows.items():
        for correction in corrections.get(key, ()):
            correction.replaced = getattr(row, correction.field)
            if correction.field == "email":
                correction.was_malformed = row.email_note == "malformed"


def _columns(rows: Collection[SeatRow]) -> dict[str, list[Any]]:
    columns = {}
    for column in COLUMNS:
        columns[column] = list(map(attrgetter(column), rows))
    return columns | {"gone_at": [None] * len(rows)}
