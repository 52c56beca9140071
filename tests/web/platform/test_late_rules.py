from __future__ import annotations

from typing import Any

import pytest
from werkzeug.routing import Map, Rule

from actionmail.app import create_app
from actionmail.settings import Settings
from actionmail.web.platform.late_rules import LateRule


def _rules(kind: type[Rule]) -> list[Rule]:
    return [
        kind("/", endpoint="home"),
        kind("/pages/", defaults={"page": 1}, endpoint="pages"),
        kind("/pages/<int:page>", endpoint="pages"),
        kind("/<path:rest>/end", endpoint="path"),
    ]


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("home", {"lang": "es", "x": ["a b", "c"]}),
        ("pages", {"page": 1}),
        ("pages", {"page": 2, "q": "\u00fc&"}),
        ("path", {"rest": "a/b c"}),
    ],
)
def test_addresses_are_written_as_ever(endpoint: str, values: dict[str, Any]) -> None:
    late, plain = (Map(_rules(kind)).bind("act.example.org") for kind in (LateRule, Rule))
    for _ in range(2):  # the second time by what was compiled at the first
        for unknown in (True, False):
            built = [site.build(endpoint, values, append_unknown=unknown) for site in (late, plain)]
            assert built[0] == built[1]


def test_a_start_compiles_nothing_that_writes_addresses(settings: Settings) -> None:
    rules: list[Any] = list(create_app(settings).url_map.iter_rules())
    late = {function.__func__.__module__ for rule in rules for function in (rule._build, rule._build_unknown)}
    assert late == {LateRule.__module__}
