"""Which chambers are settled and by what, before the supporter answers and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from actionmail.flows.lookup.by_zip import Found
from actionmail.rules.districts.overlays import is_settled
from actionmail.rules.districts.settlement import NOT_SURE_ANSWER, Settlement, settled_by


class SettledChamber(Struct, frozen=True, kw_only=True):
    """One chamber of an action, its districts as it was settled; none of one that nobody was sure of."""

    chamber: str
    districts: tuple[str, ...]
    settlement: Settlement


def is_certain(lookup: Found, chamber: str) -> bool:
    """One alternative that is no guess. Where a part of the ZIP code lies in another state, nothing is certain."""
    if not is_settled(lookup.seats[chamber]):
        return False
    if lookup.is_certain or lookup.method != "zip" or not all(lookup.seats.values()):
        return True
    return any(len(lookup.options(other)) != 1 for other in lookup.seats)


def uncertain(lookup: Found) -> list[str]:
    """The chambers in which the supporter has to say which district is theirs."""
    return [chamber for chamber in lookup.seats if lookup.every_option(chamber) and not is_certain(lookup, chamber)]


def streets_decide(lookup: Found) -> bool:
    """Whether a street, once looked up, may settle a chamber that is open."""
    return lookup.is_elsewhere or Settlement.STREET_DECIDES in settlements(lookup).values()


def settlements(lookup: Found, answers: Mapping[str, str] | None = None) -> dict[str, Settlement]:
    """Each chamber's, with the supporter's `answers` where they were asked."""
    asked = uncertain(lookup)
    settled = {}
    for chamber in lookup.seats:
        answer = (answers or {}).get(chamber) if chamber in asked else None
        settled[chamber] = _answered(answer) if answer else _unanswered(lookup, chamber, is_open=chamber in asked)
    return settled


def settled_chambers(lookup: Mapping[str, Any]) -> tuple[SettledChamber, ...]:
    """The same of what an action keeps; actions of older versions keep one method for all chambers."""
    districts: dict[str, list[str]] = {}
    for seat in lookup.get("districts", ()):
        chamber, _, name = seat.partition("/")
        districts.setdefault(chamber, []).append(name)
    settled = []
    for chamber, names in districts.items():
        method = lookup.get("basis", {}).get(chamber, lookup).get("method", "")
        settled.append(SettledChamber(chamber=chamber, districts=tuple(names), settlement=settled_by(method)))
    for chamber, answer in lookup.get("chosen", {}).items():
        if answer == NOT_SURE_ANSWER and chamber not in districts:
            settled.append(SettledChamber(chamber=chamber, districts=(), settlement=Settlement.NOT_SURE))
    return tuple(settled)


def _answered(answer: str) -> Settlement:
    return Settlement.NOT_SURE if answer == NOT_SURE_ANSWER else Settlement.CHOICE


def _unanswered(lookup: Found, chamber: str, *, is_open: bool) -> Settlement:
    if not lookup.every_option(chamber):
        return Settlement.UNKNOWN
    if not is_open:
        return settled_by(lookup.basis[chamber].method)
    if chamber in lookup.newer:
        return Settlement.NEWER_DISTRICTS
    return Settlement.CHOICE_DECIDES if lookup.method == "address" else Settlement.STREET_DECIDES
