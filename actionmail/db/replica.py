"""Where large reads go: a read replica of the database, as long as it is fresh, and else the database itself.

Only PostgreSQL has replicas (streaming, `hot_standby`). What a page shows from one is at most `MOST_BEHIND` old, so
whoever has to see what they changed themselves a moment ago is served by the primary for longer than that.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row, make_url, text

from actionmail.db.engine import TROUBLE, Database

MOST_BEHIND: Final = timedelta(seconds=10)
AWAY_RESTS: Final = 30.0  # seconds in which one that did not answer is not asked again
_PATIENCE: Final = "3"  # seconds for a connection; a page waits

# Of the same server and database, and with the same tables.
_IDENTITY: Final = """
    (SELECT system_identifier FROM pg_control_system()) || ' ' || current_database() || ' ' ||
    (SELECT version_num FROM alembic_version)
"""
_OF_PRIMARY: Final = text(
    f"SELECT {_IDENTITY} AS identity, pg_is_in_recovery() AS is_replica, "
    "CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn()::text END AS place"
)
# The moment of the last transaction that it has is said by the primary's clock, and compared with the replica's.
_OF_REPLICA: Final = text(
    f"SELECT {_IDENTITY} AS identity, pg_is_in_recovery() AS is_replica, "
    "coalesce(pg_last_wal_replay_lsn() >= CAST(:place AS pg_lsn), false) AS has_all, "
    "clock_timestamp() - pg_last_xact_replay_timestamp() AS behind"
)


class Standing(StrEnum):
    FRESH = "fresh"
    BEHIND = "behind"
    OTHER = "other"  # another database, or no replica, or with the tables of another version
    AWAY = "away"


class Look(Struct, frozen=True, kw_only=True):
    """What a look at the replica found; `behind` is None where that is not known."""

    standing: Standing
    behind: timedelta | None = None
    error: str = ""


class LargeReads:
    """Which database a large read is to ask, the primary or its replica."""

    def __init__(
        self,
        primary: Database,
        replica_url: str = "",
        *,
        most_behind: timedelta = MOST_BEHIND,
        away_rests: float = AWAY_RESTS,
    ) -> None:
        """Connects to nothing. Raises sqlalchemy.exc.ArgumentError for a URL that is none."""
        self._most_behind = most_behind
        self._away_rests = away_rests
        self._primary = primary
        self._replica = Database(_impatient(replica_url)) if replica_url else None
        self._lock = threading.Lock()
        self._asked_again_at = 0.0

    @property
    def has_replica(self) -> bool:
        return self._replica is not None

    def database(self) -> Database:
        """The replica where it is fresh now, or else the primary."""
        if self._replica is None or self._rests():
            return self._primary
        look = self.look()
        if look.standing is Standing.AWAY:
            with self._lock:
                self._asked_again_at = time.monotonic() + self._away_rests
        return self._replica if look.standing is Standing.FRESH else self._primary

    def look(self) -> Look:
        """How the replica stands. Raises what the primary raises."""
        assert self._replica is not None
        with self._primary.ask() as connection:
            here = connection.execute(_OF_PRIMARY).one()
        try:
            with self._replica.ask() as connection:
                there = connection.execute(_OF_REPLICA, {"place": here.place}).one()
        except TROUBLE as error:
            return Look(standing=Standing.AWAY, error=str(getattr(error, "orig", error)))
        return _compared(here, there, self._most_behind)

    def _rests(self) -> bool:
        with self._lock:
            return time.monotonic() < self._asked_again_at


def _impatient(url: str) -> str:
    parsed = make_url(url)
    if "connect_timeout" not in parsed.query:
        parsed = parsed.update_query_dict({"connect_timeout": _PATIENCE})
    return parsed.render_as_string(hide_password=False)


def _compared(here: Row[Any], there: Row[Any], most_behind: timedelta) -> Look:
    if not there.is_replica or here.is_replica or here.identity != there.identity:
        return Look(standing=Standing.OTHER)
    behind = timedelta(0) if there.has_all else there.behind
    is_fresh = behind is not None and behind <= most_behind
    return Look(standing=Standing.FRESH if is_fresh else Standing.BEHIND, behind=behind)
