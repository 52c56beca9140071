"""Which addresses of the internet count as one visitor's."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_IPV6_BITS: Final = 64  # what one household or machine is given (RFC 6177, section 2)


def network_of(address: str) -> str:
    """The address of IPv4 itself, the /64 of an address of IPv6; "" of none. `address` is a canonical one or ""."""
    if not address:
        return ""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _IPV6_BITS), strict=False))
    return address
