"""What may be claimed now: past the pauses and a campaign's hold, within the rates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import String, Table, bindparam, insert, literal, select, union_all, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.throttles import Rate, Switch
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
        for scope, key in self._session.execute(_PAUSES_AND_HOLDS):
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
        self._load(Scope.DOMAIN, list(self._session.scalars(select(Rate.key).where(Rate.scope == Scope.DOMAIN))))
        for scope in (Scope.TARGET, Scope.ALL):
            is_slowed = (Rate.scope == scope) & (Rate.halvings > 0)
            self._load(scope, list(self._session.scalars(select(Rate.key).where(is_slowed))))
        for (scope, key), room in self._room.items():
            if room < 1 and scope is Scope.ALL:
                self.is_shut = True
            elif room < 1 and scope is Scope.CAMPAIGN:
                self.shut_campaigns.add(int(key))
            elif room < 1 and scope is Scope.DOMAIN:
                self.shut_domains.add(key)

    def _load(self, scope: Scope, keys: Collection[str]) -> None:
        rows = self._rates(scope, keys)
        for key in keys:
            rate = rows.get(key)
            if rate is None:
                bucket = bucket_for(scope, self._limits)
            else:
                self._stored.add((scope, key))
                halvings = halvings_at(rate.halvings, rate.slowed_at, self._now)
                bucket = bucket_for(scope, self._limits, used=rate.used, at=rate.at, halvings=halvings)
            if bucket:
                self._buckets[scope, key] = bucket
                self._room.setdefault((scope, key), bucket.room(self._now))

    def _rates(self, scope: Scope, keys: Collection[str]) -> Mapping[str, Any]:
        columns = select(Rate.key, Rate.used, Rate.at, Rate.halvings, Rate.slowed_at)
        rows = self._session.execute(columns.where(Rate.scope == scope, Rate.key.in_(keys)))
        return {rate.key: rate for rate in rows}


_HOLD = "hold"  # beside the scopes of pauses
_PAUSES_AND_HOLDS = union_all(
    select(Switch.scope, Switch.key),
    select(literal(_HOLD, String), sql_cast(Campaign.id, String)).where(Campaign.holds_letters),
)
_RATES = cast(Table, Rate.__table__)
_COUNT = update(_RATES).where(_RATES.c.scope == bindparam("b_scope"), _RATES.c.key == bindparam("b_key"))
