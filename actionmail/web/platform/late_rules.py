"""Rules that learn how their addresses are written when one is first written.

Werkzeug compiles two functions for each rule when it is added, which for our two hundred takes a tenth of a start; a
process writes addresses by some twenty of them in an hour.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        name = "_build_unknown" if append_unknown else "_build"

        def first(rule: Rule, /, **values: Any) -> tuple[str, str]:
            compiled = Rule._compile_builder(rule, append_unknown)
            builder: Callable[..., tuple[str, str]] = compiled.__get__(rule, None)
            setattr(rule, name, builder)
            return builder(**values)

        return first
