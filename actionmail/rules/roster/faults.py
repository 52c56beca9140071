"""Why a row cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class RowFault:
    """What is wrong with a row, as a code with its values, and in which column."""

    column: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def fault_in(column: str, code: str, /, **values: Any) -> RowFault:
    """A fault with its values."""
    return RowFault(column=column, code=code, values=values)
