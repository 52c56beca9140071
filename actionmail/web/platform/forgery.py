"""The token against forged posts: Flask-WTF's, signed at less cost.

Flask-WTF makes what signs it anew for each page, and tries to pack it first. What is posted, Flask-WTF itself verifies.
"""

from __future__ import annotations

import secrets
from typing import Final, cast

from flask import Flask, g, session

from actionmail.web.platform.signing import QuickSerializer, signed_for

_NAME: Final = "csrf_token"  # in the session, in `g` and in forms, where Flask-WTF looks for it


def csrf_token() -> str:
    """This request's, of the secret in its session."""
    if _NAME not in g:
        secret = session.get(_NAME)
        if not isinstance(secret, str):
            secret = session[_NAME] = secrets.token_hex(20)
        g.csrf_token = signed_tokens().dumps(secret)
    return cast(str, g.csrf_token)


def signed_tokens() -> QuickSerializer:
    """Signs and reads tokens as Flask-WTF does."""
    return signed_for("wtf-csrf-token")


def bind(app: Flask) -> None:
    """Have templates make tokens here; call after Flask-WTF has had them do so there."""
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.context_processor(lambda: {"csrf_token": csrf_token})
