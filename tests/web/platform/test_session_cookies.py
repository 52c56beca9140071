"""The session's cookie is Flask's own: only what is short is not packed."""

from __future__ import annotations

import pytest
from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue

from actionmail.web.platform.session_cookies import SessionCookies

APP = Flask("cookies")
APP.config.update(SECRET_KEY="k" * 40, SECRET_KEY_FALLBACKS=["old" * 20])
SHORT, LONG = {"csrf_token": "a" * 40}, {"drafts": {f"campaign-{number}": "x" * 40 for number in range(12)}}


@pytest.mark.parametrize(("values", "is_packed"), [(SHORT, False), (LONG, True)])
def test_flask_reads_ours_and_we_read_flasks(values: dict[str, object], *, is_packed: bool) -> None:
    ours = SessionCookies().get_signing_serializer(APP)
    flasks = SecureCookieSessionInterface().get_signing_serializer(APP)
    assert ours is not None
    assert flasks is not None
    cookie = str(ours.dumps(values))
    assert cookie.startswith(".") is is_packed
    assert flasks.loads(cookie) == values
    assert ours.loads(flasks.dumps(values)) == values


def test_what_an_older_key_signed_is_read() -> None:
    before = Flask("cookies")
    before.config.update(SECRET_KEY="old" * 20, SECRET_KEY_FALLBACKS=[])
    old, ours = SessionCookies().get_signing_serializer(before), SessionCookies().get_signing_serializer(APP)
    assert old is not None
    assert ours is not None
    assert ours.loads(old.dumps(SHORT)) == SHORT


def test_headers_are_flasks_own_whatever_was_done_with_the_session() -> None:
    """Each page by Flask's cookies and by ours, with the cookie of the one before."""
    for vary in (None, "Accept-Encoding", "Cookie"):
        answers = []
        for interface in (SecureCookieSessionInterface(), SessionCookies()):
            client = _pages(interface, vary).test_client()
            each = [client.get(page).headers.getlist("Vary") for page in _PAGES]
            answers.append((each, client.get_cookie("session")))
        assert answers[0] == answers[1]


_PAGES = ("/untouched", "/read", "/write", "/untouched", "/read", "/write", "/last", "/read", "/empty", "/read")


def _pages(interface: SecureCookieSessionInterface, vary: str | None) -> Flask:
    app = Flask("pages")
    app.config.update(SECRET_KEY="k" * 40, SECRET_KEY_FALLBACKS=[])
    app.session_interface = interface

    @app.get("/<what>")
    def page(what: str) -> ResponseReturnValue:
        if what == "read":
            session.get("a")
        elif what == "write":
            session["a"] = "b"
        elif what == "last":
            session.permanent = True
        elif what == "empty":
            session.clear()
        return what, {"Vary": vary} if vary else {}

    return app
