"""What `serve` says before it listens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from actionmail.db.engine import Database

ROOT = Path(__file__).parents[3]


def said_by_serve(database_url: str, **more: str) -> str:
    """What a real process says that serves from an address where it cannot listen."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ACTIONMAIL_")},
        "ACTIONMAIL_DATABASE_URL": database_url,
        "ACTIONMAIL_SECRET_KEY": "0123456789abcdef" * 4,
        "ACTIONMAIL_BASE_URL": "https://act.example.org",
        "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-m", "actionmail.cli", "serve", "--bind", "unix:/nowhere/at/all", "--workers", "1"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


def test_https_without_a_proxy_is_said(sqlite_url: str) -> None:
    assert "ACTIONMAIL_PROXIES" in said_by_serve(sqlite_url)
    assert "ACTIONMAIL_PROXIES" not in said_by_serve(sqlite_url, ACTIONMAIL_PROXIES="1")


def test_a_missing_table_is_a_sentence(sqlite_url: str, database: Database) -> None:
    with database.write() as session:
        session.execute(text("DROP TABLE rates"))
    said = said_by_serve(sqlite_url)
    assert "Error: The database's tables are missing or old; run `actionmail migrate`" in said
