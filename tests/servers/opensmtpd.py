"""A private OpenSMTPD: it takes letters as a relay does, and tells an office's refusals to the return path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.servers.room import MailServer, Room, room

NAME: Final = "opensmtpd"
PACKAGES: Final = ("opensmtpd", "libc6", "dash")  # it starts what delivers by a shell
_QUEUE: Final = 64903
_DAEMON: Final = 64902

_CONFIG: Final = """
queue ttl 4d
smtp limit max-mails {most_letters}
bounce warn-interval 4h
table users {{ "actionmail" = "64904:64904:/mail" }}
table boxes {{ "@act.example.org" = "actionmail" }}
table aliases {{ "office@legis.example" = "who.left@gone.example" }}
listen on 127.0.0.1 port {port} hostname mail.act.example.org
listen on 127.0.0.1 port {office_port} tag OFFICE hostname mx.legis.example
action "returns" maildir "/mail/returns" userbase <users> virtual <boxes>
action "behind" expand-only virtual <aliases>
action "office" relay host "smtp://127.0.0.1:{office_port}"
action "later" relay host "smtp://127.0.0.1:{office_port}"
match tag OFFICE from any for any reject
match from any for domain "act.example.org" action "returns"
match from any for rcpt-to "office@legis.example" action "behind"
match from any for any action "office"
"""


@contextmanager
def private_opensmtpd(most_letters: int = 100) -> Iterator[MailServer]:
    """Letters go on to its second port, which knows nobody; office@legis.example leads to somebody who left.
    `most_letters` it takes over one connection.

    Raises NoServer with a sentence.
    """
    with room(NAME) as this:
        _configure(this, most_letters)
        this.start("/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf")
        yield MailServer(name=NAME, port=this.port, returns=this.folder / "mail" / "returns", room=this)


def _configure(this: Room, most_letters: int) -> None:
    text = _CONFIG.format(port=this.port, office_port=this.office_port, most_letters=most_letters)
    this.write("etc/smtpd.conf", text)
    for name, owner, group, mode in (
        ("var/lib/opensmtpd/empty", 0, 0, 0o755),
        ("var/spool/smtpd", 0, 0, 0o711),
        ("var/spool/smtpd/offline", 0, _QUEUE, 0o770),
        ("var/spool/smtpd/purge", _QUEUE, 0, 0o700),
    ):
        path = this.folder / name
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, owner, group)
        path.chmod(mode)
