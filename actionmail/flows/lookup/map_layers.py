"""What orients on a map, from the data folder: counties and places of a state, the area of a ZIP code.

Each file is read when first asked for, as the boundaries are. None of it has to be there, and none decides anything:
a damaged file is written to the log, and the map is drawn without it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actionmail.flows.lookup.table_text import Stamp, stamp_of
from actionmail.flows.roster.district_files import COUNTIES, LAYER_FILES, PLACES, ZIP_AREAS
from actionmail.rules.roster.seats import DatasetError

if TYPE_CHECKING:
    from actionmail.rules.districts.map_drawing import Layers

log = logging.getLogger(__name__)

_MOST_KEPT = 40  # files; the areas of a hundred ZIP codes take a quarter of a megabyte


class MapLayers:
    """Those in one data folder; a file that has changed is read anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[Path, tuple[Stamp | None, tuple[Any, ...]]] = {}

    def around(self, state: str, *, zip5: str, point: tuple[float, float] | None) -> Layers:
        """What there is for a map in this state; `zip5` may be ""."""
        # Here, since shapely takes time that a start need not wait for.
        from actionmail.rules.districts.map_drawing import Layers
        from actionmail.rules.districts.outlines import read_outlines
        from actionmail.rules.districts.place_names import read_places

        areas = self._read(ZIP_AREAS, zip5[:3], read_outlines) if zip5 else ()
        return Layers(
            zip_area=next((outline.area for outline in areas if outline.name == zip5), None),
            point=point,
            counties=self._read(COUNTIES, state, read_outlines),
            places=self._read(PLACES, state, read_places),
        )

    def _read(self, kind: str, name: str, read: Callable[[bytes, str], tuple[Any, ...]]) -> tuple[Any, ...]:
        layer = LAYER_FILES[kind]
        file = self._folder / layer.folder / f"{name}{layer.suffix}"
        stamp = stamp_of(file)
        known = self._kept.get(file)
        if known is None or known[0] != stamp:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            known = self._kept[file] = stamp, _content(file, read) if stamp else ()
        return known[1]


def _content(file: Path, read: Callable[[bytes, str], tuple[Any, ...]]) -> tuple[Any, ...]:
    try:
        return read(file.read_bytes(), file.name)
    except OSError as error:
        log.error("%s cannot be read: %s", file.name, error.strerror)
    except DatasetError as error:
        log.error("%s is left out of the maps: %s", file.name, error)
    return ()
