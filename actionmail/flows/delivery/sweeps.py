"""Rows that are looked after now and then, each kind in one short transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.flows.delivery.worker import PeriodicTask, WriteSessions


class Sweep(Struct, frozen=True, kw_only=True):
    """`do(session, now)` returns how many it looked after: at most `most`, where that is not 0."""

    name: str  # for the log, and so without personal data
    every: timedelta
    do: Callable[[Session, datetime], int]
    most: int = 0


def sweeping(
    sweep: Sweep, *, write: WriteSessions, clock: Callable[[], datetime], tell: Callable[[Sweep, int], None]
) -> PeriodicTask:
    """The task that does it, tells how many there were, and comes again at once while there may be more."""

    def do() -> bool:
        with write() as session:
            count = sweep.do(session, clock())
        if count:
            tell(sweep, count)
        return bool(sweep.most) and count >= sweep.most

    return PeriodicTask(name=sweep.name, every=sweep.every, do=do)


def sweep_out(sweep: Sweep, *, write: WriteSessions, clock: Callable[[], datetime]) -> int:
    """Do it until nothing is left; how many there were."""
    total = 0
    while True:
        with write() as session:
            count = sweep.do(session, clock())
        total += count
        if not sweep.most or count < sweep.most:
            return total
