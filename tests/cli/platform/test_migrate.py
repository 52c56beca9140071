"""Two who migrate at once: real processes, on both kinds of database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command

from actionmail.db.engine import BUSY_TIMEOUT_SECONDS, Database, _alembic
from tests.postgres import PostgresServer

AT_ONCE = 4
ROOT = Path(__file__).parents[3]


# All have loaded what they need before any begins.
_PROGRAM = """
import sys
import alembic.command
import psycopg
import actionmail.cli.platform.migrate
from actionmail.cli import main
print("ready", flush=True)
sys.stdin.readline()
main(["migrate"])
"""


def migrate_at_once(url: str) -> list[tuple[int, str]]:
    """What each of the processes ended with and said last."""
    running = begin_to_migrate(url, AT_ONCE)
    for process in running:
        go(process)
    return [end_of(process) for process in running]


def begin_to_migrate(url: str, number: int) -> list[subprocess.Popen[str]]:
    """Processes that have loaded everything and wait for `go`."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ACTIONMAIL_")},
        "ACTIONMAIL_DATABASE_URL": url,
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
    }
    running = []
    for _ in range(number):
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    return running


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def end_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=300)
    return process.returncode, output.strip().splitlines()[-1]


def test_several_who_migrate_a_new_file_at_once_all_succeed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'actionmail.sqlite3'}"
    assert migrate_at_once(url) == [(0, "The database's tables are up to date.")] * AT_ONCE
    assert Database(url).is_current()


def test_whoever_migrates_a_file_waits_for_another_longer_than_a_page_does(database: Database) -> None:
    """The other one is at work when they begin, and for longer than any page waits."""
    url = database.engine.url.render_as_string(hide_password=False)
    with database.engine.begin() as connection:
        command.downgrade(_alembic(connection), "0008")
    with database.write() as session:
        session.connection()  # which begins
        (process,) = begin_to_migrate(url, 1)
        go(process)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(BUSY_TIMEOUT_SECONDS + 3)
    assert end_of(process) == (0, "The database's tables are up to date.")


@pytest.mark.postgres
def test_several_who_migrate_postgres_at_once_all_succeed(postgres: PostgresServer) -> None:
    with postgres.empty_database() as url:
        assert migrate_at_once(url) == [(0, "The database's tables are up to date.")] * AT_ONCE
        database = Database(url)
        assert database.is_current()
        database.engine.dispose()
