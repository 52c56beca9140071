"""Where newer datasets are to be had: the file `sources.toml` of the data folder."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from actionmail.rules.roster.seats import DatasetError, utf8_text

SOURCES_FILE = "sources.toml"
MAX_SOURCES_BYTES = 64 * 1024


class Apply(StrEnum):
    """Whether a newer dataset is taken although nobody looked at it."""

    NEVER = "never"
    WITHOUT_DOUBTS = "when-without-doubts"


class Source(Struct, frozen=True, kw_only=True):
    """Where one dataset is fetched. `as_of` is its day, or the vintage of its districts, where the file tells none."""

    kind: str
    url: str
    apply: Apply = Apply.NEVER
    as_of: date | None = None
    licence: str = ""


def read_sources(raw: bytes, file: str, *, kinds: Collection[str], dated: Collection[str]) -> list[Source]:
    """The sources in a table for each kind, in the order of `kinds`. Those in `dated` need an `as-of`.

    Raises DatasetError.
    """
    if len(raw) > MAX_SOURCES_BYTES:
        raise DatasetError(file, "file_too_large", kilobytes=MAX_SOURCES_BYTES // 1024)
    try:
        tables = tomllib.loads(utf8_text(raw, file).replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DatasetError(file, "no_toml", why=str(error)) from None
    unknown = sorted(tables.keys() - set(kinds))
    if unknown:
        raise DatasetError(file, "unknown_dataset", name=unknown[0][:40], known=", ".join(kinds))
    return [_source(kind, tables[kind], file, kind in dated) for kind in kinds if kind in tables]


def _source(kind: str, table: Any, file: str, is_dated: bool) -> Source:
    if not isinstance(table, Mapping):
        raise DatasetError(file, "source_no_table", within=kind, kind=kind)
    unknown = sorted(table.keys() - {"url", "apply", "as-of", "licence"})
    if unknown:
        raise DatasetError(file, "unknown_source_key", within=kind, name=unknown[0][:40])
    for name in ("url", "apply", "licence"):
        if not isinstance(table.get(name, ""), str):
            raise DatasetError(file, "no_text", within=kind, name=name)
    url = str(table.get("url", "")).strip()
    if not url:
        raise DatasetError(file, "source_without_url", within=kind)
    apply = table.get("apply", Apply.NEVER.value)
    if apply not in set(Apply):
        raise DatasetError(file, "unknown_apply", within=kind, value=apply[:40], known=" or ".join(Apply))
    as_of = _day(table, file, kind)
    if as_of is None and is_dated:
        raise DatasetError(file, "source_without_vintage", within=kind)
    return Source(kind=kind, url=url, apply=Apply(apply), as_of=as_of, licence=str(table.get("licence", "")))


def _day(table: Mapping[str, Any], file: str, kind: str) -> date | None:
    day = table.get("as-of")
    if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
        raise DatasetError(file, "source_no_date", within=kind)
    return day
