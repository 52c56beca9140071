"""Filters of the send log under a name, for all who may see it.

They stay when a supporter is erased, so what may name one is not kept: the words that were looked for, and the number
of a letter. A view that is called by a supporter's name goes with them (`flows.privacy.named_views`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.saved_views import SavedView

LONGEST_NAME = 80
MOST = 50
_NOT_KEPT: Final = frozenset({"words", "answer", "number"})


class Fault(StrEnum):
    """Why a view cannot be kept."""

    NO_NAME = "no_name"
    NAME_TOO_LONG = "name_too_long"
    NAME_TAKEN = "name_taken"
    TOO_MANY = "too_many"
    NO_FILTER = "no_filter"
    NOTHING_TO_KEEP = "nothing_to_keep"  # nothing is filtered but by what may name a supporter


class CannotKeep(Exception):
    """The view is not kept, and nothing changed."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class View(Struct, frozen=True, kw_only=True):
    """`query` is that of the log's address."""

    id: int
    name: str
    query: str


def views(session: Session) -> Sequence[View]:
    """All, by name."""
    rows = session.execute(select(SavedView.id, SavedView.name, SavedView.query).order_by(func.lower(SavedView.name)))
    return [View(id=row.id, name=row.name, query=row.query) for row in rows]


def keep(session: Session, name: str, query: str, *, by: int, now: datetime) -> str:
    """Keep `query` as `name`, without what may name a supporter; gives what is kept. Raises CannotKeep."""
    name = " ".join(name.split())
    if not name:
        raise CannotKeep(Fault.NO_NAME)
    if len(name) > LONGEST_NAME:
        raise CannotKeep(Fault.NAME_TOO_LONG)
    if not query:
        raise CannotKeep(Fault.NO_FILTER)
    saved_query = urlencode([(part, value) for part, value in parse_qsl(query) if part not in _NOT_KEPT])
    if not saved_query:
        raise CannotKeep(Fault.NOTHING_TO_KEEP)
    if (session.scalar(select(func.count()).select_from(SavedView)) or 0) >= MOST:
        raise CannotKeep(Fault.TOO_MANY)
    try:
        with session.begin_nested():
            session.add(SavedView(name=name, query=saved_query, made_by=by, made_at=now))
    except IntegrityError:  # there is one, or somebody made it at this moment
        raise CannotKeep(Fault.NAME_TAKEN) from None
    return saved_query


def drop(session: Session, number: int) -> bool:
    """Forget a view; whether there was one."""
    gone = session.execute(delete(SavedView).where(SavedView.id == number).returning(SavedView.id))
    return gone.first() is not None
