"""A worker that is woken through a broker, as far as Celery is there for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from actionmail.flows.delivery import Worker
from actionmail.flows.delivery.woken import Woken
from actionmail.rules.delivery.broker import BrokerAway
from actionmail.settings import Settings
from actionmail.settings_reading import BrokerAddress

if TYPE_CHECKING:
    from actionmail.gateways.broker.wakes import Wakes  # which imports Celery

NO_CELERY = "Celery is not installed here; it comes with the extra: pip install 'actionmail[celery]'"
UNWOKEN = timedelta(minutes=1)  # after which a worker looks by itself
_STEP = 1.0  # seconds
_SAID_EVERY = timedelta(minutes=1)


def celery_is_there(settings: Settings) -> BrokerAddress:
    """The broker's address. Ends the command with a sentence where it, or Celery, is missing."""
    broker = settings.for_broker()
    if find_spec("celery") is None:
        raise click.ClickException(NO_CELERY)
    return broker


def wakes_to(broker: BrokerAddress) -> Wakes:
    """What puts wake-ups there."""
    from actionmail.gateways.broker.wakes import Wakes

    return Wakes(broker)


def work_when_woken(worker: Worker, broker: BrokerAddress, wait: Callable[[float], bool]) -> None:
    """Until told to stop, or Celery ends. Raises ClockSkew and TablesMissing."""
    from actionmail.gateways.broker.celery_worker import taking_wakes

    woken, wakes = Woken(worker, patience=UNWOKEN), wakes_to(broker)
    tell = BrokerNews(worker, broker)
    try:
        with taking_wakes(broker, woken.look, tell, name=worker.name) as celery:
            while not wait(_STEP):
                woken.look_by_itself()
                woken.raise_failure()
                if not celery.is_running:
                    raise click.ClickException(f"Celery ended by itself: {celery.faults.last or 'it does not say why'}")
                if woken.wants_help.is_set():
                    woken.wants_help.clear()
                    _wake_another(wakes, tell)
    finally:
        woken.finish()  # Celery may have been left to itself, if it did not end in time
        wakes.close()


def _wake_another(wakes: Wakes, tell: BrokerNews) -> None:
    try:
        wakes.wake()
    except BrokerAway as error:
        tell(error)


class BrokerNews:
    """Says in the log when the broker goes, once a minute, and when it comes; called from several threads."""

    def __init__(self, worker: Worker, broker: BrokerAddress) -> None:
        self._worker, self._broker = worker, broker
        self._said_at: datetime | None = None  # None: it is there, as far as is known

    def __call__(self, away: BrokerAway | None) -> None:
        now = self._worker.clock()
        if away is None:
            self._worker.say(f"the broker {self._broker} is {'back' if self._said_at else 'there'}; waits to be woken")
            self._said_at = None
        elif self._said_at is None or now - self._said_at >= _SAID_EVERY:
            self._said_at = now
            self._worker.say(broker_away(self._broker, away))


def broker_away(broker: BrokerAddress, away: BrokerAway) -> str:
    """What that means for letters."""
    return (
        f"The broker {broker} cannot be used: {away.detail.rstrip('.')}. No letter is lost by it: they wait in the "
        "database, and until it is back each worker looks by itself once a minute."
    )
