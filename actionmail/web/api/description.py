"""The description of the JSON door for programs, in OpenAPI 3.1.0, made from its schemas.

OpenAPI 3.1 takes JSON Schema 2020-12 as it is (OAS 3.1.0, 4.8.24), which is what msgspec writes.
"""

from __future__ import annotations

from typing import Any

import msgspec

from actionmail import __version__
from actionmail.web.api.schemas import Answer, Answers, Campaigns, Problem, Question

_ANSWERS: dict[str, tuple[str, str]] = {
    "200": ("Who it may be, and how sure that is; of each state where a ZIP code lies in several.", "Answer Answers"),
    "400": ("The question cannot be answered as it is.", "Problem"),
    "404": ("The place is in another state.", "Problem"),
    "429": ("Too many questions from one address.", "Problem"),
    "default": ("Something else is wrong.", "Problem"),
}
_PAGES: dict[str, tuple[str, str]] = {
    "200": ("A page of the posts, newest first.", "Campaigns"),
    "default": ("Something is wrong.", "Problem"),
}
_REFERENCES = "#/components/schemas/{name}"


def describe(base_url: str, lookup: str, campaigns: str) -> dict[str, Any]:
    """The whole document; `lookup` and `campaigns` are the paths of its two questions."""
    _, components = msgspec.json.schema_components([Answer, Answers, Campaigns, Problem], ref_template=_REFERENCES)
    find = {
        "operationId": "lookup",
        "summary": "The legislators of a ZIP code or an address.",
        "parameters": _parameters(),
        "responses": _responses(_ANSWERS),
    }
    number = {"name": "page", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 1}}
    read = {
        "operationId": "campaigns",
        "summary": "The campaigns and the news.",
        "parameters": [{**number, "description": "From 1, the newest; the last one where there are fewer."}],
        "responses": _responses(_PAGES),
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ActionMail",
            "version": __version__,
            "summary": "Who represents a place, and what can be done.",
        },
        "servers": [{"url": base_url}],
        "paths": {lookup: {"get": find}, campaigns: {"get": read}},
        "components": {"schemas": components},
    }


def _responses(answers: dict[str, tuple[str, str]]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, (description, shapes) in answers.items():
        references = [{"$ref": _REFERENCES.format(name=shape)} for shape in shapes.split()]
        schema: dict[str, Any] = references[0] if len(references) == 1 else {"oneOf": references}
        content = {"application/json": {"schema": schema}}
        responses[status] = {"description": description, "content": content}
    return responses


def _parameters() -> list[dict[str, Any]]:
    """One for each field of a question; its description stands with the parameter, the rest is its schema."""
    shape = msgspec.json.schema_components([Question], ref_template="{name}")[1]["Question"]
    parameters: list[dict[str, Any]] = []
    for name, schema in shape["properties"].items():
        of_value = {key: value for key, value in schema.items() if key not in ("description", "default")}
        parameters.append(
            {
                "name": name,
                "in": "query",
                "required": name in shape["required"],
                "description": schema["description"],
                "schema": of_value,
            }
        )
    return parameters


def longest() -> dict[str, int]:
    """How many characters each field of a question may have."""
    return {parameter["name"]: parameter["schema"]["maxLength"] for parameter in _parameters()}
