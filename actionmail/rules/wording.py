"""Small words that sentences of every room need."""

from __future__ import annotations

from collections.abc import Sequence


def and_join(words: Sequence[str]) -> str:
    """Such as "Ana", "Ana and Bo", "Ana, Bo and Cy"."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def possessive(name: str) -> str:
    """ "Example Group's", "Neighbors'": a name that ends in "s" gets no second one."""
    return f"{name}'" if name.endswith(("s", "S")) else f"{name}'s"
