"""Our requests and answers have the cookies and the headers that Flask's own have."""

from __future__ import annotations

from typing import Any

import flask
import pytest
from werkzeug.test import EnvironBuilder

from actionmail.web.platform.wsgi_objects import Request, Response

COOKIES = ("", "a=b", "a=b; c=d; a=e", 'quoted="x y"', "odd; =; a=\u00e9".encode().decode("latin-1"))
ANSWERS: tuple[tuple[int, dict[str, str], str | list[str]], ...] = (
    (200, {}, "a page"),
    (200, {"Location": "/là?x=ä"}, ""),
    (200, {"Content-Location": "/là"}, "elsewhere"),
    (200, {"Content-Length": "7"}, "a page"),
    (200, {}, ["in", "pieces"]),
    (201, {"X": "y"}, "made"),
    (204, {}, "never sent"),
    (303, {"Location": "/campaigns/ab969/là"}, "see other"),
    (304, {"Content-Type": "text/plain"}, ""),
    (404, {}, "nothing"),
)


@pytest.mark.parametrize("cookies", COOKIES)
def test_cookies_are_those_that_flask_reads(cookies: str) -> None:
    environ = EnvironBuilder(headers={"Cookie": cookies} if cookies else {}).get_environ()
    assert Request(environ).cookies == flask.Request(environ).cookies


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("status", "headers", "body"), ANSWERS)
def test_answers_go_with_the_headers_that_flask_sends(
    status: int, headers: dict[str, str], body: str | list[str], method: str
) -> None:
    ours, flasks = (_sent(kind(body, status, headers), method) for kind in (Response, flask.Response))
    assert ours == flasks


def _sent(response: flask.Response, method: str) -> tuple[list[Any], bytes]:
    begun: list[Any] = []
    pieces = response(EnvironBuilder(method=method).get_environ(), lambda *args: begun.append(args))  # type: ignore[arg-type,return-value]
    return begun, b"".join(pieces)
