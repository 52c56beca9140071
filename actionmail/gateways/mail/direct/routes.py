"""A domain's mail servers, in the order in which they are asked, and what each has to prove."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import Final, Protocol

import idna
from msgspec import Struct

from actionmail.gateways.mail.direct.lookups import LookupFailed, NoSuchName
from actionmail.rules.delivery.dane import Tlsa, usable
from actionmail.rules.delivery.mta_sts import Mode, Policy
from actionmail.rules.delivery.mx_routes import Encryption, MxRecord, Server, in_order, is_null
from actionmail.rules.delivery.reasons import Reason

MAIL_PORT: Final = 25
_MOST_HOSTS: Final = 10  # of a domain's; nobody has more in earnest


class NoRoute(Exception):
    """A domain has no server that may get a letter. `detail` is a host, a policy or an error, in short."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class Lookups(Protocol):
    """See `lookups.MailDns`."""

    def mx(self, domain: str) -> tuple[list[MxRecord], bool]: ...

    def addresses(self, host: str) -> tuple[list[str], bool, str]: ...

    def tlsa(self, host: str, port: int) -> list[Tlsa]: ...


class Routes(Struct, frozen=True, kw_only=True):
    """Finds servers. `own` is the name given in EHLO; `only_here` is for where no other machine may be reached."""

    lookups: Lookups
    policy_of: Callable[[str], Policy | None]
    own: str
    port: int = MAIL_PORT
    only_here: bool = False

    def servers(self, domain: str) -> Iterator[Server | NoRoute]:
        """The domain's servers one after the other, or why one of them gets no letter. Raises NoRoute."""
        name = _ascii(domain)
        hosts, is_secure = self._hosts(name)
        policy = self._policy(name)
        for host in hosts[:_MOST_HOSTS]:
            try:
                yield self._server(host, name, policy, is_secure=is_secure)
            except NoRoute as error:
                yield error

    def _hosts(self, name: str) -> tuple[list[str], bool]:
        try:
            records, is_secure = self.lookups.mx(name)
        except NoSuchName:
            raise NoRoute(Reason.NO_SUCH_DOMAIN, name) from None
        except LookupFailed as error:
            raise NoRoute(Reason.LOOKUP_FAILED, error.kind) from None
        if is_null(records):
            raise NoRoute(Reason.TAKES_NO_MAIL, name)
        hosts = in_order(records, own=self.own, shuffled=_shuffled)
        if not hosts and records:
            raise NoRoute(Reason.NO_SUCH_DOMAIN, name)  # all of them are this machine, or no hosts
        return hosts or [name], is_secure

    def _policy(self, name: str) -> Policy | None:
        try:
            return self.policy_of(name)
        except Exception as error:  # the database that keeps policies: nobody knows whether there is one
            raise NoRoute(Reason.LOOKUP_FAILED, type(error).__name__) from error

    def _server(self, host: str, domain: str, policy: Policy | None, *, is_secure: bool) -> Server:
        try:
            resolved, is_secure_host, canonical = self.lookups.addresses(host)
            records = self._records(host, canonical) if is_secure and is_secure_host else []
        except LookupFailed as error:
            raise NoRoute(Reason.LOOKUP_FAILED, error.kind) from None
        addresses = tuple(address for address in resolved if self._may_reach(address))
        if not addresses:
            raise NoRoute(Reason.NO_SUCH_DOMAIN if host == domain else Reason.SERVER_WITHOUT_ADDRESS, host)
        server = Server(host=host, addresses=addresses, port=self.port, names=(host, canonical, domain))
        if records:  # they come before a policy (RFC 8461 2)
            good = usable(records)
            return replace(server, encryption=Encryption.DANE if good else Encryption.MUST, records=good)
        if policy is None or policy.mode is Mode.TESTING:
            return server
        if not policy.allows(host):
            raise NoRoute(Reason.NOT_IN_POLICY, host)
        return replace(server, encryption=Encryption.POLICY)

    def _records(self, host: str, canonical: str) -> list[Tlsa]:
        """Those of the host's canonical name, or its own (RFC 7672 2.2.2)."""
        if canonical != host and (records := self.lookups.tlsa(canonical, self.port)):
            return records
        return self.lookups.tlsa(host, self.port)

    def _may_reach(self, address: str) -> bool:
        """A domain whose servers are said to be on this machine or in its network has none (RFC 6890)."""
        return may_reach(address, only_here=self.only_here)


def may_reach(address: str, *, only_here: bool) -> bool:
    """Whether letters, and questions for policies, may go there."""
    there = ip_address(address)
    return there.is_loopback if only_here else there.is_global and not there.is_multicast


def _shuffled(hosts: list[str]) -> list[str]:
    return random.sample(hosts, len(hosts))


def _ascii(domain: str) -> str:
    """As the DNS has it. Raises NoRoute."""
    try:
        return domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise NoRoute(Reason.NO_SUCH_DOMAIN, domain) from None
