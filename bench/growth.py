"""Whether the claim and the send log's first page stay as quick as the table grows."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.flows.delivery import claim, expire, recover
from actionmail.flows.review import send_log
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import State
from bench.queue import NOW

_TIMES = 31
_SOON = NOW + timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """Medians in milliseconds."""

    claim: float
    first_page: float
    waiting_page: float
    counts: float


def take(database: Database) -> Pulse:
    return Pulse(
        claim=_median(database, _claim, _TIMES),
        first_page=_median(database, partial(send_log.page, wanted=send_log.Filter()), _TIMES),
        waiting_page=_median(
            database, partial(send_log.page, wanted=send_log.Filter(campaign="ab969", state=State.QUEUED)), _TIMES
        ),
        counts=_median(database, partial(send_log.counts, wanted=send_log.Filter()), 5),
    )


def _claim(session: Session) -> None:
    """What a worker's round begins with."""
    recover(session, actor=Actor.worker("bench"), now=_SOON)
    expire(session, actor=Actor.worker("bench"), now=_SOON)
    claimed = claim(session, owner="bench", now=_SOON, limit=200, lease=timedelta(minutes=5), after=50)
    if len(claimed.ids) != 200:
        raise RuntimeError("the queue is shorter than a batch")


def _median(database: Database, block: Callable[[Session], object], times: int) -> float:
    """Each time in a transaction that is undone, so that the table stays as it was."""
    taken = []
    for _ in range(times + 2):
        with database.write_sessions() as session:
            session.connection()
            begun = time.perf_counter()
            block(session)
            taken.append((time.perf_counter() - begun) * 1000)
            session.rollback()
    return statistics.median(taken[2:])
