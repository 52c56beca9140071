"""Views that a sender may ask for so often: what counts, for whom, and that nothing else does."""

from __future__ import annotations

import pytest
from flask import Flask, request

from actionmail.web.platform.limits import Limiter


@pytest.fixture
def app() -> Flask:
    app = Flask("limits")
    limiter = Limiter(lambda: request.args["by"])
    limiter.init_app(app)

    @app.route("/any", methods=["GET", "POST"])
    @limiter.limit("2 per minute; 3 per hour")
    def any_view() -> str:
        return "any"

    @app.route("/posts", methods=["GET", "POST"])
    @limiter.limit("1 per minute", methods=["POST"])
    def posts() -> str:
        return "posts"

    @app.get("/guesses/<int:status>")
    @limiter.limit("2 per minute", counted_if=lambda response: response.status_code == 401)
    def guesses(status: int) -> tuple[str, int]:
        return "guess", status

    return app


def test_each_sender_of_each_view_is_counted_alone(app: Flask) -> None:
    client = app.test_client()
    assert [client.get("/any?by=me").status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/any?by=you").status_code == 200
    assert client.post("/posts?by=me").status_code == 200


def test_only_the_methods_named_are_counted(app: Flask) -> None:
    client = app.test_client()
    assert {client.get("/posts?by=me").status_code for _ in range(5)} == {200}
    assert [client.post("/posts?by=me").status_code for _ in range(2)] == [200, 429]


def test_what_an_answer_decides_is_counted_after_it(app: Flask) -> None:
    client = app.test_client()
    assert {client.get("/guesses/200?by=me").status_code for _ in range(5)} == {200}
    assert [client.get("/guesses/401?by=me").status_code for _ in range(3)] == [401, 401, 429]
    assert client.get("/guesses/200?by=me").status_code == 429


def test_another_application_counts_for_itself(app: Flask) -> None:
    assert [app.test_client().get("/any?by=me").status_code for _ in range(3)][-1] == 429
    Limiter(lambda: "").init_app(app)  # as a new process does
    assert app.test_client().get("/any?by=me").status_code == 200


def test_rules_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ValueError, match="60 a minute"):
        Limiter(lambda: "").limit("60 a minute")
