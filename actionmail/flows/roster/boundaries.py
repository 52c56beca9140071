"""The dataset of district boundaries: one file for each chamber in the data folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.flows.roster.dataset_versions import Provenance, VersionMoved
from actionmail.flows.roster.district_files import (
    BOUNDARIES,
    MAP_SUFFIX,
    OLDER_SUFFIX,
    DistrictFilesReport,
    Files,
    changed_files,
    found_in,
    held_files,
    propose_files,
    unless_same,
)
from actionmail.flows.roster.importing import Proposal, is_too_many
from actionmail.flows.roster.reading import Seat, seats_held
from actionmail.rules.districts.overlays import SEATS_WITHOUT_TERRITORY, is_overlay
from actionmail.rules.districts.zip_table import Candidate
from actionmail.rules.roster.doubts import Doubt, doubt
from actionmail.rules.roster.seats import DatasetError

if TYPE_CHECKING:
    from actionmail.rules.districts.boundary_maps import Map
    from actionmail.rules.districts.map_differences import Redrawn

_REDRAWN = 0.10  # of its area: a district was drawn anew
_NAMED = 5  # of many: enough to see what is wrong


class PreparedMaps(Struct, frozen=True, kw_only=True):
    """New maps, packed, beside those in force when they were compared."""

    maps: Sequence[Map]
    redrawn: Sequence[Redrawn]
    old: Files
    new: Files  # of these maps alone

    @property
    def as_of(self) -> date:
        """The day of the newest of the maps."""
        return max(drawn.as_of for drawn in self.maps)


class BoundariesDataset(Struct, frozen=True, kw_only=True):
    """Maps that are to be the boundaries of their chambers in the data folder; others stay as they are.

    What is odd is a doubt: districts that the roster or the ZIP table (`zip_districts`, as of `zips_as_of`) lacks, or
    that lack here; another year than the ZIP table's; many districts gone or redrawn.
    """

    folder: Path
    prepared: PreparedMaps
    zip_districts: set[Seat]
    zips_as_of: date
    congress_as_of: date | None = None  # of the list of ZIP codes and districts of Congress; None where there is none
    kind: str = BOUNDARIES

    def propose(self, session: Session, provenance: Provenance, *, now: datetime) -> Proposal[DistrictFilesReport]:
        """Raises VersionMoved where other boundaries took the place of those that these were compared with."""
        old = held_files(self.folder, BOUNDARIES)
        replaced = set(self.prepared.new)
        replaced.update(map(_older_name, self.prepared.new))
        for name in replaced:
            if old.get(name) != self.prepared.old.get(name):
                raise VersionMoved
        untouched = {name: raw for name, raw in old.items() if name not in replaced}
        seats = seats_held(session)
        doubts = []
        for drawn, change in zip(self.prepared.maps, self.prepared.redrawn, strict=True):
            doubts += self._doubts(drawn, change, seats)
        return propose_files(
            session,
            DistrictFilesReport(redrawn=self.prepared.redrawn, doubts=doubts),
            kind=BOUNDARIES,
            old=old,
            new={**untouched, **self.prepared.new},
            old_provenance=found_in(self.folder, old, now=now),
            provenance=provenance,
        )

    def _doubts(self, drawn: Map, change: Redrawn, seats: set[Seat]) -> list[Doubt]:
        """What new maps would do, and a wrong file too."""
        where = f"{drawn.state} {drawn.chamber}"
        names: set[str] = set()
        for district in drawn.districts:
            names.update(district.names)
        in_table, in_roster = _of_chamber(self.zip_districts, drawn), _of_chamber(seats, drawn)
        seats = set() if drawn.chamber == "us_lower" else seats  # Congress is no part of this roster
        expected = in_roster if seats else in_table
        doubts = [doubt("district_not_in_table", where=where, name=name) for name in _first(names - in_table)]
        if seats:
            doubts += [doubt("district_not_in_roster", where=where, name=name) for name in _first(names - in_roster)]
        lacking = {
            name for name in expected - SEATS_WITHOUT_TERRITORY if not is_overlay(_candidate(drawn, name))
        } - names
        doubts += [doubt("district_without_boundary", where=where, name=name) for name in _first(lacking)]
        zips_as_of = self.congress_as_of if drawn.chamber == "us_lower" else self.zips_as_of
        if zips_as_of and drawn.as_of.year != zips_as_of.year:
            doubts.append(doubt("another_election", where=where, as_of=drawn.as_of, zips_as_of=zips_as_of))
        moved = [name for name, part in change.changed if part > _REDRAWN]
        for count, code in ((len(change.gone), "districts_gone"), (len(moved), "districts_redrawn")):
            if is_too_many(count, change.before):
                doubts.append(doubt(code, where=where, count=count, whole=change.before))
        return doubts


def prepare_boundaries(folder: Path, maps: Iterable[Map]) -> PreparedMaps:
    """Pack the maps, and compare them with the boundaries in the data folder.

    For all states this takes most of a minute, so it is done before the database is locked. Raises DatasetError.
    """
    from actionmail.rules.districts.map_differences import compare  # here: web processes import this file, not shapely
    from actionmail.rules.districts.map_files import pack, read_map

    old = held_files(folder, BOUNDARIES)
    new, drawn, redrawn = {}, [], []
    for made in maps:
        name = f"boundaries/{made.state}_{made.chamber}{MAP_SUFFIX}"
        new[name] = unless_same(old.get(name), pack(made))
        after = read_map(new[name], name)
        drawn.append(after)
        redrawn.append(compare(_map(old.get(name) or old.get(_older_name(name)), name), after))
    return PreparedMaps(maps=drawn, redrawn=redrawn, old=old, new=new)


def redrawn_between(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[Redrawn]:
    """The differences between the maps of two versions."""
    from actionmail.rules.districts.map_differences import compare  # as in `prepare_boundaries`

    chambers = dict.fromkeys(
        name.removesuffix(MAP_SUFFIX).removesuffix(OLDER_SUFFIX) for name in changed_files(old, new)
    )
    return [compare(_map_of(old, chamber), _map_of(new, chamber)) for chamber in chambers]


def _map_of(files: Mapping[str, bytes], chamber: str) -> Map | None:
    """The map of a chamber, such as boundaries/WI_lower, in one of the two forms."""
    return _map(files.get(chamber + MAP_SUFFIX) or files.get(chamber + OLDER_SUFFIX), chamber)


def _older_name(name: str) -> str:
    """What the file of the same chamber was called before: gzipped GeoJSON, which a new file replaces."""
    return name.removesuffix(MAP_SUFFIX) + OLDER_SUFFIX


def _map(raw: bytes | None, name: str) -> Map | None:
    from actionmail.rules.districts.map_files import read_map  # as in `prepare_boundaries`

    try:
        return read_map(raw, name) if raw else None
    except DatasetError:
        return None  # damaged: all that is in the other one is new


def _of_chamber(districts: set[Seat], drawn: Map) -> set[str]:
    return {name for state, chamber, name in districts if (state, chamber) == (drawn.state, drawn.chamber)}


def _candidate(drawn: Map, name: str) -> Candidate:
    return Candidate(chamber=drawn.chamber, district=name, state=drawn.state, share=1.0, method="pop")


def _first(names: set[str]) -> list[str]:
    return sorted(names)[:_NAMED]
