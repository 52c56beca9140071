"""Two questions of the machinery: is this process alive, and can it serve?"""

from __future__ import annotations

from flask import Blueprint

from actionmail.flows.delivery import waiting
from actionmail.web.platform.context import services

bp = Blueprint("health", __name__)

Answer = tuple[dict[str, str], int]


@bp.get("/healthz")
def alive() -> Answer:
    """Whether this process answers; says nothing of the database."""
    return {"status": "ok"}, 200


@bp.get("/readyz")
def ready() -> Answer:
    """Whether the database is reachable and has the shape that this version needs; 503 if not.

    Without a worker pages are served all the same, so that is told beside it.
    """
    if not services().database.is_current():
        return {"status": "the database is not up to date; run `actionmail migrate`"}, 503
    now = services().clock()
    with services().database.read() as db:
        machinery = waiting.machinery(db, now=now)
    if machinery.lacks_worker(now):
        return {"status": "ok", "worker": "letters are due, and no worker is at work"}, 200
    if machinery.lacks_relay(now):
        return {"status": "ok", "worker": "the mail server is out of order"}, 200
    return {"status": "ok"}, 200


def unreachable() -> Answer:
    """What `ready` answers where the database does not."""
    return {"status": "the database cannot be reached"}, 503
