"""Open States people (github.com/openstates/people), from a folder or a zip: who holds which seat on a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from actionmail.gateways.datasets.yaml_files import load_yaml, mapping, placed, read_files
from actionmail.rules.districts.states import CHAMBERS
from actionmail.rules.roster.doubts import Doubt, doubt
from actionmail.rules.roster.holders import Listed, holders, is_lately_left, vacancies
from actionmail.rules.roster.names import PersonName, greetable
from actionmail.rules.roster.seats import DatasetError, SeatRow, clean, fault, in_order, is_address, vacant_key

_PERSON = re.compile(r"(?:.*/)?data/(?P<state>[a-z]{2})/legislature/[^/]+\.ya?ml")
_SETTINGS = re.compile(r"(?:[^/]+/)?settings\.yml")
JURISDICTION = re.compile(r"ocd-jurisdiction/country:us/(?:state|district|territory):([a-z]{2})/government")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# Which office's phone to offer, best first. A phone at home is never taken.
_OFFICES = ("capitol", "district", "primary", "capitol-mail", "district-mail")
_DISTRICT_OFFICES = ("district", "district-mail")
_SITES = ("contact form", "homepage", "website", "member page", "member detail page", "html member detail page")


class People(Struct, frozen=True, kw_only=True):
    """What the files say about one day."""

    rows: list[SeatRow]
    as_of: date
    version: str  # the commit if the zip tells, else the file's name
    doubts: tuple[Doubt, ...] = ()  # why somebody should look at the file
    waiting: tuple[SeatRow, ...] = ()  # elected and not seated, in `rows` only from their day on


def version_of(path: Path, commit: str, version: str) -> tuple[str, str]:
    """The version, and the source with it as rows name it."""
    origin = version or commit or path.name
    return origin, f"openstates/people {origin[:12] if re.fullmatch(r'[0-9a-f]{40}', origin) else origin}"


def day_of(path: Path, as_of: date | None, newest: date) -> date:
    """The day the dataset is of: as said, else in its name, else that of its newest file. Raises DatasetError."""
    named = _DATE.search(path.name)
    try:
        return as_of or (date.fromisoformat(named[0]) if named else newest)
    except ValueError:
        raise DatasetError(path.name, "name_no_date", text=named[0] if named else "") from None


def read_people(path: Path, *, as_of: date | None = None, version: str = "") -> People:
    """State legislators (the states, DC, Puerto Rico) and vacant seats as of a day. Raises DatasetError.

    The day is `as_of`, else the date in the file's name, else the newest date inside.
    """
    files, newest, commit = read_files(path, _is_wanted, "data/[a-z][a-z]/legislature/*.y*ml")
    day = day_of(path, as_of, newest)
    origin, source = version_of(path, commit, version)
    settings: dict[str, Any] = {}
    people: list[Listed] = []
    doubts: list[Doubt] = []
    for name, raw in files:
        if _SETTINGS.fullmatch(name):
            settings = mapping(load_yaml(name, raw), name)
            continue
        person = _Person(name, raw, source, day)
        people.append(person.listed())
        doubts += person.doubts
    listed = holders(people, day)
    if not listed.sitting:
        raise DatasetError(path.name, "no_legislators")
    states = {row.state for row in listed.sitting}
    rows = [*listed.sitting, *_vacancies(settings, states, source, day)]
    nobody_in = [row for row in (*listed.left, *listed.waiting) if row.state in states]
    rows += vacancies(nobody_in, rows)
    return People(
        rows=_once_each(rows, path.name),
        as_of=day,
        version=origin,
        doubts=(*doubts, *listed.doubts),
        waiting=tuple(in_order(row for row in listed.waiting if row.state in states)),
    )


def _once_each(rows: list[SeatRow], file: str) -> list[SeatRow]:
    seen: set[str] = set()
    for row in rows:
        if row.key in seen:
            raise DatasetError(file, "key_twice", key=row.key, seat=row.seat)
        seen.add(row.key)
    return rows


def _is_wanted(name: str) -> bool:
    match = _PERSON.fullmatch(name)
    return bool(match and match["state"] != "us") or bool(_SETTINGS.fullmatch(name))


class _Person:
    """One file. Faults are placed by reading it again with places, which only happens once."""

    def __init__(self, name: str, raw: bytes, source: str, day: date) -> None:
        self.name, self.raw, self.source, self.day = name, raw, source, day
        self.content = mapping(load_yaml(name, raw), name)
        self.doubts: list[Doubt] = []

    def listed(self) -> Listed:
        """The seats of this person: now, later, and left, among these the last of whoever holds none now.

        Open States moves people who left to another folder only later.
        """
        current, later, ended = [], [], []
        for place, role in self._roles():
            begins, ends = self._day(place, role, "start_date"), self._day(place, role, "end_date")
            if ends is not None and ends < self.day:
                ended.append((ends, place, role))
            elif begins is not None and begins > self.day:
                later.append(self._row(place, role))
            else:
                current.append(self._row(place, role))
        left = []
        if ended:
            _, place, role = max(ended, key=lambda item: item[0])
            last = self._row(place, role)
            left = [last] if not current or is_lately_left(last, self.day) else []
        return Listed(file=self.name, holds=current, will_hold=later, left=left)

    def _roles(self) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
        for number, role in enumerate(self._list("roles")):
            if not isinstance(role, dict):
                raise self._fault(("roles", number), "role_incomplete")
            if role.get("type") in CHAMBERS:
                yield ("roles", number), role

    def _row(self, place: tuple[str | int, ...], role: dict[str, Any]) -> SeatRow:
        where = JURISDICTION.fullmatch(str(role.get("jurisdiction")))
        if not where:
            raise self._fault((*place, "jurisdiction"), "no_jurisdiction")
        email = self._text(self.content, "email", ())
        usable = not email or is_address(email)
        person = self._named()
        row = SeatRow(
            key=self._text(self.content, "id", ()),
            state=where[1].upper(),
            chamber=str(role["type"]),
            district=self._text(role, "district", place),
            name=person.name,
            given_name=person.given_name,
            family_name=person.family_name,
            party=self._party(),
            email=email if usable else "",
            email_note="" if usable else "malformed",
            phone=self._phone(_OFFICES),
            district_phone=self._phone(_DISTRICT_OFFICES),
            website=self._website(),
            source=self.source,
            as_of=self.day,
            begins=self._day(place, role, "start_date"),
            ends=self._day(place, role, "end_date"),
        )
        row_fault = fault(row)
        if row_fault:
            column = {"key": "id"}.get(row_fault.column, row_fault.column)
            at = (*place, "district") if column == "district" else (column,)
            raise self._fault(at, row_fault.code, within=column, **row_fault.values)
        return row

    def _named(self) -> PersonName:
        """The name as a greeting can take it; a doubt where it is not the file's."""
        in_file = PersonName(
            name=self._text(self.content, "name", ()),
            given_name=self._text(self.content, "given_name", ()),
            family_name=self._text(self.content, "family_name", ()),
        )
        person = greetable(in_file)
        if person != in_file and not self.doubts:
            name = in_file.name if person.name != in_file.name else in_file.family_name
            self.doubts.append(doubt("odd_name", file=self.name, name=name, greeted=person.family_name or person.name))
        return person

    def _party(self) -> str:
        """The parties of the day, those that were left aside."""
        names = []
        for number, party in enumerate(self._list("party")):
            place = ("party", number)
            values = party if isinstance(party, dict) else {"name": party}
            begins, ends = self._day(place, values, "start_date"), self._day(place, values, "end_date")
            is_left = ends is not None and (ends < self.day or (ends == self.day and begins != ends))
            if not is_left and (begins is None or begins <= self.day):
                names.append(self._text(party, "name", place))
        return "/".join(names)[:120]

    def _phone(self, wanted: Sequence[str]) -> str:
        """Of the first of these offices that has one."""
        phones: dict[str, str] = {}
        for number, office in enumerate(self._list("offices")):
            if not isinstance(office, dict):
                raise self._fault(("offices", number), "office_incomplete")
            voice = self._text(office, "voice", ("offices", number))
            if voice and len(voice) <= 40:
                phones.setdefault(str(office.get("classification")), voice)
        return next((phones[kind] for kind in wanted if kind in phones), "")

    def _website(self) -> str:
        """A contact form if one is noted, else the person's own page."""
        links = [(str(link.get("note") or "").lower(), link.get("url")) for link in self._mappings("links")]
        noted = [url for site in _SITES for note, url in links if note == site]
        extras = self.content.get("extras")
        noted += [extras.get("website")] if isinstance(extras, dict) else []
        noted += [url for note, url in links if not note]
        fit = (url for url in noted if isinstance(url, str) and re.fullmatch(r"https?://[^\s\"<>]{1,1900}", url))
        return next(fit, "")

    def _list(self, column: str) -> list[Any]:
        value = self.content.get(column) or []
        if not isinstance(value, list):
            raise self._fault((column,), "no_list", name=column)
        return value

    def _mappings(self, column: str) -> list[dict[str, Any]]:
        return [item for item in self._list(column) if isinstance(item, dict)]

    def _text(self, mapping: Any, column: str, place: tuple[str | int, ...]) -> str:
        value = mapping.get(column) if isinstance(mapping, dict) else mapping
        if value is None:
            return ""
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise self._fault((*place, column), "no_text", name=column)
        return clean(str(value))

    def _day(self, place: tuple[str | int, ...], role: dict[str, Any], column: str) -> date | None:
        value = role.get(column)
        if value is None or value == "":
            return None
        if isinstance(value, date):
            return value.date() if isinstance(value, datetime) else value
        text = str(value)
        try:  # "2026" and "2026-01" mean the beginning for a start, the end for an end
            part = "-12-31" if column == "end_date" else "-01-01"
            month = "-28" if column == "end_date" else "-01"
            return date.fromisoformat(text + (part if len(text) == 4 else month if len(text) == 7 else ""))
        except ValueError:
            raise self._fault((*place, column), "column_no_date", name=column) from None

    def _fault(self, place: tuple[str | int, ...], code: str, *, within: str = "", **values: Any) -> DatasetError:
        node = yaml.compose(self.raw, Loader=yaml.CSafeLoader)
        for step in place:
            if isinstance(node, yaml.MappingNode):
                node = next((value for key, value in node.value if key.value == step), node)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
        return placed(self.name, node.start_mark if node else None, code, within=within, **values)


def _vacancies(settings: dict[str, Any], states: set[str], source: str, day: date) -> Iterator[SeatRow]:
    """The seats that settings.yml calls vacant. Its `vacant_until` is when to look again, not when it was filled."""
    numbers: dict[tuple[str, str, str], int] = {}
    for code, content in settings.items():
        state = str(code).upper()
        vacancies = (content.get("vacancies") if isinstance(content, dict) else None) or []
        if state not in states:
            continue
        for vacancy in vacancies if isinstance(vacancies, list) else [vacancies]:
            if not isinstance(vacancy, dict):
                raise DatasetError("settings.yml", "vacancy_incomplete", within=str(code))
            chamber, district = str(vacancy.get("chamber")), clean(str(vacancy.get("district") or ""))
            number = numbers[state, chamber, district] = numbers.get((state, chamber, district), 0) + 1
            row = SeatRow(
                key="vacant", state=state, chamber=chamber, district=district, status="vacant", source=source, as_of=day
            )
            row_fault = fault(row)
            if row_fault:
                within = f"{code}: {row_fault.column}"
                raise DatasetError("settings.yml", row_fault.code, within=within, **row_fault.values)
            yield replace(row, key=vacant_key(state, chamber, district, number))
