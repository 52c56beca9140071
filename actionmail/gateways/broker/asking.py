"""Whether Redis is still there, asked from Celery's own loop.

Celery has one wake-up in hand at the most, and kombu reads from Redis no more while one is: where Redis goes before
that one was confirmed, nothing tells Celery (`docs/decisions/celery.md`). RabbitMQ has heartbeats instead.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from celery.bootsteps import StartStopStep
from celery.worker.consumer import Consumer
from kombu import Connection

from actionmail.gateways.broker.application import patient_connection
from actionmail.settings_reading import BrokerAddress

NAME: Final = "actionmail-asks"
_EACH: Final = 5.0  # seconds
_PATIENCE: Final = 5.0  # seconds; Celery's loop waits meanwhile


def asking(broker: BrokerAddress) -> type[StartStopStep]:
    """A step of Celery's consumer, for as long as it has a connection.

    It has a connection of its own and keeps it, so that it hears of a Redis that went and came back between two
    questions too. What it raises then is what Celery takes for the loss of its own.
    """

    class Asking(StartStopStep):  # type: ignore[misc]  # Celery has no types
        requires = ("celery.worker.consumer.tasks:Tasks",)
        _next: Any = None  # question; Celery ends what never began too

        def start(self, c: Consumer) -> None:
            self._connection: Connection = patient_connection(broker, _PATIENCE, name=NAME)
            self._line: Any = None
            self._next = c.hub.call_repeatedly(_EACH, self._ask)

        def stop(self, c: Consumer) -> None:
            if self._next is None:
                return
            self._next.cancel()
            with suppress(Exception):  # it may be broken in any way
                self._connection.collect()

        def _ask(self) -> None:
            if self._line is None:
                self._connection.connect()
                # Taken out of its pool for good: a pool mends in silence what is broken.
                self._line = self._connection.channel().client.connection_pool.get_connection()
            self._line.send_command("PING")
            self._line.read_response()

    return Asking
