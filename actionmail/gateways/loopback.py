"""A bolt for demo, tests and bench: after it, this process reaches no other machine."""

from __future__ import annotations

import sys
from ipaddress import ip_address
from typing import Any


class ForbiddenHost(PermissionError):
    """Something tried to reach another machine while only this one is allowed."""


def forbid_other_hosts() -> None:
    """From now on, connecting or sending a datagram to anything but loopback or a Unix socket raises ForbiddenHost.

    It cannot be undone, and holds for every library in the process that uses Python's sockets.
    """
    sys.addaudithook(_only_loopback)


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        return
    address = arguments[1]
    if isinstance(address, tuple) and not _is_loopback(address[0]):
        raise ForbiddenHost(f"only this machine may be reached, and {address[0]} is another")


def _is_loopback(host: Any) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False
