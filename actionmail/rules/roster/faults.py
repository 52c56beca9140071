"""Why a row cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field


class RowFault(Struct, frozen=True, kw_only=True):
    """What is wrong with a row, as a code with its values, and in which column."""

    column: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def fault_in(column: str, code: str, /, **values: Any) -> RowFault:
    """A fault with its values."""
    return RowFault(column=column, code=code, values=values)
