"""DKIM signatures (RFC 6376; ed25519 by RFC 8463), relaxed/relaxed, over the whole body.

The signature carries no time, so the same letter and key always give the same bytes, also at the tenth try.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from msgspec import Struct

# Each is named once more than it occurs, so that nobody can add a second one (RFC 6376 8.15).
SIGNED_HEADERS = (
    b"from",
    b"reply-to",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
    b"list-unsubscribe",  # which receivers offer only where both are signed (RFC 8058 4)
    b"list-unsubscribe-post",
)
RSA_BITS = 2048
_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", re.IGNORECASE)


class KeyFault(StrEnum):
    """Why a key cannot be used."""

    SELECTOR = "selector"  # it has other characters than letters, digits, dots and hyphens, or too many
    NOT_PEM = "not_pem"  # no unencrypted private key in PEM form
    TOO_WEAK = "too_weak"  # neither Ed25519 nor RSA of at least RSA_BITS


class KeyRefused(ValueError):
    """The key to be published under `selector` cannot be used."""

    def __init__(self, fault: KeyFault, selector: str) -> None:
        super().__init__(fault, selector)
        self.fault = fault
        self.selector = selector


class Signer(Struct, frozen=True, kw_only=True):
    """One private key, published under `selector`._domainkey.`domain`."""

    selector: str
    domain: str
    key: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"

    @property
    def record(self) -> str:
        """What the DNS has to say at `selector`._domainkey.`domain` (TXT)."""
        if isinstance(self.key, RSAPrivateKey):
            der = self.key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
        raw = self.key.public_key().public_bytes_raw()
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"

    def header(self, raw: bytes) -> bytes:
        """The DKIM-Signature header, CRLF included, that goes before the letter `raw` (lines ending in CRLF)."""
        head, _blank, body = raw.partition(b"\r\n\r\n")
        fields = _fields(head)
        present = Counter(name for name, _line in fields)
        names: list[bytes] = []
        for name in SIGNED_HEADERS:
            names += [name] * (present[name] + 1)
        body_hash = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest())
        unsigned = b"\r\n".join(
            [
                b"DKIM-Signature: v=1; a=%s; c=relaxed/relaxed;" % self.algorithm.encode(),
                b" d=%s; s=%s;" % (self.domain.encode(), self.selector.encode()),
                *_folded(b" h=", b":".join(names) + b";", b":"),
                b" bh=%s;" % body_hash,
                b" b=",
            ]
        )
        signed = b"".join(line + b"\r\n" for line in _chosen(fields, names)) + _relaxed_header(*_split(unsigned))
        signature = base64.b64encode(self._sign(signed))
        lines = [signature[start : start + 72] for start in range(0, len(signature), 72)]
        return unsigned + b"\r\n  ".join([b"", *lines])[2:].lstrip() + b"\r\n"

    def _sign(self, signed: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(hashlib.sha256(signed).digest())


def read_signer(selector: str, domain: str, pem: bytes) -> Signer:
    """The signer of an unencrypted PEM private key: RSA of at least 2048 bits, or Ed25519. Raises KeyRefused."""
    if not _SELECTOR.fullmatch(selector):
        raise KeyRefused(KeyFault.SELECTOR, selector)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyRefused(KeyFault.NOT_PEM, selector) from None
    if isinstance(key, RSAPrivateKey) and key.key_size >= RSA_BITS:
        return Signer(selector=selector, domain=domain, key=key)
    if isinstance(key, Ed25519PrivateKey):
        return Signer(selector=selector, domain=domain, key=key)
    raise KeyRefused(KeyFault.TOO_WEAK, selector)


def signing_with(signers: Sequence[Signer]) -> Callable[[bytes], bytes]:
    """A function that puts the signatures of all `signers` before a letter."""

    def sign(raw: bytes) -> bytes:
        return b"".join(signer.header(raw) for signer in signers) + raw

    return sign


def _fields(head: bytes) -> list[tuple[bytes, bytes]]:
    """(lower-case name, relaxed line without CRLF) of each header field, in order."""
    unfolded = re.split(rb"\r\n(?![ \t])", head)
    split = [_split(field) for field in unfolded if b":" in field]
    return [(name.strip().lower(), _relaxed_header(name, value)) for name, value in split]


def _split(field: bytes) -> tuple[bytes, bytes]:
    name, _colon, value = field.partition(b":")
    return name, value


def _relaxed_header(name: bytes, value: bytes) -> bytes:
    """RFC 6376 3.4.2."""
    return name.strip().lower() + b":" + _WHITE.sub(b" ", value.replace(b"\r\n", b"")).strip(b" \t")


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376 3.4.4."""
    lines = [_WHITE.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _chosen(fields: Sequence[tuple[bytes, bytes]], names: Sequence[bytes]) -> list[bytes]:
    """The fields that `names` means: from the last upwards; one too many means none (RFC 6376 5.4.2)."""
    left = list(fields)
    chosen = []
    for name in names:
        for place in reversed(range(len(left))):
            if left[place][0] == name:
                chosen.append(left.pop(place)[1])
                break
    return chosen


def _folded(first: bytes, text: bytes, separator: bytes) -> list[bytes]:
    """`text` in lines of at most 76 octets, broken after separators."""
    lines, line = [], first
    for part in re.findall(rb"[^%s]+%s?" % (separator, separator), text):
        if len(line) + len(part) > 76:
            lines.append(line)
            line = b"  "
        line += part
    return [*lines, line]


_WHITE = re.compile(rb"[ \t]+")
