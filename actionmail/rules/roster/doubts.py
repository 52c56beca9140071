"""Why somebody should look at a dataset before it is imported."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field


class Doubt(Struct, frozen=True, kw_only=True):
    """One reason, as a code; `values` fill its sentence at the door."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


def doubt(code: str, /, **values: object) -> Doubt:
    """A doubt with its values."""
    return Doubt(code=code, values=values)
