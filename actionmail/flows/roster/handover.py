"""On the day when somebody elected takes office: they come in, and whoever was there is gone.

The roster has people elected and not seated beside those in office. A handover is an import of the rows that it has,
as they are on the new day: it has a version, and can be gone back on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from actionmail.db.roster import Correction, Legislator, lock_datasets
from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.importing import import_dataset
from actionmail.flows.roster.legislators import LegislatorsDataset, LegislatorsReport
from actionmail.flows.roster.reading import (
    CHAMBERS_OF,
    CONGRESS,
    PEOPLE,
    corrections_in_force,
    dataset_rows,
    stored_seats,
    without_corrections,
)
from actionmail.flows.roster.writing import write_rows
from actionmail.rules.roster.calendar import local_day
from actionmail.rules.roster.holders import (
    Listed,
    has_several,
    holders,
    person_key,
    person_of_key,
    vacancies,
    vacancies_beside,
)
from actionmail.rules.roster.seats import ELECTED, OF_THE_HOUSE, SeatRow


def hand_over(session: Session, *, now: datetime) -> int:
    """Let everybody in whose day has come where they sit, and those go whose term has ended; how many seats changed."""
    changed = 0
    for kind in (PEOPLE, CONGRESS):
        if not due(session, kind, now=now):
            continue
        lock_datasets(session)
        if due(session, kind, now=now):  # nobody else did it, or imported, while this waited
            report = _hand_over(session, kind, now=now)
            changed += len(report.added) + len(report.changed) + len(report.gone)
    return changed


def due(session: Session, kind: str, *, now: datetime) -> bool:
    """Whether somebody is to come in or to go."""
    latest = now.date()  # UTC: the states come to a day later
    query = select(Legislator.state, Legislator.status, Legislator.begins, Legislator.ends).where(
        Legislator.gone_at.is_(None),
        Legislator.chamber.in_(CHAMBERS_OF[kind]),
        or_(Legislator.begins <= latest, Legislator.ends < latest),
        or_(Legislator.status == ELECTED, Legislator.ends < latest),
    )
    for state, status, begins, ends in session.execute(query):
        today = local_day(state, now)
        if status == ELECTED and begins is not None and begins <= today:
            return True
        if ends is not None and ends < today:
            return True
    return False


def _hand_over(session: Session, kind: str, *, now: datetime) -> LegislatorsReport:
    rows = dataset_rows(session, kind)
    provenance = Provenance(
        source=f"handover of {now.date().isoformat()}",
        as_of=max(row.as_of for row in rows),
    )
    dataset = LegislatorsDataset(rows=rows_at(rows, now), kind=kind, whole=True)
    # confirmed: the people were looked at when they were imported
    report = import_dataset(session, dataset, provenance, now=now, confirmed=True)
    _carry_over(session, kind, rows, provenance.source, now=now)
    return report


def _carry_over(session: Session, kind: str, before: Sequence[SeatRow], by: str, *, now: datetime) -> None:
    """What staff said of somebody elected holds of them in office, in the place of what they said of the seat before.

    What they said of the mailbox, phone or website of a house that was left ends with it. `before` are the rows from
    before the handover; who still waits keeps theirs.
    """
    stored, corrections = stored_seats(session), corrections_in_force(session)
    rows = {row.key: row for row in without_corrections(stored, corrections, kind)}
    coming: list[Correction] = []
    for row in before:
        if row.status == ELECTED and row.key not in rows and person_key(row) in rows:
            coming += corrections.get(row.key, ())
    replaced = {(person_of_key(correction.legislator_key), correction.field) for correction in coming}
    replaced |= _of_houses_left(before, rows)
    over = [made for key in rows for made in corrections.get(key, ()) if (key, made.field) in replaced]
    if not (coming or over):
        return
    for correction in over:
        correction.ended_at, correction.ended_by = now, by
    session.flush()  # before another takes its place
    for correction in coming:
        correction.legislator_key = person_of_key(correction.legislator_key)
    session.flush()
    write_rows(session, rows, stored, corrections_in_force(session), kind, now=now)


def _of_houses_left(before: Sequence[SeatRow], rows: Mapping[str, SeatRow]) -> set[tuple[str, str]]:
    """By key and field, what belonged to the house that somebody left for another."""
    left = set()
    for row in before:
        after = rows.get(row.key)
        if after is not None and (after.state, after.chamber) != (row.state, row.chamber):
            left |= {(row.key, field) for field in OF_THE_HOUSE}
    return left


def rows_at(rows: Sequence[SeatRow], now: datetime) -> list[SeatRow]:
    """The rows as they are by now, in each state on its own day."""
    by_state: dict[str, list[SeatRow]] = {}
    for row in rows:
        by_state.setdefault(row.state, []).append(row)
    after: list[SeatRow] = []
    for state, of_state in by_state.items():
        after += on_day(of_state, local_day(state, now))
    return after


def on_day(rows: Sequence[SeatRow], day: date) -> list[SeatRow]:
    """A state's rows as they are on a day that has come."""
    people: dict[str, list[SeatRow]] = {}
    vacant = []
    for row in rows:
        if row.status == "vacant":
            vacant.append(row)
        else:
            people.setdefault(person_key(row), []).append(row)
    seats = holders([_listed(terms, day) for terms in people.values()], day)
    arrived = {person_key(row) for row in rows if row.status == ELECTED}
    still_vacant = _not_filled(vacant, seats.sitting, arrived)
    after = [*seats.sitting, *seats.waiting, *still_vacant]
    after += vacancies([*seats.left, *seats.waiting], [*seats.sitting, *still_vacant])
    return [*after, *vacancies_beside(rows, after)]


def _not_filled(vacant: Iterable[SeatRow], sitting: Sequence[SeatRow], arrived: set[str]) -> list[SeatRow]:
    """The vacancies that stay: where a district has several seats, one goes for each who came, not for those there."""
    held = {row.seat for row in sitting}
    filled = Counter(row.seat for row in sitting if row.key in arrived)
    staying = []
    for row in vacant:
        if row.seat not in held or (has_several(row) and filled[row.seat] == 0):
            staying.append(row)
        else:
            filled[row.seat] -= 1
    return staying


def _listed(terms: Sequence[SeatRow], day: date) -> Listed:
    holds, later, left = [], [], []
    for row in terms:
        if row.status == ELECTED and (row.begins is None or row.begins > day):
            later.append(row)
        elif row.ends is not None and row.ends < day:
            left.append(row)
        else:
            key = person_key(row)
            is_so = row.key == key and row.status == "sitting"  # as nearly all are
            holds.append(row if is_so else replace(row, key=key, status="sitting"))
    return Listed(file="", holds=holds, will_hold=later, left=left)
