"""The JSON door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from actionmail.app import create_app
from actionmail.db.engine import Database
from actionmail.settings import Settings
from tests.gateways.census_server import CensusServer, census
from tests.samples import sample_legislators
from tests.web.supporter_pages import BASE


@pytest.fixture
def geocoder() -> Iterator[CensusServer]:
    with census() as server:
        yield server


@pytest.fixture
def api(settings: Settings, database: Database, geocoder: CensusServer) -> FlaskClient:
    with database.write() as session:
        sample_legislators(session)
    app: Flask = create_app(replace(settings, geocoder_url=geocoder.url))
    return app.test_client()


def ask(api: FlaskClient, who: str = "192.0.2.1", **question: str) -> TestResponse:
    return api.get("/api/v1/lookup", base_url=BASE, query_string=question, environ_base={"REMOTE_ADDR": who})


def test_a_zip_code(api: FlaskClient, geocoder: CensusServer) -> None:
    answer = ask(api, zip="53703")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["method"], answer.json["certain"]) == ("zip", False)
    assert [one["district"] for one in answer.json["candidates"]["lower"]] == ["76", "77"]
    assert geocoder.asked == []


def test_a_street(api: FlaskClient) -> None:
    answer = ask(api, zip="53703", state="WI", street="2 E Main St").json
    assert answer is not None
    assert (answer["method"], answer["certain"], answer["confidence"]) == ("address", True, "high")
    assert [one["district"] for one in answer["candidates"]["lower"]] == ["76"]
    assert answer["candidates"]["lower"][0]["legislators"][0]["status"] == "sitting"


def test_a_street_that_is_not_found_leaves_the_zip_code(api: FlaskClient) -> None:
    answer = ask(api, zip="53703", street="9 Nowhere Ln").json
    assert answer is not None
    assert (answer["method"], answer["certain"]) == ("zip", False)
    assert "We could not find this address" in answer["note"]


@pytest.mark.parametrize(
    ("question", "status", "sentence"),
    [
        ({}, 400, "zip is missing"),
        ({"zip": "123"}, 400, "five digits"),
        ({"zip": "00000"}, 400, "do not know the ZIP code"),
        ({"zip": "53703", "state": "CA"}, 404, "is in Wisconsin"),
        ({"zip": "53703", "state": "ZZ"}, 400, "no state"),
        ({"zip": "53703", "street": "x" * 201}, 400, "street may have 200 characters"),
    ],
)
def test_refusals_are_sentences_in_json(api: FlaskClient, question: dict[str, str], status: int, sentence: str) -> None:
    answer = ask(api, **question)
    assert answer.status_code == status
    assert answer.json is not None
    assert sentence in answer.json["error"]


def test_too_many_questions(api: FlaskClient) -> None:
    for _ in range(30):
        assert ask(api, who="192.0.2.99", zip="53703").status_code == 200
    answer = ask(api, who="192.0.2.99", zip="53703")
    assert answer.status_code == 429
    assert answer.json == {"error": "At most 30 per minute from one address: please wait a minute."}
    assert api.post("/api/v1/lookup", base_url=BASE).status_code in {403, 405}


def test_the_description_holds(api: FlaskClient) -> None:
    document: Any = api.get("/api/v1/openapi.json", base_url=BASE).json
    assert document["openapi"] == "3.1.0"
    operation = document["paths"]["/api/v1/lookup"]["get"]
    assert [one["name"] for one in operation["parameters"]] == ["zip", "state", "street", "city"]
    schemas = document["components"]["schemas"]
    answer = ask(api, who="192.0.2.2", zip="53703", street="2 E Main St").json
    assert answer is not None
    assert set(schemas["Answer"]["required"]) <= set(answer) == set(schemas["Answer"]["properties"])
    candidate = answer["candidates"]["lower"][0]
    assert set(candidate) == set(schemas["Candidate"]["properties"])
    assert set(candidate["legislators"][0]) == set(schemas["Legislator"]["properties"])
    for reference in ("Answer", "Problem"):
        assert f"#/components/schemas/{reference}" in str(operation)
        assert reference in schemas
