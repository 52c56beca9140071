"""The cookie of a session: Flask's own, signed at less cost."""

from __future__ import annotations

import hashlib

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from actionmail.web.platform.signing import QuickSerializer


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
            serializer = QuickSerializer(keys, salt=self.salt, serializer=self.serializer, signer_kwargs=made)
            self._made = (app.secret_key, serializer)
        return serializer
