"""Which letters go next, and whose: fair by target, within the rates, past the switches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import cast

from sqlalchemy import Table, bindparam, insert, select, text, update
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.messages import SENDING, WAITING, Message
from actionmail.db.throttles import Rate, Switch
from actionmail.flows.delivery.events import AMBIGUOUS, PLAIN, TWICE_AMBIGUOUS, append, event_of
from actionmail.flows.delivery.pauses import in_turn
from actionmail.flows.delivery.statements import listed, statements
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
from actionmail.rules.delivery.states import State


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """The letters now leased, and the target to go on after next time."""

    ids: list[int] = field(default_factory=list)
    cursor: int = 0


def claim(
    session: Session,
    *,
    owner: str,
    now: datetime,
    limit: int,
    lease: timedelta,
    limits: Limits | None = None,
    after: int = 0,
) -> Claimed:
    """Lease up to `limit` letters that are due to `owner`, one of each target in turn, and log it.

    What is chosen is taken by one statement that names the state it expects: two workers never get the same letter
    (SKIP LOCKED on PostgreSQL, one writer on SQLite).
    """
    gate = _Gate(session, limits or Limits(), now)
    if gate.is_shut:
        return Claimed(cursor=after)
    chosen, cursor = _go_round(session, gate, limit, after, now)
    if not chosen:
        return Claimed(cursor=cursor)
    connection, says = session.connection(), statements(session)
    ids = listed(session, [candidate.id for candidate in chosen])
    parameters = {"ids": ids, "owner": owner, "now": now, "until": now + lease}
    claimed = set(connection.execute(says.claim, parameters).scalars().all())
    if claimed:
        if len(claimed) < len(chosen):
            ids = listed(session, claimed)
        note = {"ids": ids, "now": now, "actor": f"worker {owner}", "twice": _MAY_BE_TWICE}
        connection.execute(says.note_claim, note)
        gate.count([candidate for candidate in chosen if candidate.id in claimed])
    return Claimed(ids=[candidate.id for candidate in chosen if candidate.id in claimed], cursor=cursor)


def _go_round(session: Session, gate: _Gate, limit: int, after: int, now: datetime) -> tuple[list[Candidate], int]:
    """Due letters of the targets that come after `after`, and round again from the first; and where it stopped."""
    chosen: list[Candidate] = []
    connection, says = session.connection(), statements(session)
    cursor, is_second_lap = after, False
    while len(chosen) < limit * 3 / 4:
        size = limit - len(chosen)
        targets = list(connection.execute(says.targets, {"after": cursor, "size": size}).scalars().all())
        is_end = len(targets) < size
        if is_second_lap:
            is_end = is_end or targets[-1] >= after
            targets = [target for target in targets if target <= after]
        if targets:
            cursor = targets[-1]
            chosen += gate.choose(_oldest(session, gate, gate.open_targets(targets), size, now), size)
        if is_end:
            if is_second_lap or after == 0:
                return chosen, 0
            cursor, is_second_lap = 0, True
    return chosen, cursor


def _oldest(session: Session, gate: _Gate, targets: Collection[int], limit: int, now: datetime) -> list[Candidate]:
    """About `limit` due letters in all, as evenly from these targets as what they have allows; oldest first of each."""
    found: dict[int, list[Candidate]] = {}
    asked, depth = set(targets), 0
    while asked and (missing := limit - sum(map(len, found.values()))) > 0:
        depth += ceil(missing / len(asked))
        parameters = {
            "targets": listed(session, sorted(asked)),
            "now": now,
            "depth": depth,
            "campaigns": listed(session, sorted(gate.shut_campaigns)),
            "domains": listed(session, sorted(gate.shut_domains)),
        }
        lines: dict[int, list[Candidate]] = {}
        for id_, target, campaign, domain in session.connection().execute(statements(session).due, parameters).all():
            lines.setdefault(target, []).append(Candidate(id=id_, target=target, campaign=campaign, domain=domain))
        found |= lines
        asked = {target for target, line in lines.items() if len(line) == depth}
    return [candidate for target in sorted(found) for candidate in found[target]]


class _Gate:
    """The switches and rates as they stand in this transaction."""

    def __init__(self, session: Session, limits: Limits, now: datetime) -> None:
        in_turn(session)  # one claim at a time, so that rates are counted right
        self._session = session
        self._limits = limits
        self._now = now
        self._buckets: dict[tuple[Scope, str], Bucket] = {}
        self._room: dict[tuple[Scope, str], int] = {}
        self._stored: set[tuple[Scope, str]] = set()
        off = {(scope, key) for scope, key in session.execute(select(Switch.scope, Switch.key))}
        self.is_shut = (Scope.ALL, "") in off
        self._shut_targets = {int(key) for scope, key in off if scope == Scope.TARGET}
        self.shut_campaigns = {int(key) for scope, key in off if scope == Scope.CAMPAIGN}
        self.shut_domains = {key for scope, key in off if scope == Scope.DOMAIN}
        if limits.hours:
            zones = session.execute(select(Campaign.id, Campaign.timezone))
            self.shut_campaigns |= {id_ for id_, zone in zones if not may_send_now(limits.hours, zone, now)}
        if limits.campaign_hour:
            self._load(Scope.CAMPAIGN, [str(id_) for id_ in session.scalars(select(Campaign.id))])
        self._load(Scope.DOMAIN, list(session.scalars(select(Rate.key).where(Rate.scope == Scope.DOMAIN))))
        full = {key for key, room in self._room.items() if room < 1}
        self.shut_campaigns |= {int(key) for scope, key in full if scope is Scope.CAMPAIGN}
        self.shut_domains |= {key for scope, key in full if scope is Scope.DOMAIN}

    def open_targets(self, targets: Collection[int]) -> list[int]:
        """Those of `targets` that may get a letter now."""
        if self._limits.target_hour:
            self._load(Scope.TARGET, [str(target) for target in targets])
        return [
            target
            for target in targets
            if target not in self._shut_targets and self._room.get((Scope.TARGET, str(target)), 1) > 0
        ]

    def choose(self, candidates: Collection[Candidate], limit: int) -> list[Candidate]:
        """At most `limit` of them, within every rate; what is chosen takes up room."""
        if self._limits.domain_minute:
            known = {key for scope, key in self._room if scope is Scope.DOMAIN}
            self._load(Scope.DOMAIN, sorted({candidate.domain for candidate in candidates} - known))
        return choose(candidates, limit, self._room)

    def count(self, claimed: Iterable[Candidate]) -> None:
        """Write what was used of each rate."""
        used = Counter(key for candidate in claimed for key in candidate.keys if key in self._buckets)
        changed = [
            {
                "b_scope": scope.value,
                "b_key": key,
                "used": self._buckets[scope, key].used_at(self._now) + count,
                "at": self._now,
            }
            for (scope, key), count in used.items()
        ]
        new = [row for row in changed if (row["b_scope"], row["b_key"]) not in self._stored]
        old = [row for row in changed if (row["b_scope"], row["b_key"]) in self._stored]
        connection = self._session.connection()
        if new:
            blank = {"halvings": 0, "slowed_at": None}
            rows = [
                {"scope": row["b_scope"], "key": row["b_key"], "used": row["used"], "at": row["at"], **blank}
                for row in new
            ]
            connection.execute(insert(_RATES), rows)
        if old:
            connection.execute(_COUNT, old)

    def _load(self, scope: Scope, keys: Collection[str]) -> None:
        rows = {
            rate.key: rate
            for rate in self._session.execute(
                select(Rate.key, Rate.used, Rate.at, Rate.halvings, Rate.slowed_at).where(
                    Rate.scope == scope, Rate.key.in_(keys)
                )
            )
        }
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


_RATES = cast(Table, Rate.__table__)
_COUNT = update(_RATES).where(_RATES.c.scope == bindparam("b_scope"), _RATES.c.key == bindparam("b_key"))


def recover(session: Session, *, actor: str, now: datetime) -> list[int]:
    """Give back what a dead worker left: its lease ran out. Their ids."""
    left = session.execute(
        select(Message.id, Message.body_started_at, Message.possible_duplicate, Message.attempts)
        .where(text(SENDING), Message.lease_until <= now)
        .order_by(Message.lease_until)
        .limit(_SWEEP)
        .with_for_update(skip_locked=True)
    ).all()
    events = []
    for id_, started, was_ambiguous, attempts in left:
        state, words = _left_behind(started is not None, was_ambiguous)
        session.execute(
            update(Message)
            .where(Message.id == id_, Message.state == State.SENDING)
            .values(
                state=state,
                attempts=attempts + 1,
                next_attempt_at=None if state is State.HELD else now,
                lease_owner=None,
                lease_until=None,
                last_code=None,
                last_text=words,
                updated_at=now,
            ),
            execution_options=PLAIN,
        )
        events.append(event_of(id_, now, State.SENDING, state, actor, words, attempt=attempts + 1))
    append(session, events)
    return [row.id for row in left]


def expire(session: Session, *, actor: str, now: datetime) -> list[int]:
    """End the waiting of letters whose time is over; their ids. What may have gone out already is held instead."""
    over = session.execute(
        select(Message.id, Message.state)
        .where(text(WAITING), Message.expires_at <= now)
        .order_by(Message.expires_at)
        .limit(_SWEEP)
        .with_for_update(skip_locked=True)
    ).all()
    events = []
    for id_, before in over:
        state, words = (State.HELD, _OVER_AMBIGUOUS) if before == State.AMBIGUOUS else (State.EXPIRED, _OVER)
        session.execute(
            update(Message)
            .where(Message.id == id_, Message.state == before)
            .values(state=state, next_attempt_at=None, last_code=None, last_text=words, updated_at=now),
            execution_options=PLAIN,
        )
        events.append(event_of(id_, now, before, state, actor, words))
    append(session, events)
    return [row.id for row in over]


def _left_behind(started: bool, was_ambiguous: bool) -> tuple[State, str]:
    if not started:
        return State.DEFERRED, "The worker ended before this letter's turn; nothing of it was sent."
    if was_ambiguous:
        return State.HELD, TWICE_AMBIGUOUS
    return State.AMBIGUOUS, f"The worker ended while this letter may have been on its way. {AMBIGUOUS}"


_SWEEP = 500
_MAY_BE_TWICE = "This may be the second time: an earlier try ended without a known result."
_OVER = "The time for this letter is over."
_OVER_AMBIGUOUS = "The time for this letter is over, and it may have been sent already; a person decides."
