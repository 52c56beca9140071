"""What a worker is made of: its dependencies, its settings and the tasks beside delivering."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.rules.delivery.rates import Limits
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import Handover, Parcel
from actionmail.rules.delivery.trouble import Trouble

WriteSessions = Callable[[], AbstractContextManager[Session]]


class Relay(Protocol):
    """What hands letters to a mail server; see `gateways.mail.smtp.SmtpRelay`."""

    def check(self) -> Trouble | None: ...

    def deliver(self, parcels: Sequence[Parcel]) -> Handover: ...


class WorkerSettings(Struct, frozen=True, kw_only=True):
    """How a worker works. `window_lease` must outlast the relay's longest handover."""

    batch: int = 1000  # letters of one round at the most; between rounds comes what else there is to do
    round_lasts: timedelta = timedelta(seconds=5)  # after that no more letters are claimed in it
    window: int = 100  # letters claimed at once, whose fate one kill -9 can leave open
    window_seconds: float = 1.0  # a window that takes longer makes the next one smaller
    claim_lease: timedelta = timedelta(minutes=5)
    window_lease: timedelta = timedelta(minutes=20)
    idle: float = 1.0  # seconds between looks at an empty queue
    first_pause: float = 5.0  # seconds, doubling, while the relay is out of order
    longest_pause: float = 300.0


class PeriodicTask(Struct, frozen=True, kw_only=True):
    """Something short to be done now and then between rounds. `do` says whether more of it is left to do at once."""

    name: str  # for the log
    every: timedelta
    do: Callable[[], bool]
    needs_relay: bool = False


@dataclass(kw_only=True)
class Beat:
    """When the worker last said that it is at work; see `pulses`."""

    started_at: datetime | None = None
    at: datetime | None = None


def _any_time(_session: Session) -> bool:
    return True


def _to_nobody(_error: Exception) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Worker:
    """The dependencies of one worker. `wait(seconds)` returns True once it is time to stop.

    `clock` tells aware UTC; where several workers share a database it is a `LeaseClock`, and `measure` that clock's,
    asked at the beginning of each round whether leases may be judged.
    """

    name: str  # "host:pid": owner of leases, actor of events
    write: WriteSessions
    relay: Relay
    clock: Callable[[], datetime]
    measure: Callable[[Session], bool] = _any_time
    wait: Callable[[float], bool]
    say: Callable[[str], None]  # one line for the log, without personal data; never raises
    jitter: Callable[[], float]  # 0 <= jitter < 1
    settings: WorkerSettings = field(default_factory=WorkerSettings)
    limits: Limits = field(default_factory=Limits)
    periodic_tasks: Sequence[PeriodicTask] = ()
    word: Callable[[Trouble], str] = str  # how the log says what is out of order
    report: Callable[[Exception], None] = _to_nobody  # of a fault of the program that work goes on after; never raises
    sign: Callable[[bytes], bytes] | None = None  # puts DKIM signatures before the frozen bytes, always the same ones
    beat: Beat = field(default_factory=Beat)
    complaints: dict[str, datetime] = field(default_factory=dict)  # what `complain` said, and when

    @property
    def actor(self) -> Actor:
        return Actor.worker(self.name)

    def complain(self, line: str, error: Exception) -> None:
        """Say what failed, and report it, once a minute: what fails at each round would fill a disk."""
        now = self.clock()
        if line in self.complaints and now - self.complaints[line] < _COMPLAINTS_EVERY:
            return
        if len(self.complaints) >= _MOST_COMPLAINTS:
            self.complaints.clear()
        self.complaints[line] = now
        self.say(line)
        self.report(error)


_COMPLAINTS_EVERY = timedelta(minutes=1)
_MOST_COMPLAINTS = 100
