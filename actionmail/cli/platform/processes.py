"""The processes that the demo starts, watches and ends, each with a log of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import requests

_READY_SECONDS = 60
_STOP_SECONDS = 15
_LOG_LINES = 15


class DemoError(RuntimeError):
    """The demo cannot go on; `str()` says why, and the end of `log` tells more."""

    def __init__(self, sentence: str, log: Path | None = None) -> None:
        super().__init__(sentence)
        self.log = log

    def tail(self) -> str:
        """The last lines of the log, or "" where there is none."""
        if self.log is None or not self.log.is_file():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:])


class Children:
    """Commands of this installation, run with one environment. Logs are the folder's `logs/*.log`."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._logs = folder / "logs"
        self._logs.mkdir(exist_ok=True)
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def finish(self, *command: str | Path, given: str = "") -> None:
        """Run one command to its end. Raises DemoError where it fails."""
        log = self.log("setup")
        with log.open("ab") as output:
            done = subprocess.run(  # noqa: S603  # our own commands
                self._command(*command),
                env=self._environment,
                input=given.encode(),
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise DemoError(f"`actionmail {' '.join(map(str, command))}` ended with {done.returncode}.", log)

    def start(self, name: str, *arguments: str | Path) -> None:
        with self.log(name).open("wb") as output:
            self._running[name] = subprocess.Popen(  # noqa: S603  # our own commands
                self._command(name, *arguments),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the demo alone, which then ends them in order
            )

    def check(self) -> None:
        for name, child in self._running.items():
            if (status := child.poll()) is not None:
                raise DemoError(f"`actionmail {name}` ended by itself with {status}.", self.log(name))

    def wait_until_ready(self, name: str, url: str) -> None:
        until = time.monotonic() + _READY_SECONDS
        with requests.Session() as session:
            session.trust_env = False
            while time.monotonic() < until:
                self.check()
                try:
                    if session.get(url, timeout=5).ok:
                        return
                except requests.RequestException:
                    pass
                time.sleep(0.1)
        raise DemoError(f"`actionmail {name}` did not answer within {_READY_SECONDS} seconds.", self.log(name))

    def watch(self) -> None:
        """Stay until Ctrl-C, or until a child ends by itself."""
        while True:
            self.check()
            time.sleep(0.5)

    @contextmanager
    def stopped_at_the_end(self) -> Iterator[None]:
        try:
            yield
        finally:
            for name in reversed(self._running):
                self._running[name].terminate()
                try:
                    self._running[name].wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    click.echo(f"`actionmail {name}` would not end and was killed.", err=True)
                    self._running[name].kill()

    def _command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "actionmail.cli", *map(str, arguments)]
