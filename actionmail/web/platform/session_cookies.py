"""The cookie of a session: Flask's own, signed at less cost."""

from __future__ import annotations

import hashlib

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin
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

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Where nothing is to be kept, only what Flask says then: that the page depends on the cookie."""
        if session.modified or session.permanent:
            super().save_session(app, session, response)
        elif session.accessed and "Vary" in response.headers:
            response.vary.add("Cookie")
        elif session.accessed:
            response.headers["Vary"] = "Cookie"
