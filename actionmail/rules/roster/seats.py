"""A roster as rows: what a row must look like, how it is written down as CSV, and what is odd about an address."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from email_validator import EmailNotValidError, validate_email

from actionmail.rules.districts.states import CHAMBERS, FEDERAL_CHAMBERS, STATES

ALL_CHAMBERS = (*CHAMBERS, *FEDERAL_CHAMBERS)
DELEGATES = frozenset({"AS", "GU", "MP", "VI"})  # territories that send a delegate to the House and are not in STATES
CORRECTABLE = ("email", "phone", "website", "name", "given_name", "family_name", "party")
STALE_AFTER_DAYS = 60
MAX_CSV_BYTES = 32 * 1024 * 1024
_FREE_MAIL = """
    aol.com att.net bellsouth.net charter.net comcast.net cox.net earthlink.net frontier.com frontiernet.net gmail.com
    gmx.com googlemail.com hotmail.com icloud.com live.com mac.com mail.com me.com metrocast.net msn.com outlook.com
    optonline.net pm.me proton.me protonmail.com roadrunner.com rocketmail.com sbcglobal.net verizon.net yahoo.com
    ymail.com zoho.com
"""
PERSONAL_DOMAINS = frozenset(_FREE_MAIL.split())
_LENGTHS = {"key": 120, "district": 120, "name": 200, "given_name": 120, "family_name": 120, "party": 120, "phone": 40}
_LENGTHS |= {"email": 254, "kept": 80, "website": 2000, "source": 500}
_NOTES = {"", "missing", "shared", "personal", "malformed"}


class DatasetError(ValueError):
    """A data file cannot be used. `str()` names the file, the line and the column where known, and the reason."""

    def __init__(self, file: str, reason: str, *, line: int | None = None, column: int | str | None = None) -> None:
        self.file, self.line, self.column, self.reason = file, line, column, reason
        place = "".join(
            f", {word} {value}" for word, value in (("line", line), ("column", column)) if value is not None
        )
        super().__init__(f"{file}{place}: {reason}")


def utf8_text(raw: bytes, file: str, otherwise: str = "not UTF-8 text") -> str:
    """The text of a data file, a byte order mark left out. Raises DatasetError with the line, saying `otherwise`.

    A NUL is refused too: it is a sign of a file that was damaged or is of another kind.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(file, otherwise, line=raw.count(b"\n", 0, error.start) + 1) from None
    if (place := raw.find(b"\0")) >= 0:
        raise DatasetError(file, "holds a NUL character, which no text has", line=raw.count(b"\n", 0, place) + 1)
    return text


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatRow:
    """One seat's holder, or a vacant seat. The order of the fields is the order of the CSV's columns."""

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
    phone: str = ""
    website: str = ""
    kept: str = ""
    source: str = ""
    as_of: date

    @property
    def seat(self) -> str:
        return f"{self.state} {self.chamber} {self.district}"


COLUMNS = tuple(field.name for field in fields(SeatRow))


def clean(text: str) -> str:
    """One line of printable text in composed form (NFC), so that equal names compare equal."""
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def is_address(text: str) -> bool:
    """Whether mail could be sent there, by its spelling alone."""
    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True


def vacant_key(state: str, chamber: str, district: str, number: int = 1) -> str:
    return f"vacant/{state.lower()}/{chamber}/{district}" + (f"/{number}" if number > 1 else "")


def age_alarm(as_of: date | None, today: date) -> str:
    """What to say about a roster of this day, or "" if it is fresh."""
    if as_of is None:
        return "There is no legislator in the database; run `actionmail data load`."
    age = (today - as_of).days
    if age <= STALE_AFTER_DAYS:
        return ""
    return (
        f"The roster is as of {as_of.isoformat()}, {age} days old. Members leave and addresses change: "
        "import a newer one with `actionmail data import people`."
    )


def fault(row: SeatRow) -> tuple[str, str] | None:
    """The column and the reason for which a row cannot be used; None if it can."""
    if not row.key or row.key != clean(row.key):
        return "key", "every row needs a key, on one line"
    if row.state not in STATES and not (row.state in DELEGATES and row.chamber == "us_lower"):
        return "state", f"{row.state!r} is no state's two capital letters"
    if row.chamber not in ALL_CHAMBERS:
        return "chamber", f"{row.chamber!r} is none of {', '.join(ALL_CHAMBERS)}"
    if not row.district:
        return "district", "the district is missing"
    if row.status not in {"sitting", "vacant"}:
        return "status", f"{row.status!r} is neither sitting nor vacant"
    if row.status == "sitting" and not row.name:
        return "name", "a sitting legislator needs a name"
    if row.status == "vacant" and (row.name or row.email or row.phone):
        return "status", "a vacant seat has no name, address or phone"
    if row.email and not is_address(row.email):
        return "email", "this is no e-mail address"
    if row.email_note not in _NOTES:
        return "email_note", f"{row.email_note!r} is none of missing, shared, personal, malformed"
    if row.website and not re.fullmatch(r"https?://[^\s\"<>]+", row.website):
        return "website", "a website begins with http:// or https:// and has no spaces"
    for column, length in _LENGTHS.items():
        if len(getattr(row, column)) > length:
            return column, f"longer than {length} characters"
    return None


def with_notes(rows: Iterable[SeatRow]) -> list[SeatRow]:
    """The rows, each told what is odd about its address: missing, malformed, shared with another, or personal."""
    rows = list(rows)
    holders = Counter(row.email.lower() for row in rows if row.email)
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
        key=lambda r: (r.state, ALL_CHAMBERS.index(r.chamber), _counted(r.district), r.status, r.family_name, r.key),
    )


def _counted(district: str) -> tuple[tuple[int, str], ...]:
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.findall(r"[0-9]+|[^0-9]+", district)
    )


def to_csv(rows: Iterable[SeatRow]) -> bytes:
    """The same rows give the same bytes: UTF-8, LF, ordered."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in in_order(rows):
        writer.writerow([getattr(row, column) for column in COLUMNS])
    return out.getvalue().encode()


def from_csv(raw: bytes, file: str) -> list[SeatRow]:
    """Read what `to_csv` writes, or the same with its columns in another order. Raises DatasetError."""
    if len(raw) > MAX_CSV_BYTES:
        raise DatasetError(file, f"larger than {MAX_CSV_BYTES // 1024 // 1024} MB, so this is no roster")
    text = utf8_text(raw, file, "not UTF-8 text; save it as CSV UTF-8")
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
                raise DatasetError(file, f"the same key as in line {seen[row.key]}", line=line, column="key")
            seen[row.key] = line
            rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(file, f"not readable as CSV: {error}", line=line) from None
    if not rows:
        raise DatasetError(file, "there is no row in it", line=line)
    return rows


def _check_header(header: Sequence[str], file: str) -> None:
    missing = [column for column in COLUMNS if column not in header]
    unknown = [column for column in header if column not in COLUMNS]
    if missing or unknown or len(set(header)) != len(header):
        said = f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown)[:200] or 'none'}"
        raise DatasetError(
            file, f"the first line must name the columns {', '.join(COLUMNS)} once each ({said})", line=1
        )


def _row(header: Sequence[str], cells: Sequence[str], file: str, line: int) -> SeatRow:
    if len(cells) != len(header):
        raise DatasetError(file, f"{len(cells)} cells where {len(header)} are needed", line=line)
    values = {column: clean(cell) for column, cell in zip(header, cells, strict=True)}
    try:
        as_of = date.fromisoformat(values.pop("as_of"))
    except ValueError:
        raise DatasetError(file, "not a date such as 2026-08-05", line=line, column="as_of") from None
    row = SeatRow(**values, as_of=as_of)
    wrong = fault(row)
    if wrong:
        raise DatasetError(file, wrong[1], line=line, column=wrong[0])
    return row
