"""A table of a file or of a form, read key by key: what is good is kept, what is wrong stands at its own path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar

from actionmail.rules.campaigns.problems import CampaignValueError, Problem

Faults = dict[str, list[Problem]]  # by path, such as "sessions.0.from"
MAX_DATES: Final = 100

Value = TypeVar("Value")


class TypedTable:
    """One table. All tables of a thing share its `faults`."""

    def __init__(self, table: Any, faults: Faults, path: str = "") -> None:
        self.faults = faults
        self.path = path
        self._table: Mapping[str, Any] = table if isinstance(table, Mapping) else {}
        if not isinstance(table, Mapping):
            self.fault("", Problem("value.no-table"))

    def fault(self, key: str, problem: Problem) -> None:
        """Something is wrong with the value of a key, or with the table where there is none."""
        self.faults.setdefault(self._at(key), []).append(problem)

    def value(self, key: str, check: Callable[[Any], Value], default: Value | None = None) -> Value | None:
        """The checked value; None where it is wrong, which is kept, and `default` where nothing is given.

        Without a default something must be given.
        """
        raw = self._table.get(key)
        if raw is None or raw in ("", [], ()):
            if default is None:
                self.fault(key, Problem("value.empty"))
            return default
        try:
            return check(raw)
        except CampaignValueError as error:
            self.fault(key, error.problem)
            return None

    def tables(self, key: str, most: int) -> list[TypedTable]:
        """The tables in the list of a key; none where it is no list, or too long, which is kept as a fault."""
        raw = self._table.get(key, [])
        if not isinstance(raw, list | tuple):
            self.fault(key, Problem("value.no-list"))
            return []
        if len(raw) > most:
            self.fault(key, Problem("value.too-many-tables", {"count": len(raw), "most": most}))
            return []
        return [TypedTable(table, self.faults, f"{self._at(key)}.{number}") for number, table in enumerate(raw)]

    def only(self, *keys: str) -> None:
        """Keep a fault for every other key."""
        for key in self._table:
            if key not in keys:
                self.fault(str(key)[:40], Problem("value.unknown-key", {"keys": ", ".join(keys)}))

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}".strip(".")


def a_date(value: Any) -> date:
    """A date of a file, or one written 2022-03-09, from 2000 to 2199. Raises CampaignValueError."""
    day = value
    if isinstance(value, str):
        try:
            day = datetime.strptime(value.strip(), "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            raise CampaignValueError("value.no-date") from None
    if type(day) is not date:  # a datetime is one too
        raise CampaignValueError("value.no-date")
    if not 2000 <= day.year < 2200:
        raise CampaignValueError("value.wrong-year", year=day.year)
    return day


def dates(value: Any) -> tuple[date, ...]:
    """A list of dates, or a text with one in each line, in order and each once. Raises CampaignValueError."""
    listed = value.replace(",", "\n").split("\n") if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise CampaignValueError("value.no-list")
    if len(listed) > MAX_DATES:
        raise CampaignValueError("value.too-many-dates", most=MAX_DATES)
    return tuple(sorted({a_date(day) for day in listed if not isinstance(day, str) or day.strip()}))
