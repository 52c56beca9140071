"""A service on the web that is asked one question at a time: briefly, and not at all for a while once it fails.

What is asked leaves this machine for the configured host alone, and is in no log and no exception.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from actionmail.rules.districts.refusals import GeocoderUnavailable, Trouble

if TYPE_CHECKING:
    from actionmail.gateways.http.exchange import Answer as HttpAnswer

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 2.0  # of one try, from the connection to the last byte
TRIES = 2
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 60.0
CACHE_SECONDS = 600.0
CACHE_SIZE = 1_000
MAX_ANSWER = 1024 * 1024

Answer = TypeVar("Answer")


class Patience(Struct, frozen=True, kw_only=True):
    """How long one try may take, and how many there are where another one may help."""

    seconds: float = TIMEOUT_SECONDS
    tries: int = TRIES


PATIENCE = Patience()


class JsonClient(Generic[Answer]):
    """GET questions to the host of `base_url`. `read` makes an answer of a status and a body; both may refuse.

    Two seconds a try, and one more try where that may help, unless `patience` says otherwise; no redirect, no proxy, no
    cookie. A breaker stops asking for a minute after three failures in a row. Answers are kept in memory for ten
    minutes under a hash with a key of this process. A base URL whose host is a literal private address is taken at its
    word; a name that leads to one is refused.
    """

    def __init__(
        self,
        base_url: str,
        *,
        called: str,
        read: Callable[[int, bytes], Answer],
        headers: Mapping[str, str] | None = None,
        patience: Patience = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        may_be_private: bool | None = None,
    ) -> None:
        # Its debug lines hold the query, and so the address.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
        self._base_url = base_url.rstrip("/")
        self._called = called
        self._read = read
        self._headers = {"Accept": "application/json", "User-Agent": "ActionMail", **(headers or {})}
        self._timeout = patience.seconds
        self._tries = patience.tries
        self._clock = clock
        self._may_be_private = may_be_private
        self._cache: _Cache[Answer] = _Cache(clock)
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = -math.inf

    def ask(self, path: str, question: Mapping[str, str], *, same_as: str) -> Answer:
        """The answer; one to an equal `same_as` of the last minutes is given again. Raises GeocoderUnavailable."""
        key = self._cache.key(same_as)
        cached = self._cache.get(key)
        if cached is not None:
            return cached
        with self._lock:
            if self._clock() < self._open_until:
                raise GeocoderUnavailable(Trouble.LEFT_ALONE)
        try:
            answer = self._ask(path, question)
        except GeocoderUnavailable as trouble:
            with self._lock:
                self._failures += 1
                if self._failures >= FAILURES_TO_OPEN:
                    self._open_until = self._clock() + OPEN_SECONDS
            log.warning("%s: %s", self._called, trouble)
            raise
        with self._lock:
            self._failures = 0
        self._cache.put(key, answer)
        return answer

    def _ask(self, path: str, question: Mapping[str, str]) -> Answer:
        for tries_left in reversed(range(self._tries)):
            try:
                return self._try(path, question)
            except _Worthwhile as trouble:
                if not tries_left:
                    raise GeocoderUnavailable(trouble.code, **trouble.values) from None
        raise AssertionError

    def _try(self, path: str, question: Mapping[str, str]) -> Answer:
        import requests  # here, since a process may start without it, and most of them are never asked

        from actionmail.gateways.http.exchange import Unreachable, exchange
        from actionmail.gateways.http.ssrf_guard import PrivateHost, is_private

        url = f"{self._base_url}/{path}"
        may_be_private = self._may_be_private
        if may_be_private is None:
            may_be_private = is_private(urlsplit(url).hostname or "")
        request = requests.Request("GET", url, params=question, headers=self._headers)
        try:
            with exchange(request, seconds=self._timeout, may_be_private=may_be_private) as answer:
                status = answer.status
                raw = _body(answer)
        except PrivateHost:
            raise GeocoderUnavailable(Trouble.PRIVATE_HOST) from None
        except TimeoutError:
            raise _Worthwhile(Trouble.TIMED_OUT, seconds=f"{self._timeout:g}") from None
        except Unreachable as trouble:
            raise _Worthwhile(Trouble.UNREACHABLE, kind=trouble.kind) from None
        if status >= 500 or status == 429:
            raise _Worthwhile(Trouble.STATUS, status=str(status))
        if 300 <= status < 400:
            raise GeocoderUnavailable(Trouble.REDIRECTED)
        return self._read(status, raw)


def _body(answer: HttpAnswer) -> bytes:
    """At most MAX_ANSWER bytes."""
    raw = b""
    for piece in answer.pieces():
        raw += piece
        if len(raw) > MAX_ANSWER:
            raise GeocoderUnavailable(Trouble.TOO_LONG)
    return raw


class _Worthwhile(GeocoderUnavailable):
    """A failure after which one more try may help."""


class _Cache(Generic[Answer]):
    """What was answered lately, under a keyed hash of the question."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._kept: OrderedDict[bytes, tuple[float, Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def key(self, line: str) -> bytes:
        return hmac.new(self._secret, line.casefold().encode("utf-8", "replace"), hashlib.sha256).digest()

    def get(self, key: bytes) -> Answer | None:
        with self._lock:
            until_and_answer = self._kept.get(key)
            if until_and_answer is None or self._clock() >= until_and_answer[0]:
                return None
            return until_and_answer[1]

    def put(self, key: bytes, answer: Answer) -> None:
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (self._clock() + CACHE_SECONDS, answer)
            while len(self._kept) > CACHE_SIZE or next(iter(self._kept.values()))[0] < self._clock():
                self._kept.popitem(last=False)
