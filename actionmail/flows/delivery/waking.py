"""Waking workers through a broker, so that they need not ask the database every second whether there is anything to do.

A wake-up says only that somebody should look; which letters go, and whose they are, the claim decides. So nothing is
lost with a broker, and nothing goes twice where it says a thing twice. One wake-up at a time waits there: that one is
missing is asked again every second, and needs no memory.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from actionmail.db.messages import Message
from actionmail.db.trouble import is_passing
from actionmail.flows.delivery import heartbeats
from actionmail.flows.delivery.message_state import IS_WAITING
from actionmail.flows.delivery.worker import WriteSessions
from actionmail.rules.delivery.broker import BrokerAway

BESIDE: Final = timedelta(seconds=5)  # what a worker does beside is to be done too where no letter is due
AWAY_AFTER: Final = timedelta(minutes=2)  # longer than it ever waits for broker or database
_LOOK: Final = 1.0  # seconds
_LONGEST_PAUSE: Final = 30.0
_BEAT: Final = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class Waker:
    """`wake` puts a wake-up at the broker unless one waits there, and raises BrokerAway. `say` takes a line."""

    read: Callable[[], AbstractContextManager[Session]]
    write: WriteSessions
    wake: Callable[[], object]
    clock: Callable[[], datetime]
    wait: Callable[[float], bool]
    say: Callable[[str], None]
    word: Callable[[BrokerAway], str] = str  # how the log says that the broker is away


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether the time of any waiting letter has come; a stop or a rate may still keep it."""
    due = select(Message.id).where(IS_WAITING, Message.next_attempt_at <= now).limit(1)
    return session.scalar(due) is not None


def run_waker(waker: Waker) -> None:
    """Wake a worker where a letter is due, and every few seconds for what is done beside, until told to stop.

    A broker or a database in distress makes it wait, and look again.
    """
    waking, pause, is_amiss = _Waking(waker), 0.0, False
    while not waker.wait(pause):
        try:
            waking.look()
        except (BrokerAway, DBAPIError) as error:
            if isinstance(error, DBAPIError) and not is_passing(error):
                raise
            pause, is_amiss = min(max(pause * 2, _LOOK), _LONGEST_PAUSE), True
            waker.say(f"{_what_is_away(waker, error)} Next look in {pause:.0f} s.")
            continue
        if is_amiss:
            waker.say("workers are woken again")
        pause, is_amiss = _LOOK, False


class _Waking:
    """When workers were woken last, and when the database was told so."""

    def __init__(self, waker: Waker) -> None:
        self._waker = waker
        self._woke_at: datetime | None = None
        self._beat_at: datetime | None = None

    def look(self) -> None:
        waker, now = self._waker, self._waker.clock()
        if self._woke_at is not None and now - self._woke_at < BESIDE and not self._is_due(now):
            return
        self._woke_at = None
        waker.wake()
        self._woke_at = now
        if self._beat_at is None or now - self._beat_at >= _BEAT:
            with waker.write() as session:
                heartbeats.beat(session, heartbeats.WAKER, now=now)
            self._beat_at = now

    def _is_due(self, now: datetime) -> bool:
        with self._waker.read() as session:
            return is_due(session, now=now)


def _what_is_away(waker: Waker, error: BrokerAway | DBAPIError) -> str:
    return waker.word(error) if isinstance(error, BrokerAway) else f"the database is in distress: {error.orig}."
