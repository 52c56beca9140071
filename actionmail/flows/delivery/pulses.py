"""A worker's pulse: a row that says when it was last at work, what its mail server says, and which limits it keeps.

Written at most every EVERY, in one statement of its own transaction, so that no claim is slower for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from actionmail.db.base import Instant
from actionmail.db.throttles import WorkerPulse
from actionmail.db.trouble import is_passing
from actionmail.flows.delivery.persistence import place_of
from actionmail.flows.delivery.worker import Worker
from actionmail.rules.delivery.rates import Limits
from actionmail.rules.delivery.trouble import Trouble

EVERY = timedelta(seconds=15)
AWAY_AFTER = timedelta(minutes=6)  # longer than a worker ever waits for its mail server
FORGOTTEN_AFTER = timedelta(days=1)


class Pulse(Struct, frozen=True, kw_only=True):
    """What is known of the workers, taken together; None where none was ever seen."""

    seen_at: datetime | None
    started_at: datetime | None  # of the one that was seen last
    trouble: Trouble | None  # of the one that was seen last
    trouble_since: datetime | None
    limits: Limits

    def is_away(self, now: datetime) -> bool:
        """Whether no worker is at work."""
        return self.seen_at is None or now - self.seen_at > AWAY_AFTER


UNSEEN = Pulse(seen_at=None, started_at=None, trouble=None, trouble_since=None, limits=Limits())


def beat(worker: Worker, trouble: Trouble | None) -> None:
    """Say that the worker is at work, unless it did a moment ago. A database that keeps nothing now is no matter."""
    now = worker.clock()
    if worker.beat.at is not None and now - worker.beat.at < EVERY:
        return
    is_first = worker.beat.at is None
    worker.beat.at, worker.beat.started_at = now, worker.beat.started_at or now
    try:
        with worker.write() as session:
            if is_first:
                session.connection().execute(_FORGET, {"before": now - FORGOTTEN_AFTER})
            session.connection().execute(_BEAT, _parameters(worker, trouble, now))
    except DBAPIError as error:
        if not is_passing(error):
            worker.complain(f"the pulse cannot be written: {place_of(error)}", error)


def pulse(session: Session) -> Pulse:
    """That of the worker that was seen last."""
    row = session.scalars(select(WorkerPulse).order_by(WorkerPulse.seen_at.desc(), WorkerPulse.name).limit(1)).first()
    return UNSEEN if row is None else pulse_of(row)


def pulse_of(row: Any) -> Pulse:
    """That of a row of the table."""
    first, dash, end = row.hours.partition("-")
    return Pulse(
        seen_at=row.seen_at,
        started_at=row.started_at,
        trouble=Trouble.read(row.trouble),
        trouble_since=row.trouble_since,
        limits=Limits(
            target_hour=row.target_hour,
            campaign_hour=row.campaign_hour,
            domain_minute=row.domain_minute,
            hours=(int(first), int(end)) if dash else None,
        ),
    )


def _parameters(worker: Worker, trouble: Trouble | None, now: datetime) -> dict[str, object]:
    limits = worker.limits
    return {
        "name": worker.name,
        "started": worker.beat.started_at,
        "now": now,
        "trouble": str(trouble or ""),
        "since": now if trouble else None,
        "target_hour": limits.target_hour,
        "campaign_hour": limits.campaign_hour,
        "domain_minute": limits.domain_minute,
        "hours": f"{limits.hours[0]}-{limits.hours[1]}" if limits.hours else "",
    }


_FORGET = text("DELETE FROM worker_pulses WHERE seen_at < :before").bindparams(bindparam("before", type_=Instant()))
_BEAT = text(
    "INSERT INTO worker_pulses (name, started_at, seen_at, trouble, trouble_since, target_hour, campaign_hour, "
    "domain_minute, hours) VALUES (:name, :started, :now, :trouble, :since, :target_hour, :campaign_hour, "
    ":domain_minute, :hours) ON CONFLICT (name) DO UPDATE SET started_at = excluded.started_at, "
    "seen_at = excluded.seen_at, trouble = excluded.trouble, trouble_since = CASE WHEN excluded.trouble = '' THEN NULL "
    "ELSE coalesce(worker_pulses.trouble_since, excluded.trouble_since) END, target_hour = excluded.target_hour, "
    "campaign_hour = excluded.campaign_hour, domain_minute = excluded.domain_minute, hours = excluded.hours"
).bindparams(*(bindparam(name, type_=Instant()) for name in ("started", "now", "since")))
