"""The commands `worker --celery` and `wake`, as programs of their own, with real brokers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from actionmail.cli.delivery.celery_work import BrokerNews
from actionmail.cli.delivery.wake import wake
from actionmail.cli.delivery.worker import worker
from actionmail.cli.platform.doctor import doctor
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.delivery import count_states, heartbeats
from actionmail.rules.delivery.broker import BrokerAway
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings, SettingsError, parse_relay
from actionmail.settings_reading import broker_address
from tests.flows.delivery.test_crash import fill
from tests.flows.delivery.test_delivery import Clock, clock, worker_for
from tests.gateways.scripted_smtp import Script, ScriptedServer, scripted_server
from tests.ports import free_port
from tests.servers.brokers import PASSWORD, Broker

__all__ = ["clock"]
PATIENCE = 300.0  # seconds: for what would hang otherwise
ROOT = Path(__file__).resolve().parents[3]
LETTERS = 60


def until(is_so: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"this did not happen: {what}"
        time.sleep(0.05)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    yield database
    database.engine.dispose()


@contextmanager
def running(
    log: Path, database: Database, server: ScriptedServer, broker: str, *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Ended by SIGTERM, as systemd does, with status 0."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ACTIONMAIL_")}
    environment |= {
        "ACTIONMAIL_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "ACTIONMAIL_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
        "ACTIONMAIL_BROKER_URL": broker,
        "ACTIONMAIL_TARGET_HOUR": "0",
        "ACTIONMAIL_CONFIG": "",
    }
    command = [sys.executable, "-m", "actionmail.cli", *arguments]
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
    assert process.returncode == 0, log.read_text()


@pytest.mark.slow
@pytest.mark.postgres
def test_two_hosts_and_a_plain_worker_with_a_broker_killed_in_the_middle_lose_no_letter_and_double_none(
    any_broker: Broker, postgres_database: Database, tmp_path: Path
) -> None:
    ids = fill(postgres_database, 2 * LETTERS)
    due(postgres_database, ids[LETTERS:], datetime.now(UTC) + timedelta(days=1))
    go_on = threading.Event()

    def slowly(verb: str, _argument: str) -> bytes | None:
        if verb == "BODY" and len(server.taken) >= LETTERS // 3:
            go_on.wait(PATIENCE)  # until the broker is away
        return None

    logs = [tmp_path / f"{name}.log" for name in ("one", "two", "waker", "plain")]
    with scripted_server(Script(answer=slowly)) as server, ExitStack() as stack:
        for log in logs[:2]:
            celery = ("worker", "--celery", "--batch", "5")
            stack.enter_context(running(log, postgres_database, server, any_broker.url, *celery))
        stack.enter_context(running(logs[2], postgres_database, server, any_broker.url, "wake"))
        until(lambda: len(server.taken) >= LETTERS // 3, "workers were woken")
        with any_broker.away():
            go_on.set()
            until(lambda: all("cannot be used" in log.read_text() for log in logs[:3]), "all noticed")
        until(lambda: all("is back" in log.read_text() for log in logs[:2]), "both are back")
        until(lambda: "workers are woken again" in logs[2].read_text(), "the waker is back")
        stack.enter_context(running(logs[3], postgres_database, server, "", "worker", "--batch", "5"))
        until(lambda: "delivers to" in logs[3].read_text(), "the plain one is at work")
        due(postgres_database, ids, datetime.now(UTC))
        until(lambda: len(server.taken) >= 2 * LETTERS, "all letters went")
    copies = Counter(message_from_bytes(taken.raw)["Message-ID"] for taken in server.taken)
    assert (len(copies), set(copies.values())) == (2 * LETTERS, {1})
    with postgres_database.read() as session:
        assert count_states(session) == {State.ACCEPTED: 2 * LETTERS}
    for log in logs:
        said = log.read_text()
        assert PASSWORD not in said and "Traceback" not in said, said
    assert "stopped; nothing is left half done" in logs[0].read_text()


def due(database: Database, ids: Sequence[int], at: datetime) -> None:
    with database.write() as session:
        session.execute(update(Message).where(Message.id.in_(ids)).values(next_attempt_at=at))


@pytest.mark.slow
def test_without_a_broker_a_worker_says_so_and_sends_all_the_same(database: Database, tmp_path: Path) -> None:
    fill(database, 3)
    nowhere = f"amqp://someone:{PASSWORD}@127.0.0.1:{free_port()}/house"
    log = tmp_path / "log"
    with scripted_server(Script()) as server, running(log, database, server, nowhere, "worker", "--celery"):
        until(lambda: len(server.taken) == 3, "letters went")
        until(lambda: "cannot be used" in log.read_text(), "it is said")
    said = log.read_text()
    assert "cannot be used: Connection refused. No letter is lost by it: they wait in the database" in said
    assert PASSWORD not in said and "Traceback" not in said, said


def test_a_broker_that_stays_away_is_said_once_a_minute_and_reported_as_no_fault(
    database: Database, clock: Clock
) -> None:
    said: list[str] = []
    reported: list[Exception] = []
    with scripted_server(Script()) as server, worker_for(database, server, clock) as plain:
        news = BrokerNews(
            replace(plain, say=said.append, report=reported.append), broker_address("redis://127.0.0.1/0")
        )
        news(None)
        for _ in range(5):
            news(BrokerAway("Connection refused"))
            clock.pass_(seconds=20)
        news(None)
        news(None)
    assert [line.partition(" ")[0] for line in said] == ["the", "The", "The", "the", "the"]
    assert (said[0], said[3]) == (
        "the broker redis://127.0.0.1:6379 is there; waits to be woken",
        "the broker redis://127.0.0.1:6379 is back; waits to be woken",
    )
    assert reported == []


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    """Without any data, at which `doctor` would look for long."""
    broker = broker_address(f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    return replace(settings, relay=parse_relay("smtp://127.0.0.1:1"), broker=broker, data_dir=tmp_path)


def test_what_is_missing_is_said(here: Settings) -> None:
    for command, arguments in ((wake, []), (worker, ["--celery"])):
        done = CliRunner().invoke(command, arguments, obj=replace(here, broker=None))
        assert isinstance(done.exception, SettingsError)
        assert "ACTIONMAIL_BROKER_URL is not set" in str(done.exception)
    done = CliRunner().invoke(worker, ["--celery", "--once"], obj=here)
    assert (done.exit_code, "--once and --celery do not go together" in done.output) == (2, True)


def test_nothing_beyond_this_machine_is_reached_where_that_is_said(here: Settings) -> None:
    far = replace(here, broker=broker_address(f"amqp://someone:{PASSWORD}@broker.example.org/house"))
    done = CliRunner().invoke(wake, obj=far)
    assert "the broker broker.example.org is not this machine" in str(done.exception)
    found = {
        row["check"]: row for row in json.loads(CliRunner().invoke(doctor, ["--json"], obj=far).output)["findings"]
    }
    assert found["broker"]["state"] == "look"
    assert PASSWORD not in str(found)


def test_doctor_says_what_a_broker_lacks(here: Settings, database: Database) -> None:
    said = CliRunner().invoke(doctor, obj=here).output
    assert f"LOOK: The broker {here.broker} cannot be used: " in said
    assert "LOOK: Workers were last woken through the broker: never. Run `actionmail wake`" in said
    assert PASSWORD not in said
    assert "the broker" not in CliRunner().invoke(doctor, obj=replace(here, broker=None)).output.lower()


def test_doctor_counts_what_waits_at_a_broker(here: Settings, database: Database, any_broker: Broker) -> None:
    with database.write() as session:
        heartbeats.beat(session, heartbeats.WAKER, now=datetime.now(UTC) - timedelta(minutes=1))
    said = CliRunner().invoke(doctor, obj=replace(here, broker=broker_address(any_broker.url))).output
    assert f"well: the broker {broker_address(any_broker.url)} answers; " in said
    assert "well: workers were last woken through the broker: 2" in said
    assert PASSWORD not in said


WITHOUT_CELERY = """
import sys
for name in ("celery", "kombu", "amqp", "redis", "billiard"):
    sys.modules[name] = None  # as where they are not installed
from importlib import import_module
from actionmail.cli import main
for module in sys.argv[1:]:
    import_module(module)
main(["wake"])
"""


def test_without_celery_everything_else_is_there(here: Settings) -> None:
    """All that the base product is made of, but the one room, is imported where no Celery can be."""
    folder = ROOT / "actionmail"
    modules = []
    for path in sorted(folder.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if "migrations" not in name and "gateways.broker" not in name and not name.endswith("__main__"):
            modules.append(name.removesuffix(".__init__"))
    environment = {
        "PATH": os.environ["PATH"],
        "ACTIONMAIL_CONFIG": "",
        "ACTIONMAIL_BROKER_URL": "redis://127.0.0.1/0",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_CELERY, *modules],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = "Celery is not installed here; it comes with the extra: pip install 'actionmail[celery]'"
    assert (done.returncode, said in done.stderr) == (1, True), done.stderr
