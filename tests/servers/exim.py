"""A private Exim: it takes letters as a relay does, and tells an office's refusals to the return path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.servers.room import READER, MailServer, Room, room

NAME: Final = "exim"
PACKAGES: Final = ("exim4-daemon-light", "libc6")
_SPOOL: Final = ("var/spool/exim4", "var/log/exim4")
_EXIM: Final = 64901

# Without a rule for retrying, what cannot be delivered at once is given up: days in a moment.
_CONFIG: Final = r"""
primary_hostname = mail.act.example.org
daemon_smtp_ports = {port} : {office_port}
local_interfaces = 127.0.0.1
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
pid_file_path = /run/exim.pid
keep_environment =
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
smtp_accept_max = 100
smtp_accept_max_per_host = {most_of_one}
queue_only = false
timeout_frozen_after = 1d
begin acl
rcpt:
  deny condition = ${{if eq{{$received_port}}{{{office_port}}}}}
       message = 550 5.1.1 <$local_part@$domain>: Recipient address rejected: User unknown
  accept
begin routers
alias:
  driver = redirect
  local_parts = office
  domains = legis.example
  data = who.left@legis.example
office:
  driver = manualroute
  domains = legis.example
  transport = to_office
  route_list = * 127.0.0.1
  self = send
full:
  driver = accept
  domains = full.example
  transport = small_box
returns:
  driver = accept
  domains = act.example.org
  transport = maildir
begin transports
to_office:
  driver = smtp
  port = {office_port}
  allow_localhost
maildir:
  driver = appendfile
  directory = /mail/returns
  maildir_format
  create_directory
  return_path_add
  delivery_date_add
  envelope_to_add
  user = {reader}
  group = {reader}
small_box:
  driver = appendfile
  file = /mail/small
  quota = 1
  user = {reader}
  group = {reader}
"""


@contextmanager
def private_exim(most_of_one: int = 100) -> Iterator[MailServer]:
    """Letters to legis.example go on to its second port, which knows nobody; a mailbox in full.example has no room, and
    office@legis.example leads to somebody who left. `most_of_one` are the connections that a client may have.

    Raises NoServer with a sentence.
    """
    with room(NAME) as this:
        _configure(this, most_of_one)
        this.start("/usr/sbin/exim4", "-C", "/etc/exim.conf", "-bdf")
        yield MailServer(name=NAME, port=this.port, returns=this.folder / "mail" / "returns", room=this)


def _configure(this: Room, most_of_one: int) -> None:
    text = _CONFIG.format(port=this.port, office_port=this.office_port, reader=READER, most_of_one=most_of_one)
    this.write("etc/exim.conf", text)
    this.write("etc/exim4/trusted_configs", "/etc/exim.conf\n")
    for name in _SPOOL:
        (this.folder / name).mkdir(parents=True, exist_ok=True)
        os.chown(this.folder / name, _EXIM, _EXIM)
