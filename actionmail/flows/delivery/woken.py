"""A worker that somebody wakes where there are letters, instead of looking by itself every second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Lock

from actionmail.flows.delivery.running import Looking, knows_the_time
from actionmail.flows.delivery.worker import Worker

_LONGEST = timedelta(minutes=1)  # so that whoever wakes it hears of it now and then


class Woken:
    """Looks when it is woken, and by itself where nobody woke it for `patience`.

    What a look does is what a worker does that looks by itself: the same tasks, claim, fence and record. So it is no
    matter how often it is woken, or by whom, nor whether it is woken at all. Threads may call it: one looks, others
    wait. What a person has to mend, or a fault of ours, is kept for `raise_failure`, in the thread that runs it all.
    """

    def __init__(self, worker: Worker, *, patience: timedelta) -> None:
        self.wants_help = Event()  # it had as many letters as it takes at once, so there may be more
        self._worker, self._patience = worker, patience
        self._turn = Lock()
        self._looking: Looking | None = None
        self._looked_at: datetime | None = None
        self._rests_until: datetime | None = None
        self._failure: Exception | None = None

    def look(self) -> None:
        """Round after round, until no letter may go, the relay is out of order, or a minute has passed."""
        with self._turn, self._failing():
            self._look()

    def look_by_itself(self) -> None:
        """The same, where nobody looks now nor did lately."""
        if not self._is_forgotten() or not self._turn.acquire(blocking=False):
            return
        try:
            with self._failing():
                self._look()
        finally:
            self._turn.release()

    def finish(self) -> None:
        """Wait until nobody looks: what is on the wire is recorded by then."""
        with self._turn:
            return

    def raise_failure(self) -> None:
        """Raises what ended its looking: ClockSkew and TablesMissing, or a fault of ours."""
        if self._failure is not None:
            raise self._failure

    def _is_forgotten(self) -> bool:
        return self._looked_at is None or self._worker.clock() - self._looked_at >= self._patience

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._failure = error

    def _look(self) -> None:
        worker = self._worker
        began = self._looked_at = worker.clock()
        if self._failure is not None or (self._rests_until is not None and began < self._rests_until):
            return
        if self._looking is None:
            if not knows_the_time(worker):
                return
            self._looking = Looking(worker)
        while not worker.wait(0):
            look = self._looking.look()
            self._looked_at = worker.clock()
            self._rests_until = self._looked_at + timedelta(seconds=look.rest)
            if look.claimed >= worker.settings.batch:
                self.wants_help.set()
            if look.is_told_to_stop or look.rest or not look.claimed or self._looked_at - began > _LONGEST:
                return
