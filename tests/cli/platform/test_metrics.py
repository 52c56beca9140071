"""What Prometheus is told: real web processes and a real worker added up, and how things stand in the database."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from actionmail.cli import main
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.delivery import heartbeats
from actionmail.flows.review.measures import measures
from actionmail.settings import bundled
from tests.cli.platform.test_serve import answer, connected, environment_of, served
from tests.conftest import unavailable
from tests.flows.delivery.test_delivery import fill
from tests.gateways.scripted_smtp import Script, scripted_server
from tests.servers import promtool
from tests.servers.room import NoServer

DEPLOY = bundled("deploy")
NAME = re.compile(r"\bactionmail_[a-z_]+")
BROKER = "redis://127.0.0.1:1/0"  # nobody asks it for a number
GET = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n\r\n"


def told(environment: Mapping[str, str], **more: str) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    done = subprocess.run(
        [sys.executable, "-m", "actionmail.cli", "metrics", "--once"],
        env={**environment, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    samples = {}
    for family in text_string_to_metric_families(done.stdout):
        for sample in family.samples:
            samples[sample.name, *(sample.labels[name] for name in sorted(sample.labels))] = sample.value
    return samples


def work_once(environment: Mapping[str, str], **more: str) -> tuple[str, str]:
    """What it said on standard output, and on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "actionmail.cli", "worker", "--once"],
        env={**environment, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, done.stderr


@pytest.mark.slow
def test_what_all_processes_counted_is_one_number_and_outlives_them(
    database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    environment = environment_of(sqlite_url, ACTIONMAIL_METRICS_DIR=str(folder))
    fill(database, 5)
    now = datetime.now(UTC)
    with database.write() as session:
        session.execute(update(Message).values(expires_at=now + timedelta(days=1)))
        heartbeats.beat(session, heartbeats.BACKUP, now=now - timedelta(hours=30))
        for name in (heartbeats.INBOUND, heartbeats.WAKER):
            heartbeats.beat(session, name, now=now)
    with served(sqlite_url, tmp_path, ACTIONMAIL_METRICS_DIR=str(folder)) as where:
        for path, times in ((b"/healthz", 30), (b"/receipts/secret-token", 4)):
            for _ in range(times):
                with connected(where, GET % path) as client:
                    assert answer(client).startswith(b"HTTP/1.1 ")
    with scripted_server(Script(answers={"RCPT": [b"250 ok"] * 3 + [b"550 5.1.1 no such user"]})) as server:
        said = work_once(environment, ACTIONMAIL_SMTP_URL=f"smtp://127.0.0.1:{server.port}")
        assert len(server.taken) == 4, said
    samples = told(environment, ACTIONMAIL_BROKER_URL=BROKER)
    assert samples["actionmail_http_requests_total", "health.alive", "GET", "200"] == 30
    assert samples["actionmail_http_request_seconds_count", "health.alive"] == 30
    assert samples["actionmail_http_requests_total", "receipts.receipt", "GET", "404"] == 4
    assert samples["actionmail_handovers_total", "250", "accepted"] == 4
    assert samples["actionmail_handovers_total", "550", "failed"] == 1
    assert samples["actionmail_open_letters", "queued"] == 0
    assert 29 * 3600 < samples["actionmail_backup_seconds",] < 31 * 3600
    assert samples["actionmail_waker_seconds",] < 3600
    assert not [key for key in samples if "secret-token" in "".join(key)]
    assert samples["actionmail_relay_away",] == 0
    work_once(environment, ACTIONMAIL_SMTP_URL="smtp://127.0.0.1:1")
    _named_in_deploy_are_told(told(environment, ACTIONMAIL_BROKER_URL=BROKER))


def _named_in_deploy_are_told(samples: Mapping[tuple[str, ...], float]) -> None:
    names = {key[0] for key in samples}
    # of metrics that begin at their first event, or that need a roster, which is not here
    names |= {"actionmail_relay_troubles_total", "actionmail_roster_seconds"}
    for file in (DEPLOY / "grafana" / "actionmail.json", DEPLOY / "prometheus" / "alerts.yml"):
        wanted = set(NAME.findall(file.read_text(encoding="utf-8")))
        assert wanted <= names, file
    shown = set(NAME.findall((DEPLOY / "grafana" / "actionmail.json").read_text(encoding="utf-8")))
    bare = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in names}
    assert {re.sub(r"_bucket$", "", name) for name in shown} == bare, "a number that nobody sees"


def test_where_the_broker_was_given_up_nothing_tells_of_its_last_wake_up(database: Database, sqlite_url: str) -> None:
    with database.write() as session:
        heartbeats.beat(session, heartbeats.WAKER, now=datetime.now(UTC))
    environment = environment_of(sqlite_url)
    assert ("actionmail_waker_seconds",) in told(environment, ACTIONMAIL_BROKER_URL=BROKER)
    assert ("actionmail_waker_seconds",) not in told(environment)


def test_a_database_that_is_away_is_told_and_nothing_else(tmp_path: Path) -> None:
    samples = told(environment_of("postgresql://nobody@127.0.0.1:1/none"))
    assert samples == {("actionmail_database_up",): 0.0}


@pytest.mark.parametrize("command", ["worker", "serve", "metrics"])
def test_a_folder_that_is_not_there_stops_the_start_with_a_sentence(
    database: Database, sqlite_url: str, tmp_path: Path, command: str
) -> None:
    environment = environment_of(
        sqlite_url, ACTIONMAIL_METRICS_DIR=str(tmp_path / "none"), ACTIONMAIL_SMTP_URL="smtp://127.0.0.1:1"
    )
    arguments = ["--workers", "1", "--bind", f"unix:{tmp_path}/web.sock"] if command == "serve" else ["--once"]
    done = subprocess.run(
        [sys.executable, "-m", "actionmail.cli", command, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    assert "ACTIONMAIL_METRICS_DIR names" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_none_is_refused(sqlite_url: str, database: Database) -> None:
    environment = {"ACTIONMAIL_DATABASE_URL": sqlite_url}
    for bind in ("localhost:9109", "127.0.0.1", "127.0.0.1:x", ":9109"):
        refused = CliRunner().invoke(main, ["metrics", "--bind", bind], env=environment)
        assert (refused.exit_code, "--bind is an address and a port" in refused.output) == (2, True), bind


def test_measures_are_the_same_on_both_databases(any_database: Database) -> None:
    fill(any_database, 3)
    with any_database.read() as session:
        found = measures(session, now=datetime.now(UTC))
    assert (found.due, found.open_letters["queued"], found.stops) == (3, 3, 0)  # type: ignore[index]
    assert found.due_since is not None
    assert (found.worker_seen_at, found.delays, found.roster_as_of) == (None, [], found.roster_as_of)


def test_the_alerts_can_be_read_and_hold_their_own_tests() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    names = [rule["alert"] for rule in rules["groups"][0]["rules"]]
    assert len(names) == len(set(names)) == 12
    json.loads((DEPLOY / "grafana" / "actionmail.json").read_text(encoding="utf-8"))
    try:
        program = promtool.program()
    except NoServer as error:
        unavailable(f"NO ALERT WAS READ BY PROMETHEUS'S OWN PROGRAM: {error}")
    done = subprocess.run(
        [program, "test", "rules", "alerts_test.yml"],
        cwd=DEPLOY / "prometheus",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
