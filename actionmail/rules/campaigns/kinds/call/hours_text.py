"""Office hours as staff type them, one span a line: "tue-thu 11:00-15:00"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from actionmail.rules.campaigns.kinds.call.office_hours import WEEK

MAX_LINES: Final = 30
_LONGEST: Final = 200  # characters of a line that are looked at


def typed_rows(text: str) -> list[dict[str, Any]]:
    """A row for each line that is not empty, its values unchecked: what cannot be read stands in them as it is."""
    rows = []
    for line in text.split("\n")[:MAX_LINES]:
        if line.strip():
            rows.append(_row(line[:_LONGEST].replace("–", "-").replace(",", " ")))
    return rows


def _row(line: str) -> dict[str, Any]:
    words = line.lower().split()
    first = next((number for number, word in enumerate(words) if word[0].isdigit()), len(words))
    times = " ".join(words[first:]).replace(" to ", "-").split("-")
    opens, closes = times if len(times) == 2 else (" ".join(words[first:]), "")
    return {"days": _days(" ".join(words[:first])), "from": opens.strip(), "to": closes.strip()}


def _days(text: str) -> list[str]:
    """Such as tue, wed and thu of "Tuesday to Thursday"; a word that is no day stays as it is."""
    days: list[str] = []
    for part in text.replace(" to ", "-").replace(" - ", "-").replace(" and ", " ").split():
        first, _, last = (word[:3] if word[:3] in WEEK else word for word in part.partition("-"))
        if first in WEEK and last in WEEK and WEEK.index(first) <= WEEK.index(last):
            days += WEEK[WEEK.index(first) : WEEK.index(last) + 1]
        else:
            days += filter(None, [first, last])
    return days


def written_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """The lines that `typed_rows` reads as these rows."""
    return "\n".join(f"{' '.join(row['days'])} {row['from']}-{row['to']}" for row in rows)
