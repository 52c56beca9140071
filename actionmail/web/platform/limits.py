"""How often one sender may ask for a view; whoever asks more often is told so with 429."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, Final, NamedTuple

from flask import Flask, Response, abort, after_this_request, current_app, request

from actionmail.web.platform.windows import Windows

_WINDOWS: Final = "actionmail.windows"  # among the application's extensions
_RULE: Final = re.compile(r"(?P<most>[1-9][0-9]*) per (?P<unit>minute|hour|day)")
_SECONDS: Final = {"minute": 60, "hour": 60 * 60, "day": 24 * 60 * 60}

View = Callable[..., Any]


class Limit(NamedTuple):
    most: int
    seconds: int


def limits_of(rules: str) -> tuple[Limit, ...]:
    """What "60 per minute; 600 per day" means, the shortest first."""
    limits = []
    for rule in rules.split("; "):
        match = _RULE.fullmatch(rule)
        if match is None:
            raise ValueError(f"no limit: {rule}")
        limits.append(Limit(int(match["most"]), _SECONDS[match["unit"]]))
    return tuple(sorted(limits, key=lambda limit: limit.seconds))


class Limiter:
    """Counts by `sender`, in each web process's own memory: with n processes a sender gets at most n times a limit."""

    def __init__(self, sender: Callable[[], str]) -> None:
        self._sender = sender

    def init_app(self, app: Flask) -> None:
        app.extensions[_WINDOWS] = Windows()

    def limit(
        self, rules: str, *, methods: Collection[str] = (), counted_if: Callable[[Response], bool] | None = None
    ) -> Callable[[View], View]:
        """A view that each sender may ask for so often, by any of `methods` or by all. `counted_if` says of an answer
        whether it is one of those that are counted.
        """
        limits = limits_of(rules)

        def limited(view: View) -> View:
            @wraps(view)
            def answer(*args: Any, **kwargs: Any) -> Any:
                if not methods or request.method in methods:
                    self._meet(limits, self._sender(), request.endpoint or "", counted_if)
                return view(*args, **kwargs)

            return answer

        return limited

    def _meet(
        self, limits: tuple[Limit, ...], sender: str, what: str, counted_if: Callable[[Response], bool] | None
    ) -> None:
        if counted_if is None:
            take(limits, sender, what)
            return
        if not all(_windows().has_room((sender, what, limit), limit.most) for limit in limits):
            abort(429)

        @after_this_request
        def count(response: Response) -> Response:
            if counted_if(response):
                for limit in limits:
                    _windows().take((sender, what, limit), *limit)
            return response


def take(limits: tuple[Limit, ...], sender: str, what: str) -> None:
    """Count one more of `what` by `sender`. Raises TooManyRequests, which is answered with 429."""
    windows = _windows()
    for limit in limits:
        if not windows.take((sender, what, limit), *limit):
            abort(429)


def _windows() -> Windows:
    windows: Windows = current_app.extensions[_WINDOWS]
    return windows
