"""An installed copy, outside the checkout, serves the same pages."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import unavailable
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def uv() -> str:
    found = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".venv-tools" / "bin"))
    if not found:
        unavailable("no uv to build the wheel with; `make test` fetches one")
        raise AssertionError
    return found


def _run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"


def _uv(uv: str, *arguments: str | Path, cwd: Path) -> None:
    """From uv's cache where that has everything, as it has after `uv sync`; else from the index."""
    offline = [uv, "--offline", *map(str, arguments)]
    if subprocess.run(offline, cwd=cwd, capture_output=True, check=False).returncode:
        _run(uv, *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _uv(uv, "build", "--wheel", "--out-dir", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


def test_built_again_it_is_the_same_byte_for_byte(uv: str, wheel: Path, tmp_path: Path) -> None:
    _uv(uv, "build", "--wheel", "--out-dir", tmp_path, cwd=ROOT)
    (again,) = tmp_path.glob("*.whl")
    assert again.read_bytes() == wheel.read_bytes()


def test_the_list_of_what_is_in_it_has_every_library(uv: str, tmp_path: Path) -> None:
    file = tmp_path / "actionmail.cdx.json"
    options = ["--frozen", "--no-dev", "--format", "cyclonedx1.5", "--preview-features", "sbom-export"]
    _uv(uv, "export", *options, "--output-file", file, cwd=ROOT)
    listed = json.loads(file.read_text(encoding="utf-8"))
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.5")
    names = {component["name"] for component in listed["components"]}
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert {re.split(r"[\[>=<]", line)[0] for line in wanted} <= names
    assert "pytest" not in names


@pytest.fixture(scope="module")
def installed(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment with the wheel and the locked dependencies, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    locked = folder / "requirements.txt"
    _uv(uv, "export", "--frozen", "--no-dev", "--no-emit-project", "--output-file", locked, cwd=ROOT)
    _uv(uv, "venv", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    _uv(uv, "pip", "install", "--python", python, "--requirements", locked, cwd=folder)
    _uv(uv, "pip", "install", "--python", python, "--no-deps", wheel, cwd=folder)
    return python.parent


def test_the_wheel_carries_what_an_installed_copy_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "wsgi.py",
        "actionmail/db/migrations/versions/0001_first_tables.py",
        "actionmail/static/site.css",
        "actionmail/translations/es/language.toml",
        "actionmail/translations/es/LC_MESSAGES/messages.mo",
        "actionmail/_bundled/templates/base.html",
        "actionmail/_bundled/data/legislators.csv",
        "actionmail/_bundled/deploy/systemd/actionmail-web.service",
        "actionmail/_bundled/data/campaigns/ab969.toml",
        "actionmail/_bundled/data/campaigns/clemency.toml",
        "actionmail/_bundled/data/campaigns/school.png",
        "actionmail/_bundled/data/fonts/NotoSansKhmer-Bold.ttf",
        "actionmail/_bundled/data/campaigns/sb1161.toml",
        "actionmail/_bundled/templates/supporter/kinds/petition/text.html",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith("tests/")]


@pytest.fixture
def served(installed: Path, tmp_path: Path) -> Iterator[str]:
    """The address of an installed copy that gunicorn serves from an unrelated folder."""
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("ACTIONMAIL_", "PYTHON", "VIRTUAL_ENV"))},
        "ACTIONMAIL_DATABASE_URL": f"sqlite:///{tmp_path / 'installed.sqlite3'}",
        "ACTIONMAIL_SECRET_KEY": "0123456789abcdef" * 4,
        "ACTIONMAIL_BASE_URL": site,
        "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
    }
    for command in (("migrate",), ("data", "load"), ("campaigns", "load", "--samples", "--live")):
        _run(installed / "actionmail", *command, cwd=tmp_path, env=environment)
    log = tmp_path / "gunicorn.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [str(installed / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--no-control-socket", "wsgi:application"],
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_it_answers(f"{site}/healthz", server, log)
        yield site
    finally:
        server.terminate()
        server.wait(300)


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(3000):
        assert server.poll() is None, log.read_text()
        try:
            requests.get(url, timeout=60)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


def test_an_installed_copy_serves_its_pages(served: str) -> None:
    assert requests.get(f"{served}/healthz", timeout=60).json() == {"status": "ok"}
    assert requests.get(f"{served}/readyz", timeout=60).status_code == 200
    home = requests.get(f"{served}/", timeout=60)
    assert home.status_code == 200
    assert "AB 969" in home.text
    assert requests.get(f"{served}/campaigns/sb1161", timeout=60).status_code == 200
    assert requests.get(f"{served}/static/site.css", timeout=60).status_code == 200


def test_gunicorn_stops_with_a_sentence_where_a_setting_is_missing(installed: Path, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ACTIONMAIL_", "PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(installed / "gunicorn"), "--bind", "127.0.0.1:0", "--no-control-socket", "wsgi:application"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode != 0
    assert "ACTIONMAIL_SECRET_KEY must be set" in done.stderr
