"""Watch argon2id at work: is a transaction open while it hashes?

The interpreter tells each call (`sys.setprofile`), so nothing is put in the place of anything. At every hash a second
connection is asked: on SQLite whether it may begin to write, on PostgreSQL whether anybody idles in a transaction.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import psycopg
from argon2 import PasswordHasher
from sqlalchemy import make_url

_WORK = {PasswordHasher.hash.__code__, PasswordHasher.verify.__code__}


@dataclass
class Hashes:
    """How many passwords were hashed or verified, and how many of them inside a transaction."""

    all: int = 0
    inside: int = 0
    where: list[str] = field(default_factory=list)


@contextmanager
def watched_hashing(url: str) -> Iterator[Hashes]:
    """Count the hashes of this thread until the block ends."""
    hashes = Hashes()

    def look(frame: FrameType, event: str, _argument: object) -> None:
        if event != "call" or frame.f_code not in _WORK:
            return
        sys.setprofile(None)
        hashes.all += 1
        if _is_in_transaction(url):
            hashes.inside += 1
            hashes.where.append(frame.f_code.co_name)
        sys.setprofile(look)

    sys.setprofile(look)
    try:
        yield hashes
    finally:
        sys.setprofile(None)


def _is_in_transaction(url: str) -> bool:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        second = sqlite3.connect(str(parsed.database), timeout=0, isolation_level=None)
        try:
            second.execute("BEGIN IMMEDIATE")
            second.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
        finally:
            second.close()
        return False
    with psycopg.connect(parsed.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
        ).fetchone()
    return row is not None and bool(row[0])
