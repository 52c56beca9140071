"""The Celery application: one queue, and one task that says only that somebody should look.

Celery comes with the extra `actionmail[celery]`, so nothing but this room imports it, and only where it is asked for.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from celery import Celery
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError

from actionmail.rules.delivery.broker import BrokerAway
from actionmail.settings_reading import BrokerAddress

QUEUE: Final = "actionmail"
TASK: Final = "actionmail.look"
CONNECT: Final = 5.0  # seconds
_HEARTBEAT: Final = 30  # seconds; a broker that says nothing for two of them is away

# Of RabbitMQ's kinds the plain one: it tells at once how many wait, and comes back as soon as its node does.
_QUEUE: Final = Queue(QUEUE, Exchange(QUEUE, type="direct"), routing_key=QUEUE, delivery_mode="transient")


def application(broker: BrokerAddress) -> Celery:
    """Without results, remote control and events: each would put more than wake-ups into the broker."""
    app = Celery("actionmail", broker=broker.url, set_as_current=False)
    app.conf.update(
        broker_use_ssl=encryption(broker),
        broker_connection_timeout=CONNECT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,  # RabbitMQ says so where it refuses a password, which may be mended
        broker_heartbeat=_HEARTBEAT,
        task_queues=[_QUEUE],
        task_default_queue=QUEUE,
        task_create_missing_queues=False,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_prefetch_multiplier=1,
        # It ends no look of ours, as wake-ups are confirmed before they are heeded; without it Celery warns each time.
        worker_cancel_long_running_tasks_on_connection_loss=True,
    )
    return app


def encryption(broker: BrokerAddress) -> dict[str, Any] | None:
    """What Celery is told of it: the broker has to prove its name. None for none."""
    if not broker.is_encrypted:
        return None
    if broker.scheme == "rediss":
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": broker.host}


def patient_connection(broker: BrokerAddress, patience: float, *, name: str) -> Connection:
    """On which an answer is waited for so many seconds. It is opened by whoever uses it.

    `name` is what Redis calls it in CLIENT LIST.
    """
    connect = min(CONNECT, patience)
    limits: dict[str, Any] = {"read_timeout": patience, "write_timeout": patience}
    if broker.is_redis:
        limits = {"socket_connect_timeout": connect, "socket_timeout": patience, "client_name": name}
    ssl_options = encryption(broker) or False
    return Connection(broker.url, ssl=ssl_options, connect_timeout=connect, transport_options=limits)


@contextmanager
def saying_why(connection: Connection) -> Iterator[None]:
    """Raises BrokerAway for whatever Celery's libraries raise where the broker does not do its part."""
    try:
        yield
    except (*connection.connection_errors, *connection.channel_errors, OperationalError, OSError) as error:
        raise BrokerAway(words_of(error)) from None


def words_of(error: BaseException) -> str:
    """In one line, what a person can use of it."""
    words = getattr(error, "reply_text", None) or getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(words).split())
