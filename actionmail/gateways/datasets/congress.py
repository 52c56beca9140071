"""Members of Congress (github.com/unitedstates/congress-legislators, legislators-current.yaml).

They take no letters by e-mail: what is kept is their web form and their phone. Senators' district is "Statewide", a
state's only representative's and a delegate's is "At-Large". A vacant seat is not in the file.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from actionmail.gateways.datasets.openstates import People, day_of
from actionmail.gateways.datasets.whole_files import read_file
from actionmail.gateways.datasets.yaml_files import load_yaml, placed
from actionmail.rules.roster.doubts import doubt
from actionmail.rules.roster.seats import DatasetError, SeatRow, clean, fault

MAX_BYTES = 8 * 1024 * 1024
FEWEST = 500  # of 541 seats: 100 senators, 435 representatives, 6 delegates
STATEWIDE, AT_LARGE = "Statewide", "At-Large"
_CHAMBERS = {"sen": "us_upper", "rep": "us_lower"}


def read_congress(path: Path, *, as_of: date | None = None, version: str = "") -> People:
    """Who sits in Congress on a day. Raises DatasetError.

    The day is `as_of`, else the date in the file's name, else the day the file was written.
    """
    raw = read_file(path, MAX_BYTES)
    day = day_of(path, as_of, date.fromtimestamp(path.stat().st_mtime))  # noqa: DTZ012
    people = load_yaml(path.name, raw)
    if not isinstance(people, list):
        raise DatasetError(path.name, "no_list_of_people", line=1, column=1)
    origin = version or path.name
    short = origin[:12] if re.fullmatch(r"[0-9a-f]{40}", origin) else origin
    source = f"unitedstates/congress-legislators {short}"
    rows, waiting = [], []
    for number, person in enumerate(people):
        member = _Member(path.name, raw, number, person)
        row, later = member.seat(day, source), member.seat_to_come(day, source)
        rows += [row] if row else []
        waiting += [later] if later else []
    if not rows:
        raise DatasetError(path.name, "no_term", day=day)
    doubts = (doubt("few_members", file=path.name, count=len(rows)),) if len(rows) < FEWEST else ()
    return People(rows=rows, as_of=day, version=origin, doubts=doubts, waiting=tuple(waiting))


class _Member:
    """One person of the file. Faults are placed by reading it again with places, which only happens once."""

    def __init__(self, file: str, raw: bytes, number: int, person: Any) -> None:
        self._file, self._raw, self._number = file, raw, number
        if not isinstance(person, dict):
            raise self._fault("person_incomplete")
        ids, name, terms = person.get("id"), person.get("name"), person.get("terms")
        if not isinstance(ids, dict) or not isinstance(name, dict) or not isinstance(terms, list):
            raise self._fault("person_incomplete")
        self._ids, self._name, self._terms = ids, name, terms
        for term in self._terms:
            if not isinstance(term, dict):
                raise self._fault("term_incomplete")

    def seat(self, day: date, source: str) -> SeatRow | None:
        """The seat that is held on this day, if any."""
        current = [term for term in self._terms if self._when(term, "start") <= day < self._when(term, "end")]
        return self._row(current[-1], day, source) if current else None

    def seat_to_come(self, day: date, source: str) -> SeatRow | None:
        """The seat of the next term, if the file has one that begins later."""
        later = [term for term in self._terms if self._when(term, "start") > day]
        return self._row(min(later, key=lambda term: self._when(term, "start")), day, source) if later else None

    def _row(self, term: dict[str, Any], day: date, source: str) -> SeatRow:
        kind, district = self._checked(term)
        row = SeatRow(
            key=f"bioguide/{self._text(self._ids, 'bioguide')}",
            state=self._text(term, "state"),
            chamber=_CHAMBERS[kind],
            district=district,
            name=self._text(self._name, "official_full") or self._both_names(),
            given_name=self._text(self._name, "first"),
            family_name=self._text(self._name, "last"),
            party=self._text(term, "party"),
            phone=self._text(term, "phone"),
            website=self._website(term),
            source=source,
            as_of=day,
            begins=self._when(term, "start"),
            ends=self._when(term, "end"),
        )
        row_fault = fault(row)
        if row_fault:
            raise self._fault(row_fault.code, within=row_fault.column, **row_fault.values)
        return row

    def _checked(self, term: dict[str, Any]) -> tuple[str, str]:
        """The kind of a term, and the district as the roster calls it."""
        kind, district = self._text(term, "type"), self._text(term, "district")
        if kind not in _CHAMBERS:
            raise self._fault("term_type", value=kind[:20])
        if kind == "rep" and not district.isdecimal():
            raise self._fault("term_district")
        if not self._text(self._ids, "bioguide"):
            raise self._fault("no_bioguide")
        if kind == "sen":
            return kind, STATEWIDE
        return kind, str(int(district)) if int(district) else AT_LARGE

    def _both_names(self) -> str:
        return f"{self._text(self._name, 'first')} {self._text(self._name, 'last')}".strip()

    def _website(self, term: dict[str, Any]) -> str:
        for url in (self._text(term, "contact_form"), self._text(term, "url")):
            if re.match("https?://", url):
                return url
        return ""

    def _text(self, values: dict[str, Any], key: str) -> str:
        value = values.get(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self._fault("no_text", name=key)
        return clean(str(value))

    def _when(self, term: dict[str, Any], key: str) -> date:
        value = term.get(key)
        try:
            return value if isinstance(value, date) and not isinstance(value, datetime) else date.fromisoformat(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise self._fault("term_day", name=key) from None

    def _fault(self, code: str, *, within: str = "", **values: Any) -> DatasetError:
        node = yaml.compose(self._raw, Loader=yaml.CSafeLoader)
        entry = node.value[self._number] if isinstance(node, yaml.SequenceNode) else None
        person = f"person {self._number + 1}"
        return placed(
            self._file,
            entry.start_mark if entry else None,
            code,
            within=f"{person}: {within}" if within else person,
            **values,
        )
