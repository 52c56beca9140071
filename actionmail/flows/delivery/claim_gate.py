"""What may be claimed now: past the pauses and a campaign's hold, within the rates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, text, update
from sqlalchemy.orm import Session

from actionmail.db.base import Instant
from actionmail.db.campaigns import Campaign
from actionmail.db.throttles import Rate
from actionmail.flows.delivery import out_of_office
from actionmail.flows.delivery.pauses import in_turn
from actionmail.rules.delivery.rates import (
    Bucket,
    Candidate,
    Limits,
    Scope,
    bucket_for,
    choose,
    halvings_at,
    may_send_now,
)

_Key = tuple[Scope, str]


class ClaimGate:
    """The pauses, holds and rates as they stand in this transaction."""

    def __init__(self, session: Session, limits: Limits, now: datetime) -> None:
        in_turn(session)  # one claim at a time, so that rates are counted right
        self._session = session
        self._limits = limits
        self._now = now
        self._buckets: dict[_Key, Bucket] = {}
        self._room: dict[_Key, int] = {}
        self._stored: set[_Key] = set()
        self.is_shut = False
        self._shut_targets: set[int] = set()
        self.shut_campaigns: set[int] = set()
        self.shut_domains: set[str] = set()
        self.holding_campaigns: set[int] = set()  # only what staff released alone goes
        self._heed_pauses_and_holds()
        self._heed_hours()
        self._heed_rates()

    def open_targets(self, targets: Collection[int]) -> list[int]:
        """Those of `targets` that may get a letter now."""
        if self._limits.target_hour:
            known = {key for scope, key in self._room if scope is Scope.TARGET}
            self._load(Scope.TARGET, sorted({str(target) for target in targets} - known))
        may_get_one = []
        nobody = out_of_office.absent(self._session, targets, now=self._now)
        for target in targets:
            if target not in self._shut_targets | nobody and self._room.get((Scope.TARGET, str(target)), 1) > 0:
                may_get_one.append(target)
        return may_get_one

    def choose(self, candidates: Collection[Candidate], limit: int) -> list[Candidate]:
        """At most `limit` of them, within every rate; what is chosen takes up room."""
        if self._limits.domain_minute:
            known = {key for scope, key in self._room if scope is Scope.DOMAIN}
            self._load(Scope.DOMAIN, sorted({candidate.domain for candidate in candidates} - known))
        return choose(candidates, limit, self._room)

    def count(self, claimed: Iterable[Candidate]) -> None:
        """Write what was used of each rate."""
        if not self._buckets:
            return
        used: Counter[_Key] = Counter()
        for candidate in claimed:
            used.update(key for key in candidate.keys if key in self._buckets)
        new: list[dict[str, object]] = []
        old: list[dict[str, object]] = []
        for (scope, key), count in used.items():
            total = self._buckets[scope, key].used_at(self._now) + count
            if (scope, key) in self._stored:
                old.append({"b_scope": scope.value, "b_key": key, "used": total, "at": self._now})
            else:
                blank = {"halvings": 0, "slowed_at": None}
                new.append({"scope": scope.value, "key": key, "used": total, "at": self._now, **blank})
        connection = self._session.connection()
        if new:
            connection.execute(insert(_RATES), new)
        if old:
            connection.execute(_COUNT, old)

    def _heed_pauses_and_holds(self) -> None:
        for scope, key in self._session.connection().execute(_PAUSES_AND_HOLDS):
            if scope == Scope.ALL:
                self.is_shut = True
            elif scope == Scope.TARGET:
                self._shut_targets.add(int(key))
            elif scope == Scope.CAMPAIGN:
                self.shut_campaigns.add(int(key))
            elif scope == Scope.DOMAIN:
                self.shut_domains.add(key)
            else:
                self.holding_campaigns.add(int(key))

    def _heed_hours(self) -> None:
        hours = self._limits.hours
        if not hours:
            return
        for id_, zone in self._session.execute(select(Campaign.id, Campaign.timezone)):
            if not may_send_now(hours, zone, self._now):
                self.shut_campaigns.add(id_)

    def _heed_rates(self) -> None:
        if self._limits.campaign_hour:
            self._load(Scope.CAMPAIGN, [str(id_) for id_ in self._session.scalars(select(Campaign.id))])
        for rate in self._session.connection().execute(_DOMAINS_AND_SLOWED):
            self._add(Scope(rate.scope), rate.key, rate)
        for (scope, key), room in self._room.items():
            if room < 1 and scope is Scope.ALL:
                self.is_shut = True
            elif room < 1 and scope is Scope.CAMPAIGN:
                self.shut_campaigns.add(int(key))
            elif room < 1 and scope is Scope.DOMAIN:
                self.shut_domains.add(key)

    def _load(self, scope: Scope, keys: Collection[str]) -> None:
        if not keys:
            return
        columns = select(Rate.key, Rate.used, Rate.at, Rate.halvings, Rate.slowed_at)
        rates = self._session.execute(columns.where(Rate.scope == scope, Rate.key.in_(keys)))
        rows = {rate.key: rate for rate in rates}
        for key in keys:
            self._add(scope, key, rows.get(key))

    def _add(self, scope: Scope, key: str, rate: Any | None) -> None:
        """One that is stored, or one of which nothing was used yet."""
        if rate is None:
            bucket = bucket_for(scope, self._limits)
        else:
            self._stored.add((scope, key))
            halvings = halvings_at(rate.halvings, rate.slowed_at, self._now)
            bucket = bucket_for(scope, self._limits, used=rate.used, at=rate.at, halvings=halvings)
        if bucket:
            self._buckets[scope, key] = bucket
            self._room.setdefault((scope, key), bucket.room(self._now))


_HOLD = "hold"  # beside the scopes of pauses
# Of each claim, so texts, which SQLAlchemy need not build anew.
_PAUSES_AND_HOLDS = text(
    f"SELECT scope, key FROM switches UNION ALL "  # noqa: S608  # a text of ours
    f"SELECT '{_HOLD}', CAST(id AS VARCHAR(12)) FROM campaigns WHERE holds_letters"
)
_DOMAINS_AND_SLOWED = text(
    "SELECT scope, key, used, at, halvings, slowed_at FROM rates "  # noqa: S608
    f"WHERE scope = '{Scope.DOMAIN.value}' "
    f"OR (scope IN ('{Scope.TARGET.value}', '{Scope.ALL.value}') AND halvings > 0)"
).columns(at=Instant(), slowed_at=Instant())
_RATES = cast(Table, Rate.__table__)
_COUNT = update(_RATES).where(_RATES.c.scope == bindparam("b_scope"), _RATES.c.key == bindparam("b_key"))
