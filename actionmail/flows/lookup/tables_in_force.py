"""The ZIP tables in force: read again when an import has put others in their place."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from actionmail.flows.lookup.table_text import CONGRESS_FILE, ZIP_FILE, Stamp, stamp_of
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.flows.roster.district_files import CALENDAR, TABLES
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.rules.roster.seats import DatasetError

log = logging.getLogger(__name__)


class TablesInForce:
    """The ZIP tables in a data folder, read again when others have taken their place.

    So an import, and going back, hold at once in every process. Raises DatasetError where there is none to begin with.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file, self._congress_file = folder / ZIP_FILE, folder / CONGRESS_FILE
        self._calendar = [folder / TABLES[kind] for kind in CALENDAR]
        self._plain_file = self._file.with_suffix("")
        self._lock = threading.Lock()
        self._stamps = self._stamps_now()
        self._table = load_district_table(folder)

    def get(self) -> DistrictTable:
        """The table in force. While one thread reads another, and where that cannot be used, it is the one before."""
        if self._stamps_now() != self._stamps and self._lock.acquire(blocking=False):
            try:
                self._stamps = self._stamps_now()  # before it is read, so that what changes meanwhile is seen
                self._table = load_district_table(self._folder)
            except DatasetError as error:
                log.error("The ZIP table before stays in use: %s", error)
            finally:
                self._lock.release()
        return self._table

    def _stamps_now(self) -> tuple[Stamp | None, ...]:
        zips = stamp_of(self._file) or stamp_of(self._plain_file)
        return zips, stamp_of(self._congress_file), *map(stamp_of, self._calendar)
