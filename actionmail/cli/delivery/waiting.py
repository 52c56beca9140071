"""What commands that run for long share: the clock, the signals that end them, and the names they go by."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

from actionmail.cli.delivery.log import say
from actionmail.cli.platform.database import ready_database
from actionmail.db.engine import Database
from actionmail.db.trouble import is_passing
from actionmail.flows.delivery import LeaseClock, WorkerSettings
from actionmail.rules.delivery.reasons import Actor, ActorKind
from actionmail.settings import Settings


def now() -> datetime:
    return datetime.now(UTC)


def lease_clock(settings: WorkerSettings) -> LeaseClock:
    return LeaseClock(wall=now, steady=time.monotonic, patience=settings.window_lease)


def process_name() -> str:
    """The owner of leases, "host:pid"."""
    return f"{socket.gethostname()}:{os.getpid()}"[:120]


def hello(settings: Settings) -> str:
    """The name given to the mail server in EHLO."""
    return settings.helo_name or settings.mail_domain or socket.gethostname()


def operator() -> Actor:
    """Who stops or changes letters at the command line."""
    return Actor(kind=ActorKind.COMMAND_LINE, id=getpass.getuser())


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set, instead of ending the process in the middle of a letter."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def database_in_time(settings: Settings, wait: Callable[[float], bool]) -> Database | None:
    """The database, waited for while it is away or cannot be written; None if told to stop meanwhile."""
    pause = 0.0
    while not wait(pause):
        try:
            return ready_database(settings)
        except DBAPIError as error:
            if not is_passing(error):
                raise
            pause = min(max(pause * 2, 1.0), 30.0)
            say(f"the database cannot be used yet, next look in {pause:.0f} s: {error.orig}")
    return None
