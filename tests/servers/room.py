"""A folder that is a whole small Debian for one server: its packages, users of its own, and no name server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests import debian
from tests.ports import free_ports

_USERS: Final = (
    "root:x:0:0:root:/root:/bin/false",
    "nobody:x:65534:65534:nobody:/nonexistent:/bin/false",
    "Debian-exim:x:64901:64901::/var/spool/exim4:/bin/false",
    "opensmtpd:x:64902:64902::/var/lib/opensmtpd/empty:/bin/false",
    "opensmtpq:x:64903:64903::/var/lib/opensmtpd/empty:/bin/false",
    "actionmail:x:64904:64904::/mail:/bin/false",
)
READER: Final = 64904  # the user "actionmail", who keeps the mailboxes
_START: Final = 300.0
NOT_ROOT: Final = (
    "only root can start a mail server; run the tests as root, in a container if you like, or leave these out by name: "
    "make test ARGS='--deselect tests/flows/delivery/test_inbound_servers.py'"
)


class NoServer(RuntimeError):
    """The server is not there, or nobody may start it; `str()` says what to do about that."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """The folder, and the ports that were free: one for letters of ours, one that plays an office's server."""

    folder: Path
    port: int
    office_port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def start(self, *command: str, greets: bool = True, env: Mapping[str, str] | None = None) -> None:
        """A server in its folder, that stays until the room is left. `greets`: it speaks first, as those of mail do."""
        self.start_unasked(*command, env=env)
        self._answers(greets)

    def start_unasked(self, *command: str, env: Mapping[str, str] | None = None) -> None:
        """The same of one that need not answer on the room's port."""
        chroot = ["chroot", str(self.folder), *command]
        with (self.folder / "log").open("ab") as out:
            self.processes.append(
                subprocess.Popen(chroot, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", env=env)
            )

    def kill(self) -> None:
        """What was started last, at once; its files stay."""
        process = self.processes.pop()
        process.kill()
        process.wait()

    def run(self, *command: str) -> str:
        done = subprocess.run(
            ["chroot", str(self.folder), *command], capture_output=True, text=True, timeout=300, check=False, cwd="/"
        )
        return done.stdout + done.stderr

    def log(self) -> str:
        logs = sorted(path for path in self.folder.rglob("*log") if path.is_file())
        return "\n".join(path.read_text("utf-8", "replace")[-2000:] for path in logs)

    def _answers(self, greets: bool) -> None:
        end = time.monotonic() + _START
        while time.monotonic() < end and self.processes[-1].poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
                    if not greets or connection.recv(100).startswith(b"220"):
                        return
            except OSError:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"{self.folder.name} does not answer: {self.log()}")


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """A running one. `returns` is the Maildir of return paths."""

    name: str
    port: int
    returns: Path
    room: Room

    def arrived(self, *, seconds: float = 300.0) -> list[Path]:
        """The mail that came back, waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = sorted((self.returns / "new").iterdir()) if (self.returns / "new").is_dir() else []
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"nothing came back through {self.name}: {self.room.log()}")


@contextmanager
def room(name: str) -> Iterator[Room]:
    """A folder with the packages that `python -m tests.servers` unpacked under `name`. Raises NoServer."""
    packages = debian.folder_of(name)
    if packages is None:
        raise NoServer(f"no {name} here; `make servers` brings it where there is apt-get")
    if os.geteuid() != 0:
        raise NoServer(NOT_ROOT)
    folder = Path(tempfile.mkdtemp(prefix=f"actionmail-{name}-")).resolve()
    this = Room(folder=folder, **dict(zip(("port", "office_port"), free_ports(2), strict=True)))
    try:
        folder.chmod(0o755)
        _furnish(folder, packages)
        yield this
    finally:
        _leave(this)
        shutil.rmtree(folder, ignore_errors=True)


def _furnish(folder: Path, packages: Path) -> None:
    for top in ("bin", "etc", "lib", "lib64", "usr", "var"):
        if (packages / top).is_dir():
            shutil.copytree(packages / top, folder / top, symlinks=True, ignore=shutil.ignore_patterns("doc", "man"))
    for name in ("tmp", "dev", "run", "root", "mail", "var/tmp", "var/mail", "var/run"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "tmp").chmod(0o1777)
    os.chown(folder / "mail", READER, READER)
    os.mknod(folder / "dev" / "null", 0o020666, os.makedev(1, 3))
    (folder / "dev" / "null").chmod(0o666)
    groups = [":".join([*line.split(":")[:2], line.split(":")[3], ""]) for line in _USERS]
    for name, text in {
        "passwd": "\n".join(_USERS) + "\n",
        "group": "\n".join(groups) + "\n",
        "hosts": "127.0.0.1 localhost mail.act.example.org\n",
        "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
        "mailname": "mail.act.example.org\n",
        "services": "smtp 25/tcp\n",
        "protocols": "tcp 6 TCP\n",
    }.items():
        (folder / "etc" / name).write_text(text)


def _leave(this: Room) -> None:
    for process in reversed(this.processes):
        process.terminate()
    for process in this.processes:
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    _end(_inside(this.folder))


def _inside(folder: Path) -> Sequence[int]:
    """Processes that a server left behind, by the root directory that they see."""
    found = []
    for entry in Path("/proc").iterdir():
        root = _root_of(entry) if entry.name.isdecimal() else None
        if root is not None and root.is_relative_to(folder):
            found.append(int(entry.name))
    return found


def _root_of(process: Path) -> Path | None:
    try:
        return (process / "root").readlink()
    except OSError:
        return None


def _end(numbers: Sequence[int]) -> None:
    for number in numbers:
        try:
            os.kill(number, 15)
        except ProcessLookupError:
            continue
