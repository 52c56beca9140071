"""The table of ZIP codes that is shipped, read once in each process and only where a test asks for it."""

from __future__ import annotations

from functools import cache

from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.settings import bundled


@cache
def shipped_table() -> DistrictTable:
    """To read only: every test of a process gets the same. Who changes one reads it anew."""
    return load_district_table(bundled("data"))
