"""The JSON door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from werkzeug.test import TestResponse

from actionmail.db.engine import Database
from actionmail.flows.lookup.zip_conversion import convert_zip_table
from actionmail.flows.roster.atomic_files import files_in_place
from actionmail.rules.districts.states import CHAMBERS, FEDERAL_CHAMBERS
from actionmail.rules.districts.zip_table import METHODS
from actionmail.settings import Settings
from actionmail.web.api.schemas import Candidate, Candidates
from tests.gateways.census_server import CensusServer, census
from tests.samples import sample_legislator, sample_legislators
from tests.web.application import open_app
from tests.web.supporter_pages import BASE


@pytest.fixture
def geocoder() -> Iterator[CensusServer]:
    with census() as server:
        yield server


@pytest.fixture
def api(settings: Settings, database: Database, geocoder: CensusServer) -> FlaskClient:
    with database.write() as session:
        sample_legislators(session)
    app: Flask = open_app(replace(settings, geocoder_url=geocoder.url))
    return app.test_client()


def ask(api: FlaskClient, who: str = "192.0.2.1", **question: str) -> TestResponse:
    """One question, whose answer is as the description says."""
    answer = api.get("/api/v1/lookup", base_url=BASE, query_string=question, environ_base={"REMOTE_ADDR": who})
    document: Any = api.get("/api/v1/openapi.json", base_url=BASE).json
    operation = document["paths"]["/api/v1/lookup"]["get"]
    described = operation["responses"].get(str(answer.status_code), operation["responses"]["default"])
    (kind,) = described["content"]
    assert answer.mimetype == kind
    schema = described["content"][kind]["schema"] | {"components": document["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)
    return answer


def test_a_zip_code(api: FlaskClient, geocoder: CensusServer) -> None:
    answer = ask(api, zip="53703")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["method"], answer.json["certain"]) == ("zip", False)
    assert [one["district"] for one in answer.json["candidates"]["lower"]] == ["76", "77"]
    assert geocoder.asked == []


def test_candidates_whose_districts_are_newer_than_our_lines_are_said_to_be_incomplete(
    api: FlaskClient, database: Database
) -> None:
    with database.write() as session:
        sample_legislator(session, state="MS", chamber="upper", district="45", as_of=date(2026, 8, 5))
    answer = ask(api, zip="39423").json
    assert answer is not None
    assert answer["incomplete"] == ["upper"]
    assert [one["district"] for one in answer["candidates"]["upper"]] == ["45", "43"]
    assert answer["settled"]["upper"]["by"] == "newer_districts"
    whole = ask(api, zip="53703").json
    assert whole is not None
    assert whole["incomplete"] == []


def test_a_new_zip_table_holds_without_a_restart(settings: Settings, database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    put_in = folder / "zip_districts.csv.gz"

    def import_zips(*districts: str) -> None:
        rows = "".join(f"53703,WI,lower,{one},{1 / len(districts)},pop\n" for one in districts)
        (tmp_path / "zips.csv").write_text(f"zip,state,chamber,district,share,method\n{rows}")
        with files_in_place(tmp_path) as put:
            put(put_in, convert_zip_table(tmp_path / "zips.csv", as_of=date(2026, 11, 3)))

    def lower() -> list[str]:
        answer = ask(client, zip="53703").json
        assert answer is not None
        return [one["district"] for one in answer["candidates"]["lower"]]

    import_zips("76", "77")
    client = open_app(replace(settings, data_dir=folder)).test_client()
    assert lower() == ["76", "77"]
    import_zips("48")
    assert lower() == ["48"]


def test_a_seat_says_when_its_special_election_is(settings: Settings, database: Database, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    soon, first, past = (today + timedelta(days=days) for days in (9, 30, -2))
    (tmp_path / "zip_districts.csv").write_text(
        f"zip,state,chamber,district,share,method,as_of\n"
        f"53703,WI,lower,76,0.5,pop,{today}\n53703,WI,lower,77,0.5,pop,{today}\n53703,WI,upper,26,1,pop,{today}\n"
    )
    rows = f"WI,upper,26,{past},,over\nWI,lower,76,{soon},{first},made up\nWI,lower,77,{soon},,made up\n"
    (tmp_path / "special_elections.csv").write_text(f"state,chamber,district,election,first_day,source\n{rows}")
    answer = ask(open_app(replace(settings, data_dir=tmp_path)).test_client(), zip="53703").json
    assert answer is not None
    told = {}
    for seat in (*answer["candidates"]["lower"], *answer["candidates"]["upper"]):
        told[seat["district"]] = seat.get("special_election")
    assert told == {
        "76": {"election": str(soon), "first_day": str(first), "source": "made up"},
        "77": {"election": str(soon), "source": "made up"},
        "26": None,
    }


def test_a_street(api: FlaskClient) -> None:
    answer = ask(api, zip="53703", state="WI", street="2 E Main St").json
    assert answer is not None
    assert (answer["method"], answer["certain"], answer["confidence"]) == ("address", True, "high")
    assert answer["basis"].keys() == answer["candidates"].keys()
    assert (answer["basis"]["lower"]["method"], answer["basis"]["lower"]["confidence"]) == ("boundary", "high")
    assert [one["district"] for one in answer["candidates"]["lower"]] == ["76"]
    assert answer["candidates"]["lower"][0]["legislators"][0]["status"] == "sitting"


def test_a_zip_code_of_two_states_names_the_candidates_of_both(api: FlaskClient) -> None:
    answer = ask(api, zip="42223")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["states"], answer.json["certain"]) == (["KY", "TN"], False)
    each = {one["state"]: one for one in answer.json["answers"]}
    assert [one["district"] for one in each["TN"]["candidates"]["upper"]] == ["22"]
    assert [one["district"] for one in each["KY"]["candidates"]["lower"]] == ["9"]
    assert ask(api, zip="42223", state="TN").json["state"] == "TN"  # type: ignore[index]


def test_each_chamber_says_how_it_is_settled(api: FlaskClient) -> None:
    answer = ask(api, zip="53703").json
    assert answer is not None
    assert answer["settled"]["upper"] == {"by": "zip", "words": "your ZIP code settles it"}
    assert answer["settled"]["lower"] == {"by": "street_decides", "words": "your street decides"}
    answer = ask(api, zip="53703", state="WI", street="2 E Main St").json
    assert answer is not None
    assert answer["settled"]["lower"] == {"by": "street", "words": "settled by your street"}


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
        ({"zip": "53703", "congress": "2"}, 400, "congress is 1"),
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
    assert answer.json is not None
    assert answer.json["detail"] == "At most 30 per minute from one address: please wait a minute."
    assert answer.json["error"] == answer.json["detail"]
    assert answer.mimetype == "application/problem+json"
    assert api.post("/api/v1/lookup", base_url=BASE).status_code in {403, 405}


def test_congress_only_where_it_is_asked_for(api: FlaskClient, database: Database) -> None:
    with database.write() as session:
        for chamber, district in (("us_upper", "Statewide"), ("us_lower", "2")):
            sample_legislator(
                session, chamber=chamber, district=district, email="", website="https://example.org/write"
            )
    answer = ask(api, zip="53703", congress="1").json
    assert answer is not None
    assert set(answer["candidates"]) == {"upper", "lower", "us_upper", "us_lower"}
    (member,) = answer["candidates"]["us_lower"][0]["legislators"]
    assert (member["website"], member["phone"], member["title"]) == ("https://example.org/write", "", "Representative")
    without = ask(api, zip="53703", congress="0").json
    assert without is not None
    assert set(without["candidates"]) == {"upper", "lower"}


def test_the_description_names_what_can_be_asked_and_all_that_is_answered(api: FlaskClient) -> None:
    document: Any = api.get("/api/v1/openapi.json", base_url=BASE).json
    assert document["openapi"] == "3.1.0"
    operation = document["paths"]["/api/v1/lookup"]["get"]
    assert [one["name"] for one in operation["parameters"]] == ["zip", "state", "street", "city", "congress"]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
        assert schema["additionalProperties"] is False
    schema = {"$ref": "#/components/schemas/Answer", "components": document["components"]}
    answer = ask(api, zip="53703").json
    with pytest.raises(ValidationError):
        Draft202012Validator(schema).validate({**(answer or {}), "street": "2 E Main St"})


def test_the_schemas_name_the_chambers_and_methods_that_the_rules_have() -> None:
    assert set(msgspec.json.schema(Candidates)["$defs"]["Candidates"]["properties"]) == {*CHAMBERS, *FEDERAL_CHAMBERS}
    methods = msgspec.json.schema(Candidate)["$defs"]["Candidate"]["properties"]["method"]["enum"]
    assert set(methods) == {*METHODS, "list", "state", "address"}


def references(part: Any) -> Iterator[str]:
    """Every `$ref` in a part of the document."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_description_is_whole_and_has_the_limits_that_are_held(api: FlaskClient) -> None:
    document: Any = api.get("/api/v1/openapi.json", base_url=BASE).json
    assert set(document) == {"openapi", "info", "servers", "paths", "components"}
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) == known
    for response in document["paths"]["/api/v1/lookup"]["get"]["responses"].values():
        assert response["description"]
    parameters = document["paths"]["/api/v1/lookup"]["get"]["parameters"]
    limits = {one["name"]: one["schema"]["maxLength"] for one in parameters}
    assert limits == {"zip": 20, "state": 2, "street": 200, "city": 120, "congress": 1}
    required = [one["name"] for one in parameters if one["required"]]
    assert required == ["zip"]
