"""The cookie of a session: Flask's own, signed at less cost."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any, Final

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer, TimedSerializer, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

_SHORT: Final = 400  # octets, which take no more when they are not packed than most other cookies


class _ShortUnpacked(URLSafeTimedSerializer):
    """What is short is not packed: each try to takes a quarter of a megabyte and longer than the signature.

    One signer serves for all cookies, since nothing in it changes.
    """

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        return self._signer if salt in (None, self.salt) else super().make_signer(salt)

    @cached_property
    def _signer(self) -> Signer:
        return super().make_signer(self.salt)

    def dump_payload(self, obj: Any) -> bytes:
        plain = TimedSerializer.dump_payload(self, obj)
        return base64_encode(plain) if len(plain) <= _SHORT else super().dump_payload(obj)


class SessionCookies(SecureCookieSessionInterface):
    """Flask's own cookies, with what signs them made once and not twice a request.

    The hash is the same; where Flask hands on a function around it, Python cannot take its short way.
    """

    digest_method = staticmethod(hashlib.sha1)

    def __init__(self) -> None:
        self._made: tuple[object, URLSafeTimedSerializer | None] = (None, None)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        key, serializer = self._made
        if serializer is None or key != app.secret_key:
            made = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
            keys = [*app.config["SECRET_KEY_FALLBACKS"], app.secret_key]  # the last one signs
            serializer = _ShortUnpacked(keys, salt=self.salt, serializer=self.serializer, signer_kwargs=made)
            self._made = (app.secret_key, serializer)
        return serializer
