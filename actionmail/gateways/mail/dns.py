"""What the DNS says about a name."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, Final

from actionmail.rules.campaigns.preflight import NoAnswer

_SECONDS = 4.0
_MOST: Final = 4  # addresses of a host, and names of an address


class Dns:
    """The machine's own name servers, or those at `servers`."""

    def __init__(self, servers: Sequence[str] = (), *, port: int = 53, seconds: float = _SECONDS) -> None:
        self._servers, self._port, self._seconds = servers, port, seconds

    def txt(self, name: str) -> list[str]:
        """The TXT records of this name; none where there are none. Raises NoAnswer."""
        return [b"".join(record.strings).decode("utf-8", "replace") for record in self._ask(name, "TXT")]

    def names(self, host: str) -> list[tuple[str, list[str]]]:
        """The addresses of a host (or that address itself), each with those of its names (PTR) that lead back to it.

        Raises NoAnswer.
        """
        import dns.reversename

        addresses = [host] if _is_address(host) else self._addresses(host)
        found = []
        for address in addresses[:_MOST]:
            pointers = self._ask(dns.reversename.from_address(address).to_text().rstrip("."), "PTR")
            names = [pointer.target.to_text().rstrip(".") for pointer in pointers][:_MOST]
            found.append((address, [name for name in names if address in self._addresses(name)]))
        return found

    def _addresses(self, host: str) -> list[str]:
        return [record.address for kind in ("A", "AAAA") for record in self._ask(host, kind)]

    def _ask(self, name: str, kind: str) -> list[Any]:
        import dns.exception  # here, since only the page that looks at them needs it
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=not self._servers)
            if self._servers:
                resolver.nameservers = list(self._servers)
            resolver.port = self._port
            return list(resolver.resolve(f"{name}.", kind, lifetime=self._seconds, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.Timeout:
            raise NoAnswer("it took too long.") from None
        except dns.exception.DNSException as error:
            raise NoAnswer(f"{type(error).__name__}.") from None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
