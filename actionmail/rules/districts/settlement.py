"""How a chamber's district was settled, or what is still to settle it. The doors have the words."""

from __future__ import annotations

from enum import StrEnum

NOT_SURE_ANSWER = "unsure"  # of a supporter who was asked which district is theirs


class Settlement(StrEnum):
    """Settled by one of these, or left open."""

    ZIP = "zip"  # the ZIP code lies in one district
    STATE = "state"  # everybody in the state has it
    STREET = "street"
    CHOICE = "choice"  # the supporter chose
    NOT_SURE = "not_sure"  # the supporter was asked and was not sure: nobody there is written to as theirs
    STREET_DECIDES = "street_decides"  # open, and no street was looked up
    CHOICE_DECIDES = "choice_decides"  # open, although a street was looked up
    NEWER_DISTRICTS = "newer_districts"  # open, and no street decides: the districts are newer than our lines
    UNKNOWN = "unknown"  # nothing told any district


_BY_METHOD = {"zip": Settlement.ZIP, "zip-guess": Settlement.ZIP, "state": Settlement.STATE, "none": Settlement.UNKNOWN}


def settled_by(method: str) -> Settlement:
    """What a method of a basis, as an action keeps it, means: "zip", "boundary+choice", or "choice" alone."""
    source, _, choice = method.partition("+")
    if "choice" in {source, choice}:
        return Settlement.CHOICE
    if not source:
        return Settlement.UNKNOWN
    return _BY_METHOD.get(source, Settlement.STREET)
