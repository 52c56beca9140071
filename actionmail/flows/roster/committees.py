"""Committees and their members, replaced by newer ones as the roster is."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby, zip_longest
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import bindparam, delete, select
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

_LEFT = delete(CommitteeMember).where(
    CommitteeMember.committee_id == bindparam("committee"), CommitteeMember.place == bindparam("number")
)

Rows = Mapping[str, CommitteeRow]  # by key
_Place = tuple[int, int]  # a committee's id, and the place of one of its members


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
    members = {}
    for committee_id, rows in groupby(session.execute(seats), itemgetter(0)):
        members[committee_id] = tuple(MemberRow(*member) for _, *member in rows)
    columns = [getattr(Committee, column) for column in _COLUMNS]
    held = {}
    for id_, *values in session.execute(select(Committee.id, *columns).where(Committee.gone_at.is_(None))):
        cells = dict(zip(_COLUMNS, values, strict=True))
        row = CommitteeRow(**cells, members=members.get(id_, ()))
        held[row.key] = row
    return held


def _write(session: Session, before: Rows, after: Rows, *, now: datetime) -> None:
    """Make `after` the committees. Members who did not change are left alone: most of what is newer is but the day."""
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
    returned = [id_ for id_, row in old.items() if row.key not in before]
    for some in _in_parts([*gone, *returned]):
        session.execute(delete(CommitteeMember).where(CommitteeMember.committee_id.in_(some)))
    left, taken = _seats_changed(ids, before, touched)
    if left:
        session.connection().execute(_LEFT, [{"committee": committee, "number": number} for committee, number in left])
    insert_rows(session, CommitteeMember.__table__, _member_columns(taken))
    session.expire_all()


def _seats_changed(
    ids: Mapping[str, int], before: Rows, rows: Sequence[CommitteeRow]
) -> tuple[list[_Place], dict[_Place, MemberRow]]:
    """The places of these committees where somebody else sat, and who takes a place now."""
    left: list[_Place] = []
    taken: dict[_Place, MemberRow] = {}
    for row in rows:
        old = before[row.key].members if row.key in before else ()
        if old == row.members:
            continue
        for number, (was, now) in enumerate(zip_longest(old, row.members), 1):
            place = ids[row.key], number
            if was != now and was is not None:
                left.append(place)
            if was != now and now is not None:
                taken[place] = now
    return left, taken


def _member_columns(members: Mapping[_Place, MemberRow]) -> dict[str, list[Any]]:
    return {
        "committee_id": [committee_id for committee_id, _ in members],
        "place": [number for _, number in members],
        "legislator_key": [member.key for member in members.values()],
        "name": [member.name for member in members.values()],
        "role": [member.role for member in members.values()],
    }


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
