"""Committees of the states' legislatures from Open States (data/<state>/committees/*.yml), in a folder or a zip."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from actionmail.gateways.datasets.openstates import JURISDICTION, day_of, version_of
from actionmail.gateways.datasets.yaml_files import load_yaml, mapping, placed, read_files
from actionmail.rules.roster.committees import CommitteeRow, MemberRow, fault
from actionmail.rules.roster.seats import DatasetError, clean

# Those of Congress are left out: their members' ids are not those of the roster of Congress (see congress_committees).
_WANTED = re.compile(r"(?:.*/)?data/(?!us/)[a-z]{2}/committees/[^/]+\.ya?ml")


class Committees(Struct, frozen=True, kw_only=True):
    """What the files say about one day."""

    rows: list[CommitteeRow]
    as_of: date
    version: str


def read_committees(path: Path, *, as_of: date | None = None, version: str = "") -> Committees:
    """Every committee and its members. Raises DatasetError. The day is found as for people."""
    files, newest, commit = read_files(
        path, lambda name: bool(_WANTED.fullmatch(name)), "data/[a-z][a-z]/committees/*.y*ml"
    )
    day = day_of(path, as_of, newest)
    origin, source = version_of(path, commit, version)
    rows: dict[str, CommitteeRow] = {}
    for name, raw in files:
        row = _committee(name, raw, source, day)
        if row.key in rows:
            raise DatasetError(name, "key_twice", key=row.key, seat=f"{row.state} {row.name}")
        rows[row.key] = row
    if not rows:
        raise DatasetError(path.name, "no_committees")
    return Committees(rows=list(rows.values()), as_of=day, version=origin)


def _committee(name: str, raw: bytes, source: str, day: date) -> CommitteeRow:
    content = mapping(load_yaml(name, raw), name)

    def wrong(column: str, code: str, **values: Any) -> DatasetError:
        node = yaml.compose(raw, Loader=yaml.CSafeLoader)
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        value = next((value for key, value in pairs if key.value == column), node)
        return placed(name, value.start_mark if value else None, code, within=column, **values)

    def text(values: dict[str, Any], key: str, column: str) -> str:
        value = values.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
            raise wrong(column, "no_text", name=key)
        return clean(str(value)) if value is not None else ""

    def mappings(column: str) -> list[dict[str, Any]]:
        value = content.get(column) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise wrong(column, "no_mappings")
        return value

    where = JURISDICTION.fullmatch(str(content.get("jurisdiction")))
    if not where:
        raise wrong("jurisdiction", "no_jurisdiction")
    links = [(str(link.get("note") or "").lower(), text(link, "url", "links")) for link in mappings("links")]
    sites = [url for _, url in sorted(links, key=lambda link: link[0] != "homepage") if _is_site(url)]
    row = CommitteeRow(
        key=text(content, "id", "id"),
        state=where[1].upper(),
        chamber=text(content, "chamber", "chamber"),
        name=text(content, "name", "name"),
        parent_key=text(content, "parent", "parent"),
        website=sites[0] if sites else "",
        source=source,
        as_of=day,
        members=tuple(
            MemberRow(
                key=text(member, "person_id", "members"),
                name=text(member, "name", "members"),
                role=text(member, "role", "members") or "member",
            )
            for member in mappings("members")
        ),
    )
    row_fault = fault(row)
    if row_fault:
        raise wrong(row_fault.column, row_fault.code, **row_fault.values)
    return row


def _is_site(url: str) -> bool:
    return bool(re.fullmatch(r"https?://[^\s\"<>]{1,1900}", url))
