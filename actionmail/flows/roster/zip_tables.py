"""The datasets of ZIP codes and their districts: one file for the states' houses, one for Congress."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.flows.roster.dataset_versions import Provenance, VersionMoved
from actionmail.flows.roster.district_files import (
    TABLES,
    ZIPS,
    DistrictFilesReport,
    Files,
    ZipsChanged,
    found_in,
    held_files,
    propose_files,
    unless_same,
    unpacked,
)
from actionmail.flows.roster.importing import Proposal, is_too_many
from actionmail.flows.roster.reading import Seat, seats_held
from actionmail.rules.roster.doubts import Doubt, doubt

_NAMED = 5  # of many: enough to see what is wrong

RowsByZip = Mapping[str, set[str]]  # a ZIP code's rows, without their day


class ZipTableDataset(Struct, frozen=True, kw_only=True):
    """`packed`, which `convert_zip_table` or `convert_congress_table` gave, is to be the table of this kind.

    A tenth of a state's ZIP codes gone, or a district without a legislator or a known vacancy, is a doubt; `doubts` are
    the maker's. Where it was made from the table in force, `made_from` is that table's file.
    """

    folder: Path
    packed: bytes
    kind: str = ZIPS
    made_from: Files | None = None
    doubts: Sequence[Doubt] = ()

    def propose(self, session: Session, provenance: Provenance, *, now: datetime) -> Proposal[DistrictFilesReport]:
        """Raises VersionMoved where another table took the place of the one that this was made from."""
        name = TABLES[self.kind]
        old = held_files(self.folder, self.kind)
        if self.made_from is not None and self.made_from != old:
            raise VersionMoved
        new = {name: unless_same(old.get(name), self.packed)}
        before, after = _by_zip(old.get(name)), _by_zip(new[name])
        change = _changed(before, after)
        doubts = [*self.doubts, *_doubts(before, change)]
        seats = seats_held(session)
        if self.kind == ZIPS and seats:
            for state, chamber, district in sorted(_districts(after) - seats)[:_NAMED]:
                doubts.append(doubt("district_not_in_roster", where=f"{state} {chamber}", name=district))
        return propose_files(
            session,
            DistrictFilesReport(zips=change, doubts=doubts),
            kind=self.kind,
            old=old,
            new=new,
            old_provenance=found_in(self.folder, old, now=now),
            provenance=provenance,
        )


def zips_between(old: bytes | None, new: bytes | None) -> ZipsChanged:
    """The difference between two tables; None for one that is not there."""
    return _changed(_by_zip(old), _by_zip(new))


def _by_zip(raw: bytes | None) -> dict[str, set[str]]:
    rows: dict[str, set[str]] = {}
    text = unpacked(raw).decode("utf-8", "replace") if raw else ""
    for line in text.splitlines()[1:]:
        zip5, _, rest = line.partition(",")
        rows.setdefault(zip5, set()).add(rest.rpartition(",")[0])
    return rows


def _changed(before: RowsByZip, after: RowsByZip) -> ZipsChanged:
    return ZipsChanged(
        rows=sum(map(len, after.values())),
        added=tuple(sorted(after.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(zip5 for zip5, rows in after.items() if zip5 in before and before[zip5] != rows)),
    )


def _districts(rows: RowsByZip) -> set[Seat]:
    distinct: set[str] = set()
    distinct.update(*rows.values())
    return {(cells[0], cells[1], cells[2]) for cells in csv.reader(sorted(distinct))}


def _doubts(before: RowsByZip, change: ZipsChanged) -> list[Doubt]:
    lost, there = _by_state(before, change.gone), _by_state(before, before)
    doubts = []
    for state, whole in sorted(there.items()):
        if is_too_many(lost[state], whole):
            doubts.append(doubt("zips_gone", where=state, count=lost[state], whole=whole))
    return doubts


def _by_state(rows: RowsByZip, zips: Iterable[str]) -> Counter[str]:
    """How many of these ZIP codes each state has."""
    counts: Counter[str] = Counter()
    for zip5 in zips:
        counts.update({row.partition(",")[0] for row in rows[zip5]})
    return counts
