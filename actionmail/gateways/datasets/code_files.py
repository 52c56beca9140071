"""The table of the Census Bureau's district codes in a data folder."""

from __future__ import annotations

from pathlib import Path

from actionmail.gateways.datasets.whole_files import read_file
from actionmail.rules.districts.blocks import CODES_FILE, read_codes

_LARGEST = 1024 * 1024


def district_codes(folder: Path) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """The districts whose names are not their codes' numbers; none where there is no table. Raises DatasetError."""
    file = folder / CODES_FILE
    return read_codes(read_file(file, _LARGEST), CODES_FILE) if file.is_file() else {}
