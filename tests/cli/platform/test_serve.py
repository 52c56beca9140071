"""What `serve` says before it listens."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Barrier
from urllib.parse import urlencode

import pytest
from flask import Flask
from gunicorn.http.errors import NoMoreData
from sqlalchemy import func, select, text, update

from actionmail.cli.platform.patient_worker import PACE, READERS, PatientSocket, places, thread_pool
from actionmail.db.actions import Draft
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.web.platform.rush import PLACES_A_TURN, Turns
from bench.weight import private_memory, web_processes
from tests.samples import sample_campaign, sample_legislators
from tests.web.supporter_pages import WHO, SupporterBrowser

ROOT = Path(__file__).parents[3]


PATIENCE = 60.0  # seconds after which something hangs


def environment_of(database_url: str, **more: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("ACTIONMAIL_")},
        "ACTIONMAIL_DATABASE_URL": database_url,
        "ACTIONMAIL_SECRET_KEY": "0123456789abcdef" * 4,
        "ACTIONMAIL_BASE_URL": "https://act.example.org",
        "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
        **more,
    }


def said_by_serve(database_url: str, **more: str) -> str:
    """What a real process says that serves from an address where it cannot listen."""
    done = subprocess.run(
        [sys.executable, "-m", "actionmail.cli", "serve", "--bind", "unix:/nowhere/at/all", "--workers", "1"],
        env=environment_of(database_url, **more),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


@contextmanager
def served(url: str, tmp_path: Path, *options: str, **more: str) -> Iterator[Path]:
    """The Unix socket of a real process group that serves."""
    where = tmp_path / "web.sock"
    serving = subprocess.Popen(
        [sys.executable, "-m", "actionmail.cli", "serve", "--bind", f"unix:{where}", *options],
        env=environment_of(url, ACTIONMAIL_BASE_URL="http://127.0.0.1:8000", **more),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + PATIENCE
        while not where.exists():
            assert serving.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield where
    finally:
        serving.terminate()
        serving.wait(PATIENCE)


def connected(where: Path, sent: bytes) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE)
    client.connect(str(where))
    client.sendall(sent)
    return client


def answer(client: socket.socket) -> bytes:
    pieces = []
    while piece := client.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


@pytest.mark.slow
def test_slow_connections_keep_no_page_from_anybody(sqlite_url: str, tmp_path: Path) -> None:
    """Five times as many as pages are made at once: half stay in the middle of the headers, half of the body."""
    head = b" /staff/sign-in HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
    with served(sqlite_url, tmp_path) as where, ExitStack() as open_still:
        for number in range(40):
            begun = b"GET" + head if number % 2 else b"POST" + head + b"Content-Length: 1000\r\n\r\na"
            open_still.enter_context(connected(where, begun))
        for _ in range(10):
            with connected(
                where, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n\r\n"
            ) as client:
                assert answer(client).startswith(b"HTTP/1.1 200")
        body = b"a=" + b"b" * 100_000
        with connected(where, b"POST" + head + b"Expect: 100-continue\r\nConnection: close\r\n") as client:
            client.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n")
            client.sendall(b"Content-Length: %d\r\n\r\n" % len(body))
            assert client.recv(65536).startswith(b"HTTP/1.1 100 ")
            client.sendall(body)
            assert answer(client).startswith(b"HTTP/1.1 4"), "without a token"


class Pipe:
    """A connection that brings one octet in each `wait` seconds of a clock of its own, and nothing at once."""

    def __init__(self, wait: float) -> None:
        self.now, self.wait, self.count = 0.0, wait, 0

    def clock(self) -> float:
        return self.now

    def settimeout(self, seconds: float | None) -> None:
        self.left = float("inf") if seconds is None else seconds

    def recv(self, size: int, flags: int = 0) -> bytes:
        if flags & socket.MSG_DONTWAIT:
            raise BlockingIOError
        if self.wait > self.left:
            self.now += self.left
            raise TimeoutError
        self.now += self.wait
        self.count += 1
        return b"x" * min(size, PACE if self.wait < 1 else 1)


@pytest.mark.parametrize(("wait", "octets"), [(1.0, 20), (7.0, 2), (100.0, 0)])
def test_whoever_drips_is_hung_up_on(wait: float, octets: int) -> None:
    pipe = Pipe(wait)
    client = PatientSocket(pipe, pipe.clock)
    with pytest.raises(NoMoreData):
        for _ in range(1000):
            client.recv(1)
    assert pipe.count == octets
    assert pipe.now <= 21
    client.begin()
    if octets:
        assert client.recv(1) == b"x", "the next request has time of its own"


@pytest.mark.parametrize("threads", [4, 16, 64])
def test_whoever_waits_in_line_keeps_nobody_from_being_read(threads: int) -> None:
    """As many as can be answered or wait at all do, staff among them, and none of them ends."""
    turns = Turns(threads, places=places(threads), patience=PATIENCE)
    with thread_pool(threads) as pool:
        waiting = [pool.submit(turns.take, more_places=places(threads)) for _ in range(threads + 2 * places(threads))]
        together = Barrier(READERS)
        try:
            read = [pool.submit(together.wait, PATIENCE / 6) for _ in range(READERS)]
            assert {each.result() for each in read} == set(range(READERS))
        finally:
            for _ in waiting:
                turns.give_back()


def test_whoever_keeps_the_pace_is_read_to_the_end() -> None:
    pipe = Pipe(0.9)
    client = PatientSocket(pipe, pipe.clock)
    for _ in range(1000):
        client.recv(PACE)
    assert pipe.now > 800


def test_what_is_there_is_read_without_waiting() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        client = PatientSocket(ours)
        assert not client.has_come()
        theirs.sendall(b"GET")
        assert client.has_come()
        assert client.recv(100) == b"GET"
        theirs.close()
        assert client.has_come(), "its end has"
        assert client.recv(100) == b""


def test_after_a_wait_what_is_there_is_read_without_waiting_again() -> None:
    """A socket that was left with a timeout would wait for it, whatever is said about waiting."""
    ours, theirs = socket.socketpair()
    with ours, theirs, ThreadPoolExecutor(1) as pool:
        client = PatientSocket(ours)
        came = pool.submit(client.recv, 100)
        theirs.sendall(b"GET")
        assert came.result() == b"GET"
        client._wait_for(0, PATIENCE)
        assert ours.gettimeout() is None
        assert not client.has_come()
        client._send_slowly(b"answer")
        assert ours.gettimeout() is None


def test_who_does_not_read_a_file_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("actionmail.cli.platform.patient_worker._WRITING_SECONDS", 0.1)
    (tmp_path / "large").write_bytes(bytes(10_000_000))
    ours, theirs = socket.socketpair()
    with ours, theirs, (tmp_path / "large").open("rb") as file:
        with pytest.raises(OSError, match="does not read"):
            PatientSocket(ours).sendfile(file)
        assert ours.gettimeout() is None


def test_headers_go_with_what_follows_or_alone_where_nothing_does() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        client = PatientSocket(ours)
        client.hold()
        client.sendall(b"headers, ")
        for piece in (b"body", b"more"):
            client.sendall(piece)
        client.let_go()
        client.hold()
        client.sendall(b"headers alone")
        client.let_go()
        client.sendall(b"a word between")
        packets = [theirs.recv(100) for _ in range(4)]
    assert packets == [b"headers, body", b"more", b"headers alone", b"a word between"]


def test_what_does_not_fit_at_once_is_sent_as_it_is_read() -> None:
    ours, theirs = socket.socketpair()
    sent = bytes(range(256)) * 20_000
    with ours, theirs, ThreadPoolExecutor(1) as pool:
        whole = pool.submit(answer, theirs)
        client = PatientSocket(ours)
        client.hold()
        client.sendall(sent[:100])
        client.sendall(sent[100:])
        client.plain.close()
        assert whole.result() == sent


@pytest.mark.slow
def test_it_ends_soon_when_nobody_is_left(sqlite_url: str, tmp_path: Path) -> None:
    """Connections that were closed are counted off, whoever closed them."""
    asked = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
    begun_at = 0.0
    with served(sqlite_url, tmp_path, "--workers", "1") as where:
        for ending in (b"Connection: close\r\n\r\n", b"\r\n"):
            for _ in range(5):
                with connected(where, asked + ending) as client:
                    assert client.recv(65536).startswith(b"HTTP/1.1 200")
        begun_at = time.monotonic()
    assert time.monotonic() - begun_at < 15, "else it waits for thirty seconds"


@pytest.mark.slow
def test_whoever_never_hangs_up_keeps_nobody_from_being_answered(sqlite_url: str, tmp_path: Path) -> None:
    """Their request is answered, and told to be the last of the connection; they leave it open all the same."""
    asked = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n\r\n"
    with served(sqlite_url, tmp_path, "--workers", "1") as where, ExitStack() as open_still:
        for _ in range(20):
            client = open_still.enter_context(connected(where, asked))
            assert client.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="this system does not tell (no /proc)")
def test_processes_share_what_was_read_at_the_start(sqlite_url: str, tmp_path: Path) -> None:
    """The ZIP tables alone take more than one of them may have for itself."""
    asked = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n\r\n"
    with served(sqlite_url, tmp_path, "--workers", "3") as where:
        with connected(where, asked) as client:
            assert answer(client).startswith(b"HTTP/1.1 200")
        processes = begun(f"unix:{where}", 3)
        private = [private_memory(pid) for pid in processes]
        heaps = {b"MALLOC_ARENA_MAX=2" in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") for pid in processes}
    assert heaps == {True}, "with a heap for each thread they would take half as much again in a flood"
    assert max(private) <= 60


def begun(bound: str, number: int) -> list[int]:
    """The web processes, once there are so many: the first may answer before the last is there."""
    until = time.monotonic() + PATIENCE
    while len(found := web_processes(bound)) < number:
        assert time.monotonic() < until, f"{len(found)} of {number} web processes are there"
        time.sleep(0.05)
    return found


class OverSocket(http.client.HTTPConnection):
    """A connection to the server behind this Unix socket."""

    def __init__(self, where: Path) -> None:
        super().__init__("127.0.0.1:8000", timeout=PATIENCE)
        self._where = where

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(self._where))


class Visitor:
    """Somebody with a cookie of their own, who fills in step 1."""

    def __init__(self, where: Path, number: int) -> None:
        self._where = where
        self._cookie = ""
        self._page = SupporterBrowser(Flask(__name__))
        self.typed = f"Mai Example {number}"
        self.retry_after: str | None = None

    def ask(self, method: str, **answers: str) -> int:
        connection = OverSocket(self._where)
        headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        body = urlencode({**self._page.fields, **answers}) if method == "POST" else None
        connection.request(method, "/campaigns/ab969", body, headers)
        answer = connection.getresponse()
        content = answer.read().decode()
        self._cookie = (answer.getheader("Set-Cookie") or self._cookie).partition(";")[0]
        self.retry_after = answer.getheader("Retry-After")
        if content:
            self._page.read("/campaigns/ab969", content)
        connection.close()
        return answer.status

    def press(self) -> int:
        return self.ask("POST", **{**WHO, "name": self.typed})

    def press_again(self) -> int:
        """The button of the page that came, which brings all along."""
        assert self._page.fields["name"] == self.typed
        return self.ask("POST")


@pytest.mark.slow
def test_a_rush_is_answered_and_nothing_is_lost_or_doubled(sqlite_url: str, database: Database, tmp_path: Path) -> None:
    """One page is made at a time, and waits for the database's one write lock, which somebody has."""
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    with served(sqlite_url, tmp_path, "--workers", "1", "--threads", "1") as where, ThreadPoolExecutor(40) as pool:
        visitors = [Visitor(where, number) for number in range(40)]
        assert {visitor.ask("GET") for visitor in visitors} == {200}
        with database.write() as session:
            session.execute(update(Campaign).values(goal=5000))
            pressed = [pool.submit(visitor.press) for visitor in visitors]
            while sum(press.done() for press in pressed) < len(visitors) - 1 - PLACES_A_TURN:
                client = connected(where, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n\r\n")
                assert answer(client).startswith(b"HTTP/1.1 200"), "it waits for nobody's turn"
                client.close()
        answers = [press.result(PATIENCE) for press in pressed]
        assert set(answers) <= {303, 503}
        told = [visitor for visitor, status in zip(visitors, answers, strict=True) if status == 503]
        assert len(told) >= len(visitors) - 1 - PLACES_A_TURN
        assert {visitor.retry_after for visitor in told} <= {"5", None}
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(Draft)) == len(visitors) - len(told)
        assert {visitor.press_again() for visitor in told} == {303}
        with database.read() as session:
            kept = session.scalars(select(Draft.values)).all()
    assert sorted(values["who"]["name"] for values in kept) == sorted(visitor.typed for visitor in visitors)


def test_https_without_a_proxy_is_said(sqlite_url: str) -> None:
    assert "ACTIONMAIL_PROXIES" in said_by_serve(sqlite_url)
    assert "ACTIONMAIL_PROXIES" not in said_by_serve(sqlite_url, ACTIONMAIL_PROXIES="1")


def test_a_missing_table_is_a_sentence(sqlite_url: str, database: Database) -> None:
    with database.write() as session:
        session.execute(text("DROP TABLE rates"))
    said = said_by_serve(sqlite_url)
    assert "Error: The database's tables are missing or old; run `actionmail migrate`" in said
