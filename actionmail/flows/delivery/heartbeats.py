"""When commands that run from time to time last did."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.throttles import Heartbeat

INBOUND: Final = "inbound"
BACKUP: Final = "backup"


def beat(session: Session, name: str, *, now: datetime) -> None:
    """Say that it ran."""
    session.merge(Heartbeat(name=name, at=now))


def seen_at(session: Session, name: str) -> datetime | None:
    """When it last ran; None: never."""
    return session.scalar(select(Heartbeat.at).where(Heartbeat.name == name))
