"""What the name of a legislative session tells: "2027-2028" is over once 2028 is. Many have no years in their name."""

from __future__ import annotations

import re
from datetime import date

# "2027", "2027-2028", "2027-28", "2027/28"
_YEARS = re.compile(r"\b(20\d\d)(?:\s?[-/\u2013]\s?(?:20)?(\d\d))?\b")


def is_over(session: str, today: date) -> bool:
    """Whether the last year in the session's name has passed; False where the name has none."""
    ends = [int(f"20{end}") if end else int(begin) for begin, end in _YEARS.findall(session)]
    return bool(ends) and max(ends) < today.year
