"""From where how many actions came within the last hour, as counts under keyed hashes that are forgotten soon.

They are kept in the database, so that they hold for all web processes. Those who act at the same moment do not wait for
one another: each reads first and adds last, so that a bound can be overstepped by as many as act at that moment.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import zip_longest
from secrets import randbelow
from typing import Any, Final, cast

from msgspec import Struct
from sqlalchemy import Boolean, Column, Connection, CursorResult, Table, bindparam, delete, text
from sqlalchemy.orm import Session

from actionmail.db.base import Instant
from actionmail.db.prepared import Prepared, PreparedRows
from actionmail.db.pressure import PlaceCount, SpentWork
from actionmail.flows.actions import browser_work
from actionmail.flows.actions.refusals import MustProve
from actionmail.rules.actions.confirmation import mailbox_of
from actionmail.rules.actions.networks import networks_of
from actionmail.rules.actions.pressure import NO_SIGNS, WINDOW, Scope, Signs, judge
from actionmail.settings import Settings

_SLOTS: Final = 16  # of a campaign's count: all who act on it would wait for one row
FORGOTTEN_AFTER: Final = 2 * WINDOW


class Pressed(Struct, frozen=True, kw_only=True):
    """What the door saw of a press. `work` is a browser's answer that `browser_work.is_done`, "" for none; `by_mail`:
    its supporter will confirm by mail instead.
    """

    signs: Signs = NO_SIGNS
    work: str = ""
    by_mail: bool = False


PLAIN: Final = Pressed()


class Coming(Struct, frozen=True, kw_only=True):
    """From where an action comes. `places` are the rows of each scope; the first of them is added to."""

    places: Mapping[Scope, tuple[str, ...]]
    pressed: Pressed


def address_of(address: str, settings: Settings) -> str:
    """The address by which this visitor is counted; "" where a proxy that nobody told of makes one of all of them."""
    return "" if settings.lacks_proxy else address


def coming(
    *, address: str, email: str, campaign_id: int, paragraph_bucket: int | None, pressed: Pressed, secret: str
) -> Coming:
    """`address` is a canonical one or ""; `secret` is the oldest key, so that counts go on under a new one."""
    networks = networks_of(address)
    shared = {
        Scope.ADDRESS: networks.own,
        Scope.NEAR: networks.near,
        Scope.WIDE: networks.wide,
        Scope.MAILBOX: mailbox_of(email),
        Scope.PARAGRAPH: "" if paragraph_bucket is None else f"{campaign_id} {paragraph_bucket}",
    }
    places: dict[Scope, tuple[str, ...]] = {}
    for scope, what in shared.items():
        if what:
            places[scope] = (_place(scope, what, secret),)
    first = randbelow(_SLOTS)
    slots = _slots_of(campaign_id, secret)
    places[Scope.CAMPAIGN] = slots[first:] + slots[:first]
    return Coming(places=places, pressed=pressed)


class Admission(Struct, frozen=True, kw_only=True):
    """How an action is taken. `held_for` is what `Action.held_for` keeps, "" where it does not wait for staff."""

    must_confirm: bool
    held_for: str


def admit(
    at: Session | Connection, come: Coming, *, settings: Settings, now: datetime, can_be_asked: bool = True
) -> Admission:
    """Raises MustProve. Where nobody `can_be_asked` by mail, what was to be confirmed waits for staff."""
    pressed = come.pressed
    verdict = judge(_counts(at, come, now), pressed.signs, ask=settings.ask_hour, hold=settings.hold_hour)
    if not verdict.asked_for:
        return Admission(must_confirm=False, held_for=verdict.held_for)
    if pressed.work and browser_work.spend(at, pressed.work, now=now):
        return Admission(must_confirm=False, held_for=verdict.held_for)
    if not pressed.by_mail:
        raise MustProve
    if can_be_asked:
        return Admission(must_confirm=True, held_for=verdict.held_for)
    return Admission(must_confirm=False, held_for=verdict.held_for or verdict.asked_for)


def add(at: Session | Connection, come: Coming, *, now: datetime) -> None:
    """Count an action that was taken. Always in one order, so that no two wait for each other."""
    hour, rows = _hour(now), []
    for scope, places in come.places.items():
        rows.append({"place": places[0], "hour": hour, "actions": come.pressed.signs.weight(scope)})
    _ADD.run(at, sorted(rows, key=lambda row: str(row["place"])))


def purge(session: Session, *, now: datetime) -> int:
    """Forget what counts no more; how many rows."""
    counts = delete(PlaceCount).where(PlaceCount.hour < now - FORGOTTEN_AFTER)
    works = delete(SpentWork).where(SpentWork.at < now - FORGOTTEN_AFTER)
    gone = 0
    for statement in (counts, works):
        gone += cast(CursorResult[Any], session.execute(statement)).rowcount
    return gone


def _counts(at: Session | Connection, come: Coming, now: datetime) -> Mapping[Scope, float]:
    """Of each scope the actions of the last hour: those of this one, and of the one before as many as its rest had, as
    if they had come evenly.
    """
    of_place = {}
    for scope, places in come.places.items():
        of_place.update(dict.fromkeys(places, scope))
    this = _hour(now)
    rest = 1 - (now - this) / WINDOW
    asked = dict(zip_longest(_PLACES, of_place, fillvalue=""))
    rows = _COUNT.all(at, this=this, before=this - WINDOW, **asked)
    counts = dict.fromkeys(come.places, 0.0)
    for row in rows:
        counts[of_place[row.place]] += row.actions * (1 if row.is_this else rest)
    return counts


def _hour(now: datetime) -> datetime:
    return now - timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)


@lru_cache(maxsize=256)
def _slots_of(campaign_id: int, secret: str) -> tuple[str, ...]:
    """A campaign's places, which are the same for everybody who acts on it."""
    return tuple(_place(Scope.CAMPAIGN, f"{campaign_id} {slot}", secret) for slot in range(_SLOTS))


def _place(scope: Scope, what: str, secret: str) -> str:
    return hmac.digest(secret.encode(), f"actionmail place\0{scope}\0{what}".encode(), "sha256").hex()[:32]


_TABLE: Final = cast(Table, PlaceCount.__table__)
_PLACES: Final = tuple(f"place_{number}" for number in range(_SLOTS + len(Scope) - 1))  # at most so many
_COUNT: Final = Prepared(
    text(
        "SELECT place, hour = :this AS is_this, actions FROM place_counts "  # noqa: S608
        f"WHERE place IN ({', '.join(f':{place}' for place in _PLACES)}) AND hour IN (:this, :before)"
    ).bindparams(bindparam("this", type_=Instant()), bindparam("before", type_=Instant())),
    *(_TABLE.c.place, Column("is_this", Boolean), _TABLE.c.actions),
)
_ADD: Final = PreparedRows(
    _TABLE,
    *("place", "hour", "actions"),
    on_conflict="(place, hour) DO UPDATE SET actions = place_counts.actions + excluded.actions",
)
