"""The worker's life: round after round, and between them what is to be done now and then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import DBAPIError

from actionmail.db.trouble import is_passing
from actionmail.flows.delivery.persistence import ENDS_WORKER, Stopped, persist, place_of
from actionmail.flows.delivery.pulses import beat
from actionmail.flows.delivery.rounds import Round, run_once
from actionmail.flows.delivery.worker import PeriodicTask, Worker
from actionmail.rules.delivery.trouble import Trouble, TroubleCode


def run_worker(worker: Worker) -> None:
    """Deliver until told to stop. A relay out of order, a database in distress, or a round that fails make it wait.

    Raises ClockSkew and TablesMissing: those a person has to mend.
    """
    if not _knows_the_time(worker):
        return
    pause, cursor = 0.0, 0
    earlier: Trouble | None = None
    due = due_at_once(worker)
    while not worker.wait(pause):
        do_periodic_tasks(worker, due, with_relay=not pause)
        beat(worker, earlier)
        if pause and (trouble := worker.relay.check()):
            pause = _longer(worker, pause)
            worker.say(f"still waiting, next look in {pause:.0f} s. {worker.word(trouble)}")
            continue
        done = _try_once(worker, cursor, earlier, probing=bool(pause))
        cursor, earlier = done.cursor, done.trouble
        if done.claimed:
            worker.say(str(done))
        if done.stopped:
            return
        if done.trouble:
            pause = _longer(worker, pause)
            worker.say(f"no letters for {pause:.0f} s. {worker.word(done.trouble)}")
            continue
        pause = 0.0
        if not done.claimed and worker.wait(worker.settings.idle):
            return


def run_until_empty(worker: Worker) -> Round:
    """Each task once, then what is due now; the last round. Ends at the first trouble. Raises as `run_worker` does."""
    if not _knows_the_time(worker):
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


def _knows_the_time(worker: Worker) -> bool:
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
