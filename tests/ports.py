"""Ports of this machine on which nobody listens."""

from __future__ import annotations

import socket


def free_ports(count: int) -> list[int]:
    """So many different ones, of TCP on 127.0.0.1."""
    open_ = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in open_]
    for listener in open_:
        listener.close()
    return ports


def free_port() -> int:
    (port,) = free_ports(1)
    return port
