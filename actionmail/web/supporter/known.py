"""What a browser fills in for who comes back, if they ticked that: a cookie of that device alone, and nothing of ours.

It has what stood in the fields, signed, so that nobody else can put words into them. No page of another site gets it
(SameSite), and no script. Who takes the tick away and goes on, presses "Forget me" or erases their data is forgotten.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import request
from itsdangerous import BadData
from werkzeug.wrappers import Response

from actionmail.web.platform.context import services
from actionmail.web.platform.embedding import embedded
from actionmail.web.platform.security import cookie_name, cookie_path
from actionmail.web.platform.signing import signed_for
from actionmail.web.supporter.step import bp

FIELD: Final = "remember"  # the box that is ticked
FORGET: Final = "forget"  # what the other button says
KEPT_FOR: Final = timedelta(days=180)
FIELDS: Final = ("name", "email", "zip", "street", "city", "phone")
_PURPOSE: Final = "known on this device"
_MOST: Final = 3_000  # characters: what all browsers keep in one cookie


def _cookie() -> str:
    return cookie_name(services().settings, "actionmail-known")


def here() -> dict[str, str]:
    """What this browser keeps, by field; empty where it keeps nothing."""
    cookie = "" if embedded() else request.cookies.get(_cookie(), "")
    if not cookie:
        return {}
    try:
        values = signed_for(_PURPOSE).loads(cookie, max_age=int(KEPT_FOR.total_seconds()))
    except BadData:
        return {}
    return {name: values[name] for name in FIELDS if isinstance(values.get(name), str) and values[name]}


@bp.app_template_global("filled_in_here")
def is_filled_in() -> bool:
    """Whether a form of this page began with what the browser keeps."""
    return bool(here())


def filled_in() -> dict[str, Any]:
    """The fields of a form with it, and the box ticked by which it stays."""
    values = here()
    return {**values, FIELD: True} if values else {}


def keep(response: Response, typed: dict[str, str], *, is_wanted: bool) -> Response:
    """Have the browser keep what was typed, or forget it where that is not wanted any more."""
    if embedded():
        return response
    if not is_wanted:
        return forget(response)
    values = {name: typed[name] for name in FIELDS if typed.get(name)}
    cookie = str(signed_for(_PURPOSE).dumps(values))
    if len(cookie) > _MOST:
        return forget(response)
    response.set_cookie(
        _cookie(),
        cookie,
        max_age=KEPT_FOR,
        **_place(),
    )
    return response


def forget(response: Response) -> Response:
    if _cookie() in request.cookies:
        response.delete_cookie(_cookie(), **_place())
    return response


def _place() -> dict[str, Any]:
    """Where a browser keeps it: it forgets none but that of the same place."""
    settings = services().settings
    return {
        "path": cookie_path(settings),
        "secure": settings.secure_cookies,
        "httponly": True,
        "samesite": "Lax",
    }
