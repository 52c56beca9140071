"""No private address behind a public name: each address of the name is looked at before it is connected to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

Connect = Callable[[str, int], socket.socket]


class PrivateHost(Exception):
    """A public name leads to a private address."""


def is_private(host: str) -> bool:
    """Whether the host is written as an address of this machine or of a private network."""
    if host == "localhost":
        return True
    try:
        return not ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return False


def addresses(host: str, port: int, *, may_be_private: bool) -> list[str]:
    """Those that the name leads to. Raises PrivateHost where one is private and may not be, and OSError."""
    resolved = []
    for *_, there in socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM):
        address = str(there[0])
        if not may_be_private and is_private(address):
            raise PrivateHost
        resolved.append(address)
    return resolved


class _Connected:
    """A connection that is made elsewhere."""

    connect_with: Connect
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        return self.connect_with(self.host, self.port)


class _Http(_Connected, HTTPConnection):
    pass


class _Https(_Connected, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    def __init__(self, connect: Connect, *arguments: Any, **named: Any) -> None:
        self._connect = connect
        super().__init__(*arguments, **named)

    def _new_conn(self) -> Any:
        connection: Any = super()._new_conn()
        connection.connect_with = self._connect
        return connection


class _HttpPool(_Pool):
    ConnectionCls = _Http


class _HttpsPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _Https


class Adapter(HTTPAdapter):
    """Of requests, with connections that `connect` makes; no retry."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        pools: Any = {"http": partial(_HttpPool, self._connect), "https": partial(_HttpsPool, self._connect)}
        self.poolmanager.pool_classes_by_scheme = pools
