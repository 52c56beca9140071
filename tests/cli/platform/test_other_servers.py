"""Servers other than gunicorn, as docs/install.md has them: the same pages, sessions, and addresses of visitors."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from actionmail.db.actions import Draft
from actionmail.db.engine import Database
from tests.cli.platform.test_serve import PATIENCE, ROOT, environment_of
from tests.ports import free_port
from tests.samples import sample_campaign, sample_legislators
from tests.web.supporter_pages import WHO, SupporterBrowser

pytestmark = pytest.mark.slow

_DOCUMENT = (ROOT / "docs/install.md").read_text(encoding="utf-8")
SERVERS = ("waitress-serve", "granian", "uwsgi")


def command_of(program: str, port: int) -> list[str]:
    """The document's own line, listening on a port that is free."""
    (line,) = re.findall(rf"^    /opt/actionmail/bin/({program} .+)$", _DOCUMENT, re.MULTILINE)
    name, *options = shlex.split(line.replace("8000", str(port)))
    return [str(Path(sys.executable).with_name(name)), *options]


@contextmanager
def running(program: str, url: str, log: Path, *, port: int, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Ended with the test, by force where it does not stop by itself."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command_of(program, port),
            env=environment_of(url, ACTIONMAIL_BASE_URL=f"http://127.0.0.1:{port}", ACTIONMAIL_PROXIES="1", **more),
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its children with it
        process.wait()


@pytest.fixture(params=SERVERS)
def program(request: pytest.FixtureRequest) -> str:
    if request.param == "uwsgi" and sys.platform != "linux":
        pytest.skip("uWSGI comes built for Linux alone")
    return str(request.param)


class Served:
    """A running server, and a way to ask it as the one proxy in front of it does."""

    def __init__(self, process: subprocess.Popen[bytes], site: str, log: Path) -> None:
        self.process, self.site, self.log = process, site, log

    def wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            try:
                requests.get(f"{self.site}/healthz", timeout=PATIENCE)
            except requests.ConnectionError:
                time.sleep(0.1)
            else:
                return


@pytest.fixture
def served(program: str, sqlite_url: str, database: Database, tmp_path: Path) -> Iterator[Served]:
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    port, log = free_port(), tmp_path / "server.log"
    with running(program, sqlite_url, log, port=port) as process:
        here = Served(process, f"http://127.0.0.1:{port}", log)
        here.wait()
        yield here


def forwarded(address: str) -> dict[str, str]:
    """What the proxy says of whom it saw, behind what that one says of themselves, on a connection for each request."""
    return {"X-Forwarded-For": f"192.0.2.77, {address}", "X-Forwarded-Proto": "http", "Connection": "close"}


def test_a_form_is_taken_with_its_session_and_no_other(served: Served, database: Database) -> None:
    visitor, page = requests.Session(), SupporterBrowser(Flask(__name__))
    visitor.headers.update(forwarded("203.0.113.5"))
    assert visitor.get(f"{served.site}/", timeout=PATIENCE).status_code == 200
    first = visitor.get(f"{served.site}/campaigns/ab969", timeout=PATIENCE)
    page.read("/campaigns/ab969", first.text)
    typed = {**page.fields, **WHO, "name": "Mai Näsper"}
    answer = visitor.post(first.url, data=typed, timeout=PATIENCE, allow_redirects=False)
    assert answer.status_code == 303
    assert visitor.get(f"{served.site}{answer.headers['Location']}", timeout=PATIENCE).status_code == 200
    stranger = requests.post(first.url, data=typed, timeout=PATIENCE, allow_redirects=False)
    assert stranger.status_code == 403, "the token of somebody else's session"
    with database.read() as session:
        assert [values["who"]["name"] for values in session.scalars(select(Draft.values))] == ["Mai Näsper"]


def test_visitors_are_told_apart_by_the_address_that_the_proxy_saw(served: Served) -> None:
    visitor = requests.Session()
    visitor.headers["Connection"] = "close"
    page = visitor.get(f"{served.site}/staff/sign-in", timeout=PATIENCE).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token

    def post(address: str) -> int:
        answer = visitor.post(
            f"{served.site}/staff/resets",
            data={"csrf_token": token[1]},
            headers=forwarded(address),
            timeout=PATIENCE,
            allow_redirects=False,
        )
        return answer.status_code

    assert 429 not in [post(f"203.0.113.{number}") for number in range(1, 9)]
    assert 429 in [post("203.0.113.99") for _ in range(20)]  # each process counts by itself
    assert post("203.0.113.100") != 429


def test_it_stops_when_it_is_told_to(served: Served) -> None:
    served.process.terminate()
    served.process.wait(PATIENCE)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{served.site}/healthz", timeout=PATIENCE)
    assert "Traceback" not in served.log.read_text()


def test_a_missing_setting_ends_it_with_a_sentence(program: str, sqlite_url: str, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with running(program, sqlite_url, log, port=free_port(), ACTIONMAIL_SECRET_KEY="") as process:
        assert process.wait(PATIENCE) != 0
    assert "ACTIONMAIL_SECRET_KEY must be set" in log.read_text()
