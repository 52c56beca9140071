"""Wake-ups through a real RabbitMQ and a real Redis, which are killed and come back."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from actionmail.gateways.broker.application import QUEUE, TASK, application
from actionmail.gateways.broker.asking import NAME, asking
from actionmail.gateways.broker.celery_worker import CeleryWorker, taking_wakes
from actionmail.gateways.broker.wakes import Wakes
from actionmail.rules.delivery.broker import BrokerAway
from actionmail.settings_reading import BrokerAddress, broker_address
from tests.gateways.certificates import Authority
from tests.ports import free_port
from tests.servers.brokers import PASSWORD, Broker

PATIENCE = 300.0  # seconds: for what would hang otherwise


@contextmanager
def waking(broker: Broker) -> Iterator[Wakes]:
    wakes = Wakes(broker_address(broker.url))
    try:
        yield wakes
    finally:
        wakes.close()


def until(is_so: Callable[[], object], what: str, *, more: Callable[[], str] = str) -> None:
    """`more` tells what is seen where it did not happen."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"this did not happen: {what} {more()}"
        time.sleep(0.05)


def woken_again(wakes: Wakes, is_so: Callable[[], object]) -> None:
    """As `actionmail wake` does it: over and over, whatever the broker says."""

    def trying() -> object:
        try:
            wakes.wake()
        except BrokerAway as away:
            assert PASSWORD not in str(away)
        return is_so()

    until(trying, "somebody was woken")


@dataclass
class Looks:
    """Who is woken; `hold` keeps a look from its end."""

    count: int = 0
    told: list[str] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        self.count += 1
        self.hold.wait(PATIENCE)

    def tell(self, away: BrokerAway | None) -> None:
        self.told.append("there" if away is None else str(away))


def test_one_wake_up_waits_however_often_somebody_is_to_be_woken(any_broker: Broker) -> None:
    with waking(any_broker) as one, waking(any_broker) as other:
        emptied(any_broker)
        assert [one.wake(), one.wake(), other.wake()] == [True, False, False]
        assert (one.waiting(), other.waiting()) == (1, 1)
        emptied(any_broker)


def seen_of(celery: CeleryWorker, looks: Looks) -> str:
    return f"(it runs: {celery.is_running}; told {looks.told}; {celery.faults.last})"


def test_who_waits_is_woken_before_and_after_the_broker_was_killed(any_broker: Broker) -> None:
    looks = Looks()
    looks.hold.set()
    with waking(any_broker) as wakes:
        with taking_wakes(broker_address(any_broker.url), looks.look, looks.tell, name="test:1") as celery:
            woken_again(wakes, lambda: looks.count)
            until(lambda: wakes.waiting() == 0, "all are taken")
            with any_broker.away():
                is_away = "Celery noticed that the broker is away"
                until(lambda: looks.told[-1] != "there", is_away, more=lambda: seen_of(celery, looks))
                with pytest.raises(BrokerAway):
                    wakes.wake()
            before = looks.count
            woken_again(wakes, lambda: looks.count > before)
            assert celery.is_running
        assert not celery.is_running, "it ends when it is told to"
    assert (looks.told[0], looks.told[-1]) == ("there", "there")
    assert PASSWORD not in "".join(looks.told)
    emptied(any_broker)


def test_a_redis_that_is_asked_in_vain_is_taken_for_gone(redis: Broker) -> None:
    """Whatever Celery's own connection says: it may be one that is read no more (docs/decisions/celery.md)."""
    looks = Looks()
    looks.hold.set()
    broker = broker_address(redis.url)
    with application(broker).connection_for_write() as connection, waking(redis) as wakes:
        staff = connection.default_channel.client

        def asking() -> list[str]:
            return [client["id"] for client in staff.client_list() if client["name"] == NAME]

        with taking_wakes(broker, looks.look, looks.tell, name="test:1") as celery:
            until(asking, "it was asked", more=lambda: seen_of(celery, looks))
            staff.client_kill_filter(_id=asking()[0])
            until(lambda: "there" in looks.told[1:], "it was taken for gone", more=lambda: seen_of(celery, looks))
            assert len(looks.told) >= 3
            woken_again(wakes, lambda: looks.count)
            until(asking, "it was asked again", more=lambda: seen_of(celery, looks))
            assert celery.is_running
        assert not asking()
    emptied(redis)


def test_what_was_never_asked_is_ended_too() -> None:
    """As Celery does it with every step where an earlier one could not begin."""
    step = asking(broker_address("redis://127.0.0.1:6379"))
    step(None).stop(None)


def test_one_wake_up_is_heeded_at_a_time_and_one_more_waits_at_the_worker(any_broker: Broker) -> None:
    """So the third of a row is another worker's."""
    looks = Looks()
    with waking(any_broker) as wakes:
        emptied(any_broker)
        with taking_wakes(broker_address(any_broker.url), looks.look, looks.tell, name="test:1"):
            woken_again(wakes, lambda: looks.count == 1)
            until(lambda: wakes.wake() and wakes.waiting() == 1, "one waits that it does not take")
            assert looks.count == 1
            looks.hold.set()
            until(lambda: wakes.waiting() == 0 and looks.count >= 3, "it takes them in turn")
    emptied(any_broker)


def test_another_brokers_password_is_said_without_it(any_broker: Broker) -> None:
    broker = broker_address(any_broker.url.replace(PASSWORD, "anotherhidden"))
    looks = Looks()
    with pytest.raises(BrokerAway) as refused:
        Wakes(broker).wake()
    assert "hidden" not in str(refused.value)
    with taking_wakes(broker, looks.look, looks.tell, name="test:1") as celery:
        until(lambda: looks.told, "Celery noticed that it is refused")
        assert celery.is_running, "the password may be mended meanwhile"
    assert "hidden" not in f"{looks.told} {broker!r} {broker}"


def test_a_queue_that_the_broker_lost_is_made_anew(any_broker: Broker) -> None:
    with waking(any_broker) as wakes:
        wakes.wake()
        app = application(broker_address(any_broker.url))
        with app.connection_for_write() as connection:
            if any_broker.url.startswith("redis"):
                connection.default_channel.client.flushall()
            else:
                connection.default_channel.queue_delete(QUEUE)
        assert wakes.wake()
    emptied(any_broker)


@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_a_broker_that_says_nothing_is_not_waited_for(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker = broker_address(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(BrokerAway, match=r"(?i)time"):
            Wakes(broker, patience=0.2).wake()


@pytest.mark.parametrize("scheme", ["amqps", "rediss"])
def test_a_broker_that_does_not_prove_its_name_is_none(scheme: str, tmp_path: Path) -> None:
    with (
        tls_server(Authority(tmp_path).server("localhost")) as port,
        pytest.raises(BrokerAway, match="certificate verify failed"),
    ):
        Wakes(broker_address(f"{scheme}://127.0.0.1:{port}")).wake()


@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_nobody_there_is_said_in_a_line(scheme: str) -> None:
    with pytest.raises(BrokerAway, match="Connection refused") as away:
        Wakes(broker_address(f"{scheme}://user:hidden@127.0.0.1:{free_port()}")).wake()
    assert "hidden" not in str(away.value)
    assert "\n" not in str(away.value)


def emptied(broker: Broker) -> None:
    app = application(broker_address(broker.url))
    with app.connection_for_write() as connection:
        app.amqp.queues[QUEUE](connection.default_channel).declare()
        connection.default_channel.queue_purge(QUEUE)


@contextmanager
def tls_server(context: ssl.SSLContext) -> Iterator[int]:
    """Shakes hands, and no more."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_what_is_told_twice_is_heeded_twice_and_nothing_else_is_heeded(any_broker: Broker) -> None:
    looks = Looks()
    looks.hold.set()
    broker = broker_address(any_broker.url)
    with taking_wakes(broker, looks.look, looks.tell, name="test:1") as celery:
        app = application(broker)
        for task in (TASK, "actionmail.unknown", TASK):
            app.send_task(task, queue=QUEUE, retry=False)
        until(lambda: looks.count == 2, "both wake-ups were heeded")
        assert celery.is_running


def test_an_address_keeps_its_password_to_itself() -> None:
    broker = broker_address("amqp://user:hidden@broker.example.org/house")
    assert str(broker) == "amqp://broker.example.org:5672"
    assert "hidden" not in repr(broker)
    assert isinstance(replace(broker, host="::1"), BrokerAddress)
    assert str(replace(broker, host="::1")) == "amqp://[::1]:5672"
