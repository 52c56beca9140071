"""`make bench`: run everything, print one table of ratios, and keep it in bench/out/latest.json."""

from __future__ import annotations

import math
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actionmail.db.engine import Database
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.gateways.mail.smtp import CONNECTIONS
from bench import (
    action,
    data_work,
    growth,
    letters_export,
    load,
    lookup,
    petition,
    petition_export,
    programs,
    roster,
    weight,
)
from bench.programs import Absent, Sink, Spent, program, run, smtp_sink
from bench.queue import APART, LETTER_OCTETS, fill, fill_history, fill_log
from bench.table import Row, absent, compare, limit, render, write
from tests.postgres import NoPostgres, PostgresServer, postgres_server

OUT = programs.HERE / "out"
LETTERS_A_CONNECTION = 100
_BARS = {1: ">= 0.6", 2: ">= 0.9"}  # of so many workers on PostgreSQL
_SYSCALLS = ("fdatasync", "fsync", "sendto", "connect")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much of each."""

    letters: int  # ours, and everything that is about as quick
    peer_letters: int  # for what takes milliseconds a letter
    repeats: int
    traced_letters: int
    short_queue: int
    long_queue: int
    short_log: int
    long_log: int
    short_petition: int
    long_petition: int
    actions: int  # whole ones, of a supporter at the form
    actions_before: int  # of others, on the same campaign
    crowd_seconds: int
    crowd_before: int  # have acted on that campaign


SHORT = Scale(
    letters=3000,
    peer_letters=300,
    repeats=3,
    traced_letters=1000,
    short_queue=2000,
    long_queue=10_000,
    short_log=10_000,
    long_log=100_000,
    short_petition=2000,
    long_petition=10_000,
    actions=100,
    actions_before=2000,
    crowd_seconds=8,
    crowd_before=0,
)
FULL = Scale(
    letters=10_000,
    peer_letters=2000,
    repeats=5,
    traced_letters=2000,
    short_queue=10_000,
    long_queue=200_000,
    short_log=10_000,
    long_log=1_000_000,
    short_petition=10_000,
    long_petition=100_000,
    actions=300,
    actions_before=200_000,
    crowd_seconds=30,
    crowd_before=load.CROWD,
)


def main() -> None:
    forbid_other_hosts()
    is_full = os.environ.get("FULL", "") not in {"", "0"}
    OUT.mkdir(exist_ok=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=OUT, prefix="run-") as folder:
        rows = Bench(FULL if is_full else SHORT, Path(folder)).rows()
    write(rows, OUT / "latest.json")
    print(render(rows))
    kind = "FULL" if is_full else "short"
    print(
        f"\n{kind}: {time.monotonic() - begun:.0f} s on {os.cpu_count()} processors; letters of {LETTER_OCTETS} octets"
    )
    sys.exit(1 if any(row.holds is False for row in rows) and "--strict" in sys.argv else 0)


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Medians over the repeats: letters a second, CPU milliseconds a letter (ours without the sink)."""

    rate: float
    cpu: float = math.nan


class Bench:
    def __init__(self, scale: Scale, folder: Path) -> None:
        self._scale = scale
        self._folder = folder
        self._made = 0

    def rows(self) -> list[Row]:
        try:
            for name in ("smtp-source", "smtp-sink"):
                program(name)
        except Absent as error:
            rows = [absent("delivery : smtp-source", str(error))]
            return rows + self._growth(None) + self._action(None) + self._in_process()
        rows = []
        try:
            with postgres_server(fsync=True) as server:
                rows += self._delivery(server)
                rows += self._growth(server)
                rows += self._data_work(server)
                rows += self._action(server)
        except NoPostgres as error:
            rows += [
                *self._delivery(None),
                absent("PostgreSQL", f"could not be installed: {error}"),
                *self._growth(None),
                *self._data_work(None),
                *self._action(None),
            ]
        return rows + self._in_process()

    def _in_process(self) -> list[Row]:
        _say("lookup, a petition on paper, and an export")
        many, few = self._scale.long_petition, self._scale.short_petition
        on_paper = petition.rows(many=many, few=few) + petition_export.rows(many=many, few=few)
        exported = letters_export.rows(many=self._scale.long_log, few=self._scale.short_log)
        return lookup.rows() + on_paper + exported + roster.rows()

    # Delivery

    def _delivery(self, postgres: PostgresServer | None) -> list[Row]:
        scale = self._scale
        sqlite: list[Speed] = []
        source: list[Speed] = []
        on_postgres: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(scale.repeats):  # side by side, so that what else the machine does hits both
            _say("SQLite and PostgreSQL beside smtp-source")
            sqlite.append(self._sqlite())
            source.append(self._source(scale.letters))
            for workers, rates in on_postgres.items() if postgres else ():
                rates.append(self._postgres(postgres, workers))
        limits = [one.rate for one in source]
        rows = [_beside("SQLite : smtp-source -s 10", [one.rate for one in sqlite], limits, ">= 1.0")]
        for workers, rates in on_postgres.items():
            if rates:
                name = f"PostgreSQL, {workers} worker{'s' if workers > 1 else ''} : smtp-source -s 10"
                rows.append(_beside(name, rates, limits, _BARS[workers]))
        rows += self._peers(postgres)
        cpu = _median([one.cpu for one in sqlite]), _median([one.cpu for one in source])
        rows.append(compare("CPU with the sink's : smtp-source with the sink's", *cpu, "ms a letter", "<= 0.5"))
        return rows + self._counts() + self._memory()

    def _peers(self, postgres: PostgresServer | None) -> list[Row]:
        many, few = self._scale.letters, self._scale.peer_letters

        def procrastinate() -> float:
            if postgres is None:
                raise Absent("needs PostgreSQL")
            with postgres.fresh_database() as url:
                return self._peer("procrastinate_peer", few, "procrastinate[sql]", BENCH_POSTGRES=url)

        def celery() -> float:
            with programs.redis(self._new_folder() / "redis") as port:
                return self._peer("celery_peer", few, "celery[redis]", BENCH_REDIS=str(port))

        peers: list[tuple[str, str, Callable[[], float]]] = [
            ("smtp-source -s 10 -d (connections kept)", "", lambda: self._source(many, "-d").rate),
            ("a bare pipelining client, no queue", "", lambda: self._peer("pipelining", many)),
            ("the obvious design", ">= 20", lambda: self._peer("obvious", few)),
            ("django-post_office on SQLite", ">= 8", lambda: self._peer("post_office_peer", few, "django-post_office")),
            ("Celery with Redis, a task per letter", ">= 8", celery),
            ("Huey on SQLite, a task per letter", ">= 8", lambda: self._peer("huey_peer", few, "huey")),
            ("Procrastinate on PostgreSQL, a task per letter", ">= 8", procrastinate),
            ("nodemailer's pool (keeps no queue)", "", self._nodemailer),
        ]
        rows = []
        for name, bar, measure in peers:
            _say(name)
            name = f"SQLite : {name}"
            try:
                pairs = [(self._sqlite().rate, measure()) for _ in range(self._scale.repeats)]
            except Absent as error:
                rows.append(absent(name, str(error)))
            else:
                rows.append(_beside(name, [ours for ours, _ in pairs], [theirs for _, theirs in pairs], bar))
        return rows

    def _peer(self, script: str, letters: int, package: str = "", **environment: str) -> float:
        if package:
            programs.python_peer(package)
        python = str(programs.PEER_PYTHON) if package else sys.executable
        env = programs.peer_environment() | environment
        with smtp_sink() as sink:
            command = [python, str(programs.PEERS / f"{script}.py"), str(sink.port), str(letters)]
            return _rate([run([*command, str(self._new_folder())], env=env)], letters)

    def _nodemailer(self) -> float:
        node = programs.node_peer("nodemailer")
        letters = self._scale.peer_letters
        with smtp_sink() as sink:
            script = str(programs.PEERS / "nodemailer_peer.cjs")
            return _rate([run([node, script, str(sink.port), str(letters)])], letters)

    def _sqlite(self) -> Speed:
        letters = self._scale.letters
        with self._sqlite_queue(letters) as url, smtp_sink() as sink:
            done = run(_worker(url, sink, letters))
        return Speed(rate=_rate([done], letters), cpu=(done["cpu"] + sink.cpu) * 1000 / letters)

    def _postgres(self, server: PostgresServer | None, workers: int) -> float:
        assert server is not None
        letters = self._scale.letters
        with server.fresh_database() as url, smtp_sink() as sink:
            fill(Database(url), letters)
            started = [programs.start(_worker(url, sink, letters)) for _ in range(workers)]
            return _rate([programs.finish(process) for process in started], letters)

    def _source(self, letters: int, *options: str) -> Speed:
        with smtp_sink() as sink:
            command = [program("smtp-source"), "-s", "10", "-l", str(LETTER_OCTETS), "-m", str(letters), *options]
            command += ["-f", "b+1@act.example.org", "-t", "rep.1@legis.example", f"{programs.HOST}:{sink.port}"]
            spent: Spent = programs.spend(command)
        return Speed(rate=letters / spent.seconds, cpu=(spent.cpu + sink.cpu) * 1000 / letters)

    # Counts

    def _counts(self) -> list[Row]:
        """System calls per letter, ours and the obvious design's, each in a run of its own under strace."""
        _say("system calls")
        letters, few = self._scale.traced_letters, min(200, self._scale.peer_letters)
        try:
            strace = program("strace")
            with self._sqlite_queue(letters) as url, smtp_sink() as sink:
                ours, done = self._traced(strace, _worker(url, sink, letters))
            with smtp_sink() as sink:
                script = str(programs.PEERS / "obvious.py")
                command = [sys.executable, script, str(sink.port), str(few), str(self._new_folder())]
                theirs, _ = self._traced(strace, command)
        except Absent as error:
            return [absent("system calls per letter", str(error))]
        sync = [sum(calls.get(name, 0) for name in ("fdatasync", "fsync")) for calls in (ours, theirs)]
        needed = math.ceil(letters / LETTERS_A_CONNECTION) + CONNECTIONS - 1  # the last ones are not used up
        return [
            limit("fdatasync : the obvious design", sync[0] / letters, sync[1] / few, "a letter", "<= 0.03"),
            limit(
                "sendto : the obvious design", ours["sendto"] / letters, theirs["sendto"] / few, "a letter", "<= 1.5"
            ),
            compare(
                f"connections : {CONNECTIONS} sessions, renewed every {LETTERS_A_CONNECTION} letters",
                done["connections"],
                needed,
                f"for {letters}",
                "<= 1",
            ),
        ]

    def _traced(self, strace: str, command: Sequence[str]) -> tuple[dict[str, int], dict[str, Any]]:
        summary = self._new_folder() / "strace"
        tracing = [strace, "-f", "-c", "-e", f"trace={','.join(_SYSCALLS)}", "-o", str(summary)]
        done = run([*tracing, *command], env=programs.peer_environment())
        calls = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", summary.read_text(), re.MULTILINE)
        return {name: int(count) for count, name in calls}, done

    def _memory(self) -> list[Row]:
        _say("memory")
        peaks = []
        for queued in (self._scale.long_queue, self._scale.short_queue):
            with self._sqlite_queue(queued) as url, smtp_sink() as sink:
                peaks.append(run(_worker(url, sink, min(queued, 10_000)))["peak_mb"])
        name = f"memory with {self._scale.long_queue:,} queued : with {self._scale.short_queue:,}"
        return [limit(name, peaks[0], peaks[1], "MB", "<= 80")]

    def _data_work(self, postgres: PostgresServer | None) -> list[Row]:
        _say("datasets and the render matrix beside an older build")
        databases: dict[str, data_work.EmptyDatabase] = {"SQLite": lambda: data_work.sqlite(self._new_folder())}
        if postgres:
            databases["PostgreSQL"] = postgres.empty_database
        return data_work.rows(databases, turns=self._scale.repeats)

    # Growth

    def _growth(self, postgres: PostgresServer | None) -> list[Row]:
        rows: list[Row] = []
        sizes = (self._scale.long_log, self._scale.short_log)
        for kind in ("SQLite", "PostgreSQL"):
            if kind == "PostgreSQL" and postgres is None:
                continue
            _say(f"a long send log on {kind}")
            with ExitStack() as stack:
                databases = []
                for size in sizes:
                    empty = self._empty_sqlite() if kind == "SQLite" else postgres.fresh_database()  # type: ignore[union-attr]
                    database = Database(stack.enter_context(empty))
                    stack.callback(database.engine.dispose)
                    fill_log(database, size, apart=APART)
                    fill_history(database, searchable=size)
                    databases.append(database)
                rows += growth.rows(kind, databases[0], databases[1])
        return rows

    # The form

    def _action(self, postgres: PostgresServer | None) -> list[Row]:
        _say("a supporter's whole action")
        scale = self._scale
        alone = action.rows(
            actions=scale.actions, others=scale.actions_before, repeats=scale.repeats, postgres=postgres
        )
        _say("a crowd at the form, and what a web process weighs")
        crowd = load.rows(seconds=scale.crowd_seconds, others=scale.crowd_before, postgres=postgres)
        return alone + crowd + weight.rows()

    # Databases and folders

    @contextmanager
    def _empty_sqlite(self) -> Iterator[str]:
        folder = self._new_folder()
        url = f"sqlite:///{folder / 'actionmail.sqlite3'}"
        database = Database(url)
        database.upgrade()
        database.engine.dispose()
        try:
            yield url
        finally:
            for file in folder.iterdir():
                file.unlink()

    @contextmanager
    def _sqlite_queue(self, letters: int) -> Iterator[str]:
        with self._empty_sqlite() as url:
            fill(Database(url), letters)
            yield url

    def _new_folder(self) -> Path:
        self._made += 1
        folder = self._folder / str(self._made)
        folder.mkdir()
        return folder


def _worker(url: str, sink: Sink, letters: int) -> list[str]:
    return [sys.executable, "-m", "bench.worker", url, str(sink.port), str(letters)]


def _beside(name: str, ours: Sequence[float], theirs: Sequence[float], bar: str) -> Row:
    """Medians of what was measured in turn; the ratio is the median of the turns' own ratios."""
    ratio = _median([a / b for a, b in zip(ours, theirs, strict=True)])
    return compare(name, _median(ours), _median(theirs), "letters/s", bar, ratio=ratio)


def _rate(done: Sequence[dict[str, Any]], letters: int) -> float:
    """Letters a second, from the first one's start to the last one's end; all must have gone out."""
    sent = sum(one["letters"] for one in done)
    if sent != letters:
        raise Absent(f"sent {sent} of {letters} letters")
    return letters / (max(one["end"] for one in done) - min(one["start"] for one in done if one["letters"]))


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
