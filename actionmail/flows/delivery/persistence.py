"""Transactions that outlast a database in distress, and failures that stop no more than what they concern."""

from __future__ import annotations

from collections.abc import Callable
from traceback import extract_tb
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from actionmail.db.trouble import is_passing, lacks_tables
from actionmail.flows.delivery.lease_clock import ClockSkew
from actionmail.flows.delivery.worker import Worker

T = TypeVar("T")


class Stopped(Exception):
    """The worker was told to stop while it waited for the database."""


class TablesMissing(Exception):
    """The database has not the tables of this version."""


ENDS_WORKER = (Stopped, TablesMissing, ClockSkew)  # all else concerns one letter, one task or one round


def persist(worker: Worker, block: Callable[[Session], T]) -> T:
    """Run `block` in one transaction, again and again while the database is in distress.

    A locked or full SQLite, a PostgreSQL that restarts: results in hand must outlast it. Raises Stopped and
    TablesMissing, and whatever `block` raises.
    """
    pause = 0.0
    while True:
        try:
            with worker.write() as session:
                return block(session)
        except DBAPIError as error:
            if lacks_tables(error):
                raise TablesMissing from error
            if not is_passing(error):
                raise
            pause = min(max(pause * 2, 0.25), 30.0)
            worker.say(f"the database is in distress, trying again in {pause:.2g} s: {error.orig}")
        if worker.wait(pause):
            raise Stopped


def survives(worker: Worker, what: str, block: Callable[[Session], object]) -> bool:
    """Whether `block` could be persisted; where it could not, the log says that `what` failed."""
    try:
        persist(worker, block)
    except ENDS_WORKER:
        raise
    except Exception as error:
        worker.complain(f"{what}: {place_of(error)}", error)
        return False
    return True


def place_of(error: BaseException) -> str:
    """An error's kind and where it arose: its words may hold personal data."""
    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "actionmail" in frame.filename]
    if not ours:
        return type(error).__name__
    return f"{type(error).__name__} in {ours[-1].filename.rpartition('/')[2]}, line {ours[-1].lineno}"
