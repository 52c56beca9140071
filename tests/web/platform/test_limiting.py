"""How often one sender may ask for a view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, abort

from actionmail.web.platform import limiting
from actionmail.web.platform.limiting import limited


def _application(**views: Callable[..., Any]) -> Flask:
    """One page for each view, at its name."""
    app = Flask(__name__)
    limiting.bind(app)
    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, view, methods=["GET", "POST"])
    return app


def _answers(app: Flask, path: str, times: int, *, method: str = "POST", address: str = "192.0.2.1") -> list[int]:
    client, came_from = app.test_client(), {"REMOTE_ADDR": address}
    return [client.open(path, method=method, environ_overrides=came_from).status_code for _ in range(times)]


def _view() -> str:
    return "seen"


def test_each_sender_has_a_limit_of_their_own_for_each_view() -> None:
    app = _application(one=limited("2 per minute")(_view), other=limited("2 per minute")(_view))
    assert _answers(app, "/one", 3) == [200, 200, 429]
    assert _answers(app, "/other", 1) == [200]
    assert _answers(app, "/one", 1, address="192.0.2.2") == [200]


def test_a_network_of_ipv6_is_one_sender_and_so_are_all_without_an_address() -> None:
    app = _application(one=limited("1 per minute")(_view))
    assert _answers(app, "/one", 1, address="2001:db8::1") == [200]
    assert _answers(app, "/one", 1, address="2001:db8::2") == [429]
    assert _answers(app, "/one", 2, address="") == [200, 429]


def test_two_applications_of_one_process_count_each_for_itself() -> None:
    view = limited("1 per minute")(_view)
    assert [_answers(_application(one=view), "/one", 2) for _ in range(2)] == [[200, 429], [200, 429]]


def test_only_the_methods_that_are_named_are_counted() -> None:
    app = _application(one=limited("1 per minute", methods=["POST"])(_view))
    assert _answers(app, "/one", 3, method="GET") == [200, 200, 200]
    assert _answers(app, "/one", 2) == [200, 429]


def test_of_several_rates_each_holds() -> None:
    app = _application(one=limited("3 per day; 2 per minute")(_view))
    assert _answers(app, "/one", 3) == [200, 200, 429]


def test_where_only_refusals_count_what_is_answered_is_free() -> None:
    refuses = [False, True, True, False]

    def view() -> str:
        return abort(401) if refuses.pop(0) else "seen"

    app = _application(one=limited("2 per minute", counted=lambda response: response.status_code == 401)(view))
    assert _answers(app, "/one", 4) == [200, 401, 401, 429]


def test_what_is_counted_by_a_name_is_counted_for_all_views() -> None:
    def view() -> str:
        limiting.count("2 per minute", "token 7")
        return "seen"

    app = _application(one=view, other=view)
    assert _answers(app, "/one", 1) + _answers(app, "/other", 2) == [200, 200, 429]
