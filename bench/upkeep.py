"""`python -m bench.upkeep URL`: how big a database is that `bench.seed` filled, and how long its upkeep takes.

The largest tables with their indexes, a backup of everything by `actionmail backup` (deleted again), and a vacuum after
one letter in twenty was changed, as a year of deliveries does. Seconds on the clock, and of the processor where this
machine's are meant. The database stays, with those letters changed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import Engine, text, update

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from bench import load, programs
from bench.load import OUT, Build
from bench.programs import ROOT
from bench.soak import sizes

_ONE_IN = 20
_MOST = 8  # tables that are told
_MB = 1_000_000
# Of each table with its indexes.
_TABLES = {
    "sqlite": """
        SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name)
        GROUP BY tbl_name ORDER BY 2 DESC LIMIT :most
        """,
    "postgresql": """
        SELECT relname, pg_total_relation_size(oid) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT :most
        """,
}


def upkeep(url: str) -> Iterator[str]:
    """Lines to be printed, one after the other as they are known."""
    database = Database(url)
    with database.read() as session:
        log, whole = sizes(url, session.connection())
        yield f"database {whole:,.0f} MB, write-ahead log {log:,.1f} MB"
        tables = session.execute(text(_TABLES[database.engine.dialect.name]), {"most": _MOST}).all()
    yield from (f"  {name}: {octets / _MB:,.0f} MB" for name, octets in tables)
    with tempfile.TemporaryDirectory(dir=OUT, prefix="upkeep-") as folder:
        environment = load.settings_for(Build(name="upkeep", root=ROOT, python=sys.executable), url)
        file = Path(folder) / "backup.zip"
        spent = programs.spend(
            [sys.executable, "-m", "actionmail.cli", "backup", str(file)], folder=ROOT, env=environment
        )
        octets = file.stat().st_size
    yield f"backup: {spent.seconds:,.0f} s, {spent.cpu:,.0f} CPU s of the command's own, {octets / _MB:,.0f} MB"
    with database.write() as session:
        changed = update(Message).where(Message.id % _ONE_IN == 0)
        session.execute(changed.values(queue_id="4ABCDEF"), execution_options={"synchronize_session": False})
    yield f"vacuum after a change of one letter in {_ONE_IN}: {_vacuum(database.engine):,.0f} s"
    with database.read() as session:
        log, whole = sizes(url, session.connection())
    yield f"database {whole:,.0f} MB after it, write-ahead log {log:,.1f} MB"


def _vacuum(engine: Engine) -> float:
    begun = time.monotonic()
    connection = engine.raw_connection()
    try:
        driver = connection.driver_connection
        assert driver is not None
        if engine.dialect.name == "postgresql":
            driver.autocommit = True
        driver.execute("VACUUM")
    finally:
        connection.close()
    return time.monotonic() - begun


@click.command()
@click.argument("url")
def main(url: str) -> None:
    """Measure the database at URL."""
    OUT.mkdir(exist_ok=True)
    for line in upkeep(url):
        print(line, flush=True)


if __name__ == "__main__":
    main()
