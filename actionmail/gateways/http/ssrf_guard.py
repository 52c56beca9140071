"""No private address behind a public name: looked at on the connection itself, before anything is sent."""

from __future__ import annotations

from ipaddress import ip_address
from socket import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


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


def _checked(opened: socket) -> socket:
    if is_private(str(opened.getpeername()[0])):
        opened.close()
        raise PrivateHost
    return opened


class _Http(HTTPConnection):
    def _new_conn(self) -> socket:
        return _checked(super()._new_conn())


class _Https(HTTPSConnection):
    def _new_conn(self) -> socket:
        return _checked(super()._new_conn())


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class Adapter(HTTPAdapter):
    def __init__(self, *, may_be_private: bool) -> None:
        self._may_be_private = may_be_private
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        if not self._may_be_private:
            self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
