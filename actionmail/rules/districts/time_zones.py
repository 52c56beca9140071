"""The time zones of each state: what a supporter's clock may show who gave no more than a state or a ZIP code.

49 CFR part 71 as the IANA database names it, as of 2026-11-28; where most people live comes first. What is not law is
left out: towns that keep their neighbours' time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
_OF_ONE: Final = {
    _EASTERN: "CT DE DC GA ME MD MA NH NJ NY NC OH PA RI SC VT VA WV",
    _CENTRAL: "AL AR IL IA LA MN MS MO OK WI",
    _MOUNTAIN: "CO MT NM UT WY",
    _PACIFIC: "CA WA",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
_OF_SEVERAL: Final = {
    "AK": ("America/Anchorage", "America/Adak"),
    "AZ": ("America/Phoenix", _MOUNTAIN),  # the Navajo Nation changes its clocks
    "FL": (_EASTERN, _CENTRAL),
    "ID": ("America/Boise", _PACIFIC),
    "IN": ("America/Indiana/Indianapolis", _CENTRAL),
    "KS": (_CENTRAL, _MOUNTAIN),
    "KY": (_EASTERN, _CENTRAL),
    "MI": ("America/Detroit", _CENTRAL),
    "NE": (_CENTRAL, _MOUNTAIN),
    "NV": (_PACIFIC, _MOUNTAIN),  # West Wendover
    "ND": (_CENTRAL, _MOUNTAIN),
    "OR": (_PACIFIC, "America/Boise"),
    "SD": (_CENTRAL, _MOUNTAIN),
    "TN": (_CENTRAL, _EASTERN),
    "TX": (_CENTRAL, _MOUNTAIN),
}


def _by_state() -> dict[str, tuple[str, ...]]:
    zones: dict[str, tuple[str, ...]] = dict(_OF_SEVERAL)
    for zone, states in _OF_ONE.items():
        for state in states.split():
            zones[state] = (zone,)
    return zones


ZONES: Final[dict[str, tuple[str, ...]]] = _by_state()


def zones_of(states: Iterable[str]) -> tuple[str, ...]:
    """The zones in which somebody may be who is in one of these states (a ZIP code may lie in two); () if unknown."""
    zones: dict[str, None] = {}
    for state in states:
        zones |= dict.fromkeys(ZONES.get(state, ()))
    return tuple(zones)


def sure_zone(zones: Iterable[str], at: datetime) -> str:
    """The first of the zones where all of them have one clock at a moment; "" where they differ, or there are none."""
    listed = list(zones)
    offsets = {at.astimezone(ZoneInfo(zone)).utcoffset() for zone in listed}
    return listed[0] if len(offsets) == 1 else ""
