"""Whom a mail server's DANE records name (RFC 6698, 7671, 7672)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

AUTHORITY: Final = 2  # DANE-TA: who signed the server's certificate
SERVER: Final = 3  # DANE-EE: the server's own
_WHOLE, _KEY = 0, 1
_DIGESTS: Final = {1: "sha256", 2: "sha512"}
_SIZES: Final = {1: 32, 2: 64}


class Tlsa(Struct, frozen=True, kw_only=True):
    """One TLSA record."""

    usage: int
    selector: int
    matching: int
    data: bytes


def usable(records: Sequence[Tlsa]) -> tuple[Tlsa, ...]:
    """Those that a mail server can be told by: PKIX-TA and PKIX-EE are none (RFC 7672 3.1.3)."""
    return tuple(record for record in records if _is_usable(record))


def is_named(certificate: bytes, records: Sequence[Tlsa]) -> bool:
    """Whether the server's own certificate (DER) is named by one of these; its names and dates do not count then
    (RFC 7672 3.1.1)."""
    return any(record.usage == SERVER and _fits(record, certificate) for record in records)


def anchors(chain: Sequence[bytes], records: Sequence[Tlsa]) -> list[bytes]:
    """The authorities (DER) that these name: of what the server showed, and what stands in the DNS as a whole."""
    authorities = []
    for record in records:
        if record.usage != AUTHORITY:
            continue
        authorities += [certificate for certificate in chain if _fits(record, certificate)]
        if (record.selector, record.matching) == (_WHOLE, 0):
            authorities.append(record.data)
    return list(dict.fromkeys(authorities))


def proves(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a certificate with these DNS names proves one of the wanted ones (RFC 7672 3.2.3)."""
    return any(covers(name, host) for name in names for host in wanted)


def covers(pattern: str, host: str) -> bool:
    """Whether a name is meant; `*.` stands for exactly one label (RFC 6125 6.4.3, RFC 8461 4.1)."""
    pattern, host = pattern.rstrip(".").lower(), host.rstrip(".").lower()
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:] and bool(host.partition(".")[0])
    return pattern == host


def _is_usable(record: Tlsa) -> bool:
    if record.usage not in {AUTHORITY, SERVER} or record.selector not in {_WHOLE, _KEY} or not record.data:
        return False
    return record.matching == 0 or len(record.data) == _SIZES.get(record.matching)


def _fits(record: Tlsa, certificate: bytes) -> bool:
    try:
        chosen = certificate if record.selector == _WHOLE else _public_key(certificate)
    except ValueError:  # a key that nobody can read names nobody
        return False
    if record.matching in _DIGESTS:
        chosen = hashlib.new(_DIGESTS[record.matching], chosen).digest()
    return chosen == record.data


def _public_key(certificate: bytes) -> bytes:
    # Here, since few mail servers have such records.
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_der_x509_certificate

    key = load_der_x509_certificate(certificate).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
