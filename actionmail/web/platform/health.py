"""Two questions of the machinery: is this process alive, and can it serve?"""

from __future__ import annotations

from flask import Blueprint

from actionmail.web.platform.context import services
from actionmail.web.platform.security import limiter

bp = Blueprint("health", __name__)

Answer = tuple[dict[str, str], int]


@bp.get("/healthz")
@limiter.exempt
def alive() -> Answer:
    """Whether this process answers; says nothing of the database."""
    return {"status": "ok"}, 200


@bp.get("/readyz")
@limiter.exempt
def ready() -> Answer:
    """Whether the database is reachable and has the shape that this version needs; 503 if not."""
    if not services().database.is_current():
        return {"status": "the database is not up to date; run `actionmail migrate`"}, 503
    return {"status": "ok"}, 200


def unreachable() -> Answer:
    """What `ready` answers where the database does not."""
    return {"status": "the database cannot be reached"}, 503
