"""What every test shares. Nothing in a test run may connect to another host."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from actionmail.db.engine import Database
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.rules import speech
from actionmail.settings import Settings
from actionmail.settings_reading import CONFIG, FilterAddress, FilterKind
from tests.compiled_once import share_compiled_statements
from tests.postfix import NoPostfix
from tests.postgres import NoPostgres, PostgresServer, postgres_server
from tests.replica import Pair, replicated
from tests.servers.brokers import Broker, private_rabbitmq, private_redis
from tests.servers.room import NoServer

_ROOM = 256 * 1024**2

os.environ[CONFIG] = ""  # none of an installation on this machine
forbid_other_hosts()
share_compiled_statements()
# How long an example takes is the machine's business.
hypothesis_settings.register_profile("actionmail", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("actionmail")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="FOLDER", help="also photograph every page of the journeys into FOLDER")


def nothing_is_left_out() -> bool:
    return any(os.environ.get(name, "").lower() in {"1", "true"} for name in ("CI", "ACTIONMAIL_TEST_EVERYTHING"))


def unavailable(reason: str) -> None:
    """Skip, saying why; under `make test` and in CI, which leave nothing out, fail."""
    if nothing_is_left_out():
        pytest.fail(reason)
    pytest.skip(reason)


Program = TypeVar("Program")


def lent(opened: AbstractContextManager[Program], without: str) -> Iterator[Program]:
    """A real program for a fixture; where it cannot be had, `without` says what is not tested."""
    try:
        with opened as running:
            yield running
    except (NoPostfix, NoPostgres, NoServer) as error:
        unavailable(f"{without}: {error}")


_POSTGRES = "postgres"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """One PostgreSQL for all the processes of a run (pytest-xdist), started by the one that starts them."""
    config = node.config
    if _POSTGRES not in vars(config.option):
        config.option.postgres = None
        if config.option.markexpr != "not postgres":
            stack = ExitStack()
            config.add_cleanup(stack.close)
            with suppress(NoPostgres):  # each of them then tries by itself, and says why there is none
                config.option.postgres = stack.enter_context(postgres_server()).address
    node.workerinput[_POSTGRES] = config.option.postgres


@pytest.hookimpl(tryfirst=True)  # before the groups are read, and before a random order
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares something dear stays in one process, and begins first, since it takes longest."""
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


def pytest_collection_finish() -> None:
    """What stands by now stays to the end: the collector of garbage need not go through it again and again."""
    gc.collect()
    gc.freeze()


def _group(item: pytest.Item) -> str:
    names = getattr(item, "fixturenames", ())
    for name in (
        "house",
        "empty_house",
        "wheel",
        "own_postgres",
        "postfix",
        "exim",
        "opensmtpd",
        "rspamd",
        "any_broker",
        "shipped_rosters",
    ):
        if name in names:
            return name
    return ""


@pytest.fixture(autouse=True)
def _no_language_learned() -> None:
    """By an application of an earlier test."""
    speech.learn({})


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 4, 15, 12, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "actionmail.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.engine.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> Iterator[str]:
    with folder_in_memory() as folder:
        path = folder / "actionmail.sqlite3"
        shutil.copyfile(sqlite_template, path)
        yield f"sqlite:///{path}"


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Gone at the end. On a disk, where there is no room in memory."""
    with tempfile.TemporaryDirectory(prefix="actionmail-", dir=_memory(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _memory() -> str | None:
    """A folder in memory with room enough, or else None: each commit waits for the disk, several milliseconds."""
    folder = Path("/dev/shm")
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return None
    return str(folder) if shutil.disk_usage(folder).free > _ROOM else None


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """A migrated, empty SQLite database."""
    opened = Database(sqlite_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """One for all processes of the run, so nobody may stop it; see `own_postgres`."""
    address = getattr(request.config, "workerinput", {}).get(_POSTGRES)
    if address:
        server = PostgresServer(**address)
        yield server
        server.leave()
    else:
        yield from _started()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[PostgresServer]:
    """One that a test may crash, and that nobody else uses."""
    yield from _started()


@pytest.fixture
def own_postgres_url(own_postgres: PostgresServer) -> Iterator[str]:
    with own_postgres.fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def standby(own_postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server that streams what `own_postgres` does."""
    with own_postgres.standby() as server:
        yield server


@pytest.fixture
def pair(own_postgres: PostgresServer, standby: PostgresServer) -> Iterator[Pair]:
    with replicated(own_postgres, standby) as found:
        yield found


def _started() -> Iterator[PostgresServer]:
    yield from lent(postgres_server(), "no PostgreSQL")


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[Broker]:
    yield from _broker(private_rabbitmq)


@pytest.fixture(scope="session")
def redis() -> Iterator[Broker]:
    yield from _broker(private_redis)


@pytest.fixture(params=["redis", pytest.param("rabbitmq", marks=pytest.mark.slow)])
def any_broker(request: pytest.FixtureRequest) -> Broker:
    """The test runs once with each."""
    broker: Broker = request.getfixturevalue(request.param)
    return broker


def _broker(make: Callable[[], AbstractContextManager[Broker]]) -> Iterator[Broker]:
    yield from lent(make(), "NO WORKER WAS WOKEN THROUGH A REAL BROKER")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated, empty database; the test runs once on SQLite and once on PostgreSQL."""
    opened = Database(request.getfixturevalue(f"{request.param}_url"))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """An installation for tests, on the same SQLite file as `database`."""
    return Settings(
        database_url=sqlite_url,
        secret_key="0123456789abcdef" * 4,
        base_url="http://127.0.0.1:8000",
        organisation="Example Org",
        contact_address="hello@act.example.org",
        from_address="letters@act.example.org",
        loopback_only=True,
        undo_seconds=0,
        spam_filter=FilterAddress(kind=FilterKind.NONE),  # whatever is installed here
    )
