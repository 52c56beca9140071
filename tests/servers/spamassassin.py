"""A private SpamAssassin with the rules and scores that it brings, local tests alone: its program, and its daemon.

Its packages lie in a folder of their own; perl itself is the machine's.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests import debian
from tests.ports import free_port
from tests.servers.room import NoServer

NAME: Final = "spamassassin"
PACKAGES: Final = ("spamassassin", "spamd", "libmail-dkim-perl", "libmail-spf-perl")


def is_module(package: str) -> bool:
    return package.startswith("lib") and package.endswith("-perl")


def perl(*script: str, taint: bool = True) -> list[str]:
    """A command of perl with the modules of the folder. Raises NoServer with a sentence."""
    return _perl_of(_packages(), *script, taint=taint)


def program() -> list[str]:
    """SpamAssassin's program. Raises NoServer."""
    return _configured(_packages(), "usr/bin/spamassassin")


def _packages() -> Path:
    """The folder in which they lie. Raises NoServer."""
    folder = debian.folder_of(NAME)
    if folder is None or shutil.which("perl") is None:
        raise NoServer("no SpamAssassin here; `make servers` brings it where there is apt-get")
    return folder


def _perl_of(packages: Path, *script: str, taint: bool = True) -> list[str]:
    libraries = [packages / "usr/share/perl5", *sorted(packages.glob("usr/lib/*/perl5/*"))]
    return ["perl", *(["-T"] if taint else []), *(f"-I{library}" for library in libraries), *script]


def _configured(packages: Path, script: str) -> list[str]:
    rules = [f"--siteconfigpath={packages}/etc/spamassassin", f"--configpath={packages}/usr/share/spamassassin"]
    return [*_perl_of(packages, f"{packages}/{script}"), *rules]


@contextmanager
def private_spamd() -> Iterator[int]:
    """The port of the daemon. Raises NoServer with a sentence."""
    packages, port = _packages(), free_port()
    with tempfile.TemporaryDirectory(prefix="actionmail-spamd-", ignore_cleanup_errors=True) as home:
        log = Path(home) / "log"
        Path(home).chmod(0o755)
        # Where root starts it, it reads modules and rules as nobody, who may not look into root's own folders.
        within = shutil.copytree(packages, Path(home) / NAME, symlinks=True)
        running = subprocess.Popen(
            [
                *_configured(within, "usr/sbin/spamd"),
                "-L",
                "-x",
                f"--listen=127.0.0.1:{port}",
                f"--syslog={log}",
                "--max-children=2",
            ],
            env={"PATH": "/usr/bin:/bin", "HOME": home},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _answers(running, port, log)
            yield port
        finally:
            running.terminate()
            running.wait(timeout=120)


def _answers(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and running.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(b"PING SPAMC/1.2\r\n\r\n")
                if connection.recv(100).startswith(b"SPAMD/"):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"spamd does not answer: {log.read_text('utf-8', 'replace')[-1500:] if log.is_file() else ''}")
