"""The text of a ZIP table's file: found, unpacked, its lines grouped by ZIP code."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

from actionmail.rules.roster.seats import DatasetError

MAX_BYTES = 64 * 1024 * 1024
ZIP_FILE, CONGRESS_FILE = "zip_districts.csv.gz", "zip_congress.csv.gz"


def zip_table_file(path: Path) -> Path:
    """The ZIP table at `path` or in that folder, packed or not. Raises DatasetError where there is none."""
    if path.is_dir():
        path = path / ZIP_FILE
    other = path.with_suffix("") if path.suffix == ".gz" else path.with_name(path.name + ".gz")
    for file in (path, other):
        if file.is_file():
            return file
    raise DatasetError(path.name, "no_zip_table")


def read_text(path: Path) -> bytes:
    """A table's text, unpacked if it is gzip. Raises DatasetError, also for more than MAX_BYTES of it."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise DatasetError(path.name, "cannot_be_read", why=why) from None
    if len(raw) > MAX_BYTES:
        raise DatasetError(path.name, "no_table_so_large", megabytes=MAX_BYTES // 1024 // 1024)
    return raw


def grouped_rows(lines: Sequence[str], file: str) -> tuple[dict[str, list[str]], dict[str, int]]:
    """The rows of each ZIP code without it, and of each different row the line where it first stands."""
    rows: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    last, of_zip = "", []
    for number, line in enumerate(lines[1:], 2):
        zip5, _, row = line.partition(",")
        if zip5 != last:
            check_zip_code(zip5, file, number)
            last, of_zip = zip5, rows.setdefault(zip5, [])
        first.setdefault(row, number)
        of_zip.append(row)
    return rows, first


def check_zip_code(zip5: str, file: str, line: int) -> None:
    """Raises DatasetError unless it is five digits."""
    if len(zip5) != 5 or not (zip5.isascii() and zip5.isdigit()):
        raise DatasetError(file, "bad_zip_code", line=line, column="zip", value=zip5[:20])


Stamp = tuple[int, int, int, int]


def stamp_of(file: Path) -> Stamp | None:
    """What tells a file from the one that stood there before; None where there is none."""
    try:
        status = file.stat()
    except OSError:
        return None
    # With the time of the last change of who may read it: one that could not be read is read once it can be.
    return status.st_ino, status.st_mtime_ns, status.st_size, status.st_ctime_ns
