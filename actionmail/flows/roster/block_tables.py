"""Making the ZIP tables anew from Census blocks, and measuring those in force against them.

The files are read by callables from outside (`BlockReaders`), the tables in force come as rows; what is made is handed
back as rows, which the door packs and imports as `ZipTableDataset`s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Generic, Protocol, TypeVar

from msgspec import Struct, field
from sqlalchemy.orm import Session

from actionmail.flows.roster.district_files import CONGRESS_ZIPS, ZIPS
from actionmail.flows.roster.reading import Seat, dataset_rows
from actionmail.rules.districts.blocks import AREAS, CODES_FILE, PEOPLE, Blocks, Part, ZipRow, district_names, zip_rows
from actionmail.rules.districts.measuring import Measure, measure
from actionmail.rules.districts.zip_table import GUESSES
from actionmail.rules.replacing import replace
from actionmail.rules.roster.doubts import Doubt, doubt
from actionmail.rules.roster.seats import DatasetError

_FEW = 0.01  # of a state's blocks may be in no line of a file
_MANY = 0.10  # of a state's ZIP codes must not lose their area
_FEDERAL = "us_lower"

CodeNames = Mapping[tuple[str, str, str], tuple[str, ...]]  # the districts of a state's, chamber's and Census code


class BlockSource(Protocol):
    """A file of blocks: its name, and what it is (AREAS, PEOPLE, or the chamber whose districts it gives)."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...


S = TypeVar("S", bound=BlockSource)


class BlockReaders(Struct, Generic[S], frozen=True, kw_only=True):
    """How to read a file of each kind: as (block, ZIP area, land), (block, code, line), (block, people, line)."""

    areas: Callable[[S], Iterable[tuple[int, int, int]]]
    codes: Callable[[S], Iterable[tuple[int, str, int]]]
    people: Callable[[S], Iterable[tuple[int, int, int]]]


class TablesInUse(Struct, frozen=True, kw_only=True):
    """What the data folder holds: the rows of both tables, and the names of Census codes."""

    rows: Sequence[ZipRow]
    congress_rows: Sequence[ZipRow]
    code_names: CodeNames = field(default_factory=dict)


class OutsideDistricts(Struct, frozen=True, kw_only=True):
    """Of a chamber's blocks with land, how many (`count` of `whole`) are in no district."""

    state: str
    chamber: str
    count: int
    whole: int


class BlockParts(Struct, frozen=True, kw_only=True):
    """What the blocks come to, before it is a table."""

    parts: Sequence[Part]
    outside: Sequence[OutsideDistricts]
    by_people: bool  # else by land: no file told how many live where


class MergedTable(Struct, frozen=True, kw_only=True):
    """A table of this kind with the rows by blocks in it. The counts are of rows."""

    kind: str
    rows: Sequence[ZipRow]
    doubts: Sequence[Doubt]
    made: int
    replaced: int
    without_area: int  # of ZIP codes such as post office boxes: they stay as they are
    elsewhere: int  # of other states and chambers: they stay as they are


def read_blocks(
    files: Sequence[S], readers: BlockReaders[S], states: Iterable[str], *, read: Callable[[S], None]
) -> Blocks:
    """All the files in the order in which they need each other; `read` is told of each. Raises DatasetError."""
    areas = [file for file in files if file.kind == AREAS]
    districts = [file for file in files if file.kind not in {AREAS, PEOPLE}]
    people = [file for file in files if file.kind == PEOPLE]
    if not areas:
        raise DatasetError("ZIP areas", "no_areas_file")
    if not districts:
        raise DatasetError("districts", "no_districts_file")
    blocks = Blocks(states)
    for file in areas:
        place = blocks.place
        for block, zip5, land in readers.areas(file):
            place(block, zip5, land)
        read(file)
    blocks.settle(areas[0].name)
    for file in districts:
        _assign(blocks, file, readers.codes(file))
        read(file)
    for file in people:
        _count(blocks, file, readers.people(file))
        read(file)
    if not blocks.houses():
        raise DatasetError(districts[0].name, "no_block_in_area")
    if people:
        _check_counted(blocks, people[0].name)
    return blocks


def parts_of_blocks(session: Session, blocks: Blocks, files: Sequence[BlockSource], tables: TablesInUse) -> BlockParts:
    """What each state's blocks come to, under the roster's names.

    Raises DatasetError for a file that lacks blocks, and with all districts that join nothing.
    """
    known: set[Seat] = {(row.state, row.chamber, row.district) for row in tables.rows}
    for seat in dataset_rows(session):
        known.add((seat.state, seat.chamber, seat.district))
    parts: list[Part] = []
    outside: list[OutsideDistricts] = []
    strange: list[str] = []
    for state, chamber in blocks.houses():
        absent, nowhere, whole = blocks.nowhere(state, chamber)
        if absent > _FEW * whole:
            raise DatasetError(_file_of(files, chamber), "blocks_absent", count=absent, whole=whole, state=state)
        if absent or nowhere:
            outside.append(OutsideDistricts(state=state, chamber=chamber, count=absent + nowhere, whole=whole))
        names = {}
        for code in blocks.codes(state, chamber):
            names[code] = district_names(tables.code_names, state, chamber, code)
        if chamber != _FEDERAL:
            strange += _unknown(state, chamber, names, known)
        parts += blocks.parts(state, chamber, names)
    if strange:
        raise DatasetError("districts", "districts_unknown", names=strange, codes_file=CODES_FILE)
    return BlockParts(parts=parts, outside=outside, by_people=blocks.has_people())


def measures(in_blocks: BlockParts, tables: TablesInUse) -> Iterator[Measure]:
    """How far the tables in force are from the blocks, chamber by chamber."""
    for chamber in dict.fromkeys(part.chamber for part in in_blocks.parts):
        in_force = tables.congress_rows if chamber == _FEDERAL else tables.rows
        here = [part for part in in_blocks.parts if part.chamber == chamber]
        yield measure(here, in_force, chamber, by_people=in_blocks.by_people)


def merged_tables(in_blocks: BlockParts, tables: TablesInUse, *, as_of: date) -> list[MergedTable]:
    """The tables to come: that of the states' houses, and that of Congress, as far as the blocks speak of them."""
    legislative = [part for part in in_blocks.parts if part.chamber != _FEDERAL]
    federal = [part for part in in_blocks.parts if part.chamber == _FEDERAL]
    merged = []
    if legislative:
        merged.append(_merged(ZIPS, tables.rows, legislative, as_of=as_of))
    if federal:
        merged.append(_merged(CONGRESS_ZIPS, tables.congress_rows, federal, as_of=as_of))
    return merged


def _assign(blocks: Blocks, file: BlockSource, codes: Iterable[tuple[int, str, int]]) -> None:
    assign, chamber = blocks.assign, file.kind
    for block, code, line in codes:
        if not assign(chamber, block, code):
            raise DatasetError(file.name, "block_twice", line=line, block=block)


def _count(blocks: Blocks, file: BlockSource, people: Iterable[tuple[int, int, int]]) -> None:
    count = blocks.count
    for block, lived, line in people:
        if not count(block, lived):
            raise DatasetError(file.name, "block_twice", line=line, block=block)


def _check_counted(blocks: Blocks, file: str) -> None:
    for state in {state for state, _ in blocks.houses()}:
        missing, whole = blocks.uncounted(state)
        if missing > _FEW * whole:
            raise DatasetError(file, "people_missing", state=state, count=missing, whole=whole)


def _file_of(files: Sequence[BlockSource], chamber: str) -> str:
    """The name of the file that tells this chamber's districts: one house's come as an upper house's."""
    kind = "upper" if chamber == "legislature" else chamber
    return next(file.name for file in files if file.kind == kind)


def _unknown(state: str, chamber: str, names: Mapping[str, tuple[str, ...]], known: set[Seat]) -> list[str]:
    """The codes that stand for a district of which neither the roster nor the table knows."""
    unknown = []
    for code, districts in names.items():
        if any((state, chamber, district) not in known for district in districts):
            called = "" if districts == (code,) else f" ({', '.join(districts)})"
            unknown.append(f"{state} {chamber} {code}{called}")
    return unknown


def _merged(kind: str, before: Sequence[ZipRow], parts: Sequence[Part], *, as_of: date) -> MergedTable:
    houses = {(part.state, part.chamber) for part in parts}
    zips = {part.zip for part in parts}
    mine = [row for row in before if (row.state, row.chamber) in houses]
    others = [row for row in before if (row.state, row.chamber) not in houses]
    stay = [row for row in mine if row.zip not in zips]
    boxes = {row.zip: row.kind for row in before if row.kind}
    made = []
    for row in zip_rows(parts, others, as_of=as_of):  # exact, though nobody lives at a box
        made.append(replace(row, kind=boxes[row.zip], is_guess=True) if row.zip in boxes else row)
    doubts = []
    for state, chamber in sorted(houses):
        of_house = (row for row in mine if (row.state, row.chamber) == (state, chamber))
        areas = {row.zip for row in of_house if row.method not in GUESSES}
        lost = areas - zips
        if kind == ZIPS and len(lost) > _MANY * len(areas):
            doubts.append(doubt("areas_lost", where=f"{state} {chamber}", count=len(lost), whole=len(areas)))
    return MergedTable(
        kind=kind,
        rows=[*others, *stay, *made],
        doubts=doubts,
        made=len(made),
        replaced=len(mine) - len(stay),
        without_area=len(stay),
        elsewhere=len(others),
    )
