"""How templates are filled."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class SharingEnvironment(Environment):
    """Flask's own, whose templates have the application's globals themselves.

    Jinja lays an empty dict over them for each template, so that a template might have globals of its own; none of ours
    has, and to copy or to compare what is laid over another costs a page, and each import in it, 25 microseconds.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals
