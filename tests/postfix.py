"""A private Postfix for one test: its own configuration, queue and ports, on 127.0.0.1 only, stopped at the end.

It takes letters as a relay does. Those to `legis.example` go on, by SMTP, to its second port, which plays the office's
server: it refuses every address with 550 5.1.1, so that the first has to write a delivery report. Mail to
b+TOKEN@act.example.org lands in one Maildir, mail to example.org in another. Everything else ends inside Postfix: no
transport leads off this machine, and DNS is not asked. Postfix's master has to be started by root.
`python -m tests.postfix` installs the program where it is missing and can be had.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import debian
from tests.ports import free_ports

INSTALL = 'install it with: apt-get install postfix (choose "No configuration")'


NOT_ROOT = (
    "only root can start a Postfix; run the tests as root, in a container if you like, or leave these two out by name: "
    "make test ARGS='--deselect tests/flows/delivery/test_inbound_postfix.py'"
)


class NoPostfix(RuntimeError):
    """There is no Postfix, or nobody to start it; `str()` says what to do about that."""


@dataclass(frozen=True, kw_only=True)
class Postfix:
    """A running instance. `returns` is the Maildir of return paths, `supporters` that of everybody at example.org."""

    port: int
    returns: Path
    supporters: Path
    log: Path

    def arrived(self, box: Path, *, seconds: float = 300.0) -> list[Path]:
        """The new mail in `box`, waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = sorted((box / "new").iterdir())
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"nothing arrived in {box.name}: {self.log.read_text(errors='replace')[-3000:]}")


@contextmanager
def private_postfix(*, most_of_one: int = 50, most: str = "-") -> Iterator[Postfix]:
    """`most_of_one` are the connections that a client may have, and `most` those that are served at once.

    Raises NoPostfix with a sentence.
    """
    _require()
    folder = Path(tempfile.mkdtemp(prefix="actionmail-postfix-")).resolve()
    try:
        folder.chmod(0o755)  # Postfix's own user walks through it
        office_port, port = free_ports(2)
        _configure(folder, port=port, office_port=office_port, most_of_one=most_of_one, most=most)
        _postfix(folder, "start")
        try:
            _answers(port, folder / "log")
            mail = folder / "mail"
            yield Postfix(port=port, returns=mail / "returns", supporters=mail / "supporters", log=folder / "log")
        finally:
            _postfix(folder, "stop")
            _gone(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require() -> None:
    """Postfix and root."""
    if shutil.which("postfix") is None:
        raise NoPostfix(f"no Postfix here; {INSTALL}")
    if os.geteuid() != 0:
        raise NoPostfix(NOT_ROOT)


def _install() -> None:
    """Without configuration, so that the package starts no server of its own."""
    print("Installing Postfix for the tests of returned mail …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    choice = "postfix postfix/main_mailer_type select No configuration\n"
    for command, given in (
        (["apt-get", "update", "-q"], ""),
        (["debconf-set-selections"], choice),
        (["apt-get", "install", "-q", "-y", "--no-install-recommends", "postfix"], ""),
    ):
        try:
            done = subprocess.run(
                command, input=given, env=quiet, capture_output=True, text=True, timeout=300, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoPostfix(f"Postfix could not be installed ({error}); {INSTALL}") from None
        if done.returncode:
            raise NoPostfix(f"Postfix could not be installed ({done.stderr.strip()[-300:]}); {INSTALL}")


def _configure(folder: Path, *, port: int, office_port: int, most_of_one: int, most: str) -> None:
    for name in ("config", "queue", "data", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    for box in ("returns", "supporters"):
        for name in ("new", "cur", "tmp"):
            (folder / "mail" / box / name).mkdir(parents=True)
    nobody = pwd.getpwnam("nobody")
    for path in (folder / "mail", *(folder / "mail").rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    tables = {
        "boxes": "/^b\\+[a-z2-7]+@act\\.example\\.org$/ returns/\n/@example\\.org$/ supporters/\n",
        "transport": f"/@legis\\.example$/ smtp:[127.0.0.1]:{office_port}\n",
        "nobody": "",
    }
    for name, text in tables.items():
        (folder / "config" / name).write_text(text)
    config = folder / "config"
    main = {
        "compatibility_level": "3.6",
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "command_directory": "/usr/sbin",
        "daemon_directory": _daemons(),
        "mail_owner": "postfix",
        "setgid_group": "postdrop",
        "maillog_file": folder / "log",
        "maillog_file_prefixes": folder,
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "smtp_bind_address": "127.0.0.1",
        "smtp_dns_support_level": "disabled",
        "smtp_host_lookup": "native",
        "smtpd_peername_lookup": "no",
        "myhostname": "mail.act.example.org",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8",
        "relayhost": "",
        "local_transport": "error:5.1.1 nobody lives here",
        "default_transport": "error:5.4.4 nothing leaves this machine",
        "relay_transport": "error:5.4.4 nothing leaves this machine",
        "alias_maps": "",
        "alias_database": "",
        "relay_domains": "legis.example",
        "relay_recipient_maps": f"regexp:{config}/nobody",
        "transport_maps": f"regexp:{config}/transport",
        "virtual_mailbox_domains": "act.example.org, example.org",
        "virtual_mailbox_base": folder / "mail",
        "virtual_mailbox_maps": f"regexp:{config}/boxes",
        "virtual_uid_maps": f"static:{nobody.pw_uid}",
        "virtual_gid_maps": f"static:{nobody.pw_gid}",
        "virtual_minimum_uid": "1",
        "smtpd_recipient_restrictions": "permit_mynetworks, reject",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "smtpd_client_connection_count_limit": most_of_one,
        "smtpd_client_event_limit_exceptions": "",
        "notify_classes": "",
    }
    (config / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in main.items()))
    services = [
        f"127.0.0.1:{port} inet n - n - {most} smtpd\n  -o smtpd_reject_unlisted_recipient=no",
        f"127.0.0.1:{office_port} inet n - n - - smtpd\n  -o myhostname=mx.legis.example",
        "pickup unix n - n 60 1 pickup",
        "cleanup unix n - n - 0 cleanup",
        "qmgr unix n - n 300 1 qmgr",
        "rewrite unix - - n - - trivial-rewrite",
        "bounce unix - - n - 0 bounce",
        "defer unix - - n - 0 bounce",
        "trace unix - - n - 0 bounce",
        "verify unix - - n - 1 verify",
        "proxymap unix - - n - - proxymap",
        "smtp unix - - n - - smtp",
        "error unix - - n - - error",
        "retry unix - - n - - error",
        "virtual unix - n n - - virtual",
        "anvil unix - - n - 1 anvil",
        "scache unix - - n - 1 scache",
        "postlog unix-dgram n - n - 1 postlogd",
    ]
    (config / "master.cf").write_text("\n".join(services) + "\n")


def _daemons() -> str:
    done = subprocess.run(
        ["postconf", "-d", "-h", "daemon_directory"], capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout.strip() or "/usr/lib/postfix/sbin"


def _postfix(folder: Path, command: str) -> None:
    done = subprocess.run(
        ["postfix", "-c", str(folder / "config"), command], capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode and command == "start":
        log = (folder / "log").read_text(errors="replace")[-1500:] if (folder / "log").is_file() else ""
        raise RuntimeError(f"Postfix does not start: {done.stderr.strip()[-500:]} {log}")


def _gone(folder: Path) -> None:
    """Wait until the master has let go of its lock, so that nothing runs in a folder that is removed."""
    lock = folder / "queue" / "pid" / "master.pid"
    end = time.monotonic() + 120
    while time.monotonic() < end and lock.is_file() and Path(f"/proc/{lock.read_text().strip()}").exists():
        time.sleep(0.05)


def _answers(port: int, log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                if connection.recv(100).startswith(b"220"):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"Postfix does not answer: {log.read_text(errors='replace')[-1500:] if log.is_file() else ''}")


def main() -> None:
    """Make sure of the program, as far as root can; what is missing then is said by the tests, which fail."""
    if shutil.which("postfix") is None and debian.may_install():
        try:
            _install()
        except NoPostfix as error:
            print(error, file=sys.stderr)


if __name__ == "__main__":
    main()
