"""One request and its answer, over by a moment, however slowly it comes.

A timeout of requests is of each read: a server that drips bytes, in its headers too, outlasts any of them. So at the
moment the connection is shut, whoever waits for it. Only to find a name's addresses may take longer: the system's
resolver says how long. No redirect is followed, no proxy used, no cookie kept.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial

import requests
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as ReadTimeout

from actionmail.gateways.http.ssrf_guard import Adapter, addresses

_AT_ONCE = 65_536


class Unreachable(Exception):
    """No answer, or it broke off. `kind` is what went wrong, by the name of its exception."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Untrusted(Unreachable):
    """Its certificate is not what it should be."""


class _Deadline:
    """A moment at which connections are shut, and after which nothing counts that came over them."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._is_over = False
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    @property
    def is_over(self) -> bool:
        return self._is_over or time.monotonic() >= self._until

    def left(self) -> float:
        """In seconds. Raises TimeoutError where it is over."""
        left = self._until - time.monotonic()
        if self._is_over or left <= 0:
            raise TimeoutError
        return left

    def shuts(self, connection: socket.socket) -> None:
        """Under a number of its own: TLS takes the connection's away, and once closed it may be another file's."""
        with self._lock:
            self._open.append(connection.dup())
            is_over = self._is_over
        if is_over:
            self._end()

    def close(self) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def _end(self) -> None:
        with self._lock:
            self._is_over = True
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Answer:
    """What a server answered: a status, headers, and a body to be read while the exchange lasts."""

    def __init__(self, response: requests.Response, deadline: _Deadline) -> None:
        self._raw = response.raw
        self._deadline = deadline
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes, never unpacked, at most 64 KiB at a time. Raises TimeoutError and Unreachable."""
        while piece := self._piece():
            yield piece

    def _piece(self) -> bytes:
        with _troubles_named(self._deadline):
            piece: bytes = self._raw.read1(_AT_ONCE, decode_content=False)
        return piece


Find = Callable[[str, int], list[str]]


@contextmanager
def exchange(
    request: requests.Request,
    *,
    seconds: float,
    silence: float | None = None,
    may_be_private: bool,
    find: Find | None = None,
    authorities: str = "",
) -> Iterator[Answer]:
    """The answer to the request, which is over after `seconds`, or once nothing came for `silence` seconds.

    `find` tells a name's addresses instead of the system's resolver; `authorities` is a file of those whose
    certificates count instead of the public ones.

    Raises PrivateHost, TimeoutError, Unreachable, and Untrusted.
    """
    longest = seconds if silence is None else min(seconds, silence)
    look_up = find or partial(addresses, may_be_private=may_be_private)
    with closing(_Deadline(seconds)) as deadline:

        def connect(host: str, port: int) -> socket.socket:
            return _connected(look_up(host, port), port, deadline, longest)

        with closing(Adapter(connect)) as adapter:
            with _troubles_named(deadline):
                deadline.left()  # a time of less than nothing is refused by what reads it
                response = adapter.send(request.prepare(), stream=True, timeout=longest, verify=authorities or True)
            with closing(response):
                yield Answer(response, deadline)


def _connected(resolved: Sequence[str], port: int, deadline: _Deadline, longest: float) -> socket.socket:
    """To the first of a name's addresses that answers."""
    trouble = OSError("no address")
    for address in resolved:
        left = deadline.left()
        try:
            connection = socket.create_connection((address, port), min(longest, left))
        except OSError as error:
            trouble = error
            continue
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        deadline.shuts(connection)
        return connection
    raise trouble


@contextmanager
def _troubles_named(deadline: _Deadline) -> Iterator[None]:
    """What comes of a connection that was shut looks like an answer's end, or like any trouble: it is neither."""
    try:
        yield
        deadline.left()
    except (requests.Timeout, ReadTimeout, TimeoutError):
        raise TimeoutError from None
    except (requests.RequestException, HTTPError, OSError) as error:
        if deadline.is_over:
            raise TimeoutError from None
        named = Untrusted if isinstance(error, requests.exceptions.SSLError) else Unreachable
        raise named(type(error).__name__) from None
