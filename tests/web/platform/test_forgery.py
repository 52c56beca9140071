"""The tokens against forged posts are Flask-WTF's: it makes the same, and takes these and no others."""

from __future__ import annotations

import pytest
from flask import Flask, g, session
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from actionmail.web.platform.forgery import csrf_token, signed_tokens


def test_flask_wtf_takes_our_tokens_in_their_own_session_alone(site: Flask) -> None:
    with site.test_request_context():
        token = csrf_token()
        assert token == csrf_token(), "one for each request"
        assert session.modified
        validate_csrf(token)
        session["csrf_token"] = "another's"
        with pytest.raises(ValidationError, match="do not match"):
            validate_csrf(token)
        session["csrf_token"] = signed_tokens().loads(token)
        validate_csrf(token)
        with pytest.raises(ValidationError, match="invalid"):
            validate_csrf(token[:-9] + ("a" if token[-9] != "a" else "b") + token[-8:])  # the last one has spare bits


def test_we_go_on_with_the_secret_of_flask_wtf(site: Flask) -> None:
    with site.test_request_context():
        theirs = generate_csrf()
        g.pop("csrf_token")
        ours = csrf_token()
        assert signed_tokens().loads(theirs) == signed_tokens().loads(ours) == session["csrf_token"]


def test_a_session_that_holds_something_else_gets_a_new_secret(site: Flask) -> None:
    with site.test_request_context():
        session["csrf_token"] = 5
        validate_csrf(csrf_token())
