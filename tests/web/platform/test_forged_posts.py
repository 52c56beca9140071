"""The token against forged posts is Flask-WTF's own, and is made where a page shows it."""

from __future__ import annotations

import re

import pytest
from flask import Flask, g, session
from flask_wtf.csrf import generate_csrf, validate_csrf
from itsdangerous import URLSafeTimedSerializer
from wtforms import ValidationError

from actionmail.web.platform import forged_posts
from actionmail.web.supporter.forms import WhoForm


def test_flask_wtf_takes_it_for_its_own(site: Flask) -> None:
    with site.test_request_context():
        token = forged_posts.token()
        validate_csrf(token)
        assert generate_csrf() == token  # and makes no other for this request


def test_each_token_is_signed_for_one_session(site: Flask) -> None:
    with site.test_request_context():
        token = forged_posts.token()
    with site.test_request_context():
        forged_posts.token()
        with pytest.raises(ValidationError, match="do not match"):
            validate_csrf(token)


def test_one_that_was_changed_or_signed_by_another_key_is_refused(site: Flask) -> None:
    with site.test_request_context():
        token = forged_posts.token()
        forged = URLSafeTimedSerializer("another key", salt=forged_posts.PURPOSE).dumps(session["csrf_token"])
        turned = token[:-1] + ("A" if token[-1] != "A" else "B")
        for wrong in (forged, turned, token.replace(".", "", 1), ""):
            with pytest.raises(ValidationError):
                validate_csrf(wrong)


def test_it_is_good_for_its_time_and_no_longer(site: Flask) -> None:
    with site.test_request_context():
        token = forged_posts.token()
        with pytest.raises(ValidationError, match="expired"):
            validate_csrf(token, time_limit=-1)


def test_a_session_with_something_else_in_its_place_gets_a_new_secret(site: Flask) -> None:
    with site.test_request_context():
        session["csrf_token"] = ["not", "text"]
        validate_csrf(forged_posts.token())


def test_an_older_key_is_still_known(site: Flask) -> None:
    keys = site.config["WTF_CSRF_SECRET_KEY"]
    newest = keys if isinstance(keys, str) else keys[-1]
    with site.test_request_context():
        assert URLSafeTimedSerializer(newest, salt=forged_posts.PURPOSE).loads(forged_posts.token())


def test_a_form_makes_none_and_still_asks_for_one(site: Flask) -> None:
    """Whoever leads on to another page shows no token, so none is made; the page's is, once."""
    with site.test_request_context(method="POST", data={"name": "Mai Example"}):
        form = WhoForm()
        assert "csrf_token" not in g
        assert not form.validate()
        assert "csrf_token" in form.errors


def test_a_page_has_one_and_the_same_in_all_of_its_forms(site: Flask) -> None:
    page = site.test_client().get("/staff/sign-in", base_url="http://127.0.0.1:8000").text
    tokens = set(re.findall(r'name="csrf_token" value="([^"]*)"', page))
    assert len(tokens) == 1 and all(tokens)
