"""What the DNS says about a name, for the page *Before letters go out* and for `doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from actionmail.rules.campaigns.preflight import NoAnswer

if TYPE_CHECKING:
    from actionmail.gateways.mail.direct.lookups import MailDns

_SECONDS = 4.0
_MOST: Final = 4  # addresses of a host, and names of an address


class Dns:
    """The machine's own name servers, or those at `servers`."""

    def __init__(self, servers: Sequence[str] = (), *, port: int = 53, seconds: float = _SECONDS) -> None:
        self._servers, self._port, self._seconds = servers, port, seconds

    def txt(self, name: str) -> list[str]:
        """The TXT records of this name; none where there are none. Raises NoAnswer."""
        with _told():
            return self._lookups.txt(name)

    def names(self, host: str) -> list[tuple[str, list[str]]]:
        """The addresses of a host (or that address itself), each with those of its names (PTR) that lead back to it.

        Raises NoAnswer.
        """
        with _told():
            addresses = [host] if _is_address(host) else self._addresses(host)
            names_by_address = []
            for address in addresses[:_MOST]:
                names = self._lookups.names(address)[:_MOST]
                names_by_address.append((address, [name for name in names if address in self._addresses(name)]))
            return names_by_address

    def mail_hosts(self, domain: str) -> list[str]:
        """Where mail to a domain goes (RFC 5321 5.1, RFC 7505); none where it takes none. Raises NoAnswer."""
        with _told():
            return self._lookups.mail_hosts(domain)

    def _addresses(self, host: str) -> list[str]:
        return self._lookups.addresses(host)[0]

    @cached_property
    def _lookups(self) -> MailDns:
        from actionmail.gateways.mail.direct.lookups import MailDns  # here, since only the page that looks needs it

        return MailDns(self._servers, port=self._port, seconds=self._seconds)


@contextmanager
def _told() -> Iterator[None]:
    """Raises NoAnswer where the DNS does not say."""
    from actionmail.gateways.mail.direct.lookups import LookupFailed

    try:
        yield
    except LookupFailed as error:
        raise NoAnswer("it took too long." if error.is_late else f"{error.kind}.") from None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
