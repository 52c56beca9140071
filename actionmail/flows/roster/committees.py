"""Committees and their members, replaced by newer ones as the roster is."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.roster import importing
from actionmail.rules.roster.committees import CommitteeRow, MemberRow, from_csv, in_order, to_csv

KIND = "committees"
FILE = "committees.csv.gz"  # what else holds these rows
_TOO_MANY = 0.10
_COLUMNS = ("key", "state", "chamber", "name", "parent_key", "website", "source", "as_of")


class SuspiciousCommittees(Exception):
    """An import that somebody should look at first was not confirmed; `str()` is the sentence."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an import of committees, or its undoing, did or would do."""

    as_of: date
    added: list[CommitteeRow]
    changed: list[tuple[CommitteeRow, CommitteeRow]]  # before, after
    gone: list[CommitteeRow]
    committees: int
    members: int
    strangers: int  # members whom the roster does not know
    doubts: list[str]
    is_new_version: bool
    packed: bytes  # all committees afterwards, as CSV

    @property
    def file(self) -> bytes:
        """What FILE is to hold; the same committees give the same bytes."""
        return gzip.compress(self.packed, 9, mtime=0)


def import_committees(
    session: Session,
    rows: Sequence[CommitteeRow],
    *,
    source: str,
    source_version: str,
    licence: str,
    as_of: date,
    now: datetime,
    confirmed: bool = False,
    dry_run: bool = False,
) -> Report:
    """Make `rows` the committees of the states they speak of. The same rows again change nothing.

    Raises directory.OlderDataset, and SuspiciousCommittees where there are doubts and nobody `confirmed`.
    """
    states = {row.state for row in rows}
    held = _held(session)
    before = {key: row for key, row in held.items() if row.state in states}
    newest = max((row.as_of for row in before.values()), default=date.min)
    if newest > as_of:
        raise importing.OlderDataset(
            f"The committees in the database are as of {newest.isoformat()}; these, as of {as_of.isoformat()}, are "
            "older. Nothing was changed."
        )
    after = {key: row for key, row in held.items() if key not in before} | {row.key: row for row in rows}
    packed = to_csv(after.values())
    sha256 = hashlib.sha256(packed).hexdigest()
    latest = importing.latest_version(session, KIND)
    is_new = latest is None or latest.sha256 != sha256
    report = _report(session, before, {row.key: row for row in rows}, as_of, is_new, packed)
    if dry_run:
        return report
    if report.doubts and not confirmed:
        raise SuspiciousCommittees(
            "This import needs a second look, and nothing was changed: " + " ".join(report.doubts)
        )
    _write(session, after, now)
    if is_new:
        importing.keep_version(
            session,
            KIND,
            packed,
            source=source,
            source_version=source_version,
            licence=licence,
            as_of=as_of,
            now=now,
            row_count=len(after),
            sha256=sha256,
        )
    session.flush()
    return report


def undo(
    session: Session, *, by: str, now: datetime, staff_id: int | None = None, dry_run: bool = False
) -> tuple[importing.Version, importing.Version, Report]:
    """Go back to the committees before the last import: what was undone, what is in force, what changed."""
    undone, restored, packed = importing.begin_undo(session, KIND, by=by, now=now, staff_id=staff_id, dry_run=dry_run)
    before, after = _held(session), {row.key: row for row in from_csv(packed, f"version {restored.id}")}
    report = _report(session, before, after, restored.as_of, False, packed)
    if not dry_run:
        _write(session, after, now)
        session.flush()
    return undone, restored, report


def _report(
    session: Session,
    before: dict[str, CommitteeRow],
    after: dict[str, CommitteeRow],
    as_of: date,
    is_new: bool,
    packed: bytes,
) -> Report:
    known = set(session.scalars(select(Legislator.key).where(Legislator.gone_at.is_(None))))
    gone = in_order(row for key, row in before.items() if key not in after)
    counts, lost = Counter(row.state for row in before.values()), Counter(row.state for row in gone)
    return Report(
        as_of=as_of,
        added=in_order(row for key, row in after.items() if key not in before),
        changed=[
            (before[row.key], row)
            for row in in_order(after.values())
            if row.key in before and _said(before[row.key]) != _said(row)
        ],
        gone=gone,
        committees=len(after),
        members=sum(len(row.members) for row in after.values()),
        strangers=sum(member.key not in known for row in after.values() for member in row.members),
        doubts=[
            f"{state}: {lost[state]} of {count} committees would be gone ({lost[state] * 100 // count} %)."
            for state, count in sorted(counts.items())
            if lost[state] > 2 and lost[state] > _TOO_MANY * count
        ],
        is_new_version=is_new,
        packed=packed,
    )


def _said(row: CommitteeRow) -> CommitteeRow:
    """What counts as a change: not the day and the commit of the dataset alone."""
    return replace(row, source="", as_of=date.min)


def _held(session: Session) -> dict[str, CommitteeRow]:
    members: dict[int, list[MemberRow]] = {}
    for one in session.scalars(select(CommitteeMember).order_by(CommitteeMember.committee_id, CommitteeMember.place)):
        members.setdefault(one.committee_id, []).append(MemberRow(key=one.legislator_key, name=one.name, role=one.role))
    return {
        one.key: CommitteeRow(
            **{column: getattr(one, column) for column in _COLUMNS}, members=tuple(members.get(one.id, ()))
        )
        for one in session.scalars(select(Committee).where(Committee.gone_at.is_(None)))
    }


def _write(session: Session, after: dict[str, CommitteeRow], now: datetime) -> None:
    """Make `after` the committees. Members of what did not change are left alone."""
    before = _held(session)
    ids = _ids(session)
    touched = [row for key, row in sorted(after.items()) if before.get(key) != row]
    gone = [key for key in before if key not in after]
    new = [_values(row) for row in touched if row.key not in ids]
    old = [_values(row) | {"id": ids[row.key]} for row in touched if row.key in ids]
    if new:
        session.execute(insert(Committee), new)
        ids = _ids(session)
    if old:
        session.execute(update(Committee), old)
    if gone:
        session.execute(update(Committee), [{"id": ids[key], "gone_at": now} for key in gone])
    for some in _in_parts([ids[row.key] for row in touched] + [ids[key] for key in gone]):
        session.execute(delete(CommitteeMember).where(CommitteeMember.committee_id.in_(some)))
    seats = [
        {
            "committee_id": ids[row.key],
            "place": place,
            "legislator_key": member.key,
            "name": member.name,
            "role": member.role,
        }
        for row in touched
        for place, member in enumerate(row.members, 1)
    ]
    if seats:
        session.execute(insert(CommitteeMember), seats)
    session.expire_all()


def _ids(session: Session) -> dict[str, int]:
    return {row.key: row.id for row in session.execute(select(Committee.key, Committee.id))}


def _in_parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


def _values(row: CommitteeRow) -> dict[str, object]:
    return {column: getattr(row, column) for column in _COLUMNS} | {"gone_at": None}
