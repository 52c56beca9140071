"""What the DNS says of where a domain's mail goes."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, Final

import dns.exception
import dns.flags
import dns.resolver
from msgspec import Struct

from actionmail.rules.delivery.dane import Tlsa
from actionmail.rules.delivery.mx_routes import MxRecord

_SECONDS: Final = 10.0
_OCTETS: Final = 1232  # of an answer by UDP (DNS flag day 2020); what is longer comes by TCP


class LookupFailed(Exception):
    """The DNS does not say: it is out of order, too slow, or its signatures do not hold. Later it may."""

    def __init__(self, kind: str, *, is_late: bool = False) -> None:
        super().__init__(kind)
        self.kind, self.is_late = kind, is_late


class NoSuchName(Exception):
    """There is no such domain."""


class Records(Struct, frozen=True, kw_only=True):
    """The records of one kind. `is_secure`: a resolver that checks signatures (DNSSEC) found that they hold."""

    rrset: Sequence[Any]
    is_secure: bool
    name: str  # after what CNAME says


class MailDns:
    """The machine's own name servers, or those at `servers`.

    What a resolver says of signatures counts only where it runs on this machine: on the way from another one anybody
    could set that bit (RFC 7672 2.2, RFC 4035 4.9.3).
    """

    def __init__(self, servers: Sequence[str] = (), *, port: int = 53, seconds: float = _SECONDS) -> None:
        self._servers, self._port, self._seconds = servers, port, seconds

    def mx(self, domain: str) -> tuple[list[MxRecord], bool]:
        """The domain's MX records, and whether they are secure. Raises NoSuchName and LookupFailed."""
        records = self._ask(domain, "MX")
        exchanges = [MxRecord(preference=record.preference, host=_name(record.exchange)) for record in records.rrset]
        return exchanges, records.is_secure

    def mail_hosts(self, domain: str) -> list[str]:
        """Where mail to a domain goes (RFC 5321 5.1, RFC 7505); none where it takes none. Raises LookupFailed."""
        try:
            records, _is_secure = self.mx(domain)
        except NoSuchName:
            return []
        if records:
            return [record.host for record in sorted(records, key=lambda exchange: exchange.preference) if record.host]
        return [domain] if self.addresses(domain)[0] else []

    def addresses(self, host: str) -> tuple[list[str], bool, str]:
        """IPv4, then IPv6; whether they are secure; the name that has them. Raises LookupFailed."""
        addresses: list[str] = []
        is_secure, name, failed = True, host, None
        for kind in ("A", "AAAA"):
            try:
                records = self._ask(host, kind)
            except NoSuchName:
                return [], False, host
            except LookupFailed as error:  # of a host with broken AAAA the A records do
                failed, is_secure = error, False
                continue
            addresses += [str(record.address) for record in records.rrset]
            is_secure, name = is_secure and records.is_secure, records.name
        if failed is not None and not addresses:
            raise failed
        return addresses, is_secure, name

    def tlsa(self, host: str, port: int) -> list[Tlsa]:
        """The host's secure TLSA records; none where they are not secure. Raises LookupFailed."""
        try:
            records = self._ask(f"_{port}._tcp.{host}", "TLSA")
        except NoSuchName:
            return []
        if not records.is_secure:
            return []
        return [
            Tlsa(usage=record.usage, selector=record.selector, matching=record.mtype, data=record.cert)
            for record in records.rrset
        ]

    def txt(self, name: str) -> list[str]:
        """Raises LookupFailed."""
        try:
            records = self._ask(name, "TXT")
        except NoSuchName:
            return []
        return [b"".join(record.strings).decode("utf-8", "replace") for record in records.rrset]

    def names(self, address: str) -> list[str]:
        """What an address is called (PTR). Raises LookupFailed."""
        try:
            records = self._ask(ip_address(address).reverse_pointer, "PTR")
        except NoSuchName:
            return []
        return [_name(record.target) for record in records.rrset]

    def checks_signatures(self) -> bool:
        """Whether the answers of this machine's resolver tell whether signatures hold: the root's do."""
        try:
            return self._ask("", "NS").is_secure
        except (NoSuchName, LookupFailed):
            return False

    def _ask(self, name: str, kind: str) -> Records:
        try:
            answer = self._resolver().resolve(
                f"{name}.", kind, lifetime=self._seconds, search=False, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            raise NoSuchName from None
        except dns.exception.DNSException as error:
            is_late = isinstance(error, dns.exception.Timeout)
            raise LookupFailed(type(error).__name__, is_late=is_late) from None
        is_secure = bool(answer.response.flags & dns.flags.AD) and _is_here(answer.nameserver)
        return Records(rrset=list(answer.rrset or ()), is_secure=is_secure, name=_name(answer.canonical_name))

    def _resolver(self) -> dns.resolver.Resolver:
        try:
            resolver = dns.resolver.Resolver(configure=not self._servers)
        except dns.exception.DNSException as error:  # no resolv.conf
            raise LookupFailed(type(error).__name__) from None
        if self._servers:
            resolver.nameservers = list(self._servers)
        resolver.port = self._port
        resolver.flags = dns.flags.RD | dns.flags.AD
        resolver.use_edns(0, dns.flags.DO, _OCTETS)
        return resolver


def _name(name: Any) -> str:
    return str(name.to_text(omit_final_dot=True)).lower().removesuffix(".")


def _is_here(nameserver: object) -> bool:
    try:
        return ip_address(str(nameserver)).is_loopback
    except ValueError:
        return False
