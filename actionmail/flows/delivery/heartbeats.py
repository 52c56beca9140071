"""When commands that run from time to time last did."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from actionmail.db.base import Instant
from actionmail.db.throttles import Heartbeat

INBOUND: Final = "inbound"
BACKUP: Final = "backup"
WAKER: Final = "waker"


def beat(session: Session, name: str, *, now: datetime) -> None:
    """Say that it ran. Several may say so at once."""
    session.execute(_BEAT, {"name": name, "now": now})


def seen_at(session: Session, name: str) -> datetime | None:
    """When it last ran; None: never."""
    return session.scalar(select(Heartbeat.at).where(Heartbeat.name == name))


_BEAT = text(
    "INSERT INTO heartbeats (name, at) VALUES (:name, :now) ON CONFLICT (name) DO UPDATE SET at = excluded.at"
).bindparams(bindparam("now", type_=Instant()))
