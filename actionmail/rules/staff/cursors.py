"""Where a program goes on reading: a row's number, bound to what was asked for, under the installation's key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

from actionmail.settings import Keys, every_key

LONGEST: Final = 64  # characters
_TAG: Final = 16  # bytes of the HMAC
_NUMBER: Final = 8


def cursor(number: int, *, question: str, key: str) -> str:
    """Letters, digits, "-" and "_". `question` is all that the answer depends on."""
    place = number.to_bytes(_NUMBER, "big")
    return base64.urlsafe_b64encode(place + _tag(place, question, key)).decode().rstrip("=")


def number_of(text: str, *, question: str, key: Keys) -> int | None:
    """The row's number; None for what we did not make, or made for another question."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    place, tag = raw[:_NUMBER], raw[_NUMBER:]
    if not any(hmac.compare_digest(tag, _tag(place, question, signing_key)) for signing_key in every_key(key)):
        return None
    return int.from_bytes(place, "big")


def _tag(place: bytes, question: str, key: str) -> bytes:
    message = b"actionmail cursor\0" + place + question.encode("utf-8", "surrogatepass")
    return hmac.digest(key.encode(), message, hashlib.sha256)[:_TAG]
