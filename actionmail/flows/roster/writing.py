"""The rows of a roster written into the table of legislators: whoever goes stays there, for the log.

A row of the table is one person in one house. Letters, pauses and rates are a row's, so whoever changes houses gets
another one: nothing goes to the one that they leave, and going back on the import gives it to them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from actionmail.db.roster import Legislator
from actionmail.flows.roster.reading import CHAMBERS_OF, CorrectionsByKey, StoredSeat, with_corrections
from actionmail.rules.roster.seats import COLUMNS, SeatRow, left_key

Rows = Mapping[str, SeatRow]  # by key


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
    aside = {key: stored[key] for key, row in after.items() if key in stored and _house(row) != _house(stored[key].row)}
    new, old, left = [], [], []
    for key, row in sorted(after.items()):
        seat = _left_before(row, stored) if key in aside else stored.get(key)
        if seat is None:
            new.append(_values(row))
        elif seat.is_gone or seat.row != row:
            old.append(_values(row) | {"id": seat.id})
    for key, seat in sorted(stored.items()):
        if key not in after and not seat.is_gone and seat.row.chamber in CHAMBERS_OF[kind]:
            left.append({"id": seat.id, "gone_at": now})
    _step_aside(session, aside, now=now)
    if new:
        session.execute(insert(Legislator.__table__), new)  # type: ignore[arg-type]
    for changed in (old, left):
        if changed:
            session.execute(update(Legislator), changed)
    session.flush()
    session.expire_all()


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
    renamed: dict[bool, list[dict[str, object]]] = {True: [], False: []}
    for key, seat in sorted(aside.items()):
        renamed[seat.is_gone].append({"id": seat.id, "key": left_key(key, seat.id)})
    for row in renamed[False]:
        row["gone_at"] = now
    for rows in renamed.values():
        if rows:
            session.execute(update(Legislator), rows)


def _remember_replaced(rows: Rows, corrections: CorrectionsByKey) -> None:
    """Let each correction know what the dataset says in its place, so that it can be withdrawn."""
    for key, row in rows.items():
        for correction in corrections.get(key, ()):
            correction.replaced = getattr(row, correction.field)
            if correction.field == "email":
                correction.was_malformed = row.email_note == "malformed"


def _values(row: SeatRow) -> dict[str, object]:
    return {column: getattr(row, column) for column in COLUMNS} | {"gone_at": None}
