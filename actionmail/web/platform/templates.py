"""How templates are filled."""

from __future__ import annotations

from collections.abc import MutableMapping
from types import FunctionType
from typing import Any

from flask.templating import Environment
from jinja2.runtime import Context, Macro


class _QuickCalls(Context):
    """Jinja's own, which looks several times at whatever a template calls for marks that say what else it wants.

    Most of what is called are macros, which want one thing, and plain functions without a mark.
    """

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  # any other name may be in `kwargs`
        kind = type(__obj)
        if kind is Macro:
            args = (__self.eval_ctx, *args)
        elif kind is not FunctionType or __obj.__dict__:
            return super().call(__obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)  # which Jinja adds for whatever wants the context
        kwargs.pop("_loop_vars", None)
        return __obj(*args, **kwargs)


class SharingEnvironment(Environment):
    """Flask's own, whose templates have the application's globals themselves.

    Jinja lays an empty dict over them for each template, so that a template might have globals of its own; none of ours
    has, and to copy or to compare what is laid over another costs a page, and each import in it, 25 microseconds.
    """

    context_class = _QuickCalls

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals
