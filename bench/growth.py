"""Whether the claim and the send log's pages stay as quick as the table grows."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.flows.delivery import claim, expire, recover
from actionmail.flows.review import send_log
from actionmail.flows.review.message_filter import Filter, Moment
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import State
from bench.queue import NOW

_TIMES = 31
_SOON = NOW + timedelta(seconds=1)


# What should cost the same however long the log is.
_PAGES: Mapping[str, Filter] = {
    "first log page": Filter(),
    "page of waiting": Filter(campaign="ab969", state=State.QUEUED),
    "page of one letter": Filter(campaign="ab969", letter="everyone"),
    "page of one legislator": Filter(target="Sample 77"),
    "page of one domain": Filter(domain="legis.example"),
    "page of one party, 132 legislators": Filter(us_state="WI"),
    "page of an hour": Filter(since=NOW, until=NOW + timedelta(hours=1)),
    "page of accepted in an hour": Filter(moment=Moment.ACCEPTED, since=NOW, until=NOW + timedelta(hours=1)),
    "page of came back": Filter(moment=Moment.BACK, since=NOW),
    "page of a code": Filter(code="550"),
    "page of an enhanced code": Filter(code="5.1.1"),
    "page of a name that all have": Filter(words="mai"),
    "page of one supporter": Filter(words="mai 9000"),
}


def take(database: Database) -> dict[str, float]:
    """Medians in milliseconds, by what was done."""
    medians = {"claim of 200": _median(database, _claim, _TIMES)}
    for name, wanted in _PAGES.items():
        medians[name] = _median(database, partial(send_log.page, wanted=wanted), _TIMES)
    medians["counts per state"] = _median(database, partial(send_log.counts, wanted=Filter()), 5)
    medians["counts of one campaign"] = _median(database, partial(send_log.counts, wanted=Filter(campaign="ab969")), 5)
    return medians


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
