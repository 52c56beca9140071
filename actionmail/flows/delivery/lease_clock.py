"""The clock of leases: the database's, which all workers share whatever their machines believe.

It is asked once per round, in the claim's own transaction, and carried on in between by this machine's two clocks,
whichever got further: the one of the day stands still or goes back when it is set, the steady one stands still while
the machine sleeps. So an error always makes a lease of ours look older and a lease that we write last longer, which
costs time and never sends a letter twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

MOST_SKEW = timedelta(minutes=1)


class ClockSkew(Exception):
    """This machine's clock differs from the database's by more than MOST_SKEW: ahead where `skew` is positive."""

    def __init__(self, skew: timedelta) -> None:
        super().__init__(skew)
        self.skew = skew


def database_time(session: Session) -> datetime:
    """What the database's own clock says at this moment; on SQLite that is this machine's."""
    if session.get_bind().dialect.name == "sqlite":
        instant = session.connection().execute(text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")).scalar_one()
        return datetime.fromisoformat(instant).replace(tzinfo=UTC)
    at: datetime = session.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
    return at.astimezone(UTC)


class LeaseClock:
    """Called, it tells aware UTC. `wall` is this machine's time of day, `steady` its seconds since some start.

    `patience` is how long nobody's lease is judged after the database's clock jumped: as long as a lease lasts.
    """

    def __init__(
        self,
        *,
        wall: Callable[[], datetime],
        steady: Callable[[], float],
        patience: timedelta,
        ask: Callable[[Session], datetime] = database_time,
    ) -> None:
        self._wall, self._steady, self._ask = wall, steady, ask
        self._patience = patience
        self._told: datetime | None = None  # the database's time when last asked, and our clocks' at that moment
        self._wall_then, self._steady_then = wall(), steady()
        self._judges_from = self._steady_then

    def __call__(self) -> datetime:
        passed = self._wall() - self._wall_then
        steadily = timedelta(seconds=self._steady() - self._steady_then)
        return (self._told or self._wall_then) + max(passed, steadily)

    def measure(self, session: Session) -> bool:
        """Ask the database; whether leases may be judged now. Raises ClockSkew.

        They may not for a while after its clock ran more than MOST_SKEW ahead of the steady one: it was set, and the
        leases of workers that are at work would look as if they had run out. (Or this machine slept; no matter.)
        """
        database_time, wall, steady = self._ask(session), self._wall(), self._steady()
        if abs(wall - database_time) > MOST_SKEW:
            raise ClockSkew(wall - database_time)
        if self._told is not None:
            jump = (database_time - self._told) - timedelta(seconds=steady - self._steady_then)
            if jump > MOST_SKEW:
                self._judges_from = steady + self._patience.total_seconds()
        self._told, self._wall_then, self._steady_then = database_time, wall, steady
        return steady >= self._judges_from
