"""How fast letters may go, and when: pure arithmetic over what the database remembers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct


class Scope(StrEnum):
    """What a rate or a switch is about."""

    ALL = "all"
    CAMPAIGN = "campaign"
    DOMAIN = "domain"
    TARGET = "target"


class Limits(Struct, frozen=True, kw_only=True):
    """Letters per period; 0 is no limit. Behind a relay the domains' own limits are the relay's business."""

    target_hour: int = 0
    campaign_hour: int = 0
    domain_minute: int = 0
    hours: tuple[int, int] | None = None  # first hour and the hour after the last, in the campaign's time zone


# What asks to slow down has this limit, halved, where none is set.
SLOWED_RELAY_MINUTE = 60
SLOWED_DOMAIN_MINUTE = 20
SLOWED_TARGET_HOUR = 30
MOST_HALVINGS = 6
HALVING_LASTS = timedelta(hours=1)
ASKS_A_DAY = 6  # mails to one address that ask it to confirm something, half of them at once
FAULTS_TO_HOLD = 2  # different supporters
REFUSALS_TO_STOP = 3  # letters refused by policy within REFUSALS_COUNT: of one mailbox, or of a domain's
REFUSING_MAILBOXES = 2  # as many of a domain's mailboxes, at least, before the domain is stopped
REFUSALS_COUNT = timedelta(hours=1)


class Bucket(Struct, frozen=True, kw_only=True):
    """`limit` letters in any `period`: half of them at once, the other half as time passes."""

    limit: float
    period: timedelta
    used: float = 0.0
    at: datetime | None = None

    @property
    def burst(self) -> float:
        return max(1.0, self.limit / 2)

    @property
    def refill(self) -> float:
        """What becomes free again in each period."""
        return max(self.limit - self.burst, min(self.limit, 1.0))  # a lower limit never refills faster

    def used_at(self, now: datetime) -> float:
        if self.at is None:
            return 0.0
        return max(0.0, self.used - self.refill * max(timedelta(0), now - self.at) / self.period)

    def time_for(self, count: int, now: datetime) -> timedelta:
        """How long it takes from now until so many letters have gone."""
        missing = self.used_at(now) + count - self.burst
        return self.period * (max(0.0, missing) / self.refill)

    def room(self, now: datetime) -> int:
        """How many letters may go right now."""
        return max(0, int(self.burst - self.used_at(now) + 1e-9))


def bucket_for(
    scope: Scope, limits: Limits, *, used: float = 0.0, at: datetime | None = None, halvings: int = 0
) -> Bucket | None:
    """The bucket of a target, campaign or domain, or of all that goes out; None where nothing limits it."""
    if scope is Scope.ALL and halvings:
        return Bucket(limit=SLOWED_RELAY_MINUTE / 2**halvings, period=timedelta(minutes=1), used=used, at=at)
    if scope is Scope.TARGET and (limits.target_hour or halvings):
        limit = (limits.target_hour or SLOWED_TARGET_HOUR) / 2**halvings
        return Bucket(limit=limit, period=timedelta(hours=1), used=used, at=at)
    if scope is Scope.CAMPAIGN and limits.campaign_hour:
        return Bucket(limit=limits.campaign_hour, period=timedelta(hours=1), used=used, at=at)
    if scope is Scope.DOMAIN and (limits.domain_minute or halvings):
        limit = (limits.domain_minute or SLOWED_DOMAIN_MINUTE) / 2**halvings
        return Bucket(limit=limit, period=timedelta(minutes=1), used=used, at=at)
    return None


def halvings_at(halvings: int, slowed_at: datetime | None, now: datetime) -> int:
    """How many times the rate is still halved: each halving lasts an hour."""
    if slowed_at is None:
        return 0
    return max(0, halvings - int(max(timedelta(0), now - slowed_at) / HALVING_LASTS))


def may_send_now(hours: tuple[int, int] | None, timezone: str, now: datetime) -> bool:
    """Whether `now` is within the sending hours in that time zone. (22, 6) is the night; equal ends, the whole day."""
    if hours is None or hours[0] == hours[1]:
        return True
    first, end = hours
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, ValueError):
        zone = ZoneInfo("UTC")
    hour = now.astimezone(zone).hour
    return first <= hour < end if first < end else hour >= first or hour < end


class Candidate(Struct, frozen=True, kw_only=True):
    """A letter that is due."""

    id: int
    target: int
    campaign: int
    domain: str

    @property
    def keys(self) -> tuple[tuple[Scope, str], ...]:
        """Whose rates it counts against."""
        return (
            (Scope.TARGET, str(self.target)),
            (Scope.CAMPAIGN, str(self.campaign)),
            (Scope.DOMAIN, self.domain),
            (Scope.ALL, ""),
        )


def choose(candidates: Iterable[Candidate], limit: int, room: dict[tuple[Scope, str], int]) -> list[Candidate]:
    """At most `limit` of the letters that are due, one of each target in turn, within each one's room.

    `candidates` come oldest first. `room` holds those that have a limit, and is lowered by what is chosen.
    """
    lines: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        lines.setdefault(candidate.target, []).append(candidate)
    chosen: list[Candidate] = []
    for place in range(max(map(len, lines.values()), default=0)):
        for line in lines.values():
            if len(chosen) == limit:
                return chosen
            if place >= len(line):
                continue
            keys = [key for key in line[place].keys if key in room] if room else ()
            if all(room[key] > 0 for key in keys):
                chosen.append(line[place])
                for key in keys:
                    room[key] -= 1
    return chosen
