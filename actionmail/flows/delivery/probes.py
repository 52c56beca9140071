"""A mail of ours that goes out only to come back: whether what returns to letters would reach us.

Its return path is made like a letter's, with the moment of its going as key. So it leads to no letter, and nobody can
make one up.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.orm import Session

from actionmail.flows.delivery import heartbeats

_KEY: Final = re.compile(r"probe-(\d{1,12})")


def send_off(session: Session, *, now: datetime) -> datetime:
    """Note that a probe goes out, before it does: it may be back at once. The moment by which it is known."""
    went = now.replace(microsecond=0)
    heartbeats.beat(session, heartbeats.PROBE, now=went)
    return went


def key_of(went: datetime) -> str:
    """The key of its return path."""
    return f"probe-{int(went.timestamp())}"


def went_at(key: str | None) -> datetime | None:
    """When the probe went that this key is of; None where it is no probe's."""
    match = _KEY.fullmatch(key or "")
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def came_back(session: Session, went: datetime, *, now: datetime) -> bool:
    """Note that it is here again, where it is the last that went out."""
    if heartbeats.seen_at(session, heartbeats.PROBE) != went:
        return False
    heartbeats.beat(session, heartbeats.PROBE_BACK, now=now)
    return True
