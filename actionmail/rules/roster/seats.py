"""A roster as rows: what a row must look like, how it is written down as CSV, and what is odd about an address."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import lru_cache
from operator import attrgetter, gt
from typing import Any

from actionmail.rules.districts.states import CHAMBERS, FEDERAL_CHAMBERS, STATES
from actionmail.rules.roster.faults import RowFault, fault_in

ALL_CHAMBERS = (*CHAMBERS, *FEDERAL_CHAMBERS)
_PLACES = {chamber: place for place, chamber in enumerate(ALL_CHAMBERS)}
DELEGATES = frozenset({"AS", "GU", "MP", "VI"})  # territories that send a delegate to the House and are not in STATES
CORRECTABLE = ("email", "phone", "district_phone", "website", "name", "given_name", "family_name", "party")
OF_THE_HOUSE = ("email", "phone", "district_phone", "website")  # left behind with it
# Never blanked by an import that merely lacks them. What tells where a phone rings goes with the phone.
NEVER_BLANKED = ("email", "phone", "website")
ELECTED = "elected"  # the status of whoever waits for the day in `begins`
STALE_AFTER_DAYS = 60
_HYPHENS = {0x2010: "-", 0x2011: "-"}  # that of typesetters, and the one at which no line breaks
_SHOWN = 40  # characters of a column that we do not know
MAX_CSV_BYTES = 32 * 1024 * 1024
_FREE_MAIL = """
    aol.com att.net bellsouth.net charter.net comcast.net cox.net earthlink.net frontier.com frontiernet.net gmail.com
    gmx.com googlemail.com hotmail.com icloud.com live.com mac.com mail.com me.com metrocast.net msn.com outlook.com
    optonline.net pm.me proton.me protonmail.com roadrunner.com rocketmail.com sbcglobal.net verizon.net yahoo.com
    ymail.com zoho.com
"""
PERSONAL_DOMAINS = frozenset(_FREE_MAIL.split())
_LENGTHS = {"key": 120, "district": 120, "name": 200, "given_name": 120, "family_name": 120, "party": 120, "phone": 40}
_LENGTHS |= {"district_phone": 40, "email": 254, "kept": 80, "website": 2000, "source": 500}
# What nearly every address looks like; email_validator refuses none of these, and asking it takes fifty times as long.
_NO_MAIL = "arpa|invalid|local|localhost|onion|test"
_LABEL = r"[a-z0-9](?:[a-z0-9]|-(?!-)){0,38}[a-z0-9]"
PLAIN_ADDRESS = re.compile(
    rf"(?=[^@]{{1,64}}@)[a-z0-9_]+(?:[.+'-][a-z0-9_]+)*@(?:{_LABEL}\.){{1,3}}(?!(?:{_NO_MAIL})\Z)[a-z]{{2,20}}",
    re.IGNORECASE | re.ASCII,
)
_measured = attrgetter(*_LENGTHS)
_MOST = tuple(_LENGTHS.values())
_WEBSITE = re.compile(r"https?://[^\s\"<>]+")
_BAR = "|"
_UNTIDY = ("  ", f"{_BAR} ", f" {_BAR}")  # blanks that `clean` takes away; in a cell with a bar perhaps others
_LEFT = "left/"  # begins the keys of rows whose person sits in another house by now
_NOTES = ("missing", "shared", "personal", "malformed")


class DatasetError(ValueError):
    """A data file cannot be used: why, as a code with its values, and where, as far as that is known.

    `within` is what of the file's content is meant, where no line tells: a key, or the number of an entry.
    """

    def __init__(
        self,
        file: str,
        code: str,
        /,
        *,
        line: int | None = None,
        column: int | str | None = None,
        within: str = "",
        **values: Any,
    ) -> None:
        self.file, self.code, self.line, self.column, self.within = file, code, line, column, within
        self.values: Mapping[str, Any] = values
        super().__init__(f"{self.place}: {code}{f' {values}' if values else ''}")

    @property
    def place(self) -> str:
        """The file, and the line and the column where they are known."""
        line = f", line {self.line}" if self.line is not None else ""
        column = f", column {self.column}" if self.column is not None else ""
        within = f": {self.within}" if self.within else ""
        return f"{self.file}{line}{column}{within}"


def utf8_text(raw: bytes, file: str, otherwise: str = "not_utf8") -> str:
    """The text of a data file, a byte order mark left out. Raises DatasetError with the line, and `otherwise` as code.

    A NUL is refused too: it is a sign of a file that was damaged or is of another kind.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(file, otherwise, line=raw.count(b"\n", 0, error.start) + 1) from None
    if (place := raw.find(b"\0")) >= 0:
        raise DatasetError(file, "nul", line=raw.count(b"\n", 0, place) + 1)
    return text


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatRow:
    """One seat's holder, somebody elected to it, or a vacant seat. The fields are the CSV's columns, in their order."""

    key: str
    state: str
    chamber: str
    district: str
    status: str = "sitting"
    name: str = ""
    given_name: str = ""
    family_name: str = ""
    party: str = ""
    email: str = ""
    email_note: str = ""
    phone: str = ""  # of the capitol, else of the district
    district_phone: str = ""  # of the district's office, also where it is `phone`
    website: str = ""
    kept: str = ""
    source: str = ""
    as_of: date
    begins: date | None = None  # the first day in office, where the dataset says it
    ends: date | None = None  # the last

    @property
    def seat(self) -> str:
        return f"{self.state} {self.chamber} {self.district}"


COLUMNS = tuple(field.name for field in fields(SeatRow))
MARKS = ("email_note", "kept", "source", "as_of")  # what may differ without the person's data having changed
OF_THE_PERSON = tuple(column for column in COLUMNS if column not in MARKS)
of_the_person = attrgetter(*OF_THE_PERSON)  # by it two rows of one person are compared, whatever their dataset's day
_LATER = ("district_phone", "begins", "ends")  # rosters were written without them once


def clean(text: str) -> str:
    """One line of printable text in composed form (NFC), all hyphens alike, so that equal names compare equal."""
    if text.isascii() and text.isprintable():  # as nearly all is; the long way takes ten times as long
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text).translate(_HYPHENS)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def cleaned_cells(cells: Sequence[str]) -> list[str]:
    """Each of them as `clean` makes it; where all are clean, as nearly always, found out at once."""
    line = _BAR.join(["", *cells, ""])
    if line.isascii() and line.isprintable() and not any(map(line.__contains__, _UNTIDY)):
        return list(cells)
    return [clean(cell) for cell in cells]


@lru_cache(maxsize=16_384)  # an import asks of each address twice: when it is read, and before it is written
def is_address(text: str) -> bool:
    """Whether mail could be sent there, by its spelling alone."""
    if PLAIN_ADDRESS.fullmatch(text):
        return True
    from email_validator import EmailNotValidError, validate_email  # here, since few rosters need it

    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True


def vacant_key(state: str, chamber: str, district: str, number: int = 1) -> str:
    return f"vacant/{state.lower()}/{chamber}/{district}" + (f"/{number}" if number > 1 else "")


def left_key(key: str, number: int) -> str:
    """What the row with this number is called once its person, of this key, sits in another house."""
    return f"{_LEFT}{number}/{key}"[: _LENGTHS["key"]]


def is_stale(as_of: date | None, today: date) -> bool:
    """Whether a roster of this day is old, or nobody is in it."""
    return as_of is None or (today - as_of).days > STALE_AFTER_DAYS


def fault(row: SeatRow) -> RowFault | None:
    """Why a row cannot be used; None if it can."""
    for check in (_seat_fault, _holder_fault, _contact_fault, _length_fault):
        wrong = check(row)
        if wrong:
            return wrong
    return None


def _seat_fault(row: SeatRow) -> RowFault | None:
    if not row.key or row.key != clean(row.key):
        return fault_in("key", "key_needed")
    if row.key.startswith(_LEFT):
        return fault_in("key", "key_kept_for_us", value=_LEFT)
    if row.state not in STATES and not (row.state in DELEGATES and row.chamber == "us_lower"):
        return fault_in("state", "no_state", value=row.state)
    if row.chamber not in ALL_CHAMBERS:
        return fault_in("chamber", "none_of", value=row.chamber, known=ALL_CHAMBERS)
    return None if row.district else fault_in("district", "district_missing")


def _holder_fault(row: SeatRow) -> RowFault | None:
    if row.status not in {"sitting", "vacant", ELECTED}:
        return fault_in("status", "no_status", value=row.status)
    if row.status == ELECTED and row.begins is None:
        return fault_in("begins", "no_first_day")
    if row.status != "vacant" and not row.name:
        return fault_in("name", "legislator_name")
    if row.status == "vacant" and (row.name or row.email or row.phone or row.district_phone):
        return fault_in("status", "vacant_with_person")
    return None


def _contact_fault(row: SeatRow) -> RowFault | None:
    if row.email and not is_address(row.email):
        return fault_in("email", "no_address")
    if row.email_note and row.email_note not in _NOTES:
        return fault_in("email_note", "none_of", value=row.email_note, known=_NOTES)
    if row.website and not _WEBSITE.fullmatch(row.website):
        return fault_in("website", "no_website")
    return None


def _length_fault(row: SeatRow) -> RowFault | None:
    lengths = tuple(map(len, _measured(row)))
    if not any(map(gt, lengths, _MOST)):  # without a step of ours for each column
        return None
    for column, length in zip(_LENGTHS, lengths, strict=True):
        if length > _LENGTHS[column]:
            return fault_in(column, "too_long", most=_LENGTHS[column])
    return None


def with_notes(rows: Iterable[SeatRow]) -> list[SeatRow]:
    """The rows, each told what is odd about its address: missing, malformed, shared with another, or personal."""
    rows = list(rows)
    # whoever is elected may have another seat until then, or the address of whom they follow
    holders = Counter(row.email.lower() for row in rows if row.email and row.status != ELECTED)
    noted = []
    for row in rows:
        if row.status == "vacant" or (row.chamber in FEDERAL_CHAMBERS and not row.email):
            note = ""  # members of Congress have web forms instead
        elif not row.email:
            note = "malformed" if row.email_note == "malformed" else "missing"
        elif holders[row.email.lower()] > 1:
            note = "shared"
        else:
            note = "personal" if row.email.rpartition("@")[2].lower() in PERSONAL_DOMAINS else ""
        noted.append(row if note == row.email_note else replace(row, email_note=note))
    return noted


def in_order(rows: Iterable[SeatRow]) -> list[SeatRow]:
    """By state, upper house first, district as people count them, holders before vacancies, name."""
    return sorted(
        rows,
        key=lambda r: (r.state, _PLACES[r.chamber], _counted(r.district), r.status, r.family_name, r.key),
    )


@lru_cache(maxsize=16_384)  # a roster is put in order several times on its way
def _counted(district: str) -> tuple[tuple[int, str], ...]:
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.findall(r"[0-9]+|[^0-9]+", district)
    )


def to_csv(rows: Iterable[SeatRow]) -> bytes:
    """The same rows give the same bytes: UTF-8, LF, ordered."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(attrgetter(*COLUMNS), in_order(rows)))
    return out.getvalue().encode()


def from_csv(raw: bytes, file: str) -> list[SeatRow]:
    """Read what `to_csv` writes, or the same with its columns in another order. Raises DatasetError."""
    if len(raw) > MAX_CSV_BYTES:
        raise DatasetError(file, "no_roster_so_large", megabytes=MAX_CSV_BYTES // 1024 // 1024)
    text = utf8_text(raw, file, "not_utf8_save")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[SeatRow] = []
    seen: dict[str, int] = {}
    line = 1
    try:
        header = next(reader, [])
        _check_header(header, file)
        line = reader.line_num + 1
        for cells in reader:
            row = _row(header, cells, file, line)
            if row.key in seen:
                raise DatasetError(file, "key_as_in_line", line=line, column="key", first=seen[row.key])
            seen[row.key] = line
            rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(file, "no_csv", line=line, why=str(error)) from None
    if not rows:
        raise DatasetError(file, "no_row", line=line)
    return rows


def _check_header(header: Sequence[str], file: str) -> None:
    missing = [column for column in COLUMNS if column not in header and column not in _LATER]
    unknown = [column[:_SHOWN] for column in header if column not in COLUMNS]
    if missing or unknown or len(set(header)) != len(header):
        raise DatasetError(
            file,
            "roster_columns",
            line=1,
            columns=COLUMNS,
            missing=missing,
            unknown=unknown,
        )


def _row(header: Sequence[str], cells: Sequence[str], file: str, line: int) -> SeatRow:
    if len(cells) != len(header):
        raise DatasetError(file, "cells", line=line, count=len(cells), needed=len(header))
    values: dict[str, Any] = dict(zip(header, cleaned_cells(cells), strict=True))
    begins = _day(values.pop("begins", ""), "begins", file, line)
    ends = _day(values.pop("ends", ""), "ends", file, line)
    as_of = _day(values.pop("as_of"), "as_of", file, line)
    if as_of is None:
        raise DatasetError(file, "no_date", line=line, column="as_of")
    row = SeatRow(**values, as_of=as_of, begins=begins, ends=ends)
    row_fault = fault(row)
    if row_fault:
        raise DatasetError(file, row_fault.code, line=line, column=row_fault.column, **row_fault.values)
    return row


def _day(text: str, column: str, file: str, line: int) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DatasetError(file, "no_date", line=line, column=column) from None
