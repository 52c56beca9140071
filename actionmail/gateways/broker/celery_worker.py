"""A Celery worker that takes wake-ups, in a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep
from typing import Final

from celery.app import trace
from celery.worker import WorkController, state
from celery.worker.consumer import Consumer
from celery.worker.consumer.tasks import Tasks
from kombu import Connection

from actionmail.gateways.broker.application import TASK, application, words_of
from actionmail.gateways.broker.asking import asking
from actionmail.rules.delivery.broker import BrokerAway
from actionmail.settings_reading import BrokerAddress

_AGAIN: Final = 2.0  # seconds, after which a broker that refuses us is asked again
_END: Final = 20.0  # seconds that Celery has to end; nothing of ours is left undone where it does not


class CeleryWorker:
    """Running. `tell` hears when the broker goes (BrokerAway) and when it is there (None), from Celery's thread."""

    def __init__(
        self,
        broker: BrokerAddress,
        look: Callable[[], None],
        tell: Callable[[BrokerAway | None], None],
        *,
        name: str,
    ) -> None:
        app = application(broker)

        def heed() -> None:  # of a method Celery would want an argument for its object
            look()

        app.task(heed, name=TASK, shared=False)
        if broker.is_redis:
            app.steps["consumer"].add(asking(broker))
        trace.setup_worker_optimizations(app)  # the pool's threads look for the task in the process's application
        self.faults = _Faults()
        self._controller = WorkController(
            app=app,
            hostname=f"actionmail@{name}",
            pool_cls="threads",
            concurrency=1,
            consumer_cls=_telling(tell),
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self._thread = Thread(target=self._controller.start, name="celery", daemon=True)

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        state.should_stop = None
        self._thread.start()

    def end(self) -> None:
        """After the look that is under way."""
        state.should_stop = 0
        if self._controller.hub is not None:
            self._controller.hub.call_soon(bool)  # nothing: its loop sleeps for some seconds, unless there is something
        self._thread.join(_END)


@contextmanager
def taking_wakes(
    broker: BrokerAddress, look: Callable[[], None], tell: Callable[[BrokerAway | None], None], *, name: str
) -> Iterator[CeleryWorker]:
    """Meanwhile whoever is woken through the broker calls `look`."""
    worker = CeleryWorker(broker, look, tell, name=name)
    worker.start()
    try:
        yield worker
    finally:
        worker.end()


class _OneEach(Tasks):  # type: ignore[misc]  # Celery has no types
    """Asks RabbitMQ for one wake-up at a time for each consumer, not for each channel, which it has deprecated."""

    def qos_global(self, c: Consumer) -> bool:
        return False


_STEPS: Final = [_OneEach if "tasks:Tasks" in step else step for step in Consumer.Blueprint.default_steps]


def _telling(tell: Callable[[BrokerAway | None], None]) -> type[Consumer]:
    """Celery's own consumer, but that it tells us of the broker."""

    class Telling(Consumer):  # type: ignore[misc]
        class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
            default_steps = _STEPS

        def ensure_connected(self, conn: Connection) -> Connection:
            connected = conn.ensure_connection(self._told, None, callback=state.maybe_shutdown)
            tell(None)
            return connected

        def on_connection_error_before_connected(self, exc: Exception) -> None:
            tell(BrokerAway(words_of(exc)))
            sleep(_AGAIN)

        def on_connection_error_after_connected(self, exc: Exception) -> None:
            tell(BrokerAway(words_of(exc)))
            super().on_connection_error_after_connected(exc)

        def _told(self, error: Exception, _interval: float) -> None:
            tell(BrokerAway(words_of(error)))

    return Telling


class _Faults(logging.Handler):
    """What Celery logs, which would go to standard error with tracebacks: only the last thing that ended it is kept."""

    def __init__(self) -> None:
        super().__init__(logging.CRITICAL)
        self.last = ""
        for name in ("celery", "kombu", "amqp"):
            logger = logging.getLogger(name)
            logger.propagate = False
            logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage().partition("\n")[0]
