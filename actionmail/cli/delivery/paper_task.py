"""What a worker does for petitions' papers: it has those made that staff asked for, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from actionmail.cli.delivery.own_process import OwnProcess, Start, our_command
from actionmail.flows.actions import paper_jobs
from actionmail.flows.delivery import PeriodicTask

_Read = Callable[[], AbstractContextManager[Session]]
_EVERY = timedelta(seconds=3)  # somebody may sit there and wait for it


class PaperMaking:
    """`actionmail petitions make`, started when a paper waits. One that is cut off is made anew by the next."""

    def __init__(
        self,
        read: _Read,
        *,
        clock: Callable[[], datetime],
        start: Start | None = None,
    ) -> None:
        self._read, self._clock = read, clock
        self._process = OwnProcess(start or our_command("petitions", "make"))

    def task(self) -> PeriodicTask:
        return PeriodicTask(name="petitions' papers made", every=_EVERY, do=self.look)

    def look(self) -> bool:
        """Start it if a paper waits and it is not running."""
        if self._process.is_running:
            return False
        with self._read() as session:
            is_wanted = paper_jobs.is_wanted(session, now=self._clock())
        if is_wanted:
            self._process.begin()
        return False

    def end(self, *, wait: bool) -> None:
        self._process.end(wait=wait)
