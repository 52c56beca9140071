"""A bolt for demo, tests and bench: after it, this process reaches no other machine."""

from __future__ import annotations

import socket
import sys
from ipaddress import ip_address
from typing import Any


class ForbiddenHost(PermissionError):
    """Something tried to reach another machine while only this one is allowed."""


def forbid_other_hosts() -> None:
    """From now on, reaching, or asking for the address of, anything but loopback or a Unix socket raises ForbiddenHost.

    It cannot be undone, and holds for every library in the process that uses Python's sockets.
    """
    sys.addaudithook(_only_loopback)


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        if not isinstance(address, tuple):
            return  # a Unix socket, or one that is connected already
        host = address[0]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:  # a question to a name server leaves the machine too
        host = arguments[0]
        if host in {None, "", socket.gethostname()}:
            return
    else:
        return
    if not _is_loopback(host):
        raise ForbiddenHost(f"only this machine may be reached, and {host} is another")


def _is_loopback(host: Any) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name == "localhost":
        return True
    try:
        return ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
