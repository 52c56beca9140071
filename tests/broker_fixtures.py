"""A RabbitMQ and a Redis for the tests of a process, for those that name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final

import pytest

from tests.conftest import unavailable
from tests.servers.brokers import Broker, private_rabbitmq, private_redis
from tests.servers.room import NoServer

PATIENCE: Final = 90.0  # seconds: for what would hang otherwise


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[Broker]:
    yield from _running(private_rabbitmq)


@pytest.fixture(scope="session")
def redis() -> Iterator[Broker]:
    yield from _running(private_redis)


@pytest.fixture(params=["redis", pytest.param("rabbitmq", marks=pytest.mark.slow)])
def any_broker(request: pytest.FixtureRequest) -> Broker:
    """The test runs once with each."""
    broker: Broker = request.getfixturevalue(request.param)
    return broker


def _running(make: Callable[[], AbstractContextManager[Broker]]) -> Iterator[Broker]:
    try:
        with make() as broker:
            yield broker
    except NoServer as error:
        unavailable(f"NO WORKER WAS WOKEN THROUGH A REAL BROKER: {error}")
