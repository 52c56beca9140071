"""A database on PostgreSQL and its replica, which really streams."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from actionmail.db.engine import Database
from actionmail.db.replica import LargeReads, Look, Standing
from tests.postgres import PostgresServer

NOTHING, MUCH = timedelta(0), timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A database, its replica, and the replica's server."""

    primary: Database
    replica_url: str
    standby: PostgresServer

    def reads(self, most_behind: timedelta = MUCH, away_rests: float = 0.0) -> LargeReads:
        return LargeReads(self.primary, self.replica_url, most_behind=most_behind, away_rests=away_rests)

    @property
    def primary_url(self) -> str:
        return self.primary.engine.url.render_as_string(hide_password=False)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The replica takes nothing in meanwhile."""
        self.standby.run("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            self.standby.run("SELECT pg_wal_replay_resume()")


def until_it_is(standing: Standing, look: Callable[[], Look]) -> None:
    """The replica follows by itself; if it never does, the test is ended from outside."""
    while look().standing is not standing:
        time.sleep(0.05)


@contextmanager
def replicated(primary_server: PostgresServer, standby: PostgresServer) -> Iterator[Pair]:
    """A fresh database, once the replica has it."""
    with primary_server.fresh_database() as url:
        primary = Database(url)
        found = Pair(primary=primary, replica_url=standby.also_here(url), standby=standby)
        until_it_is(Standing.FRESH, found.reads(NOTHING).look)
        yield found
        primary.engine.dispose()
