"""Census blocks: from the districts and the ZIP area of every block to the districts of every ZIP code.

A block is the smallest area that the Census Bureau counts people in. ZIP areas (ZCTAs) and the Bureau's tables of
districts are made of whole blocks, so what is made of them is exact for both.
"""

from __future__ import annotations

import csv
import io
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from msgspec import Struct

from actionmail.rules.districts.overlays import base_district, is_overlay
from actionmail.rules.districts.states import AT_LARGE, FIPS, ONE_HOUSE, STATES
from actionmail.rules.districts.zip_table import Candidate
from actionmail.rules.roster.seats import DatasetError, utf8_text

AREAS, PEOPLE = "areas", "people"  # kinds of files; the others are the chambers whose districts they give
CODES_FILE = "district_codes.csv"
CODES_COLUMNS = ("state", "chamber", "code", "district")
NO_DISTRICT = frozenset({"", "ZZ", "ZZZ"})  # water, as a rule
FLOOR = 0.0001  # the share of a district where there is land but nobody lived at the census
_BLOCKS_OF_STATE = 10**13  # a block's 15 digits begin with the state's two
_UNKNOWN, _NOWHERE = 0, 1  # in the place of a code's number
_DELEGATE = "98"
_OTHERWISE = ONE_HOUSE | {"PR"}  # its members at large are in no block, so the ZIP table does without it


class ZipRow(Struct, frozen=True, kw_only=True):
    """One row of the ZIP table."""

    zip: str
    state: str
    chamber: str
    district: str
    share: float
    method: str
    as_of: date
    kind: str = ""  # of the ZIP code, where it is one of BOX_KINDS
    is_guess: bool = False


class Part(Struct, frozen=True, kw_only=True):
    """The part of a ZIP code that lies in one district. `people` and `land` (square metres) of its blocks."""

    zip: str
    state: str
    chamber: str
    districts: tuple[str, ...]
    people: int
    land: int


@dataclass(slots=True)
class _State:
    """The blocks of one state that lie in a ZIP area, in order of their numbers."""

    blocks: array[int] = field(default_factory=lambda: array("q"))
    zips: array[int] = field(default_factory=lambda: array("i"))
    land: array[int] = field(default_factory=lambda: array("q"))
    people: array[int] | None = None  # -1 where no file has told yet
    codes: dict[str, array[int]] = field(default_factory=dict)  # by chamber: the number of each block's code
    numbers: dict[str, dict[str, int]] = field(default_factory=dict)

    def find(self, block: int) -> int:
        at = bisect_left(self.blocks, block)
        return at if at < len(self.blocks) and self.blocks[at] == block else -1


class Blocks:
    """Every block of the `states` with its ZIP area, land, people and districts: about 24 bytes a block."""

    def __init__(self, states: Iterable[str] = ()) -> None:
        wanted = set(states) or set(STATES)
        self._states = {int(number): _State() for number, state in FIPS.items() if state in wanted}

    def place(self, block: int, zip5: int, land: int) -> None:
        """Say which ZIP area a block lies in. All blocks first, then `settle`."""
        state = self._states.get(block // _BLOCKS_OF_STATE)
        if state is not None:
            state.blocks.append(block)
            state.zips.append(zip5)
            state.land.append(land)

    def settle(self, file: str) -> None:
        """Put the blocks in order. Raises DatasetError where one is there twice, or none at all."""
        for state in self._states.values():
            count = len(state.blocks)
            if any(state.blocks[at] > state.blocks[at + 1] for at in range(count - 1)):
                order = sorted(range(count), key=state.blocks.__getitem__)
                state.blocks = array("q", [state.blocks[at] for at in order])
                state.zips = array("i", [state.zips[at] for at in order])
                state.land = array("q", [state.land[at] for at in order])
            twice = next((state.blocks[at] for at in range(count - 1) if state.blocks[at] == state.blocks[at + 1]), 0)
            if twice:
                raise DatasetError(file, "block_twice", block=twice)
        self._states = {number: state for number, state in self._states.items() if state.blocks}
        if not self._states:
            raise DatasetError(file, "no_block_of_states")

    def assign(self, chamber: str, block: int, code: str) -> bool:
        """Say a block's district; False if that was said before. Blocks in no ZIP area do not count."""
        number = block // _BLOCKS_OF_STATE
        state = self._states.get(number)
        if state is None:
            return True
        if chamber != "us_lower" and FIPS[f"{number:02}"] in _OTHERWISE:
            if chamber == "lower" or FIPS[f"{number:02}"] == "PR":
                return True  # the Bureau keeps a legislature of one house as an upper one
            chamber = "legislature"
        at = state.find(block)
        if at < 0:
            return True
        codes = state.codes.get(chamber)
        if codes is None:
            codes = state.codes[chamber] = array("H", bytes(2 * len(state.blocks)))
            state.numbers[chamber] = {"": _NOWHERE}
        if codes[at] != _UNKNOWN:
            return False
        numbers = state.numbers[chamber]
        codes[at] = numbers.setdefault("" if code in NO_DISTRICT else code, len(numbers) + 1)
        return True

    def count(self, block: int, people: int) -> bool:
        """Say how many live in a block; False if that was said before."""
        state = self._states.get(block // _BLOCKS_OF_STATE)
        at = state.find(block) if state is not None else -1
        if state is None or at < 0:
            return True
        if state.people is None:
            state.people = array("i", [-1]) * len(state.blocks)
        if state.people[at] >= 0:
            return False
        state.people[at] = people
        return True

    def houses(self) -> list[tuple[str, str]]:
        """The states and chambers that the files spoke of."""
        return [(FIPS[f"{number:02}"], chamber) for number, state in self._states.items() for chamber in state.codes]

    def uncounted(self, state: str) -> tuple[int, int]:
        """How many of a state's blocks no file told the people of, and of how many."""
        held = self._of(state)
        return (sum(people < 0 for people in held.people) if held.people else len(held.blocks)), len(held.blocks)

    def has_people(self) -> bool:
        """Whether any file told how many live where."""
        return any(state.people is not None for state in self._states.values())

    def nowhere(self, state: str, chamber: str) -> tuple[int, int, int]:
        """Of the blocks with land: how many are in no line, how many in no district by the file, and of how many."""
        held = self._of(state)
        dry = [code for code, land in zip(held.codes[chamber], held.land, strict=True) if land]
        return dry.count(_UNKNOWN), dry.count(_NOWHERE), len(dry)

    def parts(self, state: str, chamber: str, names: Mapping[str, tuple[str, ...]]) -> Iterator[Part]:
        """Every ZIP code's parts; `names` gives the districts of a code. Water where nobody lives is left out."""
        held = self._of(state)
        code_of = {number: code for code, number in held.numbers[chamber].items()}
        people: dict[tuple[int, int], int] = {}
        land: dict[tuple[int, int], int] = {}
        counted = held.people or array("i", bytes(4 * len(held.blocks)))
        for zip5, number, lived, dry in zip(held.zips, held.codes[chamber], counted, held.land, strict=True):
            if number > _NOWHERE and (lived > 0 or dry):
                people[zip5, number] = people.get((zip5, number), 0) + max(lived, 0)
                land[zip5, number] = land.get((zip5, number), 0) + dry
        for (zip5, number), lived in people.items():
            yield Part(
                zip=f"{zip5:05}",
                state=state,
                chamber=chamber,
                districts=names[code_of[number]],
                people=lived,
                land=land[zip5, number],
            )

    def codes(self, state: str, chamber: str) -> list[str]:
        """The codes in use, without the one of no district."""
        return sorted(code for code in self._of(state).numbers[chamber] if code)

    def _of(self, state: str) -> _State:
        return next(held for number, held in self._states.items() if FIPS[f"{number:02}"] == state)


# From codes to names


def read_codes(raw: bytes, file: str) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """The districts that a Census code stands for where it is not their number: `state,chamber,code,district`.

    Several rows for a code: whoever lives there votes in all of them (Idaho's two seats, New Hampshire's floterials).
    """
    reader = csv.reader(io.StringIO(utf8_text(raw, file), newline=""))
    if tuple(next(reader, ())) != CODES_COLUMNS:
        raise DatasetError(file, "code_columns", line=1, columns=CODES_COLUMNS)
    names: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for cells in reader:
        if len(cells) != len(CODES_COLUMNS) or not all(cells):
            raise DatasetError(file, "cell_count_or_empty", line=reader.line_num)
        state, chamber, code, district = cells
        names[state, chamber, code] = (*names.get((state, chamber, code), ()), district)
    return names


def district_names(
    known: Mapping[tuple[str, str, str], tuple[str, ...]], state: str, chamber: str, code: str
) -> tuple[str, ...]:
    """What the roster calls the districts of a Census code: those in `known`, else the code without leading zeros."""
    if chamber == "us_lower":
        return (AT_LARGE if code.lstrip("0") == _DELEGATE or not code.strip("0") else code.lstrip("0"),)
    return known.get((state, chamber, code)) or (code.lstrip("0"),)


# From blocks to rows


def zip_rows(parts: Iterable[Part], others: Iterable[ZipRow], *, as_of: date) -> list[ZipRow]:
    """The rows of these parts, with the shares of people, or of land where nobody was counted.

    `others` are rows of other states: of a ZIP code that lies in both, these parts get what those leave.
    """
    by_zip: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        for house in _houses(part.chamber):
            by_zip.setdefault((part.zip, house), []).append(part)
    taken = _taken(others)
    shares: dict[tuple[str, str, str, str], float] = {}
    for (zip5, house), here in by_zip.items():
        weights = [part.people for part in here]
        if not any(weights):
            weights = [part.land for part in here]
        total = sum(weights)
        left = max(1.0 - taken.get((zip5, house), 0.0), FLOOR)
        for part, weight in zip(here, weights, strict=True):
            if part.chamber == "legislature" and house == "lower":
                continue  # it was written down with the upper houses
            for district in part.districts:
                key = (zip5, part.state, part.chamber, district)
                shares[key] = shares.get(key, 0.0) + weight / total * left
    return [
        ZipRow(
            zip=zip5,
            state=state,
            chamber=chamber,
            district=district,
            share=min(max(round(share, 4), FLOOR), 1.0),
            method="block",
            as_of=as_of,
        )
        for (zip5, state, chamber, district), share in shares.items()
    ]


def _houses(chamber: str) -> tuple[str, ...]:
    """A legislature of one house stands beside both houses of the next state."""
    return ("upper", "lower") if chamber == "legislature" else (chamber,)


def _taken(rows: Iterable[ZipRow]) -> dict[tuple[str, str], float]:
    shares: dict[tuple[str, str, str, str], float] = {}
    for row in rows:
        seat = Candidate(
            chamber=row.chamber, district=row.district, state=row.state, share=row.share, method=row.method
        )
        if not is_overlay(seat):
            for house in _houses(row.chamber):
                shares[row.zip, house, row.state, base_district(seat)] = row.share
    taken: dict[tuple[str, str], float] = {}
    for (zip5, house, _, _), share in shares.items():
        taken[zip5, house] = taken.get((zip5, house), 0.0) + share
    return taken
