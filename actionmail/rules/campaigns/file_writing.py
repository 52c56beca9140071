"""A campaign with its letters written as the TOML file that `campaign_file.read_campaign` reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from actionmail.rules.campaigns.columns import CAMPAIGN, COLUMN_OF, RULE, columns_for, translation_for, without_defaults
from actionmail.rules.campaigns.kinds import Kind, kind_of, lists_in
from actionmail.rules.campaigns.value_checks import Columns, iso_day


def write_campaign(columns: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> str:
    """The file that `read_campaign` reads as these columns and letters."""
    lines = []
    for key in columns_for(columns["kind"]):
        value = _local(columns, COLUMN_OF[key]) if key in COLUMN_OF else columns[key]
        if key not in _TABLES and value not in (None, "") and (key not in _SILENT or value != CAMPAIGN[key][1]):
            lines.append(f"{key} = {_toml(value)}")
    lines += _details(columns["kind"], columns["details"])
    for rule in columns["targets"]:
        lines += ["", "[[targets]]", *(f"{key} = {_toml(rule[key])}" for key in RULE if key in rule)]
    known = translation_for(columns["kind"], columns["details"])
    for tag, words in columns["translations"].items():
        given = [f"{key} = {_toml(words[key])}" for key in known if key in words]
        lines += ["", f"[translations.{tag}]", *given]
    for letter in letters:
        lines += ["", "[[letters]]", *(f"{key} = {_toml(value)}" for key, value in without_defaults(letter).items())]
    return "\n".join(lines) + "\n"


_TABLES = ("targets", "translations", "details")  # written by themselves
# Not written where they are as without a line.
_SILENT = (
    "kind", "shows_party", "asks_street", "confirm", "review", "categories", "listed", "then", "colours", "sites",
)  # fmt: skip


def _details(code: str, details: Mapping[str, Any]) -> list[str]:
    """The kind's own table, with its rows."""
    kind = kind_of(code)
    lines = _given(kind.table, details)
    if lines:
        lines = ["", f"[{code}]", *lines]
    return lines + _rows(kind, details)


def _rows(kind: Kind, values: Mapping[str, Any], row: str = "") -> list[str]:
    """The rows in the kind's own table, or in one of its rows."""
    lines = []
    for key, name in lists_in(kind.rows, row):
        for inner in values.get(key, ()):
            lines += ["", f"[[{kind.code}.{name}]]", *_given(kind.rows[name], inner), *_rows(kind, inner, name)]
    return lines


def _given(columns: Columns, values: Mapping[str, Any]) -> list[str]:
    """A line for each key whose value is not what it is without one."""
    lines = []
    for key, (check, default) in columns.items():
        value = values.get(key)
        if value not in (None, "", default):
            lines.append(f"{key} = {value if check is iso_day else _toml(value)}")
    return lines


def _local(columns: Mapping[str, Any], name: str) -> datetime | None:
    """The instant in the campaign's time zone; in UTC where that zone's offset had seconds, which TOML cannot say."""
    instant: datetime | None = columns[name]
    if instant is None:
        return None
    local = instant.astimezone(ZoneInfo(columns["timezone"]))
    offset = local.utcoffset()
    return instant.astimezone(UTC) if offset is None or offset.seconds % 60 else local


def _toml(value: Any) -> str:
    if isinstance(value, date):  # a datetime too
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, int):
        return str(value)
    escaped = re.sub(
        r'[\x00-\x08\x0b-\x1f\x7f\\"]', lambda match: _ESCAPES.get(match[0]) or _code(match[0]), str(value)
    )
    if "\n" in escaped:
        # Quotes need no escape within three of them, except where they could end the text.
        return '"""\n' + re.sub(r'\\"(?!\\"|$)', '"', escaped) + '"""'
    return '"' + escaped.replace("\t", "\\t") + '"'


_ESCAPES = {"\\": "\\\\", '"': '\\"'}


def _code(character: str) -> str:
    return f"\\u{ord(character):04X}"
