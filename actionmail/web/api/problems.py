"""What cannot be answered, as RFC 9457 has it; and the one way out for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from flask import Response
from msgspec import Struct

from actionmail.web.api.schemas import Problem

PROBLEM_JSON: Final = "application/problem+json"


class ApiProblem(Exception):
    """This cannot be answered, and the sentence says why."""

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers or {}


def problem(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    body = Problem(type="about:blank", title=_title(status), status=status, detail=sentence, error=sentence)
    answer = Response(msgspec.json.encode(body), status, mimetype=PROBLEM_JSON)
    answer.headers.update(dict(headers or {}))
    return answer


def json_answer(shape: Struct) -> Response:
    return Response(msgspec.json.encode(shape), mimetype="application/json")


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
