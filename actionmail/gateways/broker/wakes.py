"""Wake-ups on their way to the broker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, Final

from actionmail.gateways.broker.application import QUEUE, TASK, application, patient_connection, saying_why
from actionmail.settings_reading import BrokerAddress

_PATIENCE: Final = 10.0
_NAME: Final = "actionmail-wakes"


class Wakes:
    """Puts wake-ups on the queue, one at a time: one that waits says all that there is to say.

    Keeps its connection. Threads may share it.
    """

    def __init__(self, broker: BrokerAddress, *, patience: float = _PATIENCE) -> None:
        """`patience` is for how many seconds an answer is waited for."""
        self._broker = broker
        self._patience = patience
        self._app = application(broker)
        self._connection = patient_connection(broker, patience, name=_NAME)
        self._channel: Any = None
        self._lock = Lock()

    def wake(self) -> bool:
        """Put a wake-up there unless one waits already; whether it did. Raises BrokerAway."""
        with self._lock, self._talking():
            if self._count():
                return False
            with self._app.amqp.Producer(self._channel, auto_declare=False) as producer:
                self._app.send_task(TASK, producer=producer, queue=QUEUE, retry=False)
            return True

    def waiting(self) -> int:
        """How many wake-ups wait to be taken. Raises BrokerAway."""
        with self._lock, self._talking():
            return self._count()

    def close(self) -> None:
        with self._lock, suppress(Exception):  # whatever the broker makes of it
            self._connection.release()

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """With a channel. After a failure the next one gets a new connection."""
        try:
            with saying_why(self._connection):
                if self._channel is None:
                    self._connection.connect()
                    self._channel = self._connection.channel()
                yield
        except Exception:
            broken, self._channel = self._connection, None
            self._connection = patient_connection(self._broker, self._patience, name=_NAME)
            with suppress(Exception):  # it is broken in any way
                broken.collect()
            raise

    def _count(self) -> int:
        """Of a queue that is made where it is not there: a broker may have lost it."""
        queue = self._app.amqp.queues[QUEUE](self._channel)
        queue.declare()
        declared = self._channel.queue_declare(
            queue=queue.name,
            durable=queue.durable,
            exclusive=queue.exclusive,
            auto_delete=queue.auto_delete,
            arguments=queue.queue_arguments,
        )
        return int(declared.message_count)
