"""What a browser brings back signed: by the installation's first key, and verified by each of its keys.

It is signed as itsdangerous does it, in fewer steps: each of a supporter's requests signs or verifies some three times.
"""

from __future__ import annotations

import hmac
from functools import cached_property, lru_cache
from typing import Any, Final

from itsdangerous import Signer, TimedSerializer, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode, want_bytes
from itsdangerous.signer import SigningAlgorithm

from actionmail.web.platform.context import services

_SHORT: Final = 400  # octets, which take no more when they are not packed than most other cookies


class _InOneCall(SigningAlgorithm):
    """HMAC with SHA-1, as itsdangerous has it, by the one call that Python hands on as a whole."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha1")


class _Signer(TimestampSigner):
    """Derives each of its keys once."""

    def __init__(self, secret_key: list[bytes], salt: str | bytes | None, **options: Any) -> None:
        super().__init__(secret_key, salt, algorithm=_InOneCall(), **options)
        self._derived = {secret: super(_Signer, self).derive_key(secret) for secret in self.secret_keys}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        return self._derived[self.secret_key if secret_key is None else want_bytes(secret_key)]


class QuickSerializer(URLSafeTimedSerializer):
    """What is short is not packed: each try to takes a quarter of a megabyte and longer than the signature.

    One signer serves for all values, since nothing in it changes.
    """

    default_signer = _Signer

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        return self._signer if salt in (None, self.salt) else super().make_signer(salt)

    @cached_property
    def _signer(self) -> Signer:
        return super().make_signer(self.salt)

    def dump_payload(self, obj: Any) -> bytes:
        plain = TimedSerializer.dump_payload(self, obj)
        return base64_encode(plain) if len(plain) <= _SHORT else super().dump_payload(obj)


def signed_for(purpose: str) -> QuickSerializer:
    """Signs and reads values of one purpose (itsdangerous calls it a salt), and no others'."""
    return _serializer(tuple(services().settings.keys.for_itsdangerous), purpose)


@lru_cache(maxsize=32)
def _serializer(keys: tuple[str, ...], purpose: str) -> QuickSerializer:
    return QuickSerializer(list(keys), salt=purpose)
