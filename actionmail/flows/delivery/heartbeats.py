"""When commands that run from time to time last did."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from actionmail.db.throttles import Heartbeat

INBOUND: Final = "inbound"
BACKUP: Final = "backup"
WAKER: Final = "waker"
PROBE: Final = "probe"  # when the last mail went that is to show whether anything comes back
PROBE_BACK: Final = "probe-back"  # and when it was here again


def beat(session: Session, name: str, *, now: datetime) -> None:
    """Say that it ran; of two that say so at once, also for the first time, the later one counts."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Heartbeat).values(name=name, at=now)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": statement.excluded.at}))


def seen_at(session: Session, name: str) -> datetime | None:
    """When it last ran; None: never."""
    return session.scalar(select(Heartbeat.at).where(Heartbeat.name == name))


def take_back(session: Session, name: str, *, noted_at: datetime) -> None:
    """It did not run after all; what was said since stays."""
    session.execute(delete(Heartbeat).where(Heartbeat.name == name, Heartbeat.at == noted_at))
