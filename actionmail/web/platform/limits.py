"""How often one sender may ask for a view; whoever asks more often is told so with 429."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import wraps
from typing import Any, Final

from flask import Flask, Response, abort, after_this_request, current_app, request
from limits import RateLimitItem, parse_many
from limits.strategies import MovingWindowRateLimiter

from actionmail.web.platform.windows import Windows

_COUNTING: Final = "actionmail.limits"  # among the application's extensions

View = Callable[..., Any]


class Limiter:
    """Counts by `sender`, in each web process's own memory: with n processes a sender gets at most n times a limit."""

    def __init__(self, sender: Callable[[], str]) -> None:
        self._sender = sender

    def init_app(self, app: Flask) -> None:
        app.extensions[_COUNTING] = MovingWindowRateLimiter(Windows())

    def limit(
        self, rules: str, *, methods: Collection[str] = (), counted_if: Callable[[Response], bool] | None = None
    ) -> Callable[[View], View]:
        """A view that each sender may ask for so often ("60 per minute; 600 per day"), by any of `methods` or by all.

        `counted_if` says of an answer whether it is one of those that are counted. Raises ValueError.
        """
        limits = parse_many(rules)

        def limited(view: View) -> View:
            @wraps(view)
            def answer(*args: Any, **kwargs: Any) -> Any:
                if not methods or request.method in methods:
                    self._meet(limits, request.endpoint or "", counted_if)
                return view(*args, **kwargs)

            answer.rules = rules  # type: ignore[attr-defined]  # to be told
            return answer

        return limited

    def _meet(
        self, limits: Sequence[RateLimitItem], what: str, counted_if: Callable[[Response], bool] | None
    ) -> None:  # fmt: skip
        sender = self._sender()
        if counted_if is None:
            take(limits, sender, what)
            return
        if not all(_counting().test(limit, sender, what) for limit in limits):
            abort(429)

        @after_this_request
        def count(response: Response) -> Response:
            if counted_if(response):
                for limit in limits:
                    _counting().hit(limit, sender, what)
            return response


def rules_here() -> str:
    """Of the view that was asked for, "" where it has none."""
    return str(getattr(current_app.view_functions.get(request.endpoint or ""), "rules", ""))


def take(limits: Sequence[RateLimitItem], sender: str, what: str) -> None:
    """Count one more of `what` by `sender`. Raises TooManyRequests, which is answered with 429."""
    for limit in limits:
        if not _counting().hit(limit, sender, what):
            abort(429)


def _counting() -> MovingWindowRateLimiter:
    counting: MovingWindowRateLimiter = current_app.extensions[_COUNTING]
    return counting
