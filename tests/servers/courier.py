"""A private Courier: it takes letters as a relay does, and passes them on by its routes, to one server of the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.servers.room import Room, room

NAME: Final = "courier"
PACKAGES: Final = ("courier-mta", "courier-base", "courier-authlib", "libc6", "dash")
_COURIER: Final = 64905
_OWN: Final = (
    *("var/lib/courier", "var/lib/courier/tmp", "var/lib/courier/tmp/broken", "var/lib/courier/msgs"),
    *("var/lib/courier/msgq", "var/lib/courier/track", "var/lib/courier/filters", "var/lib/courier/allfilters"),
    "run/courier",
)
# It asks no name server, and whoever comes may send.
_SETTINGS: Final = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "SHELL": "/bin/sh",
    "BOFHCHECKDNS": "0",
    "RELAYCLIENT": "",
    "NOADDMSGID": "1",
    "NOADDDATE": "1",
    "DYNAMICDELIVERIES": "1",
    "DEFAULTDELIVERY": "./Maildir",
    "ESMTP_USE_STARTTLS": "0",
}
_MANY: Final = ("-maxprocs=40", "-maxperc=40", "-noidentlookup", "-nodnslookup")


@contextmanager
def private_courier(most_of_one: int = 40) -> Iterator[Room]:
    """Mail for offices and for return paths goes on to the room's `office_port`, where the test listens.

    `most_of_one` are the connections that a client may have.

    Raises NoServer with a sentence.
    """
    with room(NAME) as this:
        _configure(this)
        this.start_unasked("/usr/lib/courier/courier/courierd", env=_SETTINGS)
        daemon = (
            "/usr/sbin/couriertcpd",
            "-user=courier",
            "-group=courier",
            "-address=127.0.0.1",
            *_MANY,
            f"-maxperip={most_of_one}",
        )
        this.start(*daemon, str(this.port), "/usr/sbin/courieresmtpd", env=_SETTINGS)
        yield this


def _configure(this: Room) -> None:
    etc = this.folder / "etc"
    for name, line in (
        ("passwd", f"courier:x:{_COURIER}:{_COURIER}::/var/lib/courier:/bin/false\n"),
        ("group", f"courier:x:{_COURIER}:\n"),
    ):
        this.write(f"etc/{name}", (etc / name).read_text("utf-8") + line)
    os.mknod(this.folder / "dev" / "urandom", 0o020666, os.makedev(1, 9))
    (this.folder / "dev" / "urandom").chmod(0o666)
    for name in _OWN:
        (this.folder / name).mkdir(parents=True, exist_ok=True)
        os.chown(this.folder / name, _COURIER, _COURIER)
    maker = this.folder / "usr/lib/courier/courier/submitmkdir"
    os.chown(maker, _COURIER, _COURIER)
    maker.chmod(0o4755)
    for name, text in {
        "me": "mail.act.example.org",
        "locals": "localhost",
        "defaultdomain": "act.example.org",
        "dsnfrom": "MAILER-DAEMON@mail.act.example.org",
        "esmtproutes": "\n".join(
            f"{domain}:[127.0.0.1],{this.office_port}" for domain in ("act.example.org", "legis.example")
        ),
    }.items():
        this.write(f"etc/courier/{name}", text + "\n")
