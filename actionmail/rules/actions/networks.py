"""Which addresses of the internet count as one visitor's, and which lie near one another."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Final

from msgspec import Struct

_IPV6_BITS: Final = 64  # what one household or machine is given (RFC 6177, section 2)
_NEAR_IPV6_BITS: Final = 48  # what one organisation is given


class Networks(Struct, frozen=True, kw_only=True):
    """One visitor's network, and those around it; "" for none."""

    own: str  # the address of IPv4 itself, the /64 of an address of IPv6
    near: str  # /24 or /48
    wide: str  # /16 of IPv4


def network_of(address: str) -> str:
    """The address of IPv4 itself, the /64 of an address of IPv6; "" of none. `address` is a canonical one or ""."""
    return address if _is_ipv4_or_none(address) else str(ip_network((address, _IPV6_BITS), strict=False))


def networks_of(address: str) -> Networks:
    """`address` is a canonical one or ""."""
    if not address:
        return Networks(own="", near="", wide="")
    if _is_ipv4_or_none(address):
        first, second, third, _ = address.split(".")
        return Networks(own=address, near=f"{first}.{second}.{third}.0/24", wide=f"{first}.{second}.0.0/16")
    near = str(ip_network((address, _NEAR_IPV6_BITS), strict=False))
    return Networks(own=network_of(address), near=near, wide="")


def _is_ipv4_or_none(address: str) -> bool:
    return ":" not in address
