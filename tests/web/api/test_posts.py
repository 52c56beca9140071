"""The posts of the news for programs: each as its page shows it, and nothing that no page shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker

from actionmail.db.engine import Database
from tests.pictures import keep_picture
from tests.samples import NOW, sample_action, sample_call, sample_organisation, sample_petition, sample_statement
from tests.web.supporter_pages import BASE

ALL, ONE, SIGNERS = "/api/v1/campaigns", "/api/v1/campaigns/{slug}", "/api/v1/campaigns/{slug}/signers"


@pytest.fixture
def api(site: Flask) -> FlaskClient:
    return site.test_client()


def ask(api: FlaskClient, path: str, slug: str = "", status: int = 200, **question: str) -> Any:
    """The answer, which is as the description says."""
    answer = api.get(path.format(slug=slug), base_url=BASE, query_string=question)
    document: Any = api.get("/api/v1/openapi.json", base_url=BASE).json
    responses = document["paths"][path]["get"]["responses"]
    described = responses.get(str(answer.status_code), responses["default"])["content"][answer.mimetype]["schema"]
    schema = described | {"components": document["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)
    assert answer.status_code == status
    return answer.json


def test_a_petition_tells_its_picture_its_goal_and_how_many_signed(
    api: FlaskClient, database: Database, now: datetime
) -> None:
    with database.write() as session:
        keep_picture(session, now)
        petition = sample_petition(
            session, goal=3_000, picture="door.png", picture_id=1, picture_alt="A door.", then=["ab969"]
        )
        petition.details = {**petition.details, "to_email": "office@governor.example"}
        sample_action(session, petition, name="Ann Example")
        sample_action(session, petition, email="b@example.org", unconfirmed=True)
        sample_action(session, petition, email="c@example.org", cancelled_at=NOW)
    one = ask(api, ONE, "clemency")
    assert (one["count"], one["goal"], one["is_open"], one["then"]) == (1, 3_000, True, ["ab969"])
    assert (one["picture"]["alt"], one["picture"]["width"], one["picture"]["height"]) == ("A door.", 60, 30)
    assert api.get(one["picture"]["url"].removeprefix(BASE), base_url=BASE).status_code == 200
    assert one["details"]["to"] == "Governor Example"
    assert "to_email" not in one["details"]
    listed = {post["slug"]: post for post in ask(api, ALL)["campaigns"]}
    assert listed["clemency"] == one
    assert listed["ab969"]["picture"] is None


def test_of_calls_only_what_the_page_tells_is_told(api: FlaskClient, database: Database) -> None:
    with database.write() as session:
        call = sample_call(session)
        for number, outcome in enumerate(("spoke", "busy")):
            told = {"target": "comment-line", "digits": "2024561111", "extension": "", "outcome": outcome}
            sample_action(session, call, email=f"{number}@example.org", name="", details=told)
    one = ask(api, ONE, "comment-line")
    assert one["count"] == 2
    assert "busy" not in str(one)


def test_a_statements_organisations_come_page_by_page_in_the_order_of_its_page(
    api: FlaskClient, database: Database
) -> None:
    with database.write() as session:
        statement = sample_statement(session)
        for number in range(120):
            sample_organisation(
                session, statement, f"Group {number:03}", email=f"{number}@example.org", review="approved"
            )
        sample_organisation(session, statement, "Nobody looked", email="w@example.org")
        sample_organisation(session, statement, "Aardvark", email="x@example.org", review="approved", invalid_at=NOW)
    first, last = ask(api, SIGNERS, "together"), ask(api, SIGNERS, "together", page="9" * 40)
    assert (first["count"], first["page"], first["pages"]) == (120, 1, 2)
    assert first["signers"][0] == {
        "organisation": "Group 000", "website": "https://www.example.org", "city": "Madison", "state": "WI"
    }  # fmt: skip
    names = [signer["organisation"] for signer in first["signers"] + last["signers"]]
    assert (names, last["page"]) == ([f"Group {number:03}" for number in range(120)], 2)
    assert ask(api, SIGNERS, "together", page="x")["page"] == ask(api, SIGNERS, "together", page="0")["page"] == 1
    assert ask(api, ONE, "together")["count"] == 120


def test_an_empty_statement_has_one_page(api: FlaskClient, database: Database) -> None:
    with database.write() as session:
        sample_statement(session)
    assert ask(api, SIGNERS, "together") == {"signers": [], "count": 0, "page": 1, "pages": 1}


def test_what_the_public_does_not_see_is_not_there(api: FlaskClient, database: Database) -> None:
    with database.write() as session:
        sample_petition(session)
        sample_statement(session, slug="draft", status="draft")
        sample_statement(session, slug="archived", status="archived")
        sample_petition(session, slug="by-link", listed=False)
    for slug in "draft", "archived", "none":
        for path in ONE, SIGNERS:
            assert ask(api, path, slug, status=404)["detail"] == "Not Found"
    assert ask(api, SIGNERS, "clemency", status=404)  # people's names stand on its page alone
    assert ask(api, ONE, "by-link")["slug"] == "by-link"
