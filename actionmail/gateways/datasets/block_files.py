"""The Census Bureau's files of blocks, each known by its first line; plain or in a zip, read line by line.

- ZIP areas: the 2020 ZCTA to block relationship file, `tab20_zcta520_tabblock20_natl.txt` (1 GB), between bars, from
  https://www2.census.gov/geo/docs/maps-data/data/rel2020/zcta520/. Its columns GEOID_ZCTA5_20 (empty for a block in no
  ZIP area), GEOID_TABBLOCK_20 and AREALAND_PART (square metres) are read.
- Districts: Block Equivalency Files, between commas: GEOID,SLDUST, GEOID,SLDLST and GEOID,CDFP, in zips such as
  sldu24.zip, sldl24.zip and cd119.zip from https://www2.census.gov/programs-surveys/decennial/rdo/mapping-files/2025/
  (2024-state-legislative-bef/, 119-congressional-district-befs/). Of a zip with a national file, that one is read: the
  others repeat states of it. A file of BLOCKID,DISTRICT is taken where its name has SLDU, SLDL or CD in it.
- People: the redistricting data's header file in such zips as wi2020.pl.zip, from
  https://www2.census.gov/programs-surveys/decennial/2020/data/01-Redistricting_File--PL_94-171/ (between bars, without
  a first line of names; summary level 750 is blocks), or a CSV of a block and its people such as GEOID,POP.

Layouts: https://www.census.gov/programs-surveys/geography/technical-documentation/records-layout/2020-zcta-record-layout.html
and https://www.census.gov/geographies/mapping-files/2025/dec/rdo/2024-state-legislative-bef.html. The Block Assignment
Files of 2020 have the same form and the districts of 2018, so they are refused.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from msgspec import Struct

from actionmail.rules.districts.blocks import AREAS, PEOPLE
from actionmail.rules.roster.seats import DatasetError

_BLOCK = ("GEOID", "GEOID20", "BLOCKID", "GEO_ID")
_PEOPLE = ("POP", "POP20", "POP100", "P1_001N")
_AREA_COLUMNS = ("GEOID_ZCTA5_20", "GEOID_TABBLOCK_20", "AREALAND_PART")
_CHAMBERS = {"SLDUST": "upper", "SLDLST": "lower", "CDFP": "us_lower"}
_IN_NAME = re.compile(r"(?:^|[^A-Za-z])(?:National)?(SLDU|SLDL|CD)(?![A-Za-z])", re.IGNORECASE)
_NAMED = {"SLDU": "upper", "SLDL": "lower", "CD": "us_lower"}
_PL_FIELDS, _PL_LEVEL, _PL_BLOCK, _PL_PEOPLE = 97, 2, 9, 90
_PL_BLOCKS = b"750"
_ENDINGS = (".txt", ".csv", ".pl")
_MAX_LINE = 8192
_MAX_MEMBERS = 2_000


class BlockFile(Struct, frozen=True, kw_only=True):
    """One file and what it is: AREAS, PEOPLE, or the chamber whose districts it gives."""

    name: str
    kind: str
    path: Path
    member: str = ""  # in a zip
    delimiter: bytes
    columns: tuple[int, ...]  # which cells are read, in the order of what is given
    width: int  # cells in a line
    has_names: bool = True  # in the first line


def find_block_files(path: Path) -> list[BlockFile]:
    """What of use is at `path`. Raises DatasetError if nothing is."""
    if not zipfile.is_zipfile(path):
        if path.suffix.lower() == ".zip":
            raise DatasetError(path.name, "no_zip")
        with _opened(path, "", path.name) as stream:
            block_file = _recognised(path.name, path, "", stream.readline(_MAX_LINE))
        if block_file is None:
            raise DatasetError(path.name, "unknown_file_of_blocks", line=1)
        return [block_file]
    with _zip(path) as archive:
        members = [member.filename for member in archive.infolist() if member.filename.lower().endswith(_ENDINGS)]
    if len(members) > _MAX_MEMBERS:
        raise DatasetError(path.name, "too_many_files", most=_MAX_MEMBERS)
    members = [member for member in members if PurePosixPath(member).name.startswith("National")] or members
    files = []
    for member in members:
        name = f"{path.name}/{PurePosixPath(member).name}"
        with _opened(path, member, name) as stream:
            known = _recognised(name, path, member, stream.readline(_MAX_LINE))
        if known:
            files.append(known)
    if not files:
        raise DatasetError(path.name, "no_file_of_blocks")
    return files


def read_areas(file: BlockFile) -> Iterator[tuple[int, int, int]]:
    """Block, ZIP area and land in square metres; blocks in no ZIP area are left out."""
    for line, (zip5, block, land) in _cells(file):
        if not zip5:
            continue
        if len(zip5) != 5 or not zip5.isdigit():
            raise DatasetError(file.name, "no_zip_code", line=line, cell=_shown(zip5))
        if not land.isdigit() or len(land) > 14:
            raise DatasetError(file.name, "no_area", line=line, cell=_shown(land))
        yield _block(block, file, line), int(zip5), int(land)


def read_codes(file: BlockFile) -> Iterator[tuple[int, str, int]]:
    """Block, district code, and the line."""
    length = 2 if file.kind == "us_lower" else 3
    for line, (block, code) in _cells(file):
        text = code.decode("ascii", "replace")
        if text and (len(text) > length or not re.fullmatch(r"[A-Z0-9-]+", text)):
            raise DatasetError(file.name, "no_district_code", line=line, cell=_shown(code))
        if text.isdigit() and len(text) < length:
            raise DatasetError(file.name, "code_lost_zeros", line=line, cell=_shown(code))
        yield _block(block, file, line), text, line


def read_people(file: BlockFile) -> Iterator[tuple[int, int, int]]:
    """Block, how many live there, and the line."""
    for line, cells in _cells(file):
        if not file.has_names:
            level, block, people = cells
            if level != _PL_BLOCKS:
                continue
        else:
            block, people = cells
        if not people.isdigit() or len(people) > 7:
            raise DatasetError(file.name, "no_number_of_people", line=line, cell=_shown(people))
        yield _block(block.removeprefix(b"1000000US"), file, line), int(people), line


def _recognised(name: str, path: Path, member: str, first: bytes) -> BlockFile | None:
    """What a file is by its first line; None for another."""
    file_name = PurePosixPath(member or path.name).name
    if file_name.startswith("BlockAssign_"):
        raise DatasetError(name, "block_assignment_file")
    delimiter = b"|" if b"|" in first else b","
    header = [cell.strip(b' "\r\n').decode("ascii", "replace").upper() for cell in _plain(first).split(delimiter)]
    has_names = not first.startswith(b"PLST|")
    layout = _layout(name, file_name, header) if has_names else _people_layout(header)
    if layout is None:
        return None
    kind, columns = layout
    return BlockFile(
        name=name,
        kind=kind,
        path=path,
        member=member,
        delimiter=delimiter,
        columns=columns,
        width=len(header),
        has_names=has_names,
    )


_Layout = tuple[str, tuple[int, ...]]  # the kind, and which cells are read


def _people_layout(header: list[str]) -> _Layout | None:
    """Of the redistricting data's header file, which has no line of names."""
    return (PEOPLE, (_PL_LEVEL, _PL_BLOCK, _PL_PEOPLE)) if len(header) == _PL_FIELDS else None


def _layout(name: str, file_name: str, header: list[str]) -> _Layout | None:
    if "GEOID_TABBLOCK_20" in header:
        for column in _AREA_COLUMNS:
            if column not in header:
                raise DatasetError(name, "column_missing", line=1, name=column)
        return AREAS, tuple(header.index(column) for column in _AREA_COLUMNS)
    block = next((header.index(column) for column in _BLOCK if column in header), None)
    if block is None:
        return None
    for column in header:
        if column in _PEOPLE:
            return PEOPLE, (block, header.index(column))
        if column in _CHAMBERS:
            return _CHAMBERS[column], (block, header.index(column))
    in_name = _IN_NAME.search(file_name)
    if header[1:] == ["DISTRICT"] and in_name:
        return _NAMED[in_name[1].upper()], (block, 1)
    return None


def _cells(file: BlockFile) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    """The wanted cells of each line, and its number."""
    width, delimiter, columns = file.width, file.delimiter, file.columns
    line = 0
    with _opened(file.path, file.member, file.name) as stream:
        while raw := stream.readline(_MAX_LINE):
            line += 1
            if line == 1 and file.has_names:
                continue
            if raw[-1:] != b"\n" and len(raw) == _MAX_LINE:
                raise DatasetError(file.name, "line_too_long", line=line, most=_MAX_LINE)
            cells = raw.rstrip(b"\r\n").split(delimiter)
            if len(cells) != width:
                if cells == [b""]:
                    continue
                raise DatasetError(file.name, "cells_half_download", line=line, count=len(cells), needed=width)
            yield line, tuple([cells[at].strip(b' "') for at in columns])


def _block(cell: bytes, file: BlockFile, line: int) -> int:
    if len(cell) == 15 and cell.isdigit():
        return int(cell)
    if cell.isdigit() and len(cell) == 14:
        raise DatasetError(file.name, "block_lost_zero", line=line, cell=_shown(cell))
    raise DatasetError(file.name, "no_block", line=line, cell=_shown(cell))


def _shown(cell: bytes) -> str:
    return repr(cell[:30].decode("ascii", "replace"))


def _plain(line: bytes) -> bytes:
    return line.removeprefix(b"\xef\xbb\xbf")


@contextmanager
def _zip(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        raise DatasetError(path.name, "damaged_or_locked", why=str(error)) from None


@contextmanager
def _opened(path: Path, member: str, name: str) -> Iterator[IO[bytes]]:
    if member:
        with _zip(path) as archive, archive.open(member) as stream:
            yield stream
        return
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        raise DatasetError(name, "cannot_be_read", why=error.strerror) from None
