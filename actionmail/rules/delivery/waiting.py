"""Why a letter has not gone yet: what is known of it, weighed into the reasons, the one that stops it most first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from actionmail.rules.delivery.rates import Limits, Scope, may_send_now
from actionmail.rules.delivery.states import WAITING, State


class Why(StrEnum):
    """Behind each what of a Reason tells more."""

    STOPPED = "stopped"  # scope, name: by staff, or by a worker
    CAMPAIGN_HOLDS = "campaign_holds"  # its campaign, all its letters
    NO_SEAT = "no_seat"  # its legislator holds none now
    NO_WORKER = "no_worker"  # at: when one was last at work; None for never
    RELAY_AWAY = "relay_away"  # at: since when the mail server is out of order
    UNDO = "undo"  # at: until then the supporter can still undo
    NEXT_TRY = "next_try"  # at: not before
    OUTSIDE_HOURS = "outside_hours"  # hours
    SLOWED = "slowed"  # scope, name: as many letters as may go there just now have gone
    IN_LINE = "in_line"  # before: letters to the same legislator that go first
    ITS_TURN = "its_turn"  # nothing keeps it: a worker takes it within moments


class Reason(Struct, frozen=True, kw_only=True):
    """One reason, with the values that belong to its code."""

    why: Why
    scope: Scope | None = None
    name: str = ""
    at: datetime | None = None
    hours: tuple[int, int] | None = None
    before: int = 0


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What is known of a letter that waits, and of what would send it."""

    state: State
    next_attempt_at: datetime | None
    undo_until: datetime | None  # None where the supporter cannot undo any more, or never could
    stops: Sequence[tuple[Scope, str]]  # those that cover it, in names that people know
    campaign_holds: bool  # and it was not released alone
    has_seat: bool  # its legislator
    worker_seen_at: datetime | None
    is_worker_away: bool
    relay_away_since: datetime | None
    limits: Limits  # those that workers keep
    timezone: str  # of its campaign
    full: Sequence[tuple[Scope, str]]  # whose rate has no room for one more letter now
    before: int  # letters to the same legislator that are due earlier


def why_waiting(letter: Circumstances, now: datetime) -> list[Reason]:
    """All that keeps it, the weightiest first; [] where it does not wait for a worker."""
    if letter.state not in WAITING:
        return []
    reasons = [Reason(why=Why.STOPPED, scope=scope, name=name) for scope, name in letter.stops]
    if letter.campaign_holds:
        reasons.append(Reason(why=Why.CAMPAIGN_HOLDS))
    if not letter.has_seat:
        reasons.append(Reason(why=Why.NO_SEAT))
    if letter.is_worker_away:
        reasons.append(Reason(why=Why.NO_WORKER, at=letter.worker_seen_at))
    elif letter.relay_away_since is not None:
        reasons.append(Reason(why=Why.RELAY_AWAY, at=letter.relay_away_since))
    return [*reasons, *_by_time(letter, now)] or [Reason(why=Why.ITS_TURN)]


def _by_time(letter: Circumstances, now: datetime) -> list[Reason]:
    """What passes by itself."""
    reasons = []
    due = letter.next_attempt_at
    if letter.state is State.QUEUED and letter.undo_until is not None and letter.undo_until > now:
        reasons.append(Reason(why=Why.UNDO, at=letter.undo_until))
    elif due is not None and due > now:
        reasons.append(Reason(why=Why.NEXT_TRY, at=due))
    if not may_send_now(letter.limits.hours, letter.timezone, now):
        reasons.append(Reason(why=Why.OUTSIDE_HOURS, hours=letter.limits.hours))
    reasons += [Reason(why=Why.SLOWED, scope=scope, name=name) for scope, name in letter.full]
    if letter.full and letter.before:
        reasons.append(Reason(why=Why.IN_LINE, before=letter.before))
    return reasons
