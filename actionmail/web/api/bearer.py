"""Who asks: a program with a token in `Authorization: Bearer` (RFC 6750, 2.1), and in no other place."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, cast

from flask import Response, current_app, g, request
from limits import parse_many

from actionmail.flows import staff
from actionmail.flows.staff import Bearer
from actionmail.rules.staff.api_scopes import ApiScope
from actionmail.web.api.problems import ApiProblem
from actionmail.web.platform.context import services
from actionmail.web.platform.limits import take
from actionmail.web.platform.security import limiter

TOKEN_LIMIT: Final = "120 per minute"  # of one token  # noqa: S105
GUESS_LIMIT: Final = "30 per minute"  # of requests without a token that holds, from one address
_OF_TOKEN: Final = parse_many(TOKEN_LIMIT)
View = Callable[..., Any]


def with_token(*scopes: ApiScope) -> Callable[[View], View]:
    """Let only a program in whose token has one of `scopes`: 401 without a token that holds, 403 without the scope.

    Each token may ask TOKEN_LIMIT. What no token opens is counted against the address.
    """

    def guard(view: View) -> View:
        @limiter.limit(GUESS_LIMIT, counted_if=_is_unauthorized)
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.bearer = _bearer()
            if not g.bearer.scopes.intersection(scopes):
                needed = " ".join(scopes)
                raise ApiProblem(
                    403,
                    f"The token may not read this: it needs one of the scopes {needed}.",
                    _challenge(f'error="insufficient_scope", scope="{needed}"'),
                )
            take(_OF_TOKEN, str(this_bearer().id), "tokens")
            return view(*args, **kwargs)

        guarded.scopes = scopes  # type: ignore[attr-defined]  # for the description
        return guarded

    return guard


def this_bearer() -> Bearer:
    """Which program asks, in a view behind `with_token`."""
    return cast(Bearer, g.bearer)


def tells_of_people() -> None:
    """Have it in the audit trail, once a day, that this token reads personal data. Raises where that cannot be kept."""
    if this_bearer().is_told_today:
        return
    with services().database.write() as db:
        staff.read_people(db, this_bearer(), now=services().clock())


def _bearer() -> Bearer:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise ApiProblem(401, "Give a token in the header Authorization: Bearer TOKEN.", _challenge())
    now = services().clock()
    with services().database.read() as db:
        bearer = staff.bearer(db, secret.strip(), now=now)
    if bearer is None:
        raise ApiProblem(
            401,
            "This token opens nothing: it is unknown, revoked, or its time is over.",
            _challenge('error="invalid_token"'),
        )
    if not bearer.was_used_today:
        services().database.write_if_possible(lambda db: staff.used(db, bearer.id, now=now))
    return bearer


def _challenge(more: str = "") -> dict[str, str]:
    """What RFC 6750, 3, wants beside the status."""
    value = 'Bearer realm="ActionMail"'
    return {"WWW-Authenticate": f"{value}, {more}" if more else value}


def asked_too_often() -> tuple[str, str] | None:
    """Which limit was met and whose it is; None where it is not one of these."""
    if "bearer" in g:
        return TOKEN_LIMIT, "one token"
    view = current_app.view_functions.get(request.endpoint or "")
    return (GUESS_LIMIT, "one address without a token that holds") if hasattr(view, "scopes") else None


def _is_unauthorized(response: Response) -> bool:
    return response.status_code == 401
