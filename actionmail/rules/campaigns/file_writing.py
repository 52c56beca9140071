"""A campaign with its letters written as the TOML file that `campaign_file.read_campaign` reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from actionmail.rules.actions.confirmation import OFF
from actionmail.rules.campaigns.columns import CAMPAIGN, COLUMN_OF, RULE, without_defaults


def write_campaign(columns: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> str:
    """The file that `read_campaign` reads as these columns and letters."""
    lines = []
    for key in CAMPAIGN:
        value = _local(columns, COLUMN_OF[key]) if key in COLUMN_OF else columns[key]
        if key not in ("targets", "translations") and value not in (None, "") and (key, value) != ("confirm", OFF):
            lines.append(f"{key} = {_toml(value)}")
    for rule in columns["targets"]:
        lines += ["", "[[targets]]", *(f"{key} = {_toml(rule[key])}" for key in RULE if key in rule)]
    for tag, words in columns["translations"].items():
        lines += ["", f"[translations.{tag}]", *(f"{key} = {_toml(text)}" for key, text in words.items())]
    for letter in letters:
        lines += ["", "[[letters]]", *(f"{key} = {_toml(value)}" for key, value in without_defaults(letter).items())]
    return "\n".join(lines) + "\n"


def _local(columns: Mapping[str, Any], name: str) -> datetime | None:
    """The instant in the campaign's time zone; in UTC where that zone's offset had seconds, which TOML cannot say."""
    instant: datetime | None = columns[name]
    if instant is None:
        return None
    local = instant.astimezone(ZoneInfo(columns["timezone"]))
    offset = local.utcoffset()
    return instant.astimezone(UTC) if offset is None or offset.seconds % 60 else local


def _toml(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
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
