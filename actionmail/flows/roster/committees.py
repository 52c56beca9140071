"""Committees and their members, replaced by newer ones as the roster is."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from actionmail.db.bulk import insert_rows, update_rows
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.roster.dataset_versions import Provenance, Snapshot, is_another
from actionmail.flows.roster.importing import DatasetReport, Proposal, is_too_many, refuse_older
from actionmail.rules.roster.committees import CommitteeRow, MemberRow, from_csv, in_order, to_csv
from actionmail.rules.roster.doubts import Doubt, doubt

COMMITTEES = "committees"
FILE = "committees.csv.gz"  # below the data folder: what else holds these rows
_COLUMNS = ("key", "state", "chamber", "name", "parent_key", "website", "source", "as_of")
_IN_ONE_STATEMENT = 500  # SQLite takes no more than so many values

Rows = Mapping[str, CommitteeRow]  # by key


class CommitteeDifference(Struct, frozen=True, kw_only=True):
    """What is added, changed and gone; of what changed, the rows afterwards."""

    added: list[CommitteeRow]
    changed: list[CommitteeRow]
    gone: list[CommitteeRow]


@dataclass(frozen=True, kw_only=True)
class CommitteesReport(DatasetReport):
    """What an import of committees did or would do."""

    as_of: date
    added: list[CommitteeRow]
    changed: list[CommitteeRow]
    gone: list[CommitteeRow]
    committees: int
    members: int
    strangers: int  # members whom the roster does not know
    packed: bytes  # all committees afterwards, as CSV

    @property
    def file(self) -> bytes:
        """What FILE is to hold."""
        return committees_file(self.packed)


class CommitteesDataset(Struct, frozen=True, kw_only=True):
    """Rows that are to be the committees of the states they speak of; other states stay."""

    rows: Sequence[CommitteeRow]
    kind: str = COMMITTEES

    def propose(self, session: Session, provenance: Provenance, *, now: datetime) -> Proposal[CommitteesReport]:
        states = {row.state for row in self.rows}
        held = _held(session)
        before = {key: row for key, row in held.items() if row.state in states}
        refuse_older(COMMITTEES, [row.as_of for row in before.values()], provenance.as_of)
        mine = {row.key: row for row in self.rows}
        after = {key: row for key, row in held.items() if key not in before} | mine
        difference = compare(before, mine)
        packed = to_csv(after.values())
        snapshot = Snapshot(packed=packed, sha256=hashlib.sha256(packed).hexdigest(), row_count=len(after))
        is_new = is_another(session, COMMITTEES, snapshot.sha256)
        report = CommitteesReport(
            as_of=provenance.as_of,
            added=difference.added,
            changed=difference.changed,
            gone=difference.gone,
            committees=len(mine),
            members=sum(len(row.members) for row in self.rows),
            strangers=_strangers(session, self.rows),
            doubts=_doubts(before, difference.gone),
            is_new_version=is_new,
            packed=packed,
        )
        return Proposal(
            report=report,
            versions=[(snapshot, provenance)] if is_new else [],
            write=lambda: _write(session, held, after, now=now),
        )


def revert_committees(
    session: Session, snapshot: bytes, name: str, *, now: datetime, dry_run: bool
) -> CommitteeDifference:
    """Put the committees of `snapshot`, which `name` names, back."""
    before, after = _held(session), {row.key: row for row in from_csv(snapshot, name)}
    if not dry_run:
        _write(session, before, after, now=now)
    return compare(before, after)


def committees_file(packed: bytes) -> bytes:
    """What FILE is to hold; the same committees give the same bytes."""
    return gzip.compress(packed, 9, mtime=0)


def compare(before: Rows, after: Rows) -> CommitteeDifference:
    """What is different; not the day and the commit of the dataset alone."""
    changed = []
    for row in in_order(after.values()):
        if row.key in before and _content(before[row.key]) != _content(row):
            changed.append(row)
    return CommitteeDifference(
        added=in_order(row for key, row in after.items() if key not in before),
        changed=changed,
        gone=in_order(row for key, row in before.items() if key not in after),
    )


def _content(row: CommitteeRow) -> CommitteeRow:
    return replace(row, source="", as_of=date.min)


def _strangers(session: Session, rows: Sequence[CommitteeRow]) -> int:
    known = set(session.scalars(select(Legislator.key).where(Legislator.gone_at.is_(None))))
    strangers = 0
    for row in rows:
        strangers += sum(member.key not in known for member in row.members)
    return strangers


def _doubts(before: Rows, gone: Sequence[CommitteeRow]) -> list[Doubt]:
    counts, lost = Counter(row.state for row in before.values()), Counter(row.state for row in gone)
    doubts = []
    for state, whole in sorted(counts.items()):
        if is_too_many(lost[state], whole):
            doubts.append(doubt("committees_gone", where=state, count=lost[state], whole=whole))
    return doubts


def _held(session: Session) -> dict[str, CommitteeRow]:
    """The committees that there are, read without building ORM rows."""
    seats = select(
        CommitteeMember.committee_id, CommitteeMember.legislator_key, CommitteeMember.name, CommitteeMember.role
    ).order_by(CommitteeMember.committee_id, CommitteeMember.place)
    members: dict[int, list[MemberRow]] = {}
    for committee_id, key, name, role in session.execute(seats):
        members.setdefault(committee_id, []).append(MemberRow(key=key, name=name, role=role))
    columns = [getattr(Committee, column) for column in _COLUMNS]
    held = {}
    for id_, *values in session.execute(select(Committee.id, *columns).where(Committee.gone_at.is_(None))):
        cells = dict(zip(_COLUMNS, values, strict=True))
        row = CommitteeRow(**cells, members=tuple(members.get(id_, ())))
        held[row.key] = row
    return held


def _write(session: Session, before: Rows, after: Rows, *, now: datetime) -> None:
    """Make `after` the committees. Members of what did not change are left alone."""
    ids = _ids(session)
    touched = [row for key, row in sorted(after.items()) if before.get(key) != row]
    gone = [ids[key] for key in before if key not in after]
    new = [row for row in touched if row.key not in ids]
    old = {ids[row.key]: row for row in touched if row.key in ids}
    insert_rows(session, Committee.__table__, _columns(new))
    if new:
        ids = _ids(session)
    update_rows(session, Committee.__table__, list(old), _columns(old.values()))
    update_rows(session, Committee.__table__, gone, {"gone_at": [now] * len(gone)})
    for some in _in_parts([*old, *gone]):
        session.execute(delete(CommitteeMember).where(CommitteeMember.committee_id.in_(some)))
    insert_rows(session, CommitteeMember.__table__, _seats({ids[row.key]: row.members for row in touched}))
    session.expire_all()


def _seats(members: Mapping[int, Sequence[MemberRow]]) -> dict[str, list[Any]]:
    """The columns of all members of these committees, which are given by id."""
    columns: dict[str, list[Any]] = {"committee_id": [], "place": [], "legislator_key": [], "name": [], "role": []}
    for committee_id, seats in members.items():
        columns["committee_id"] += [committee_id] * len(seats)
        columns["place"] += range(1, len(seats) + 1)
        columns["legislator_key"] += [seat.key for seat in seats]
        columns["name"] += [seat.name for seat in seats]
        columns["role"] += [seat.role for seat in seats]
    return columns


def _ids(session: Session) -> dict[str, int]:
    return {row.key: row.id for row in session.execute(select(Committee.key, Committee.id))}


def _in_parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _IN_ONE_STATEMENT):
        yield ids[start : start + _IN_ONE_STATEMENT]


def _columns(rows: Collection[CommitteeRow]) -> dict[str, list[Any]]:
    columns = {}
    for column in _COLUMNS:
        columns[column] = list(map(attrgetter(column), rows))
    return columns | {"gone_at": [None] * len(rows)}
