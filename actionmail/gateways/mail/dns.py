"""What the DNS says about a name."""

from __future__ import annotations

from collections.abc import Sequence

from actionmail.rules.campaigns.preflight import NoAnswer

_SECONDS = 4.0


class Dns:
    """The machine's own name servers, or those at `servers`."""

    def __init__(self, servers: Sequence[str] = (), *, port: int = 53, seconds: float = _SECONDS) -> None:
        self._servers, self._port, self._seconds = servers, port, seconds

    def txt(self, name: str) -> list[str]:
        """The TXT records of this name; none where there are none. Raises NoAnswer."""
        import dns.exception  # here, since only the page that looks at them needs it
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=not self._servers)
            if self._servers:
                resolver.nameservers = list(self._servers)
            resolver.port = self._port
            answer = resolver.resolve(f"{name}.", "TXT", lifetime=self._seconds, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.Timeout:
            raise NoAnswer("it took too long.") from None
        except dns.exception.DNSException as error:
            raise NoAnswer(f"{type(error).__name__}.") from None
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
