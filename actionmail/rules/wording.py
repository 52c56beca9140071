"""Small words that sentences of every room need."""

from __future__ import annotations

from collections.abc import Sequence


def and_join(words: Sequence[str]) -> str:
    """Such as "Ana", "Ana and Bo", "Ana, Bo and Cy"."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
