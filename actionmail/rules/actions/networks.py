"""Which addresses of the internet count as one visitor's, and which lie near one another."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from msgspec import Struct

_IPV6_BITS: Final = 64  # what one household or machine is given (RFC 6177, section 2)
_NEAR: Final = {4: 24, 6: 48}  # what one organisation is given
_WIDE: Final = 16  # of IPv4 alone: what one provider has


class Networks(Struct, frozen=True, kw_only=True):
    """One visitor's network, and those around it; "" for none."""

    own: str  # the address of IPv4 itself, the /64 of an address of IPv6
    near: str  # /24 or /48
    wide: str  # /16 of IPv4


def network_of(address: str) -> str:
    """The address of IPv4 itself, the /64 of an address of IPv6; "" of none. `address` is a canonical one or ""."""
    if not address:
        return ""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _IPV6_BITS), strict=False))
    return address


def networks_of(address: str) -> Networks:
    """`address` is a canonical one or ""."""
    if not address:
        return Networks(own="", near="", wide="")
    parsed = ip_address(address)
    near = str(ip_network((parsed, _NEAR[parsed.version]), strict=False))
    wide = "" if isinstance(parsed, IPv6Address) else str(ip_network((parsed, _WIDE), strict=False))
    return Networks(own=network_of(address), near=near, wide=wide)
