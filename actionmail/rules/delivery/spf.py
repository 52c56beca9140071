"""Whether a domain lets an address send in its name (SPF, RFC 7208), as far as that can be told without a mail.

The DNS is asked elsewhere. What depends on the mail itself (macros, `exists`), and `ptr`, which nobody should use any
more, leave it untold where the answer hangs on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from msgspec import Struct

_MOST_LOOKUPS: Final = 10  # RFC 7208 4.6.4, also of the hosts of one `mx`
_MOST_VOID_LOOKUPS: Final = 2  # RFC 7208 4.6.4: lookups to which there is no answer
_TERM: Final = re.compile(r"(?P<sign>[-+~?]?)(?P<name>[a-z0-9]+)(?P<rest>[:/].*)?", re.IGNORECASE)
_MODIFIER: Final = re.compile(r"(?P<name>[a-z][a-z0-9_.-]*)=(?P<value>.*)", re.IGNORECASE)
_AT_HOST: Final = re.compile(r"(?::(?P<host>[^/]+))?(?:/(?P<four>\d{1,2}))?(?://(?P<six>\d{1,3}))?")


class Lets(StrEnum):
    """Whether the domain lets the address send."""

    YES = "yes"
    NO = "no"
    UNTOLD = "untold"  # it hangs on the mail
    BROKEN = "broken"  # the record cannot be used (permerror)


class SpfDns(Struct, frozen=True, kw_only=True):
    """What is asked: TXT records of a name, addresses of a host, and hosts that take a domain's mail, in any order."""

    txt: Callable[[str], Sequence[str]]
    addresses: Callable[[str], Sequence[str]]
    mail_hosts: Callable[[str], Sequence[str]]


class _Broken(Exception):
    """Permerror, RFC 7208 2.6.7."""


class _Untold(Exception):
    """What decides is not known here."""


def policies_in(records: Sequence[str]) -> list[str]:
    """Those of a name's TXT records that are SPF's; there has to be exactly one (RFC 7208 4.5)."""
    return [record for record in records if record.lower().split(" ")[0] == "v=spf1"]


def lets(domain: str, address: str, dns: SpfDns) -> Lets:
    """Raises whatever `dns` raises where it does not answer."""
    try:
        sign = _Check(address=ip_address(address), dns=dns).of(domain)
    except _Broken:
        return Lets.BROKEN
    except _Untold:
        return Lets.UNTOLD
    return Lets.YES if sign == "+" else Lets.NO


@dataclass
class _Check:
    """One evaluation, whose lookups are counted over all records that include one another."""

    address: IPv4Address | IPv6Address
    dns: SpfDns
    lookups: int = field(default=0)
    void_lookups: int = field(default=0)

    def of(self, domain: str) -> str:
        """The sign of what matches first: "+", "-", "~", or "?" also where nothing does (RFC 7208 4.7)."""
        policies = policies_in(self.dns.txt(domain))
        if len(policies) != 1:
            raise _Broken
        redirect = ""
        for term in policies[0].split()[1:]:
            if modifier := _MODIFIER.fullmatch(term):
                redirect = modifier["value"] if modifier["name"].lower() == "redirect" else redirect
                continue
            match = _TERM.fullmatch(term)
            if match is None:
                raise _Broken
            if self._matches(match["name"].lower(), match["rest"] or "", domain):
                return match["sign"] or "+"
        if not redirect:
            return "?"
        self._count()
        return self.of(_plain(redirect))

    def _matches(self, name: str, rest: str, domain: str) -> bool:
        if name == "all":
            return True
        if name in {"ip4", "ip6"}:
            return _is_in(self.address, rest.removeprefix(":"))
        if name not in {"a", "mx", "include", "exists", "ptr"}:
            raise _Broken
        self._count()
        if name in {"exists", "ptr"}:
            raise _Untold
        if name == "include":
            return self.of(_plain(rest.removeprefix(":"))) == "+"
        return self._is_at_host(name, rest, domain)

    def _is_at_host(self, name: str, rest: str, domain: str) -> bool:
        match = _AT_HOST.fullmatch(rest)
        if match is None:
            raise _Broken
        host = _plain(match["host"] or domain)
        hosts = [host] if name == "a" else self._answered(self.dns.mail_hosts(host))
        if len(hosts) > _MOST_LOOKUPS:
            raise _Broken
        bits = match["four"] if self.address.version == 4 else match["six"]
        for hostname in hosts:
            networks = [f"{address}/{bits}" if bits else address for address in self._addresses(hostname)]
            if any(_is_in(self.address, network) for network in networks):
                return True
        return False

    def _addresses(self, hostname: str) -> Sequence[str]:
        """Those of the sender's kind: some who check a mail (pyspf) ask for that kind alone, and count its lack."""
        addresses = self.dns.addresses(hostname)
        return self._answered([address for address in addresses if ip_address(address).version == self.address.version])

    def _answered(self, answers: Sequence[str]) -> Sequence[str]:
        self.void_lookups += not answers
        if self.void_lookups > _MOST_VOID_LOOKUPS:
            raise _Broken
        return answers

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > _MOST_LOOKUPS:
            raise _Broken


def _plain(name: str) -> str:
    if "%" in name:
        raise _Untold
    if not name:
        raise _Broken
    return name.rstrip(".")


def _is_in(address: IPv4Address | IPv6Address, network: str) -> bool:
    try:
        return address in ip_network(network, strict=False)
    except ValueError:
        raise _Broken from None
