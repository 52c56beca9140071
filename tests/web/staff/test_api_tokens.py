"""The page on which admins make and revoke the tokens of programs."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.db.api_tokens import ApiToken
from actionmail.db.engine import Database
from actionmail.flows import staff
from tests.audit import audited
from tests.web.clock import Clock
from tests.web.staff_pages import BASE, StaffBrowser, words

PAGE = "/staff/api-tokens"


def make(admin: StaffBrowser, **values: str | list[str]) -> str:
    admin.get(PAGE)
    page = admin.post(PAGE, **{"name": "Newsletter", "scopes": ["read:letters"], **values})
    found = re.search(r"<code>(amt_[\w-]+)</code>", page.text)
    assert found, words(page)
    assert page.headers["Cache-Control"] == "no-store"
    return found[1]


def letters(app: Flask, secret: str) -> TestResponse:
    return app.test_client().get("/api/v1/letters", base_url=BASE, headers={"Authorization": f"Bearer {secret}"})


def test_a_token_is_shown_once_and_opens(
    app_of_admin: Flask, admin: StaffBrowser, database: Database, clock: Clock
) -> None:
    secret = make(admin, until="2026-12-31")
    page = admin.get(PAGE)
    assert secret not in page.text
    assert "Newsletter (token 1)" in words(page)
    assert "2027-01-01 00:00 UTC" in words(page)
    answer = app_of_admin.test_client().get(
        "/api/v1/letters", base_url=BASE, headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 200
    assert f"{clock().date()}" in words(admin.get(PAGE))
    with database.read() as session:
        (made,) = audited(session, "api_token_made")
        who = staff.accounts(session)[0].id
    assert made == (
        who,
        "api_token_made",
        "api_token 1",
        {"scopes": ["read:letters"], "until": "2027-01-01T00:00+00:00"},
    )


def test_a_revoked_token_opens_nothing(app_of_admin: Flask, admin: StaffBrowser, database: Database) -> None:
    secret = make(admin)
    assert admin.post(f"{PAGE}/1/revocation").status_code == 303
    assert admin.post(f"{PAGE}/1/revocation").status_code == 404
    answer = app_of_admin.test_client().get(
        "/api/v1/letters", base_url=BASE, headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 401
    assert "opens nothing" in words(admin.get(PAGE))
    with database.read() as session:
        assert len(audited(session, "api_token_revoked")) == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "Give the token a name"),
        ({"name": "x" * 61}, "Give the token a name"),
        ({"name": "a\x00b"}, "Give the token a name"),
        ({"scopes": []}, "Choose at least one thing"),
        ({"scopes": ["read:everything"]}, "Choose at least one thing"),
        ({"until": "soon"}, "Write a day"),
        ({"until": "9999-12-31"}, "Write a day"),
        ({"until": "2020-01-01"}, "over already"),
    ],
)
def test_what_cannot_be_made_so_gets_a_sentence_and_keeps_what_was_typed(
    admin: StaffBrowser, database: Database, values: dict[str, str | list[str]], sentence: str
) -> None:
    admin.get(PAGE)
    page = admin.post(PAGE, **{"name": "Newsletter", "scopes": ["read:letters"], **values})
    assert page.status_code == 422
    assert sentence in words(page)
    assert "name" in values or 'value="Newsletter"' in page.text
    with database.read() as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_making_one_asks_for_the_password_again_after_a_while(admin: StaffBrowser, clock: Clock) -> None:
    clock.move(staff.FRESH.total_seconds() + 1)
    assert admin.get(PAGE).location == "/staff/confirmation?next=/staff/api-tokens"
