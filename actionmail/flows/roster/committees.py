"""Committees and their members, replaced by newer ones as the roster is."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

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


@dataclass(frozen=True, kw_only=True)
class CommitteeDifference:
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


@dataclass(frozen=True, kw_only=True)
class CommitteesDataset:
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
    gone = [key for key in before if key not in after]
    new = [_values(row) for row in touched if row.key not in ids]
    old = [_values(row) | {"id": ids[row.key]} for row in touched if row.key in ids]
    known = [ids[row.key] for row in touched if row.key in ids] + [ids[key] for key in gone]
    if new:
        session.execute(insert(Committee.__table__), new)  # type: ignore[arg-type]
        ids = _ids(session)
    if old:
        session.execute(update(Committee), old)
    if gone:
        session.execute(update(Committee), [{"id": ids[key], "gone_at": now} for key in gone])
    for some in _in_parts(known):
        session.execute(delete(CommitteeMember).where(CommitteeMember.committee_id.in_(some)))
    seats = []
    for row in touched:
        seats += _seats(ids[row.key], row)
    if seats:
        session.execute(insert(CommitteeMember.__table__), seats)  # type: ignore[arg-type]
    session.expire_all()


def _seats(committee_id: int, row: CommitteeRow) -> list[dict[str, object]]:
    seats: list[dict[str, object]] = []
    for place, member in enumerate(row.members, 1):
        seats.append(
            {
                "committee_id": committee_id,
                "place": place,
                "legislator_key": member.key,
                "name": member.name,
                "role": member.role,
            }
        )
    return seats


def _ids(session: Session) -> dict[str, int]:
    return {row.key: row.id for row in session.execute(select(Committee.key, Committee.id))}


def _in_parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _IN_ONE_STATEMENT):
        yield ids[start : start + _IN_ONE_STATEMENT]


def _values(row: CommitteeRow) -> dict[str, object]:
    return {column: getattr(row, column) for column in _COLUMNS} | {"gone_at": None}
