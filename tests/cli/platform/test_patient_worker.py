"""Clients who go away, do not read, are too many, or say where the site is mounted, before a real `serve`."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Timer, local
from types import SimpleNamespace

import pytest
from gunicorn.workers.gthread import ThreadWorker

from actionmail.cli.platform.patient_worker import PatientWorker
from actionmail.db.engine import Database
from actionmail.web.platform.rush import Turns
from actionmail.web.platform.security import MAX_POST_BYTES
from bench.weight import web_processes
from tests.cli.platform.test_serve import PATIENCE, ROOT, answer, environment_of, served
from tests.cli.platform.test_serve import connected as connected_to_file
from tests.ports import free_port
from tests.samples import sample_campaign

HOST = b" HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
HEALTH = b"GET /healthz" + HOST
FORM = b"POST /staff/sign-in" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"


@contextmanager
def serving(database_url: str, *options: str, **more: str) -> Iterator[int]:
    """The port of one real web process."""
    port = free_port()
    command = [sys.executable, "-m", "actionmail.cli", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with subprocess.Popen(
        [*command, *options],
        env=environment_of(database_url, **{"ACTIONMAIL_BASE_URL": "http://127.0.0.1:8000", **more}),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            until = time.monotonic() + PATIENCE
            while not is_answered(port):
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()


def is_answered(port: int) -> bool:
    try:
        with connected(port, HEALTH + b"Connection: close\r\n\r\n") as client:
            return answer(client).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def connected(port: int, sent: bytes, *options: tuple[int, int, int]) -> socket.socket:
    client = socket.socket()
    client.settimeout(PATIENCE)
    for option in options:
        client.setsockopt(*option)
    client.connect(("127.0.0.1", port))
    client.sendall(sent)
    return client


@pytest.mark.slow
def test_half_a_form_is_hung_up_on(sqlite_url: str, tmp_path: Path) -> None:
    """Whoever closes a page while it is sent leaves the beginning of a form, which would be taken for all of it."""
    with served(sqlite_url, tmp_path, "--workers", "1") as where:
        for announced, sent in ((5, 5), (5, 4), (200_000, 200_000), (200_000, 100_000), (200_000, 100)):
            body = b"a" * sent
            with connected_to_file(where, FORM + b"Content-Length: %d\r\n\r\n%b" % (announced, body)) as client:
                client.shutdown(socket.SHUT_WR)
                assert answer(client)[:12] == (b"HTTP/1.1 403" if announced == sent else b""), (announced, sent)


@pytest.mark.slow
def test_what_is_too_long_for_a_page_is_refused_in_chunks_too(sqlite_url: str, tmp_path: Path) -> None:
    with served(sqlite_url, tmp_path, "--workers", "1") as where:
        for octets, status in ((MAX_POST_BYTES, b"403"), (MAX_POST_BYTES + 1, b"413")):
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (octets, b"a" * octets)
            asked = FORM + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            with connected_to_file(where, asked + body) as client:
                assert answer(client)[9:12] == status


@pytest.mark.slow
def test_whoever_does_not_read_keeps_no_page_from_anybody(sqlite_url: str, database: Database) -> None:
    """Five times as many as pages are made at once ask for more than the system keeps for them, and read nothing."""
    with database.write() as session:
        sample_campaign(session)
    narrow = (socket.IPPROTO_TCP, socket.TCP_MAXSEG, 88), (socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    with serving(sqlite_url, "--threads", "2") as port, ExitStack() as open_still:
        asked = b"GET /static/altcha/altcha.min.js" + HOST + b"Connection: close\r\n\r\n"
        idle = [open_still.enter_context(connected(port, asked, *narrow)) for _ in range(10)]
        time.sleep(0.5)
        for _ in range(5):
            with connected(port, b"GET /campaigns/ab969" + HOST + b"Connection: close\r\n\r\n") as client:
                assert answer(client).startswith(b"HTTP/1.1 200")
        script = (ROOT / "actionmail" / "static" / "altcha" / "altcha.min.js").read_bytes()
        assert {answer(client).partition(b"\r\n\r\n")[2] for client in idle} == {script}, "once they read it"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="this system sets no limits of other processes")
def test_whoever_finds_no_room_waits_until_there_is_some(sqlite_url: str) -> None:
    with serving(sqlite_url) as port:
        (process,) = web_processes(f"127.0.0.1:{port}")
        before = resource.prlimit(process, resource.RLIMIT_NOFILE)
        resource.prlimit(process, resource.RLIMIT_NOFILE, (3, before[1]))
        with connected(port, HEALTH + b"Connection: close\r\n\r\n") as client:
            time.sleep(0.5)
            resource.prlimit(process, resource.RLIMIT_NOFILE, before)
            assert answer(client).startswith(b"HTTP/1.1 200")
        assert web_processes(f"127.0.0.1:{port}") == [process]


@pytest.mark.slow
def test_no_client_says_where_the_site_is_mounted(sqlite_url: str) -> None:
    """Else what a proxy on this machine keeps from them below /staff they would get below any other path."""
    with (
        serving(sqlite_url) as port,
        connected(
            port, b"GET /open/staff/sign-in" + HOST + b"SCRIPT_NAME: /open\r\nConnection: close\r\n\r\n"
        ) as client,
    ):
        assert answer(client).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    ("prefix", "path", "is_told"),
    [
        ("", "/healthz", False),
        ("/act", "/act/healthz", False),
        ("", "/readyz", False),
        ("/act", "/act/readyz", False),
        ("/act", "/act/campaigns/ab969", True),
        ("", "/staff/", False),
        ("/act", "/act/staff/", False),
    ],
)
def test_whoever_need_not_wait_is_known_below_a_path_too(
    monkeypatch: pytest.MonkeyPatch, prefix: str, path: str, *, is_told: bool
) -> None:
    """While the only turn is taken for a moment, and places are left for staff alone."""
    monkeypatch.setattr(ThreadWorker, "handle_request", lambda *_: True)
    worker = PatientWorker.__new__(PatientWorker)
    worker.cfg, worker.turns = SimpleNamespace(threads=1), Turns(1, places=0, patience=PATIENCE)
    worker.turns_of_machinery = Turns(1, places=0)
    worker._here, worker._prefix = local(), prefix
    assert worker.turns.take()
    giving_back = Timer(0.1, worker.turns.give_back)
    giving_back.start()
    assert worker._in_turn(SimpleNamespace(path=path), SimpleNamespace(sock=SimpleNamespace()))
    assert worker._here.is_told is is_told
    giving_back.join()
