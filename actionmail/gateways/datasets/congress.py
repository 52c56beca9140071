"""Members of Congress (github.com/unitedstates/congress-legislators, legislators-current.yaml).

They take no letters by e-mail: what is kept is their web form and their phone. Senators' district is "Statewide", a
state's only representative's and a delegate's is "At-Large". A vacant seat is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from actionmail.gateways.datasets.openstates import People, day_of
from actionmail.gateways.datasets.yaml_files import load_yaml, placed, read_file
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
        raise DatasetError(path.name, "not a list of people, as legislators-current.yaml is", line=1, column=1)
    said = version or path.name
    short = said[:12] if re.fullmatch(r"[0-9a-f]{40}", said) else said
    source = f"unitedstates/congress-legislators {short}"
    rows = [row for number in range(len(people)) for row in _member(path.name, raw, people, number, day, source)]
    if not rows:
        raise DatasetError(path.name, f"nobody in it has a term on {day.isoformat()}, so nothing to import")
    doubts = (doubt("few_members", file=path.name, count=len(rows)),) if len(rows) < FEWEST else ()
    return People(rows=rows, as_of=day, version=said, doubts=doubts)


def _member(file: str, raw: bytes, people: list[Any], number: int, day: date, source: str) -> Iterator[SeatRow]:
    person = people[number]

    def wrong(reason: str) -> DatasetError:
        node = yaml.compose(raw, Loader=yaml.CSafeLoader)
        entry = node.value[number] if isinstance(node, yaml.SequenceNode) else None
        return placed(file, entry.start_mark if entry else None, f"person {number + 1}: {reason}")

    def text(values: Any, key: str) -> str:
        value = values.get(key) if isinstance(values, dict) else None
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
            raise wrong(f"{key} must be text")
        return clean(str(value)) if value is not None else ""

    def when(term: dict[str, Any], key: str) -> date:
        value = term.get(key)
        try:
            return value if isinstance(value, date) and not isinstance(value, datetime) else date.fromisoformat(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise wrong(f"{key} of a term must be a date such as 2025-01-03") from None

    parts = [person.get(part) if isinstance(person, dict) else None for part in ("id", "name", "terms")]
    ids, name, terms = parts
    if not isinstance(ids, dict) or not isinstance(name, dict) or not isinstance(terms, list):
        raise wrong("a person needs id, name and terms")
    if not all(isinstance(term, dict) for term in terms):
        raise wrong("a term must have a type, a state, a start and an end")
    current = [term for term in terms if when(term, "start") <= day < when(term, "end")]
    if not current:
        return
    term = current[-1]
    kind, district = text(term, "type"), text(term, "district")
    if kind not in _CHAMBERS:
        raise wrong(f"the type of a term must be sen or rep, not {kind[:20]!r}")
    if kind == "rep" and not district.isdecimal():
        raise wrong("a representative's term needs the number of a district")
    if not text(ids, "bioguide"):
        raise wrong("id needs bioguide")
    site = next((url for url in (text(term, "contact_form"), text(term, "url")) if re.match("https?://", url)), "")
    row = SeatRow(
        key=f"bioguide/{text(ids, 'bioguide')}",
        state=text(term, "state"),
        chamber=_CHAMBERS[kind],
        district=STATEWIDE if kind == "sen" else AT_LARGE if int(district) == 0 else str(int(district)),
        name=text(name, "official_full") or f"{text(name, 'first')} {text(name, 'last')}".strip(),
        given_name=text(name, "first"),
        family_name=text(name, "last"),
        party=text(term, "party"),
        phone=text(term, "phone"),
        website=site,
        source=source,
        as_of=day,
    )
    fails = fault(row)
    if fails:
        raise wrong(f"{fails[0]}: {fails[1]}")
    yield row
