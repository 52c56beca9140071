"""The one place that says who is signed in and whether they may: every staff page stands behind `require`.

The signed session holds the account's number, its stamp and the hour of signing in, nothing else; the account is
read anew at each request, so that disabling it or signing out everywhere counts at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Response, g, make_response, redirect, render_template, request, session, url_for

from actionmail.flows import staff
from actionmail.flows.staff import Permission, Person
from actionmail.web.context import services

_KEY = "staff"
_HALF = "staff-half"
_HALF_LENGTH = timedelta(minutes=10)
View = Callable[..., Any]


class SignedOut(Exception):
    """A form was posted, and nobody is signed in any more: nothing was done with it."""


def current_staff() -> Person | None:
    """Who is signed in, read once per request."""
    if "staff" not in g:
        g.staff = _read(_KEY, staff.SESSION_LENGTH)
    return cast("Person | None", g.staff)


def signed_in() -> Person:
    """Who is signed in, in a view behind `require`."""
    person = current_staff()
    if person is None:
        raise RuntimeError("this view is not behind require()")
    return person


def remember(person: Person) -> None:
    """Begin this person's session. Nothing of the session before survives, so that nobody can plant one."""
    session.clear()
    session[_KEY] = {"id": person.id, "stamp": person.stamp, "at": int(services().clock().timestamp())}
    g.staff = person


def remember_half(person: Person) -> None:
    """Keep that this person gave the right password; for a few minutes, and for nothing but the second step."""
    session.clear()
    session[_HALF] = {"id": person.id, "stamp": person.stamp, "at": int(services().clock().timestamp())}
    g.staff = None


def half_signed_in() -> Person | None:
    """Who gave the right password and still owes a code."""
    return _read(_HALF, _HALF_LENGTH)


def forget() -> None:
    session.clear()
    g.staff = None


def require(permission: Permission | None = None, *, before_second_factor: bool = False) -> Callable[[View], View]:
    """Let only staff in, and with `permission` only those who have it.

    Nobody signed in: 303 to the sign-in page, or for a form SignedOut. Signed in without the right: 403, and the
    audit trail says so. Where the installation demands a second factor, 303 to set one up, except
    `before_second_factor`.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            person = current_staff()
            if person is None:
                if request.method == "POST":
                    raise SignedOut
                return redirect(url_for("staff.sign_in", next=request.full_path.rstrip("?")), 303)
            demanded = services().settings.second_factor_required and not before_second_factor
            if demanded and not person.has_second_factor:
                return redirect(url_for("account.second_factor"), 303)
            if permission is not None and not person.may(permission):
                return _refuse(person, permission)
            return view(*args, **kwargs)

        return guarded

    return guard


def safe_next(text: str | None) -> str:
    """Where to go after signing in: a path of the staff pages, or else their home."""
    home = url_for("staff.home")
    if not text or not text.isprintable() or "\\" in text or ".." in text:
        return home
    try:
        parts = urlsplit(text)
    except ValueError:
        return home
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith("/staff/")
    return text if is_ours and parts.path != url_for("staff.sign_in") else home


def staff_page(template: str, **context: Any) -> str:
    """A page in the staff's frame."""
    return render_template(f"staff/{template}", staff=current_staff(), Permission=Permission, **context)


def never_stored(response: Response) -> Response:
    """For a staff blueprint's `after_request`: no browser and no proxy keeps these pages."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _read(key: str, length: timedelta) -> Person | None:
    match session.get(key):
        case {"id": int(staff_id), "stamp": str(stamp), "at": int(at)}:
            since, now = datetime.fromtimestamp(at, UTC), services().clock()
            if now - since >= length:
                return None
            with services().database.read() as db:
                return staff.signed_in_person(db, staff_id, stamp, signed_in_at=since, now=now)
    return None


def _refuse(person: Person, permission: Permission) -> Response:
    with services().database.write() as db:
        staff.note(db, person.id, "refused", f"{permission.value}: {request.path[:200]}", now=services().clock())
    return make_response(staff_page("forbidden.html", permission=permission), 403)
