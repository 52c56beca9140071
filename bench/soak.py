"""A site under a steady load for as long as one wants: its memory, its write-ahead log and its queue over time.

`python -m bench.soak MINUTES [--postgresql] [--rate ACTIONS_A_SECOND] [--picture FILE.svg]`: two web processes, two
workers, a mail server, and `actionmail inbound` every minute with what came back for one letter in fifty (full
mailboxes, automatic answers). Visitors come as wrk has them, evenly. Ends with an error where an action was lost or
doubled, or where letters stay that are due.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from sqlalchemy import Connection, create_engine, make_url, text

from bench import load, programs
from bench.curves import Curve, Panel, drawn
from bench.load import CLIENTS, Build, Load
from bench.programs import HERE, ROOT, Absent
from tests.postgres import PostgresServer, postgres_server
from tests.returned import VACATION, mail, report

_EVERY = 10.0  # seconds between two looks
_INBOUND_EVERY = 60.0
_ONE_IN = 50  # letters, of which one comes back
_WORKERS = 2
_UNDO = 60  # seconds for which a letter waits before it is due
_MINUTE = 60
_OCTETS_A_MB = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen at one moment. Memory is each process's share (PSS), in MB of 1,000,000 octets."""

    second: float
    web: float
    workers: float
    inbound: float  # the most that the last run held
    log: float  # the write-ahead log, MB
    database: float  # without it, MB
    waiting: int  # letters that are due
    sent: int


@dataclass(frozen=True, kw_only=True)
class Site:
    """What a look needs: the database, and the process whose children are the web's; the workers; the Maildir."""

    url: str
    environment: dict[str, str]
    workers: Sequence[subprocess.Popen[bytes]]
    maildir: Path


class Post:
    """What comes back: written into the Maildir, and read by `actionmail inbound`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._last = self._number = 0
        self.peak = 0.0  # MB, of the last run
        self.read = self.refused = (
            0  # mails; runs that ended with an error, after which the next one reads what is left
        )

    def deliver(self, connection: Connection) -> None:
        rows = connection.execute(text(_BACK), {"last": self._last, "each": _ONE_IN}).all()
        for row in rows:
            self._last, self._number = row.id, self._number + 1
            if self._number % 2:
                raw = report("failed", "5.2.2", "552 5.2.2 Mailbox full", to=row.return_path, recipient=row.recipient)
            else:
                raw = mail(VACATION, to=row.return_path)
            path = self._site.maildir / "tmp" / f"{self._number}.bench"
            path.write_bytes(raw.replace(b"Away until", f"({self._number}) Away until".encode()))
            path.rename(self._site.maildir / "new" / path.name)

    def collect(self) -> None:
        """Have it read."""
        command = [sys.executable, "-m", "actionmail.cli", "inbound", "--maildir", str(self._site.maildir)]
        with (load.OUT / "soak-inbound.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self._site.environment, stdout=log, stderr=log)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.refused += process.returncode != 0
        self.read = len(list((self._site.maildir / "cur").iterdir()))
        self.peak = usage.ru_maxrss * 1024 / _OCTETS_A_MB


class Watch(threading.Thread):
    """Looks at the site until told that it is over. `looks` and `failed` are what came of it."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.looks: list[Look] = []
        self.failed: Exception | None = None
        self.is_over = threading.Event()
        self.post = Post(site)
        self._site = site
        self._begun = time.monotonic()

    def run(self) -> None:
        try:
            self._look_on()
        except Exception as error:
            self.failed = error

    def _look_on(self) -> None:
        engine = create_engine(_driver(self._site.url))
        collected = time.monotonic()
        while not self.is_over.wait(_EVERY):
            with engine.connect() as connection:
                self.looks.append(self._look(connection))
                if time.monotonic() - collected < _INBOUND_EVERY:
                    continue
                self.post.deliver(connection)
            collected = time.monotonic()
            self.post.collect()
        engine.dispose()

    def _look(self, connection: Connection) -> Look:
        states = {row.state: row.letters for row in connection.execute(text(_STATES))}
        log, database = sizes(self._site.url, connection)
        return Look(
            second=time.monotonic() - self._begun,
            web=_memory(_children_of(os.getpid(), "wsgi:application")),
            workers=_memory([worker.pid for worker in self._site.workers]),
            inbound=self.post.peak,
            log=log,
            database=database,
            waiting=int(states.get("due", 0)),
            sent=int(states.get("accepted", 0)),
        )


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of it. `back`: mails that came back and were read; `refused`: of `actionmail inbound`, runs that ended
    with an error, such as a database that was locked; `faults`: what must not be.
    """

    kind: str
    looks: Sequence[Look]
    seen: Load
    back: int
    refused: int
    faults: Sequence[str]


def soak(server: PostgresServer | None, minutes: float, rate: float) -> Found:
    """Raises whatever kept it from going on."""
    with _site(server) as (site, port, zip_codes):
        watch = Watch(site)
        before = load.counted(site.url, _ACTIONS)
        watch.start()
        try:
            seen = load.visited(port, zip_codes, round(minutes * _MINUTE), CLIENTS, 1000 * CLIENTS / rate)
            time.sleep(_UNDO + 3 * _EVERY)  # the last letters become due, and go
        finally:
            watch.is_over.set()
            watch.join()
        if watch.failed is not None:
            raise watch.failed
        faults = list(_faults(site, before + seen.said["actions"], watch.looks[-1]))
        kind = "SQLite" if server is None else "PostgreSQL"
        post = watch.post
        return Found(kind=kind, looks=watch.looks, seen=seen, back=post.read, refused=post.refused, faults=faults)


def _faults(site: Site, receipts: int, last: Look) -> Iterator[str]:
    try:
        load.nothing_lost_or_doubled(site.url, receipts, at_most_more=CLIENTS)
    except Absent as error:
        yield str(error)
    if dead := [worker.pid for worker in site.workers if worker.poll() is not None]:
        yield f"{len(dead)} workers ended by themselves"
    if last.waiting:
        yield f"{last.waiting} letters are due and did not go"


@contextmanager
def _site(server: PostgresServer | None) -> Iterator[tuple[Site, int, list[str]]]:
    """Everything at work, and ended with the block."""
    ours = Build(name="soak", root=ROOT, python=sys.executable)
    with ExitStack() as stack:
        url = stack.enter_context(load.empty_database(server))
        port, zip_codes = stack.enter_context(load.served(ours, url, load.CROWD_EXPECTED))
        sink = stack.enter_context(programs.smtp_sink())
        environment = load.settings_for(ours, url) | {"ACTIONMAIL_SMTP_URL": f"smtp://{programs.HOST}:{sink.port}"}
        maildir = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=load.OUT, prefix="soak-")))
        for folder in ("tmp", "new", "cur"):
            (maildir / folder).mkdir()
        workers = [stack.enter_context(_worker(environment)) for _ in range(_WORKERS)]
        yield Site(url=url, environment=environment, workers=workers, maildir=maildir), port, zip_codes


@contextmanager
def _worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "actionmail.cli", "worker", "--target-hour", "0"]
    with (load.OUT / "soak-worker.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


def sizes(url: str, connection: Connection) -> tuple[float, float]:
    """Of the write-ahead log and of the database, in MB. PostgreSQL's log is its server's."""
    if make_url(url).get_backend_name() == "sqlite":
        path = Path(make_url(url).database or "")
        log = path.with_name(f"{path.name}-wal")
        octets = (log.stat().st_size if log.exists() else 0, path.stat().st_size)
    else:
        row = connection.execute(text(_POSTGRES_SIZES)).one()
        octets = (int(row[0]), int(row[1]))
    return octets[0] / _OCTETS_A_MB, octets[1] / _OCTETS_A_MB


def _children_of(parent: int, word: str) -> list[int]:
    """Processes below this one with this word on their command line."""
    found, parents = [], {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:  # it ended
                continue
            parents[int(folder.name)] = int(fields[1])
            if word.encode() in words:
                found.append(int(folder.name))
    return [pid for pid in found if _is_below(pid, parent, parents)]


def _is_below(pid: int, parent: int, parents: dict[int, int]) -> bool:
    while pid and pid != parent:
        pid = parents.get(pid, 0)
    return pid == parent


def _memory(processes: Sequence[int]) -> float:
    """MB that they hold together: what two share counts once."""
    total = 0
    for process in processes:
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:  # it ended
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total / _OCTETS_A_MB


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def picture(found: Found) -> str:
    """The curves over time."""
    minutes = [look.second / _MINUTE for look in found.looks]

    def curve(name: str, field: str) -> Curve:
        return Curve(name=name, values=[float(getattr(look, field)) for look in found.looks])

    return drawn(
        f"A site under load on {found.kind}",
        minutes,
        [
            Panel("MB of memory", [curve(name, name) for name in ("web", "workers", "inbound")]),
            Panel("MB on disk", [curve("write-ahead log", "log"), curve("database", "database")]),
            Panel("letters", [curve("sent", "sent"), curve("due", "waiting")]),
        ],
    )


_ACTIONS = "SELECT count(*) FROM actions"
_BACK = """
    SELECT id, return_path, recipient FROM messages
    WHERE id > :last AND state = 'accepted' AND id % :each = 0 ORDER BY id
"""
_STATES = """
    SELECT state, count(*) AS letters FROM messages WHERE state = 'accepted' GROUP BY state
    UNION ALL SELECT 'due', count(*) FROM messages WHERE state = 'queued' AND next_attempt_at <= CURRENT_TIMESTAMP
"""
_POSTGRES_SIZES = "SELECT (SELECT sum(size) FROM pg_ls_waldir()), pg_database_size(current_database())"


@click.command()
@click.argument("minutes", type=click.FloatRange(0.1, 24 * 60))
@click.option("--postgresql", is_flag=True, help="On PostgreSQL instead of SQLite.")
@click.option("--rate", default=3.0, show_default=True, help="Whole actions a second.")
@click.option("--picture", "path", type=click.Path(dir_okay=False, path_type=Path), help="Draw the curves into this.")
def main(minutes: float, postgresql: bool, rate: float, path: Path | None) -> None:
    if postgresql:
        with postgres_server(fsync=True) as server:
            found = soak(server, minutes, rate)
    else:
        found = soak(None, minutes, rate)
    told = {"seen": found.seen.said, "back": found.back, "looks": [asdict(look) for look in found.looks]}
    (HERE / "out" / f"soak-{found.kind.lower()}.json").write_text(json.dumps(told, indent=1) + "\n")
    if path is not None:
        path.write_text(picture(found))
    for line in (*_summary(found), *found.faults):
        print(line)
    sys.exit(1 if found.faults else 0)


def _summary(found: Found) -> Iterator[str]:
    """What is worth a line."""
    looks, said = found.looks, found.seen.said
    minutes, last_post = looks[-1].second / _MINUTE, said["steps"][3]
    yield f"{minutes:.1f} minutes, {said['actions']:,} actions, {looks[-1].sent:,} letters sent, {found.back} back"
    yield f"runs of inbound that ended with an error: {found.refused}"
    third = len(looks) // 3  # by when caches are full
    for name in ("web", "workers", "inbound", "log", "database"):
        values = [float(getattr(look, name)) for look in looks]
        yield f"{name}: {values[third]:.1f} MB after a third, {values[-1]:.1f} at the end, {max(values):.1f} at most"
    yield f"letters due at once: {max(look.waiting for look in looks)} at most"
    yield f"last POST: p50 {last_post['p50']} ms, p99 {last_post['p99']}; {said['told']['count']} told to come again"
    yield f"other answers: {said['others']}, errors: {said['errors']}; /healthz {max(found.seen.health):.0f} ms at most"


if __name__ == "__main__":
    main()
