"""This version beside the one from before its last migration, on one database: as it is while an upgrade goes on.

Processes that run stay as they are while another machine migrates. What the older version is, git tells: the newest
commit without the newest migration.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from actionmail.cli.platform.demo_walk import act
from actionmail.db.engine import Database
from tests.cli.platform.test_serve import environment_of
from tests.conftest import unavailable
from tests.gateways.scripted_smtp import ScriptedServer, scripted_server
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0  # seconds after which something hangs


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The older version's files."""
    newest = max((ROOT / "actionmail" / "db" / "migrations" / "versions").glob("0*.py"))
    commit = _last_without(newest.relative_to(ROOT))
    packed = _git("archive", "--format=tar", commit).stdout
    folder = tmp_path_factory.mktemp("older")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    assert not (folder / newest.relative_to(ROOT)).exists()
    program = [sys.executable, "-c", "import actionmail; print(actionmail.__file__)"]
    loaded = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == str(folder / "actionmail" / "__init__.py")
    return folder


def _last_without(path: Path) -> str:
    listed = _git("log", "--first-parent", "--format=%H", "-n", "400")
    if listed.returncode:
        unavailable("no git history here, so no older version")
    for commit in listed.stdout.decode().split():
        if _git("cat-file", "-e", f"{commit}:{path}").returncode:
            return commit
    unavailable("the history here does not reach back to the version before")
    raise AssertionError


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)


class House:
    """Commands of one version or the other on one database."""

    def __init__(self, database_url: str, server: ScriptedServer, folder: Path) -> None:
        self.bind = f"127.0.0.1:{free_port()}"
        self.site = f"http://{self.bind}"
        self._folder = folder
        self._environment = environment_of(
            database_url,
            ACTIONMAIL_BASE_URL=self.site,
            ACTIONMAIL_SMTP_URL=f"smtp://127.0.0.1:{server.port}",
            ACTIONMAIL_UNDO_SECONDS="0",
            ACTIONMAIL_TARGET_HOUR="0",
            ACTIONMAIL_CONFIG="",
        )

    def finish(self, code: Path, *arguments: str) -> None:
        done = subprocess.run(
            self._command(*arguments), cwd=code, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def running(self, code: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        log = self._folder / f"{arguments[0]}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                self._command(*arguments), cwd=code, env=self._environment, stdout=output, stderr=output
            )
        try:
            yield process
            assert process.poll() is None, log.read_text()
        finally:
            process.terminate()
            process.wait(PATIENCE)

    @contextmanager
    def serving(self, code: Path) -> Iterator[None]:
        with self.running(code, "serve", "--bind", self.bind, "--workers", "1") as process:
            _until(lambda: _answers(self.site) or process.poll() is not None)
            yield

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "actionmail.cli", *arguments]  # the code is that of the folder it runs in


def _answers(site: str) -> bool:
    try:
        return requests.get(f"{site}/healthz", timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False


def _until(is_so: object) -> None:
    assert callable(is_so)
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'one.sqlite3'}"
        return
    with request.getfixturevalue("postgres").empty_database() as url:
        yield url


@pytest.mark.slow
def test_what_runs_of_the_older_version_goes_on_while_the_tables_become_new(
    older: Path, empty_url: str, tmp_path: Path
) -> None:
    with scripted_server() as server:
        house = House(empty_url, server, tmp_path)
        house.finish(older, "migrate")
        house.finish(older, "data", "load")
        house.finish(older, "campaigns", "load", "--samples", "--live")
        with house.serving(older):
            with house.running(older, "worker"):
                act(house.site, "Mai Example", "mai@example.org")
                _until(lambda: len(server.taken) == 2)
                house.finish(ROOT, "migrate")
                act(house.site, "Tou Example", "tou@example.org")
                _until(lambda: len(server.taken) == 4)
            act(house.site, "Pa Example", "pa@example.org")
            house.finish(ROOT, "worker", "--once")  # the older pages, the newer worker
            assert len(server.taken) == 6
        with house.serving(ROOT):
            act(house.site, "Xee Example", "xee@example.org")
        house.finish(ROOT, "worker", "--once")
        assert len(server.taken) == 8
    database = Database(empty_url)
    assert database.is_current()
    database.engine.dispose()
