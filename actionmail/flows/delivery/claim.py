"""Which letters go next, and whose: fair by target, within the rates, past the pauses and holds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from math import ceil

from msgspec import Struct, field
from sqlalchemy.orm import Session

from actionmail.flows.delivery import message_batches
from actionmail.flows.delivery.claim_gate import ClaimGate
from actionmail.flows.delivery.message_batches import Lease
from actionmail.flows.delivery.statements import listed, statements
from actionmail.rules.delivery.rates import Candidate, Limits

# Of how many targets a full window's letters are at first, where those have as many: what stands beside each other in
# an index is changed together, and of four letters each those are a third of the pages.
_TARGETS = 25


class Claimed(Struct, frozen=True, kw_only=True):
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
    """Lease up to `limit` letters that are due to `owner`, some of each target in turn, and log it.

    What is chosen is taken by one statement that names the state it expects: two workers never get the same letter
    (SKIP LOCKED on PostgreSQL, one writer on SQLite).
    """
    return _take(session, Lease(owner=owner, until=now + lease), limit, limits, after, now)


def claim_and_begin(
    session: Session,
    *,
    owner: str,
    now: datetime,
    limit: int,
    lease: timedelta,
    limits: Limits | None = None,
    after: int = 0,
) -> Claimed:
    """The same for a mail server that just took letters, noting that their bodies are about to go out."""
    return _take(session, Lease(owner=owner, until=now + lease, begun_at=now), limit, limits, after, now)


def _take(
    session: Session, lease: Lease, limit: int, limits: Limits | None, after: int, now: datetime
) -> Claimed:  # fmt: skip
    gate = ClaimGate(session, limits or Limits(), now)
    if gate.is_shut:
        return Claimed(cursor=after)
    chosen, cursor = _go_round(session, gate, limit, after, now)
    if not chosen:
        return Claimed(cursor=cursor)
    taken = message_batches.lease(session, [candidate.id for candidate in chosen], lease, now=now)
    claimed = [candidate for candidate in chosen if candidate.id in taken]
    if claimed:
        gate.count(claimed)
    return Claimed(ids=[candidate.id for candidate in claimed], cursor=cursor)


def _go_round(session: Session, gate: ClaimGate, limit: int, after: int, now: datetime) -> tuple[list[Candidate], int]:
    """Due letters of the targets that come after `after`, and round again from the first; and where it stopped."""
    chosen: list[Candidate] = []
    says = statements(session)
    cursor, is_second_lap = after, False
    at_once = ceil(limit / max(1, limit // _TARGETS))
    while len(chosen) < limit * 3 / 4:
        size = limit - len(chosen)
        most, at_once = min(size, at_once), limit
        targets = [row.target for row in says.targets.all(session, after=cursor, size=most)]
        is_end = len(targets) < most
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


def _oldest(session: Session, gate: ClaimGate, targets: Collection[int], limit: int, now: datetime) -> list[Candidate]:
    """About `limit` due letters in all, as evenly from these targets as what they have allows; oldest first of each."""
    queues: dict[int, list[Candidate]] = {}
    asked, depth, missing = set(targets), 0, limit
    while asked and missing > 0:
        depth += ceil(missing / len(asked))
        fresh = _due(session, gate, asked, depth, now)
        queues |= fresh
        asked = {target for target, queue in fresh.items() if len(queue) == depth}
        missing = limit - sum(map(len, queues.values()))
    oldest = []
    for target in sorted(queues):
        oldest += queues[target]
    return oldest


def _due(
    session: Session, gate: ClaimGate, targets: Collection[int], depth: int, now: datetime
) -> dict[int, list[Candidate]]:
    """The `depth` oldest due letters of each target that has any."""
    parameters = {
        "targets": listed(session, sorted(targets)),
        "now": now,
        "depth": depth,
        "campaigns": listed(session, sorted(gate.shut_campaigns)),
        "holding": listed(session, sorted(gate.holding_campaigns)),
        "domains": listed(session, sorted(gate.shut_domains)),
    }
    queues: dict[int, list[Candidate]] = {}
    for id_, target, campaign, domain in statements(session).due.all(session, **parameters):
        queue = queues.setdefault(target, [])
        queue.append(Candidate(id=id_, target=target, campaign=campaign, domain=domain))
    return queues
