"""When a press of the button looks like one of many by a program: what is asked then, and what waits for staff.

Counted are the actions of the last hour from where this one comes. Many people share an address: a library, a campus,
a phone company. So a number alone refuses nobody. From the first bound on, a browser has to do some work, or the
supporter confirms by mail; from the second on, an action is taken and waits until staff have looked at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

WINDOW: Final = timedelta(hours=1)
QUICK: Final = timedelta(seconds=3)  # from the page to the press: nobody reads a letter in that time
QUICK_WEIGHT: Final = 3  # such a press counts as so many, where it is a sign of a program


class Scope(StrEnum):
    """What actions have in common; the values are kept (`Action.held_for`)."""

    ADDRESS = "address"  # an address of IPv4, or a /64 of IPv6
    NEAR = "near"  # its /24 or /48
    WIDE = "wide"  # its /16, of IPv4
    MAILBOX = "mailbox"
    CAMPAIGN = "campaign"
    PARAGRAPH = "paragraph"  # the same own words on the same campaign


TRAP: Final = "trap"  # the other value of `Action.held_for`: a field was filled that nobody sees


class Bounds(Struct, frozen=True, kw_only=True):
    """From how many actions within WINDOW on a browser works, or a supporter confirms, and from how many on staff look.
    None: never.
    """

    ask: int | None
    hold: int | None


# Of the address they are settings; these are how many times as many it takes of the networks around it. A campaign that
# goes well is no reason to hold letters back, and many who share a provider none either.
_TIMES: Final[Mapping[Scope, tuple[int | None, int | None]]] = {
    Scope.ADDRESS: (1, 1),
    Scope.NEAR: (4, 4),
    Scope.WIDE: (40, None),
    Scope.CAMPAIGN: (200, None),
}
_OWN: Final = {
    Scope.MAILBOX: Bounds(ask=6, hold=20),
    Scope.PARAGRAPH: Bounds(ask=None, hold=30),
}


# A mailbox may come back with all filled in, and of a campaign or a provider many do.
_TELLING: Final = frozenset({Scope.ADDRESS, Scope.NEAR, Scope.PARAGRAPH})


class Signs(Struct, frozen=True, kw_only=True):
    """What a press itself tells: a field was filled that nobody sees, or hardly any time was taken."""

    is_trapped: bool = False
    is_quick: bool = False

    def weight(self, scope: Scope) -> int:
        return QUICK_WEIGHT if self.is_quick and scope in _TELLING else 1


NO_SIGNS: Final = Signs()


class Verdict(Struct, frozen=True, kw_only=True):
    """Which bounds were met: a Scope's value, or TRAP; "" for none."""

    asked_for: str = ""
    held_for: str = ""


def bounds_of(scope: Scope, *, ask: int, hold: int) -> Bounds:
    """`ask` and `hold` are those of one address; 0: never, whatever the scope."""
    if scope in _OWN:
        own = _OWN[scope]
        return Bounds(ask=own.ask if ask else None, hold=own.hold if hold else None)
    times_ask, times_hold = _TIMES[scope]
    return Bounds(ask=ask * (times_ask or 0) or None, hold=hold * (times_hold or 0) or None)


def judge(counts: Mapping[Scope, float], signs: Signs, *, ask: int, hold: int) -> Verdict:
    """What is done with a press, of which so many went before."""
    asked_for, held_for = "", TRAP if signs.is_trapped else ""
    for scope, count in counts.items():
        bounds = bounds_of(scope, ask=ask, hold=hold)
        if not asked_for and bounds.ask is not None and count >= bounds.ask:
            asked_for = scope.value
        if not held_for and bounds.hold is not None and count >= bounds.hold:
            held_for = scope.value
    return Verdict(asked_for=asked_for, held_for=held_for)
