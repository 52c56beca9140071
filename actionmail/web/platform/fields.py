"""What forms of every room share: filters that a text passes first, and the choices of a field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs


def strip(text: str | None) -> str:
    return (text or "").strip()


def line_ends(text: str | None) -> str:
    """With one kind of line end, and white space at both ends kept: it may be meant."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def choices_of(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """What a field offers: pairs of a value and its label."""
    return [SelectChoice(value, label) for value, label in pairs]
