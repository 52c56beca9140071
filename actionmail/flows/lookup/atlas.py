"""The boundaries in a data folder, as they are at this moment."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from actionmail.flows.lookup.map_layers import MapLayers
from actionmail.flows.lookup.table_text import Stamp, stamp_of
from actionmail.flows.roster.district_files import MAP_SUFFIX, OLDER_SUFFIX
from actionmail.rules.districts.states import STATES, chambers_in
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.rules.roster.seats import DatasetError

if TYPE_CHECKING:
    from actionmail.rules.districts.boundaries import Boundaries
    from actionmail.rules.districts.map_drawing import Drawing


class _Read(Struct, frozen=True, kw_only=True):
    """What came of reading one file as it was at `stamp`: its boundaries, none, or what is wrong with it."""

    stamp: Stamp | None
    boundaries: Boundaries | None = None
    fault: DatasetError | None = None


class MapFault(Struct, frozen=True, kw_only=True):
    """What is amiss with one chamber's map: the `error` of its file, or the years of two elections."""

    state: str
    chamber: str
    error: DatasetError | None = None
    map_year: int = 0
    table_year: int = 0


class Atlas:
    """Each file is read when first asked for, and what came of it is kept until another takes its place.

    So an import, and going back, hold at once in every process; a damaged file is read once; and whoever asks for
    another chamber does not wait for one that is being read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._layers = MapLayers(folder.parent)
        self._read: dict[tuple[str, str], _Read] = {}
        self._locks: dict[tuple[str, str], threading.Lock] = {}

    def get(self, state: str, chamber: str) -> Boundaries | None:
        """The boundaries of one chamber, None where there are none. Raises DatasetError for a damaged file."""
        key = (state, chamber)
        known = self._read.get(key)
        if known is None or known.stamp != self._newest(state, chamber)[1]:
            with self._locks.setdefault(key, threading.Lock()):
                file, stamp = self._newest(state, chamber)
                known = self._read.get(key)
                if known is None or known.stamp != stamp:
                    known = self._read[key] = _read(file, stamp)
        if known.fault:
            raise known.fault.with_traceback(None)
        return known.boundaries

    def covers(self, state: str) -> bool:
        """Whether there are boundaries for every house of the state."""
        houses = chambers_in(state, ("upper", "lower")) if state in STATES else ()
        return bool(houses) and all(self._newest(state, house)[1] for house in houses)

    def _newest(self, state: str, chamber: str) -> tuple[Path, Stamp | None]:
        """The chamber's file with its stamp: an older version's GeoJSON only where there is none of ours."""
        for suffix in (MAP_SUFFIX, OLDER_SUFFIX):
            file = self._folder / f"{state}_{chamber}{suffix}"
            stamp = stamp_of(file)
            if stamp is not None:
                break
        return file, stamp

    def faults(self, table: DistrictTable) -> list[MapFault]:
        """Each map that cannot be read, or is of another election than `table`'s districts."""
        faults = []
        for state in sorted(STATES):
            for chamber in chambers_in(state, ("upper", "lower", "us_lower")):
                if fault := self._fault(table, state, chamber):
                    faults.append(fault)
        return faults

    def _fault(self, table: DistrictTable, state: str, chamber: str) -> MapFault | None:
        try:
            boundaries = self.get(state, chamber)
        except DatasetError as error:
            return MapFault(state=state, chamber=chamber, error=error)
        year = table.year_of(state, chamber)
        if boundaries is None or not year or boundaries.as_of.year == year:
            return None
        return MapFault(state=state, chamber=chamber, map_year=boundaries.as_of.year, table_year=year)

    def drawing(
        self,
        state: str,
        chamber: str,
        districts: Sequence[str],
        *,
        zip5: str = "",
        point: tuple[float, float] | None = None,
    ) -> Drawing | None:
        """A small map of the districts, where their boundaries are known. Raises DatasetError for a damaged file.

        It shows the area of the ZIP code and the point (latitude, longitude), where these are given and known.
        """
        from actionmail.rules.districts.map_drawing import draw  # as in `_read`

        boundaries = self.get(state, chamber)
        if boundaries is None:
            return None
        return draw(boundaries, districts, self._layers.around(state, zip5=zip5, point=point))


def _read(file: Path, stamp: Stamp | None) -> _Read:
    """Raises DatasetError where the disk does not give the file; what is wrong in it is a fault to keep."""
    # Here, since shapely takes time that a start need not wait for.
    from actionmail.rules.districts.boundaries import unpack

    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return _Read(stamp=stamp)
    except OSError as error:  # not kept: the next one to ask may have better luck, and it costs nothing
        raise DatasetError(file.name, "cannot_be_read", why=error.strerror) from None
    try:
        return _Read(stamp=stamp, boundaries=unpack(raw, file.name))
    except DatasetError as error:
        return _Read(stamp=stamp, fault=error)
