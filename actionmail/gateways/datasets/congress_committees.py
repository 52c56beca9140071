"""Committees of Congress (github.com/unitedstates/congress-legislators), in a folder or a zip.

`committees-current.yaml` lists committees with `type` (house, senate, joint), `name`, `thomas_id`, `url` and
`subcommittees`, each with a `thomas_id` of its own. `committee-membership-current.yaml` gives, by the committee's id or
by the committee's and the subcommittee's in one word (HSAG15), the members with `name`, `title` and `bioguide`. Members
of committees that the first file does not list are left out.
"""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from actionmail.gateways.datasets.committees import Committees
from actionmail.gateways.datasets.openstates import day_of, version_of
from actionmail.gateways.datasets.yaml_files import load_yaml, read_files
from actionmail.rules.roster.committees import CONGRESS, CommitteeRow, MemberRow, fault
from actionmail.rules.roster.seats import DatasetError, clean

_LIST, _MEMBERS = "committees-current.yaml", "committee-membership-current.yaml"
_CHAMBERS = {"house": "us_lower", "senate": "us_upper", "joint": "legislature"}


def holds_congress(path: Path) -> bool:
    """Whether these are committees of Congress, by the names of the files."""
    if path.is_dir():
        return (path / _LIST).is_file() or (path / _MEMBERS).is_file()
    try:
        with zipfile.ZipFile(path) as archive:
            return any(PurePosixPath(name).name in {_LIST, _MEMBERS} for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def read_congress_committees(path: Path, *, as_of: date | None = None, version: str = "") -> Committees:
    """Every committee and subcommittee with its members. Raises DatasetError. The day is found as for people."""
    files, newest, commit = read_files(
        path, lambda name: PurePosixPath(name).name in {_LIST, _MEMBERS}, "committee*-current.yaml"
    )
    day = day_of(path, as_of, newest)
    origin, _ = version_of(path, commit, version)
    short = origin[:12] if re.fullmatch(r"[0-9a-f]{40}", origin) else origin
    files_by_name = {PurePosixPath(name).name: raw for name, raw in files}
    for name in (_LIST, _MEMBERS):
        if name not in files_by_name:
            raise DatasetError(path.name, "file_missing", name=name)
    reading = _Reading(files_by_name, day, f"unitedstates/congress-legislators {short}"[:500])
    return Committees(rows=reading.rows(), as_of=day, version=origin)


class _Reading:
    def __init__(self, files: dict[str, bytes], day: date, source: str) -> None:
        self._raw = files
        self._day, self._source = day, source
        self._committees = load_yaml(_LIST, files[_LIST])
        self._members = load_yaml(_MEMBERS, files[_MEMBERS])
        if not isinstance(self._committees, list):
            raise DatasetError(_LIST, "no_list_of_committees", line=1, column=1)
        if not isinstance(self._members, dict):
            raise DatasetError(_MEMBERS, "no_list_of_members", line=1, column=1)

    def rows(self) -> list[CommitteeRow]:
        rows: dict[str, CommitteeRow] = {}
        for number, entry in enumerate(self._committees, 1):
            place = f"committee {number}"
            code = self._text(entry, "thomas_id", place)
            chamber = _CHAMBERS.get(self._text(entry, "type", place))
            if not code or chamber is None:
                raise self._wrong(code, "committee_incomplete", within=place)
            website = self._text(entry, "url", code)
            self._add(rows, code, chamber, entry, website=website if _is_site(website) else "", parent="")
            below = entry.get("subcommittees") or []
            if not isinstance(below, list):
                raise self._wrong(code, "no_list", within=code, name="subcommittees")
            for sub in below:
                self._add(rows, code + self._text(sub, "thomas_id", code), chamber, sub, website="", parent=code)
        if not any(row.members for row in rows.values()):
            raise DatasetError(_MEMBERS, "no_members")
        return list(rows.values())

    def _add(
        self, rows: dict[str, CommitteeRow], code: str, chamber: str, entry: Any, *, website: str, parent: str
    ) -> None:
        members = self._members.get(code) or []
        if not isinstance(members, list):
            raise DatasetError(_MEMBERS, "members_no_list", line=self._line(_MEMBERS, code), key=code)
        row = CommitteeRow(
            key=f"congress/{code}",
            state=CONGRESS,
            chamber=chamber,
            name=self._text(entry, "name", code),
            parent_key=f"congress/{parent}" if parent else "",
            website=website,
            source=self._source,
            as_of=self._day,
            members=tuple(self._member(code, member) for member in members),
        )
        if row.key in rows or code == parent:
            raise self._wrong(code, "committee_twice", key=code)
        if row_fault := fault(row):
            within = f"{code}: {row_fault.column}"
            raise self._wrong(code, row_fault.code, within=within, **row_fault.values)
        rows[row.key] = row

    def _member(self, code: str, member: Any) -> MemberRow:
        bioguide = self._text(member, "bioguide", code, _MEMBERS)
        return MemberRow(
            key=f"bioguide/{bioguide}" if bioguide else "",
            name=self._text(member, "name", code, _MEMBERS),
            role=self._text(member, "title", code, _MEMBERS) or "member",
        )

    def _text(self, values: Any, key: str, code: str, file: str = _LIST) -> str:
        value = values.get(key) if isinstance(values, dict) else ()
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
            raise DatasetError(file, "no_text", line=self._line(file, code), within=code, name=key)
        return clean(str(value)) if value is not None else ""

    def _wrong(self, committee: str, code: str, *, within: str = "", **values: Any) -> DatasetError:
        return DatasetError(_LIST, code, line=self._line(_LIST, committee), within=within, **values)

    def _line(self, file: str, code: str) -> int | None:
        """Where a committee's id stands; None where it is made of two."""
        match = re.search(rf"\b{re.escape(code)}\b".encode(), self._raw[file]) if code else None
        return self._raw[file].count(b"\n", 0, match.start()) + 1 if match else None


def _is_site(url: str) -> bool:
    return bool(re.fullmatch(r"https?://[^\s\"<>]{1,1900}", url))
