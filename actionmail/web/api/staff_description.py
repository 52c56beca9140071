"""The part of the OpenAPI description that is about what programs of the staff read."""

from __future__ import annotations

from typing import Any, Final

from wtforms import SelectField

from actionmail.web.api.staff_schemas import MOST, USUAL
from actionmail.web.review.log_filters import FilterForm

BEARER: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token that an admin made under /staff/api-tokens, in the header Authorization and nowhere else.",
}
_REFUSED: Final = {
    "400": ("Something was asked that cannot be: a filter, a cursor, a limit.", "Problem"),
    "401": ("No token, or one that opens nothing any more.", "Problem"),
    "403": ("The token has not the scope for this.", "Problem"),
    "429": ("Too many requests with one token.", "Problem"),
    "default": ("Something else is wrong.", "Problem"),
}
LETTERS: Final = {"200": ("A page of letters.", "LetterPage"), **_REFUSED}
LETTER: Final = {
    "200": ("The letter and its history.", "LetterHistory"),
    "404": ("There is none of that number.", "Problem"),
    **_REFUSED,
}
SUPPORTERS: Final = {"200": ("A page of supporters.", "SupporterPage"), **_REFUSED}
_DATES: Final = ("since", "until")
NUMBER: Final = {
    "name": "number",
    "in": "path",
    "required": True,
    "description": "The letter's number in the send log.",
    "schema": {"type": "integer", "minimum": 0},
}


def letter_filters() -> list[dict[str, Any]]:
    """One parameter for each filter of the send log's page, and those of paging."""
    parameters = []
    for field in FilterForm():
        schema: dict[str, Any] = {"type": "string"}
        if isinstance(field, SelectField) and field.choices:
            schema["enum"] = [str(choice[0]) for choice in field.iter_choices()]
        words = str(field.label.text)
        if field.name in _DATES:
            words = f"{words}: a day, or a day and a minute, on the clocks of `zone`."
        parameters.append(_parameter(field.name, words, schema))
    return parameters + _paging()


def supporter_filters() -> list[dict[str, Any]]:
    return [
        _parameter("campaign", "The slug of a campaign.", {"type": "string"}),
        _parameter(
            "updates",
            "1: only those who asked for news; all that a token without read:supporters gets.",
            {"type": "string", "enum": ["0", "1"]},
        ),
        *_paging(),
    ]


def _paging() -> list[dict[str, Any]]:
    return [
        _parameter("cursor", "`next` of the page before, with the same filters.", {"type": "string"}),
        _parameter("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
    ]


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
