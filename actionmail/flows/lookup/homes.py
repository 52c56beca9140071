"""In which districts a supporter lives, and how that became known: what an action keeps of it, for staff to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from actionmail.flows.lookup.settling import settled_chambers
from actionmail.rules.districts.settlement import Settlement
from actionmail.rules.roster.titles import seat_label


class Home(Struct, frozen=True, kw_only=True):
    """In which district of one chamber the supporter lives, and how that became known."""

    place: str  # "Wisconsin State Assembly, District 76"
    method: str  # that of `flows.lookup.Basis`; of an action before there was one per chamber, the whole lookup's
    settlement: Settlement
    data_version: str
    confidence: str  # "" where none was kept


def homes_of(state: str, lookup: Mapping[str, Any]) -> list[Home]:
    """One for each chamber that the `lookup` of an action in `state` settled."""
    homes = []
    for settled in settled_chambers(lookup):
        basis = lookup.get("basis", {}).get(settled.chamber, lookup) if settled.districts else {}
        method = basis.get("method", "").partition("+")[0]
        homes.append(
            Home(
                place=seat_label(state, settled.chamber, settled.districts),
                method=method,
                settlement=settled.settlement,
                data_version=basis.get("data_version", ""),
                confidence=basis.get("confidence", ""),
            )
        )
    return homes
