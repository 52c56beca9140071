"""A domain's MTA-STS policy: as it was kept, or fetched anew (RFC 8461 3.3)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

import requests
from msgspec import Struct

from actionmail.gateways.http.exchange import Answer, Find, Unreachable, exchange
from actionmail.gateways.mail.direct.lookups import LookupFailed
from actionmail.rules.delivery.mta_sts import MOST_OCTETS, Mode, Policy, read_policy, record_id

_SECONDS: Final = 20.0
_REST: Final = timedelta(minutes=5)  # after a policy that could not be had

Fetch = Callable[[str], str]
AskTxt = Callable[[str], list[str]]


class NotFetched(Exception):
    """There is no policy to be had there now."""


class PolicyStore(Protocol):
    """Where policies are kept: one that was seen holds for weeks, whatever somebody does to the DNS meanwhile."""

    def get(self, domain: str) -> Policy | None: ...

    def put(self, domain: str, policy: Policy) -> None: ...


class Policies:
    """The policies of receiving domains. May be shared between threads."""

    def __init__(self, *, ask_txt: AskTxt, fetch: Fetch, store: PolicyStore, clock: Callable[[], datetime]) -> None:
        self._ask_txt, self._fetch, self._store, self._clock = ask_txt, fetch, store, clock
        self._failed: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def of(self, domain: str) -> Policy | None:
        """The policy that a domain's letters are held to now, None for none."""
        now = self._clock()
        stored = self._store.get(domain)
        if stored is not None and not stored.holds(now):
            stored = None
        policy = self._newer(domain, stored, now) or stored
        return None if policy is None or policy.mode is Mode.NONE else policy

    def _newer(self, domain: str, stored: Policy | None, now: datetime) -> Policy | None:
        try:
            id_ = record_id(self._ask_txt(f"_mta-sts.{domain}"))
        except LookupFailed:
            return None
        if not id_ or (stored is not None and stored.is_fresh(id_, now)) or self._rests(domain, now):
            return None
        try:
            policy = read_policy(self._fetch(domain), id_=id_, now=now)
        except NotFetched:
            policy = None
        if policy is None:
            with self._lock:
                self._failed[domain] = now
            return None
        self._store.put(domain, policy)
        return policy

    def _rests(self, domain: str, now: datetime) -> bool:
        with self._lock:
            failed = self._failed.get(domain)
            return failed is not None and now - failed < _REST


class PolicyHosts(Struct, frozen=True, kw_only=True):
    """The web servers that have policies. `authorities` is a file of those that count instead of the public ones."""

    find: Find  # a name's addresses
    port: int = 443
    authorities: str = ""
    seconds: float = _SECONDS

    def fetch(self, domain: str) -> str:
        """The text of a domain's policy. Its certificate is verified and no redirect followed. Raises NotFetched."""
        host = f"mta-sts.{domain}" + ("" if self.port == 443 else f":{self.port}")
        headers = {"User-Agent": "ActionMail", "Accept": "text/plain"}
        request = requests.Request("GET", f"https://{host}/.well-known/mta-sts.txt", headers=headers)
        # That no address is private is the business of `find`.
        asking = exchange(
            request, seconds=self.seconds, may_be_private=True, find=self.find, authorities=self.authorities
        )
        try:
            with asking as answer:
                return _text(answer)
        except (TimeoutError, Unreachable, UnicodeError, LookupFailed) as error:
            raise NotFetched(type(error).__name__) from None


def _text(answer: Answer) -> str:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if answer.status != 200 or kind != "text/plain":
        raise NotFetched(f"{answer.status} {kind}")
    body = b""
    for piece in answer.pieces():
        body += piece
        if len(body) > MOST_OCTETS:
            raise NotFetched("too long")
    return body.decode("utf-8", "replace")
