"""The worker's life: round after round, and between them what is to be done now and then."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy.exc import DBAPIError

from actionmail.db.trouble import is_passing
from actionmail.flows.delivery.persistence import ENDS_WORKER, Stopped, persist, place_of
from actionmail.flows.delivery.pulses import beat
from actionmail.flows.delivery.rounds import Round, run_once
from actionmail.flows.delivery.worker import PeriodicTask, Worker
from actionmail.rules.delivery.trouble import Trouble, TroubleCode


class Look(Struct, frozen=True, kw_only=True):
    """What one look came to: how many letters, and for how many seconds none may go, as the relay is out of order."""

    claimed: int = 0
    rest: float = 0.0
    is_told_to_stop: bool = False


class Looking:
    """One look after the other: what is due beside, then a round. Keeps where the next begins, and what is amiss."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._due = due_at_once(worker)
        self._rest, self._cursor = 0.0, 0
        self._earlier: Trouble | None = None

    def look(self) -> Look:
        """Raises ClockSkew and TablesMissing: those a person has to mend."""
        worker = self._worker
        do_periodic_tasks(worker, self._due, with_relay=not self._rest)
        beat(worker, self._earlier)
        if self._rest and (trouble := worker.relay.check()):
            self._rest = _longer(worker, self._rest)
            worker.say(f"still waiting, next look in {self._rest:.0f} s. {worker.word(trouble)}")
            return Look(rest=self._rest)
        done = _try_once(worker, self._cursor, self._earlier, probing=bool(self._rest))
        self._cursor, self._earlier = done.cursor, done.trouble
        if done.claimed:
            worker.say(str(done))
        if done.stopped:
            return Look(claimed=done.claimed, is_told_to_stop=True)
        if done.trouble:
            self._rest = _longer(worker, self._rest)
            worker.say(f"no letters for {self._rest:.0f} s. {worker.word(done.trouble)}")
        else:
            self._rest = 0.0
        return Look(claimed=done.claimed, rest=self._rest)


def run_worker(worker: Worker) -> None:
    """Deliver until told to stop. A relay out of order, a database in distress, or a round that fails make it wait.

    Raises ClockSkew and TablesMissing: those a person has to mend.
    """
    if not knows_the_time(worker):
        return
    looking, pause = Looking(worker), 0.0
    while not worker.wait(pause):
        look = looking.look()
        if look.is_told_to_stop:
            return
        pause = look.rest or (0.0 if look.claimed else worker.settings.idle)


def run_until_empty(worker: Worker) -> Round:
    """Each task once, then what is due now; the last round. Ends at the first trouble. Raises as `run_worker` does."""
    if not knows_the_time(worker):
        return Round(stopped=True)
    do_periodic_tasks(worker, due_at_once(worker))
    beat(worker, None)
    total, done = 0, Round()
    while True:
        done = _try_once(worker, done.cursor, None, probing=False)
        total += done.claimed
        if done.claimed:
            worker.say(str(done))
        if done.trouble or done.stopped or not done.claimed:
            break
    return Round(claimed=total, trouble=done.trouble, stopped=done.stopped, cursor=done.cursor)


def knows_the_time(worker: Worker) -> bool:
    """Before anything is done by it; False if told to stop meanwhile. Raises ClockSkew and TablesMissing."""
    try:
        persist(worker, worker.measure)
    except Stopped:
        return False
    return True


def due_at_once(worker: Worker) -> dict[int, datetime]:
    """When each of the worker's tasks comes next: now."""
    now = worker.clock()
    return dict.fromkeys(range(len(worker.periodic_tasks)), now)


def do_periodic_tasks(worker: Worker, due: dict[int, datetime], *, with_relay: bool = True) -> None:
    """Do the periodic tasks whose time has come, and note in `due` when each comes next. One that fails
    waits for its time."""
    for number, task in enumerate(worker.periodic_tasks):
        now = worker.clock()
        if due[number] > now or (task.needs_relay and not with_relay) or worker.wait(0):
            continue
        due[number] = now + task.every
        if _is_more_left(worker, task):
            due[number] = now


def _is_more_left(worker: Worker, task: PeriodicTask) -> bool:
    try:
        return task.do()
    except Exception as error:
        if isinstance(error, DBAPIError) and is_passing(error):
            worker.say(f"the database is in distress, {task.name} is left for later: {error.orig}")
        else:
            worker.say(f"{task.name} failed and is left for later: {place_of(error)}")
            worker.report(error)
        return False


def _try_once(worker: Worker, cursor: int, earlier: Trouble | None, *, probing: bool) -> Round:
    """A round; one letter tests a relay that was out of order. What fails as a whole counts as trouble."""
    try:
        return run_once(worker, limit=1 if probing else None, after=cursor, earlier=earlier)
    except ENDS_WORKER:
        raise
    except Exception as error:
        worker.report(error)
        return Round(trouble=Trouble(code=TroubleCode.BATCH_FAILED, detail=place_of(error)), cursor=cursor)


def _longer(worker: Worker, pause: float) -> float:
    return min(max(pause * 2, worker.settings.first_pause), worker.settings.longest_pause)
