"""Limits on how often one sender asks for a view, counted in each web process's own memory.

With n processes a sender gets at most n times the limit. A view asks, and nothing is done for requests whose view has
no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, cast

from flask import Flask, Response, after_this_request, current_app, request
from werkzeug.exceptions import TooManyRequests

from actionmail.rules.actions.networks import network_of
from actionmail.web.platform.windows import Windows

# Generous, since a whole meeting may act from behind one address.
POST_LIMIT: Final = "60 per minute"

_SECONDS: Final = {"minute": 60, "hour": 60 * 60, "day": 24 * 60 * 60}
_EXTENSION: Final = "actionmail.limits"
View = Callable[..., Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """So many within so many seconds, whenever these begin."""

    most: int
    seconds: int


def client_network() -> str:
    """Whom limits count: an address of IPv4, the /64 of an address of IPv6. All without an address count as one."""
    return network_of(request.remote_addr or "") or "unknown"  # canonical, or "" (client_address.py)


def bind(app: Flask) -> None:
    app.extensions[_EXTENSION] = Windows()


def limited(
    rates: str, *, methods: Collection[str] = (), counted: Callable[[Response], bool] | None = None
) -> Callable[[View], View]:
    """Let a sender ask for a view no more often than `rates` ("60 per minute; 600 per day"); 429 beyond them.

    Only with these `methods`, where some are named; where `counted` is given, only what is answered like that counts.
    """
    each = sorted((parse(rate) for rate in rates.split(";")), key=lambda rate: rate.seconds)

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not methods or request.method in methods:
                _ask(each, counted)
            return view(*args, **kwargs)

        return guarded

    return guard


def count(rate: str, name: str) -> None:
    """Count this request as one of `name`, whichever view it asks for. Raises TooManyRequests beyond `rate`."""
    one = parse(rate)
    if not _windows().admit((name, one), one.most, one.seconds):
        raise TooManyRequests


def parse(rate: str) -> Rate:
    """Of "60 per minute"."""
    most, _per, unit = rate.split()
    return Rate(most=int(most), seconds=_SECONDS[unit])


def _ask(rates: Iterable[Rate], counted: Callable[[Response], bool] | None) -> None:
    windows, sender = _windows(), (client_network(), request.endpoint)
    for rate in rates:
        key = (*sender, rate)
        if counted is None:
            is_let = windows.admit(key, rate.most, rate.seconds)
        else:
            is_let = windows.count(key, rate.seconds) < rate.most
        if not is_let:
            raise TooManyRequests
    if counted is None:
        return

    @after_this_request
    def _count(response: Response) -> Response:
        for rate in rates if counted(response) else ():
            windows.admit((*sender, rate), rate.most, rate.seconds)
        return response


def _windows() -> Windows:
    return cast(Windows, current_app.extensions[_EXTENSION])
