"""The token against forged posts: Flask-WTF's, which checks it, made at a tenth of the cost.

What is signed, by which key, for how long and for whose session is Flask-WTF's; it reads these tokens as its own. They
are made once for a request, and only where a page shows one: a post that leads on to another page shows none.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, Final, cast

from flask import Flask, current_app, g, session
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect

from actionmail.web.platform.session_cookies import ShortUnpacked

FIELD: Final = "csrf_token"  # of a form, of the session, and of `g`, as Flask-WTF names it
PURPOSE: Final = "wtf-csrf-token"
_EXTENSION: Final = "actionmail.forged_posts"

csrf = CSRFProtect()


def bind(app: Flask) -> None:
    """Call once the keys stand in the configuration of `app`."""
    csrf.init_app(app)
    keys = app.config["WTF_CSRF_SECRET_KEY"]
    app.extensions[_EXTENSION] = ShortUnpacked(keys, salt=PURPOSE, signer_kwargs={"digest_method": hashlib.sha1})
    app.jinja_env.globals[FIELD] = token
    app.context_processor(lambda: {FIELD: token})  # after Flask-WTF's own, which says the same name


def token() -> str:
    """This request's token for this browser's session, which gets a secret for it where it has none."""
    if FIELD not in g:
        secret = session.get(FIELD)
        if not isinstance(secret, str):
            secret = session[FIELD] = secrets.token_hex(20)
        setattr(g, FIELD, cast(ShortUnpacked, current_app.extensions[_EXTENSION]).dumps(secret))
    return cast(str, getattr(g, FIELD))


class _ShownByPages(FlaskForm.Meta.csrf_class):  # type: ignore[misc]
    """Checks tokens as every form of Flask-WTF does, and makes none: no page shows a form's own."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return ""


class PageForm(FlaskForm):  # type: ignore[misc]
    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf_class = _ShownByPages
