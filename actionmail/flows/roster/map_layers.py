"""The datasets that only orient on maps: counties, places and the areas of ZIP codes, a file for each state or region.

They decide nothing, so nothing else is compared with them; what a newer one lacks is a doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.district_files import (
    LAYER_FILES,
    DistrictFilesReport,
    Files,
    count_rows,
    found_in,
    held_files,
    propose_files,
)
from actionmail.flows.roster.importing import Proposal, is_too_many
from actionmail.rules.roster.doubts import Doubt, doubt
from actionmail.rules.roster.seats import DatasetError

if TYPE_CHECKING:
    from actionmail.rules.districts.outlines import Outline
    from actionmail.rules.districts.place_names import PlaceName


class LayerDataset(Struct, frozen=True, kw_only=True):
    """`files` are to be those of this kind, by their names below the data folder; others of the kind stay."""

    folder: Path
    kind: str
    files: Files

    def propose(self, session: Session, provenance: Provenance, *, now: datetime) -> Proposal[DistrictFilesReport]:
        old = held_files(self.folder, self.kind)
        return propose_files(
            session,
            DistrictFilesReport(doubts=self._doubts(old)),
            kind=self.kind,
            old=old,
            new={**old, **self.files},
            old_provenance=found_in(self.folder, old, now=now),
            provenance=provenance,
        )

    def _doubts(self, old: Files) -> list[Doubt]:
        doubts = []
        for name, raw in self.files.items():
            before = count_rows(self.kind, old[name]) if name in old else 0
            fewer = before - count_rows(self.kind, raw)
            if is_too_many(fewer, before):
                doubts.append(doubt("layer_names_gone", where=name, count=fewer, whole=before))
        return doubts


def outline_files(
    kind: str, outlines: Mapping[str, Sequence[Outline]], *, as_of: date, source: str, file: str
) -> dict[str, bytes]:
    """The files of outlines, by the states or the first digits of ZIP codes. Raises DatasetError where there is none"""
    from actionmail.rules.districts.outlines import pack_outlines  # here: web processes import this, not shapely

    packed = {}
    for name, own in sorted(outlines.items()):
        packed[_path(kind, name)] = pack_outlines(own, as_of=as_of, source=source)
    return _some(packed, file)


def place_files(kind: str, places: Mapping[str, Sequence[PlaceName]], *, as_of: date, file: str) -> dict[str, bytes]:
    """The files of places, by their states. Raises DatasetError where there is none."""
    from actionmail.rules.districts.place_names import pack_places  # as in `outline_files`

    packed = {}
    for state, own in sorted(places.items()):
        packed[_path(kind, state)] = pack_places(own, as_of=as_of)
    return _some(packed, file)


def _path(kind: str, name: str) -> str:
    layer = LAYER_FILES[kind]
    return f"{layer.folder}/{name}{layer.suffix}"


def _some(packed: dict[str, bytes], file: str) -> dict[str, bytes]:
    if not packed:
        raise DatasetError(file, "no_layer")
    return packed
