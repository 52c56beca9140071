"""The one place that says who is signed in and whether they may: every staff page stands behind `require`.

The browser holds a session's key and nothing else; the session and its account are read anew at each request, so that
ending the one or disabling the other counts at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from flask import Response, g, make_response, redirect, render_template, request, session, url_for
from wtforms import Form, PasswordField

from actionmail.flows import staff
from actionmail.flows.campaigns.saving import Author
from actionmail.flows.delivery.stops import stops
from actionmail.flows.staff import Permission, Person, SignedIn
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.web.platform.context import services
from actionmail.web.review.words import stop_words
from actionmail.web.staff import words

if TYPE_CHECKING:
    from actionmail.db.engine import Database

# What the staff's navigation leads to: the blueprint, who may see it, its first page, its words.
_ROOMS = (
    ("campaigns", Permission.WRITE_LETTERS, "campaigns.index", "Campaigns"),
    ("pictures", Permission.WRITE_LETTERS, "pictures.index", "Pictures"),
    ("send_log", Permission.SEE_MESSAGES, "send_log.log", "Send log"),
    ("stops", Permission.SEE_MESSAGES, "stops.listed", "Stops"),
    ("supporters", Permission.SEE_MESSAGES, "supporters.index", "Supporters"),
    ("exports", Permission.SEE_MESSAGES, "exports.index", "Exports"),
    ("numbers", Permission.SEE_ROSTER, "numbers.index", "Numbers"),
    ("roster", Permission.SEE_ROSTER, "roster.roster", "Roster"),
)
_OWN_CHANGES: Final = timedelta(seconds=30)  # longer than a replica that is read may be behind
_KEY = "staff"
_CHANGED_AT = "changed-at"
_HALF = "staff-half"
View = Callable[..., Any]
WRONG_PASSWORD = "That is not your password. After several wrong ones your account is locked for a while."  # noqa: S105


class ConfirmForm(Form):
    password = PasswordField("Your password")


class SignedOut(Exception):
    """A form was posted, and nobody is signed in any more: nothing was done with it."""


def current_staff() -> Person | None:
    """Who is signed in."""
    here = _current()
    return here.person if here else None


def signed_in() -> Person:
    """Who is signed in, in a view behind `require`."""
    return this_session().person


def this_author() -> Author:
    """Who is signed in, as who changes a campaign."""
    person = signed_in()
    return Author(id=person.id, email=person.email, is_one_of_two=services().settings.two_person_publish)


def this_session() -> SignedIn:
    """By which session, in a view behind `require`."""
    here = _current()
    if here is None:
        raise RuntimeError("this view is not behind require()")
    return here


def remember(person: Person) -> None:
    """Begin this person's session. Nothing of the session before survives, so that nobody can plant one."""
    now = services().clock()
    with services().database.write() as db:
        key = staff.begin(db, person, user_agent=request.user_agent.string, now=now)
    session.clear()
    session[_KEY] = key
    g.pop("signed_in", None)


def remember_half(person: Person) -> None:
    """Keep that this person gave the right password; for a few minutes, and for nothing but the second step."""
    with services().database.write() as db:
        key = staff.begin_half(db, person, now=services().clock())
    session.clear()
    session[_HALF] = key
    g.pop("signed_in", None)


def half_signed_in() -> Person | None:
    """Who gave the right password and still owes a code."""
    key = session.get(_HALF)
    if not isinstance(key, str):
        return None
    with services().database.read() as db:
        return staff.half_signed_in(db, key, now=services().clock())


def forget() -> None:
    session.clear()
    g.pop("signed_in", None)


def require(
    permission: Permission | None = None,
    *,
    before_second_factor: bool = False,
    fresh: str = "",
    changes: bool = True,
) -> Callable[[View], View]:
    """Let only staff in, and with `permission` only those who have it.

    Nobody signed in: 303 to the sign-in page, or for a form SignedOut. Signed in without the right: 403, and the
    audit trail says so. Where the installation demands a second factor, 303 to set one up, except
    `before_second_factor`. With `fresh`, whoever did not give password or passkey within `staff.FRESH` does so first,
    and then comes to that endpoint. Whoever posted a form that `changes` something reads for a while where it was
    written; see `reading_database`.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            person = current_staff()
            if person is None:
                if request.method == "POST":
                    raise SignedOut
                return redirect(
                    url_for("staff.sign_in", next=f"{request.script_root}{request.full_path}".rstrip("?")), 303
                )
            demanded = services().settings.second_factor_required and not before_second_factor
            if demanded and not person.has_second_factor:
                return redirect(url_for("account.second_factor"), 303)
            if permission is not None and not person.may(permission):
                return _refuse(person, permission)
            if fresh and services().clock() - this_session().confirmed_at >= staff.FRESH:
                return redirect(url_for("staff.confirmation", next=url_for(fresh)), 303)
            if changes and request.method == "POST":
                _remember_change()
            return view(*args, **kwargs)

        guarded.guard = permission  # type: ignore[attr-defined]  # for the test that every staff page has one
        return guarded

    return guard


def reading_database() -> Database:
    """Where a page of many rows is read: a replica, where there is a fresh one and nothing was changed just now."""
    parts = services()
    changed_at = session.get(_CHANGED_AT)
    if isinstance(changed_at, float) and parts.clock().timestamp() - changed_at < _OWN_CHANGES.total_seconds():
        return parts.database
    return parts.large_reads.database()


def _remember_change() -> None:
    parts = services()
    if parts.large_reads.has_replica:
        session[_CHANGED_AT] = parts.clock().timestamp()


def is_own_password(text: str) -> bool:
    """Whether somebody signed in gave their own password again; wrong ones count to the lockout."""
    database = services().database
    with database.read() as db:
        known = staff.credentials(db, signed_in().email)
    verdict = staff.verify(known, text, hasher=services().hasher)
    with database.write() as db:
        return staff.confirm(db, verdict, now=services().clock())


def safe_next(text: str | None) -> str:
    """Where to go after signing in: a path of the staff pages, or else their home."""
    home = url_for("staff.home")
    if not text or not text.isprintable() or "\\" in text or ".." in text:
        return home
    try:
        parts = urlsplit(text)
    except ValueError:
        return home
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(f"{request.script_root}/staff/")
    return text if is_ours and parts.path != url_for("staff.sign_in") else home


def staff_page(template: str, **context: Any) -> str:
    """A page in the staff's frame, which says what is stopped."""
    person = current_staff()
    return render_template(
        f"staff/{template}",
        staff=person,
        Permission=Permission,
        staff_rooms=_ROOMS,
        stopped=_stopped() if person else [],
        **context,
    )


def _stopped() -> list[str]:
    """What gets no letters; one statement."""
    with services().database.read() as db:
        return [stop_words(stop) for stop in stops(db)]


def never_stored(response: Response) -> Response:
    """For a staff blueprint's `after_request`: no browser and no proxy keeps these pages."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _current() -> SignedIn | None:
    """Read once per request."""
    if "signed_in" not in g:
        g.signed_in = _read()
    return cast("SignedIn | None", g.signed_in)


def _read() -> SignedIn | None:
    key, now = session.get(_KEY), services().clock()
    if not isinstance(key, str):
        return None
    with services().database.read() as db:
        stored = staff.signed_in(db, key, now=now)
    if stored and now - stored.seen_at >= staff.COARSE:
        number = stored.session_id
        services().database.write_if_possible(lambda db: staff.seen(db, number, now=now))
    return stored


def _refuse(person: Person, permission: Permission) -> Response:
    with services().database.write() as db:
        staff.record(
            db,
            AuditAction.PERMISSION_REFUSED,
            ObjectKind.PAGE,
            request.path[:200],
            by=person.id,
            now=services().clock(),
            permission=permission.value,
        )
    return make_response(staff_page("forbidden.html", permission=words.PERMISSIONS[permission]), 403)
