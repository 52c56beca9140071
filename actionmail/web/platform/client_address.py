"""Whom a request comes from: an IP address in its canonical form, or nothing.

A proxy writes into `X-Forwarded-For` (RFC 7239 has no say over it) whatever it likes: a port, brackets, a zone, a word.
Limits on posting and the record of a consent take the address alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_CANONICAL_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")  # as most come: nothing is to be made of it
# IPv4 or a bracketed IPv6 address, with a port behind it (RFC 3986 3.2.2, 3.2.3).
_WITH_PORT = re.compile(r"\[([^\[\]]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")


def parse_address(text: str) -> str:
    """The IP address that `text` names, in its shortest spelling of 39 characters at most; "" where it names none."""
    if _CANONICAL_IPV4.fullmatch(text):
        return text
    text = text.strip()
    if with_port := _WITH_PORT.fullmatch(text):
        text = with_port[1] or with_port[2]
    try:
        address = ip_address(text.partition("%")[0])  # without a zone (RFC 4007 11), which only that machine knows
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)


def parsing_addresses(application: Wsgi) -> Wsgi:
    """`application`, told a parsed address of its client; put it behind whatever believes a proxy."""

    def parsed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = parse_address(environ.get("REMOTE_ADDR", ""))
        return application(environ, start_response)

    return parsed
