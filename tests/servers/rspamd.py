"""A private rspamd with the rules and scores that it brings.

It asks one name server of ours, and reaches no map of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.servers.room import room

NAME: Final = "rspamd"
PACKAGES: Final = ("rspamd", "libc6")

_CONFIG: Final = """
.include "$CONFDIR/common.conf"
options {{
    pidfile = "/run/rspamd.pid";
    .include "$CONFDIR/options.inc"
    .include(priority=10) "/etc/rspamd/override.d/options.inc"
}}
logging {{ type = "file"; filename = "/rspamd.log"; level = "warning"; }}
worker "normal" {{
    bind_socket = "127.0.0.1:{port}";
    .include "$CONFDIR/worker-normal.inc"
    count = 1;
}}
"""
_OPTIONS: Final = """
disable_hyperscan = true;  # which takes longer than all the tests
dns {{ nameserver = ["127.0.0.1:{dns_port}"]; timeout = 5s; sockets = 4; retransmits = 2; }}
"""


@contextmanager
def private_rspamd(dns_port: int) -> Iterator[int]:
    """The port on which it answers HTTP; it asks the name server on `dns_port`. Raises NoServer with a sentence."""
    with room(NAME) as this:
        this.write("etc/rspamd/rspamd.conf", _CONFIG.format(port=this.port))
        this.write("etc/rspamd/override.d/options.inc", _OPTIONS.format(dns_port=dns_port))
        (this.folder / "var/lib/rspamd").mkdir(parents=True, exist_ok=True)
        this.start("/usr/bin/rspamd", "-f", "-i", "-c", "/etc/rspamd/rspamd.conf", greets=False)
        yield this.port
