"""The addresses that lead what comes back to its message.

Tokens in return paths (VERP) and in `/v/TOKEN` are a message's key and a truncated HMAC-SHA256 of it, in lower-case
base32, since mail servers may change the case of a local part. The two kinds do not verify as each other. How old a
token may be is decided by the message it leads to.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from typing import Final

from actionmail.rules.delivery.mail_headers import ascii_domain
from actionmail.settings import Keys, every_key

_MAC_BYTES: Final = 10  # 80 bits
_KEY = re.compile(r"[A-Za-z0-9_-]{1,28}")  # 28 + 10 bytes are 61 characters of base32; "b+" before them


def new_message_id(unique: str, domain: str) -> str:
    """`<am.UNIQUE@domain>`; `unique` is the message's key, 1 to 28 letters, digits, "-" and "_"."""
    return f"<am.{_checked_key(unique)}@{ascii_domain('message id', domain)}>"


def message_key(message_id: str) -> str | None:
    """The key in a Message-ID made by `new_message_id`, or None for any other."""
    match = re.fullmatch(r"<am\.([A-Za-z0-9_-]{1,28})@[^<>@\s]+>", message_id)
    return match[1] if match else None


def verp_address(key: str | int, secret: str, domain: str) -> str:
    """The return path of one message, `b+TOKEN@domain`; its local part has at most 64 octets."""
    return f"b+{_token(key, secret, 'return path')}@{ascii_domain('return path', domain)}"


def read_token(address: str, secret: Keys) -> str | None:
    """The key in a return path (whole address or its token alone), or None where it does not verify."""
    return _read(address.partition("@")[0].lower().removeprefix("b+"), secret, "return path")


def verify_token(key: str | int, secret: str) -> str:
    """The TOKEN of `/v/TOKEN`, with which an office can ask whether a letter is genuine."""
    return _token(key, secret, "verify")


def read_verify_token(token: str, secret: Keys) -> str | None:
    """The key in the TOKEN of `/v/TOKEN`, or None where it does not verify."""
    return _read(token.lower(), secret, "verify")


def _token(key: str | int, secret: str, purpose: str) -> str:
    raw = _checked_key(str(key)).encode()
    return _written(raw + _mac(raw, secret, purpose))


def _written(packed: bytes) -> str:
    return b32encode(packed).decode().rstrip("=").lower()


def _read(token: str, secret: Keys, purpose: str) -> str | None:
    if not re.fullmatch(r"[a-z2-7]{18,62}", token):
        return None
    try:
        packed = b32decode(token.upper() + "=" * (-len(token) % 8))
    except binascii.Error:
        return None
    raw, mac = packed[:-_MAC_BYTES], packed[-_MAC_BYTES:]
    if not any(hmac.compare_digest(mac, _mac(raw, signing_key, purpose)) for signing_key in every_key(secret)):
        return None
    key = raw.decode("ascii", "replace")
    # base32 has several spellings of the same bytes: only ours counts.
    return key if _KEY.fullmatch(key) and _written(raw + mac) == token else None


def _mac(raw: bytes, secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"actionmail {purpose}\0".encode() + raw, hashlib.sha256)[:_MAC_BYTES]


def _checked_key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"a message key has 1 to 28 letters, digits, - and _; {key!r} is none")
    return key
