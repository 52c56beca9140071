"""The programs beside ours: found, or installed by the bench into its own folder; started on loopback only."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PEERS = HERE / "peers"
PEER_PYTHON = HERE / ".venv" / "bin" / "python"
HOST = "127.0.0.1"
_SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/libexec/postfix", "/opt/homebrew/sbin")
_PACKAGES = {"smtp-source": "postfix", "smtp-sink": "postfix", "redis-server": "redis-server"}
_PACKAGES |= {"strace": "strace", "wrk": "wrk"}
_PATIENCE = 300


class Absent(RuntimeError):
    """A program is not there and could not be installed, or did not do its work; `str()` is the row's note."""


def program(name: str) -> str:
    """The path of a system program, installed with apt if need be and possible."""
    path = _find(name)
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # no service is started
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", _PACKAGES[name]]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        path = _find(name)
        if path is None:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Absent(f"could not be installed: apt-get install {_PACKAGES[name]}: {last}")
    if path is None:
        raise Absent(f"could not be installed: needs root, or first: apt-get install {_PACKAGES[name]}")
    return path


def _find(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(_SYSTEM_FOLDERS))


def python_peer(package: str) -> None:
    """Install a package into bench/.venv unless it is there. Raises Absent."""
    marker = HERE / ".venv" / f".has-{package.partition('[')[0]}"
    if marker.exists():
        return
    uv = shutil.which("uv") or str(ROOT / ".venv-tools" / "bin" / "uv")
    if not PEER_PYTHON.exists():
        install([uv, "venv", "-q", "--python", sys.executable, str(HERE / ".venv")])
    install([uv, "pip", "install", "-q", "--python", str(PEER_PYTHON), package])
    marker.touch()


def node_peer(package: str) -> str:
    """Install a package into bench/node_modules unless it is there; the path of node. Raises Absent."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise Absent("could not be installed: there is no Node.js here")
    if not (HERE / "node_modules" / package).is_dir():
        install([npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(HERE), package])
    return node


def install(command: Sequence[str], *, folder: Path = HERE) -> None:
    """Run what installs something into a folder. Raises Absent with the last line of what it said."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"could not be installed: {error}") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Absent(f"could not be installed: {last}")


@dataclass
class Sink:
    """A running smtp-sink; `cpu` is known once it ended."""

    port: int
    cpu: float = field(default=0.0)


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    """Postfix's own SMTP server that takes everything and keeps nothing."""
    sink = Sink(free_port())
    lent = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [program("smtp-sink"), *lent, f"{HOST}:{sink.port}", "200"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(sink.port)
        yield sink
    finally:
        os.kill(process.pid, signal.SIGTERM)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        sink.cpu = usage.ru_utime + usage.ru_stime


@contextmanager
def redis(folder: Path) -> Iterator[int]:
    """A Redis that keeps an append-only file (fsync every second, its default); its port."""
    port = free_port()
    folder.mkdir()
    command = [program("redis-server"), "--bind", HOST, "--port", str(port), "--dir", str(folder)]
    command += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            yield port
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, *, patience: float = 15) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise Absent(f"nothing listens on port {port}") from None
            time.sleep(0.02)
        else:
            return


def peer_environment() -> dict[str, str]:
    """For the peers' processes: `peers/sitecustomize.py` keeps them on loopback."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "PYTHONPATH": f"{PEERS}{os.pathsep}{ROOT}", "NO_PROXY": "*", "PYTHONWARNINGS": "ignore"}


def run(
    command: Sequence[str], *, folder: Path = ROOT, env: Mapping[str, str] | None = None, timeout: float = _PATIENCE
) -> dict[str, Any]:
    """Run a program of ours or a peer's in a folder and read the JSON object in its last line. Raises Absent."""
    return finish(start(command, folder=folder, env=env), timeout=timeout)


def start(
    command: Sequence[str], *, folder: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str], *, timeout: float = _PATIENCE) -> dict[str, Any]:
    try:
        out, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Absent(f"did not end within {timeout:.0f} s") from None
    lines = out.strip().splitlines()
    if process.returncode or not lines:
        last = (errors.strip().splitlines() or ["no output"])[-1]
        raise Absent(f"ended with {process.returncode}: {last}")
    result: dict[str, Any] = json.loads(lines[-1])
    return result


@dataclass(frozen=True, kw_only=True)
class Spent:
    seconds: float
    cpu: float


def spend(command: Sequence[str], *, folder: Path = ROOT, env: Mapping[str, str] | None = None) -> Spent:
    """Run a program in a folder; the seconds and CPU seconds it took. Raises Absent."""
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    process.returncode = status
    if status:
        raise Absent(f"{Path(command[0]).name} ended with {os.waitstatus_to_exitcode(status)}")
    return Spent(seconds=seconds, cpu=usage.ru_utime + usage.ru_stime)
