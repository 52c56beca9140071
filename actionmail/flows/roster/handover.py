"""On the day when somebody elected takes office: they come in, and whoever was there is gone.

The roster has people elected and not seated beside those in office. A handover is an import of the rows that it has,
as they are on the new day: it has a version, and can be gone back on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from actionmail.db.roster import Legislator, lock_datasets
from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.importing import import_dataset
from actionmail.flows.roster.legislators import LegislatorsDataset, LegislatorsReport
from actionmail.flows.roster.reading import CHAMBERS_OF, CONGRESS, PEOPLE, dataset_rows
from actionmail.rules.roster.calendar import local_day
from actionmail.rules.roster.holders import Listed, holders, person_key, vacancies
from actionmail.rules.roster.seats import ELECTED, SeatRow


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
    after: list[SeatRow] = []
    for state in sorted({row.state for row in rows}):
        after += on_day([row for row in rows if row.state == state], local_day(state, now))
    provenance = Provenance(
        source=f"handover of {now.date().isoformat()}",
        as_of=max(row.as_of for row in rows),
    )
    dataset = LegislatorsDataset(rows=after, kind=kind, whole=True)
    # confirmed: the people were looked at when they were imported
    return import_dataset(session, dataset, provenance, now=now, confirmed=True)


def on_day(rows: Iterable[SeatRow], day: date) -> list[SeatRow]:
    """A state's rows as they are on a day that has come."""
    people: dict[str, list[SeatRow]] = {}
    vacant = []
    for row in rows:
        if row.status == "vacant":
            vacant.append(row)
        else:
            people.setdefault(person_key(row), []).append(row)
    found = holders([_listed(terms, day) for terms in people.values()], day)
    held = {row.seat for row in found.sitting}
    still_vacant = [row for row in vacant if row.seat not in held]
    after = [*found.sitting, *found.waiting, *still_vacant]
    return [*after, *vacancies([*found.left, *found.waiting], [*found.sitting, *still_vacant])]


def _listed(terms: Sequence[SeatRow], day: date) -> Listed:
    holds, later, left = [], [], []
    for row in terms:
        if row.status == ELECTED and (row.begins is None or row.begins > day):
            later.append(row)
        elif row.ends is not None and row.ends < day:
            left.append(row)
        else:
            holds.append(replace(row, key=person_key(row), status="sitting"))
    return Listed(file="", holds=holds, will_hold=later, left=left)
