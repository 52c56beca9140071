"""From a ZIP code to the seats whose holders it may have elected."""

from __future__ import annotations

import csv
import gc
import gzip
import hashlib
import io
import logging
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from actionmail.rules.districts.blocks import ZipRow
from actionmail.rules.districts.zip_districts import (
    AT_LARGE,
    CHAMBERS,
    FEDERAL_CHAMBERS,
    METHODS,
    ONE_HOUSE,
    STATES,
    BadZip,
    Candidate,
    DistrictTable,
    LookupRefused,
    Places,
    UnknownZip,
    WrongState,
    and_join,
    chambers_in,
    count_of_districts,
    ground,
    house,
    is_settled,
    lies_over,
    normalise_zip,
    options,
    whereabouts,
)
from actionmail.rules.roster.seats import DatasetError, clean, utf8_text

__all__ = [
    "PROBABLE",
    "SURE",
    "UNSURE",
    "BadZip",
    "Basis",
    "DatasetError",
    "Found",
    "LookupRefused",
    "Stamp",
    "TablesInForce",
    "UnknownZip",
    "WrongState",
    "basis_by_zip",
    "basis_kept",
    "convert_congress_table",
    "convert_zip_table",
    "find_seats",
    "load_district_table",
    "pack_congress_rows",
    "pack_zip_rows",
    "read_congress_rows",
    "read_zip_rows",
    "stamp_of",
]

log = logging.getLogger(__name__)

MAX_KEPT = 10_000  # answers
MAX_BYTES = 64 * 1024 * 1024
SHARED_COLUMNS = ("zip", "state", "chamber", "district", "share", "method")
COLUMNS = (*SHARED_COLUMNS, "as_of")
ZIP_FILE, CONGRESS_FILE = "zip_districts.csv.gz", "zip_congress.csv.gz"
CONGRESS_COLUMNS = ("zip", "state", "district", "as_of")
_PUBLISHED_COLUMNS = ("state_fips", "state_abbr", "zcta", "cd")


SURE, PROBABLE, UNSURE = "high", "medium", "low"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """How one chamber's districts became known."""

    method: str  # "zip", "zip-guess", "state" (the whole of it), "boundary", "geocoder", "openstates"; "none" told it
    data_version: str  # of the dataset that told it; "" where the source has no versions or none was needed
    confidence: str  # SURE: the sources agree; PROBABLE: only one could tell; UNSURE: the supporter decides


@dataclass(frozen=True, kw_only=True)
class Found:
    """The seats of one ZIP code in one state. Unless `is_certain`, the supporter must say yes or choose."""

    zip: str
    state: str
    method: str  # "zip", or "zip-guess" where a candidate is one
    data_version: str
    as_of: date
    seats: dict[str, tuple[Candidate, ...]]
    basis: dict[str, Basis]  # of each chamber in `seats`
    is_certain: bool
    explanation: str

    def options(self, chamber: str) -> tuple[tuple[Candidate, ...], ...]:
        """What the supporter chooses one of: each the districts that go together (Idaho's seats A and B)."""
        return options(self.seats.get(chamber, ()))


def find_seats(table: DistrictTable, zip_text: str, *, state: str, chambers: Sequence[str]) -> Found:
    """The candidates per wanted chamber. Raises BadZip, UnknownZip or WrongState, with a sentence and a way on."""
    zip5 = normalise_zip(zip_text)
    asked = (zip5, state, *chambers)
    known: Found | None = table.answers.get(asked)
    if known is None:
        known = _find(table, zip5, state, chambers)
        if len(table.answers) >= MAX_KEPT:
            table.answers.clear()
        table.answers[asked] = known
    return known


def basis_by_zip(table: DistrictTable, chamber: str, candidates: Sequence[Candidate], *, settled: str = SURE) -> Basis:
    """What a chamber rests on where only the ZIP code told; its confidence is `settled` where no question is left."""
    if not candidates:
        return Basis(method="none", data_version="", confidence=UNSURE)
    methods = {one.method for one in candidates}
    versions = {"us_upper": "", "us_lower": table.congress_version}  # senators are those of whoever lives in the state
    return Basis(
        method="zip-guess" if "centroid" in methods else "state" if methods == {"state"} else "zip",
        data_version=versions.get(chamber, table.version),
        confidence=settled if is_settled(candidates) else UNSURE,
    )


def basis_kept(found: Found, asked: Sequence[str], chambers: Sequence[str]) -> dict[str, Basis]:
    """What is kept of `chambers` once the supporter answered for those in `asked`.

    Whoever chose a district of this state lives in it, so that a part of their ZIP code beyond it is no doubt any more.
    """
    kept = {}
    for chamber, basis in found.basis.items():
        if chamber not in chambers:
            continue
        if chamber in asked:
            basis = replace(basis, method=f"{basis.method}+choice", confidence=UNSURE)
        elif basis.method in {"zip", "state"} and basis.confidence == UNSURE:
            basis = replace(basis, confidence=SURE)
        kept[chamber] = basis
    return kept


def _find(table: DistrictTable, zip5: str, state: str, chambers: Sequence[str]) -> Found:
    found = table.candidates(zip5)
    wanted = chambers_in(state, chambers)
    is_federal = any(chamber in FEDERAL_CHAMBERS for chamber in wanted)
    states = table.states(zip5, with_congress=is_federal)
    if not states:
        raise UnknownZip(whereabouts(zip5) or _unknown(zip5))
    if state not in states:
        names = and_join([STATES[one] for one in states])
        raise WrongState(
            f"The ZIP code {zip5} is in {names}, not in {STATES[state]}, whose legislators are asked for here. "
            f"If you live in {STATES[state]}, please enter the ZIP code of your home there.",
            states,
        )
    seats = {
        chamber: table.of_congress(zip5, state, chamber)
        if chamber in FEDERAL_CHAMBERS
        else tuple(one for one in found if one.state == state and one.chamber == chamber)
        for chamber in wanted
    }
    mine = [one for candidates in seats.values() for one in candidates]
    is_guess = any(one.method == "centroid" for one in mine)
    beyond = [one for one in states if one != state]
    return Found(
        zip=zip5,
        state=state,
        method="zip-guess" if is_guess else "zip",
        data_version=f"{table.version} {table.congress_version}".strip() if is_federal else table.version,
        as_of=table.as_of,
        seats=seats,
        basis={
            chamber: basis_by_zip(table, chamber, candidates, settled=UNSURE if beyond else SURE)
            for chamber, candidates in seats.items()
        },
        is_certain=bool(seats) and not beyond and all(map(is_settled, seats.values())),
        explanation=_explain(zip5, state, seats, beyond, is_guess=is_guess),
    )


def _unknown(zip5: str) -> str:
    return (
        f"We do not know the ZIP code {zip5}. Please check it for a slip; if it is new or belongs to a post office "
        "box, try the ZIP code printed on mail to your home."
    )


def _explain(
    zip5: str, state: str, seats: dict[str, tuple[Candidate, ...]], beyond: Sequence[str], *, is_guess: bool
) -> str:
    counts = {chamber: len({ground(c) for c in found if not lies_over(c)}) for chamber, found in seats.items()}
    senators = counts.pop("us_upper", 0)
    listed = and_join([count_of_districts(state, chamber, count) for chamber, count in counts.items() if count])
    missing = [house(state, chamber) for chamber, count in counts.items() if not seats[chamber]]
    parts = []
    if is_guess:
        parts.append(
            f"We know only roughly where {zip5} lies, as with post office boxes and new ZIP codes. "
            "Please check that these are your legislators."
        )
    elif any(count > 1 for count in counts.values()):
        parts.append(f"{zip5} lies in {listed}: your street decides.")
    elif listed:
        parts.append(f"{zip5} lies in {listed}.")
    if senators:
        parts.append(f"The two U.S. Senators of {STATES[state]} represent everybody there.")
    if missing:
        parts.append(f"We could not tell your {and_join(missing)} district from it.")
    if beyond:
        parts.append(f"A part of it is in {and_join([STATES[one] for one in beyond])}: please check where you live.")
    if state == "ID" and seats.get("lower"):
        parts.append("Each Idaho House district has two seats, A and B, and both represent you.")
    if seats.get("legislature") and state == "DC":
        parts.append("The Chairman and the members at large represent everybody in the District of Columbia.")
    if state == "NH" and any(lies_over(one) for one in seats.get("lower", ())):
        parts.append(
            "In New Hampshire some House districts, called floterial, lie over several others, "
            "so you may have representatives from both."
        )
    return " ".join(parts)


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """While rows are made and none is thrown away, the garbage collector takes a quarter of the time for nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_nothing_to_collect()
def load_district_table(path: Path) -> DistrictTable:
    """Read `zip_districts.csv.gz` or `.csv` (either is found by the other's name, and both in a folder).

    Every row is checked. Raises DatasetError.
    """
    file = _table_file(path)
    raw = read_text(file)
    lines = utf8_text(raw, file.name).splitlines()
    if not lines or tuple(lines[0].split(",")) != COLUMNS:
        raise DatasetError(file.name, f"the first line must be {','.join(COLUMNS)}", line=1)
    if len(lines) == 1:
        raise DatasetError(file.name, "there is no row in it", line=1)
    rows, first = _grouped(lines, file.name)
    portions: set[str] = set()
    checked: set[tuple[str, ...]] = set()
    for row, line in first.items():
        cells = _cells(row)
        if len(cells) != len(COLUMNS) - 1:
            raise DatasetError(file.name, "too few or too many cells", line=line)
        state, chamber, district, share, method, day = cells
        kind = (state, chamber, district, method, day)
        if share not in portions or kind not in checked:  # most rows are like others, and one check is enough
            _checked(["00000", *cells[:5]], True, file.name, line)
            try:
                date.fromisoformat(day)
            except ValueError:
                raise DatasetError(file.name, "not a date such as 2026-08-05", line=line, column="as_of") from None
            portions.add(share)
            checked.add(kind)
    days: dict[str, date] = {}
    years: dict[str, int] = {}
    for state, _, _, _, text in checked:
        of_row = date.fromisoformat(text)
        days[state] = min(of_row, days.get(state, of_row))
        years[state] = max(of_row.year, years.get(state, of_row.year))
    congress, congress_version, congress_as_of = _congress(file.with_name(CONGRESS_FILE))
    return DistrictTable(
        Places(rows, {(state, chamber, district) for state, chamber, district, _, _ in checked}, _candidate),
        version=f"{min(days.values()).isoformat()}-{hashlib.sha256(raw).hexdigest()[:12]}",
        days=days,
        years=years,
        congress=congress,
        congress_version=congress_version,
        congress_as_of=congress_as_of,
    )


Stamp = tuple[int, int, int]


def stamp_of(file: Path) -> Stamp | None:
    """What tells a file from the one that stood there before; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


class TablesInForce:
    """The ZIP tables in a data folder, read again when others have taken their place.

    So an import, and going back, hold at once in every process. Raises DatasetError where there is none to begin with.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file, self._congress_file = folder / ZIP_FILE, folder / CONGRESS_FILE
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
        return stamp_of(self._file) or stamp_of(self._plain_file), stamp_of(self._congress_file)


def _grouped(lines: Sequence[str], file: str) -> tuple[dict[str, list[str]], dict[str, int]]:
    """The rows of each ZIP code without it, and of each different row the line where it first stands."""
    rows: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    last, found = "", []
    for number, line in enumerate(lines[1:], 2):
        zip5, _, row = line.partition(",")
        if zip5 != last:
            if len(zip5) != 5 or not (zip5.isascii() and zip5.isdigit()):
                raise DatasetError(file, f"{zip5[:20]!r} is no ZIP code of five digits", line=number, column="zip")
            last, found = zip5, rows.setdefault(zip5, [])
        first.setdefault(row, number)
        found.append(row)
    return rows, first


def _cells(row: str) -> list[str]:
    return next(csv.reader([row])) if '"' in row else row.split(",")


def _candidate(row: str, _: int) -> Candidate:
    state, chamber, district, share, method, _day = _cells(row)
    return Candidate(chamber=chamber, district=district, state=state, share=float(share), method=method)


def _congress(file: Path) -> tuple[Places, str, date | None]:
    """The list of ZIP codes and districts of Congress with its version and day; nothing where there is none."""
    if not file.is_file():
        return Places({}, set(), _of_congress), "", None
    raw = read_text(file)
    lines = raw.decode("ascii", "replace").splitlines()
    if not lines or tuple(lines[0].split(",")) != CONGRESS_COLUMNS:
        raise DatasetError(file.name, f"the first line must be {','.join(CONGRESS_COLUMNS)}", line=1)
    rows, first = _grouped(lines, file.name)
    seats = set()
    days: dict[str, date] = {}
    for row, line in first.items():
        cells = row.split(",")
        if len(cells) != len(CONGRESS_COLUMNS) - 1:
            raise DatasetError(file.name, "too few or too many cells", line=line)
        state, district, day = cells
        _check_congress("00000", state, district, file.name, line)
        seats.add((state, "us_lower", district))
        if day not in days:
            try:
                days[day] = date.fromisoformat(day)
            except ValueError:
                raise DatasetError(file.name, "not a date such as 2026-08-05", line=line, column="as_of") from None
    if not days:
        raise DatasetError(file.name, "there is no row in it", line=1)
    as_of = min(days.values())
    version = f"congress:{as_of.isoformat()}-{hashlib.sha256(raw).hexdigest()[:12]}"
    return Places(rows, seats, _of_congress), version, as_of


def _of_congress(row: str, rows: int) -> Candidate:
    state, district, _ = row.split(",")
    return Candidate(chamber="us_lower", district=district, state=state, share=1 / rows, method="list")


def _check_congress(zip5: str, state: str, district: str, file: str, line: int) -> None:
    if len(zip5) != 5 or not (zip5.isascii() and zip5.isdigit()):
        raise DatasetError(file, f"{zip5[:20]!r} is no ZIP code of five digits", line=line, column="zip")
    if state not in STATES:
        raise DatasetError(file, f"{state[:20]!r} is no state", line=line, column="state")
    if district != AT_LARGE and not (district.isascii() and district.isdecimal() and 0 < int(district) < 100):
        raise DatasetError(file, f"{district[:20]!r} is no district of Congress", line=line, column="district")


def convert_congress_table(path: Path, *, as_of: date) -> bytes:
    """The published list (columns state_fips, state_abbr, zcta, cd; 0 and 98 are At-Large) in the product's form."""
    raw = read_text(path)
    text = utf8_text(raw, path.name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: set[tuple[str, str, str]] = set()
    line = 1
    try:
        header = next(reader, [])
        if tuple(header) != _PUBLISHED_COLUMNS:
            raise DatasetError(path.name, f"the first line must be {','.join(_PUBLISHED_COLUMNS)}", line=1)
        for cells in reader:
            line = reader.line_num
            if len(cells) != len(_PUBLISHED_COLUMNS):
                raise DatasetError(path.name, "too few or too many cells", line=line)
            _, state, zip5, number = cells
            district = AT_LARGE if number in {"0", "00", "98"} else number.lstrip("0")
            if state not in STATES and len(state) == 2 and state.isupper():
                continue  # territories that are in no other table either
            _check_congress(zip5, state, district, path.name, line)
            rows.add((zip5, state, district))
    except csv.Error as error:
        raise DatasetError(path.name, f"not readable as CSV: {error}", line=line) from None
    if not rows:
        raise DatasetError(path.name, "there is no row in it", line=1)
    return pack_congress_rows(
        ZipRow(zip=zip5, state=state, chamber="us_lower", district=district, share=1.0, method="list", as_of=as_of)
        for zip5, state, district in rows
    )


def convert_zip_table(path: Path, *, as_of: date) -> bytes:
    """A table of ZIP codes and districts (columns zip, state, chamber, district, share, method) in the product's form.

    Sorted, without duplicates, every row with its date; gzip that has the same bytes for the same rows.
    """
    raw = read_text(path)
    text = utf8_text(raw, path.name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: dict[tuple[str, str, str, str], tuple[float, list[str]]] = {}
    line = 1
    try:
        header = next(reader, [])
        if tuple(header) not in {SHARED_COLUMNS, COLUMNS}:
            raise DatasetError(path.name, f"the first line must be {','.join(SHARED_COLUMNS)}", line=1)
        line = 2
        for cells in reader:
            zip5, state, chamber, district, share, method = _checked(
                cells[:6], len(cells) == len(header), path.name, line
            )
            key = (zip5, state, chamber, district)
            if key in rows:
                raise DatasetError(path.name, f"{' '.join(key)} is there twice", line=line)
            rows[key] = (float(share), [*key, share, method, as_of.isoformat()])
            line = reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(path.name, f"not readable as CSV: {error}", line=line) from None
    if not rows:
        raise DatasetError(path.name, "there is no row in it", line=1)
    return _packed((share, values) for share, values in rows.values())


def _packed(rows: Iterable[tuple[float, list[str]]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    ordered = sorted(rows, key=lambda row: (*row[1][:3], -row[0], row[1][3]))
    writer.writerows(values for _, values in ordered)
    return gzip.compress(out.getvalue().encode(), 9, mtime=0)


def read_zip_rows(path: Path) -> list[ZipRow]:
    """Every row of the table at `path`, for what makes another of it. Raises DatasetError."""
    table = load_district_table(path)  # which checks every line
    days: dict[str, date] = {}
    rows = []
    at: dict[str, int] = {}
    for line in read_text(_table_file(path)).decode("utf-8-sig").splitlines()[1:]:
        zip5, day = line[:5], line[-len("2024-11-05") :]
        place = at[zip5] = at.get(zip5, -1) + 1
        one = table.candidates(zip5)[place]
        rows.append(
            ZipRow(
                zip=zip5,
                state=one.state,
                chamber=one.chamber,
                district=one.district,
                share=one.share,
                method=one.method,
                as_of=days.get(day) or days.setdefault(day, date.fromisoformat(day)),
            )
        )
    return rows


def pack_zip_rows(rows: Iterable[ZipRow]) -> bytes:
    """The product's ZIP table of these rows: the same bytes for the same rows."""
    return _packed(
        (
            row.share,
            [row.zip, row.state, row.chamber, row.district, f"{row.share:g}", row.method, row.as_of.isoformat()],
        )
        for row in rows
    )


def read_congress_rows(path: Path) -> list[ZipRow]:
    """Every row of the list of ZIP codes and districts of Congress in the folder `path`; none where there is no list.

    The shares of a ZIP code are all the same, since the list has none.
    """
    file = path / CONGRESS_FILE
    if not file.is_file():
        return []
    cells = [line.split(",") for line in read_text(file).decode("ascii", "replace").splitlines()[1:]]
    listed, *_ = _congress(file)  # which checks every line
    return [
        ZipRow(
            zip=zip5,
            state=state,
            chamber="us_lower",
            district=district,
            share=1 / len(listed[zip5]),
            method="list",
            as_of=date.fromisoformat(as_of),
        )
        for zip5, state, district, as_of in cells
    ]


def pack_congress_rows(rows: Iterable[ZipRow]) -> bytes:
    """The product's list of ZIP codes and districts of Congress."""
    ordered = sorted(rows, key=lambda row: (row.zip, row.state, 0 if row.district == AT_LARGE else int(row.district)))
    lines = [
        ",".join(CONGRESS_COLUMNS),
        *(f"{row.zip},{row.state},{row.district},{row.as_of.isoformat()}" for row in ordered),
    ]
    return gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0)


def _table_file(path: Path) -> Path:
    if path.is_dir():
        path = path / ZIP_FILE
    other = path.with_suffix("") if path.suffix == ".gz" else path.with_name(path.name + ".gz")
    for file in (path, other):
        if file.is_file():
            return file
    raise DatasetError(path.name, "there is no ZIP table; `actionmail data import zips` makes one")


def read_text(path: Path) -> bytes:
    """A table's text, unpacked if it is gzip. Raises DatasetError, also for more than MAX_BYTES of it."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(path.name, f"cannot be read: {error}") from None
    if len(raw) > MAX_BYTES:
        raise DatasetError(path.name, f"larger than {MAX_BYTES // 1024 // 1024} MB, so this is no such table")
    return raw


def _share(text: str) -> float | None:
    """A part of a ZIP code's people, above 0 and at most 1; None for anything else."""
    try:
        portion = float(text)
    except ValueError:
        return None
    return portion if 0 < portion <= 1 else None


def _checked(cells: Iterable[str], is_whole: bool, file: str, line: int) -> tuple[str, str, str, str, str, str]:
    if not is_whole:
        raise DatasetError(file, "too few or too many cells", line=line)
    zip5, state, chamber, district, share, method = cells
    if len(zip5) != 5 or not (zip5.isascii() and zip5.isdigit()):
        raise DatasetError(file, f"{zip5[:20]!r} is no ZIP code of five digits", line=line, column="zip")
    if state not in STATES:
        raise DatasetError(file, f"{state[:20]!r} is no state", line=line, column="state")
    if chamber not in CHAMBERS or (chamber == "legislature") != (state in ONE_HOUSE):
        raise DatasetError(file, f"{chamber[:20]!r} is no chamber of {state}", line=line, column="chamber")
    if not district or len(district) > 120 or district != clean(district):
        raise DatasetError(file, f"{district[:40]!r} is no district's name", line=line, column="district")
    if _share(share) is None:
        raise DatasetError(file, f"{share[:20]!r} is no share between 0 and 1", line=line, column="share")
    if method not in METHODS:
        raise DatasetError(file, f"{method[:20]!r} is none of {', '.join(METHODS)}", line=line, column="method")
    return zip5, state, chamber, district, share, method
