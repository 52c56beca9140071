"""What forms do to a text before they look at it: filters of fields."""

from __future__ import annotations


def strip(text: str | None) -> str:
    return (text or "").strip()


def line_ends(text: str | None) -> str:
    """With one kind of line end, and white space at both ends kept: it may be meant."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")
