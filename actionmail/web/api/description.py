"""The description of the JSON door for programs, in OpenAPI 3.1.0, made from its schemas.

OpenAPI 3.1 takes JSON Schema 2020-12 as it is (OAS 3.1.0, 4.8.24), which is what msgspec writes.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from actionmail import __version__
from actionmail.web.api import staff_description
from actionmail.web.api.act_schemas import FormShape, NotTaken, ShownLetters, Taken, Typed
from actionmail.web.api.problems import PROBLEM_JSON
from actionmail.web.api.schemas import Answer, Answers, Campaign, Campaigns, Problem, Question, Signers
from actionmail.web.api.staff_schemas import LetterHistory, LetterPage, SupporterPage

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
_POST: dict[str, tuple[str, str]] = {
    "200": ("The post.", "Campaign"),
    "404": ("There is none that the public sees.", "Problem"),
    "default": ("Something is wrong.", "Problem"),
}
_SIGNERS: dict[str, tuple[str, str]] = {
    "200": ("A page of the organisations, in the order of the statement's page.", "Signers"),
    "404": ("There is no such statement that the public sees.", "Problem"),
    "default": ("Something is wrong.", "Problem"),
}
_NOT_LISTED = ("The campaign does not list the website that asks.", "Problem")
_FORM: dict[str, tuple[str, str]] = {
    "200": ("The form, with a token that holds for a day.", "FormShape"),
    "403": _NOT_LISTED,
    "409": ("Nothing is taken by a form now.", "Problem"),
    "default": ("Something is wrong.", "Problem"),
}
_SHOWN: dict[str, tuple[str, str]] = {
    "200": ("The letters, or questions.", "ShownLetters"),
    "403": _NOT_LISTED,
    "422": ("Some fields are not right yet.", "NotTaken"),
    "default": ("Something is wrong.", "Problem"),
}
_ACT: dict[str, tuple[str, str]] = {
    "201": ("It was taken, now or by an earlier press.", "Taken"),
    "403": ("A browser has to work first (`challenge`), or the website is not listed.", "NotTaken Problem"),
    "409": ("It cannot be taken, and why.", "NotTaken Problem"),
    "422": ("Some fields are not right yet.", "NotTaken"),
    "default": ("Something is wrong.", "Problem"),
}
_REFERENCES = "#/components/schemas/{name}"


class Paths(Struct, frozen=True, kw_only=True):
    """Where each question is asked; "{slug}" stands for a campaign's."""

    lookup: str
    campaigns: str
    campaign: str
    signers: str
    form: str
    shown_letters: str
    actions: str
    letters: str
    letter: str  # with "{number}"
    supporters: str


def describe(base_url: str, paths: Paths) -> dict[str, Any]:
    """The whole document."""
    answers = [
        Answer,
        Answers,
        Campaign,
        Campaigns,
        FormShape,
        LetterHistory,
        LetterPage,
        NotTaken,
        Problem,
        ShownLetters,
        Signers,
        SupporterPage,
        Taken,
        Typed,
    ]
    _, components = msgspec.json.schema_components(answers, ref_template=_REFERENCES)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ActionMail",
            "version": __version__,
            "summary": "Who represents a place, and what can be done.",
        },
        "servers": [{"url": base_url}],
        "paths": {**_for_everybody(paths), **_for_partners(paths), **_for_staff(paths)},
        "components": {"schemas": components, "securitySchemes": {"bearer": staff_description.BEARER}},
    }


def _for_everybody(paths: Paths) -> dict[str, Any]:
    """What anybody may ask."""
    slug = {"name": "slug", "in": "path", "required": True, "schema": {"type": "string"}}
    slug["description"] = "As it stands in the address of its page."
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
    post = {
        "operationId": "campaign",
        "summary": "One campaign or piece of news, by its slug, also where it is not listed.",
        "parameters": [slug],
        "responses": _responses(_POST),
    }
    signers = {
        "operationId": "signers",
        "summary": "The organisations that signed a statement and were approved.",
        "parameters": [slug, {**number, "description": "From 1; the last one where there are fewer."}],
        "responses": _responses(_SIGNERS),
    }
    return {
        paths.lookup: {"get": find},
        paths.campaigns: {"get": read},
        paths.campaign: {"get": post},
        paths.signers: {"get": signers},
    }


def _for_partners(paths: Paths) -> dict[str, Any]:
    """What pages of websites ask that a campaign lists, from their visitors' browsers."""
    slug = {"name": "slug", "in": "path", "required": True, "schema": {"type": "string"}}
    slug["description"] = "As it stands in the address of its page."
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": _REFERENCES.format(name="Typed")}}}}
    form = {"operationId": "form", "summary": "What a campaign's form asks, in which words.", "parameters": [slug]}
    letters = {"operationId": "shownLetters", "summary": "The letters of a supporter, or what is asked first."}
    act = {"operationId": "act", "summary": "Take the action, once for each form."}
    posted = {"parameters": [slug], "requestBody": body}
    return {
        paths.form: {"get": {**form, "responses": _responses(_FORM)}},
        paths.shown_letters: {"post": {**letters, **posted, "responses": _responses(_SHOWN)}},
        paths.actions: {"post": {**act, **posted, "responses": _responses(_ACT)}},
    }


def _for_staff(paths: Paths) -> dict[str, Any]:
    """What needs a token."""
    security: list[dict[str, list[str]]] = [{"bearer": []}]
    asked = (
        (
            paths.letters,
            "letters",
            "The send log. Needs read:letters.",
            staff_description.letter_filters(),
            staff_description.LETTERS,
        ),
        (
            paths.letter,
            "letter",
            "One letter and all that happened to it. Needs read:letters.",
            [staff_description.NUMBER],
            staff_description.LETTER,
        ),
        (
            paths.supporters,
            "supporters",
            "Who acted, or asked for news. Needs read:supporters or read:updates.",
            staff_description.supporter_filters(),
            staff_description.SUPPORTERS,
        ),
    )
    described = {}
    for path, name, summary, parameters, answers in asked:
        described[path] = {
            "get": {
                "operationId": name,
                "summary": summary,
                "security": security,
                "parameters": parameters,
                "responses": _responses(answers),
            }
        }
    return described


def _responses(answers: dict[str, tuple[str, str]]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, (description, shapes) in answers.items():
        references = [{"$ref": _REFERENCES.format(name=shape)} for shape in shapes.split()]
        schema: dict[str, Any] = references[0] if len(references) == 1 else {"oneOf": references}
        content = {PROBLEM_JSON if shapes.endswith(("Problem", "NotTaken")) else "application/json": {"schema": schema}}
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
