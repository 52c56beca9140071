"""One's own account: sessions, password, second factor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from flask import Blueprint, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response
from wtforms import Form, PasswordField, StringField

from actionmail.flows import staff
from actionmail.flows.review import attention
from actionmail.flows.staff import Permission, StaffError, notices
from actionmail.flows.staff.notices import NoticeKind
from actionmail.rules.staff import second_factor as factor
from actionmail.web.platform.context import services
from actionmail.web.platform.security import limiter
from actionmail.web.staff import staff_mail, words
from actionmail.web.staff.access import (
    WRONG_PASSWORD,
    ConfirmForm,
    is_own_password,
    never_stored,
    remember,
    require,
    signed_in,
    staff_page,
    this_session,
)

bp = Blueprint("account", __name__, url_prefix="/staff")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]
# What each mail is called, and the line under it.
_NOTICES: Mapping[NoticeKind, tuple[str, str]] = {
    NoticeKind.DAILY: ("a daily digest", "In the morning, and only where something needs attention."),
    NoticeKind.AT_ONCE: ("what burns, at once", "When letters are stopped anew; at most one mail an hour."),
}
_NEW_SECRET = "new-second-factor"  # noqa: S105


class PasswordForm(Form):
    current = PasswordField("Your password now")
    new = PasswordField("New password")
    again = PasswordField("New password again")


class TurnOnForm(Form):
    code = StringField("Code that the app shows", filters=[lambda text: (text or "")[:100].strip()])
    password = PasswordField("Your password")


@bp.get("/account")
@require()
def index() -> Answer:
    with services().database.read() as db:
        sessions = staff.sessions_of(db, signed_in(), now=services().clock())
        passkeys = len(staff.passkeys_of(db, signed_in()))
        chosen = notices.notices_of(db, signed_in().id)
        clock = attention.site_clock(db)
    return staff_page(
        "account.html",
        sessions=sessions,
        passkeys=passkeys,
        notices=_NOTICES,
        chosen=chosen,
        morning=f"{notices.MORNING.hour}:00 ({clock.key})",
        can_mail=services().hand_over is not None,
        this=this_session().session_id,
        idle=staff.IDLE_LENGTH // timedelta(hours=1),
        longest=staff.SESSION_LENGTH // timedelta(hours=1),
    )


@bp.post("/account/notices")
@require(Permission.SEE_MESSAGES)
def choose_notices() -> Answer:
    """What one is told by mail. What nobody asks for by these names is not told."""
    now = services().clock()
    with services().database.write() as db:
        first = {
            NoticeKind.DAILY: notices.next_morning(now, attention.site_clock(db)),
            NoticeKind.AT_ONCE: now,
        }
        wanted = {kind: first[kind] for kind in NoticeKind if request.form.get(kind.value)}
        notices.choose_notices(db, signed_in().id, wanted, known=attention.burning(db))
    flash("From now on you get: " + (", ".join(_NOTICES[kind][0] for kind in wanted) or "no mail of these") + ".")
    return redirect(url_for("account.index", _anchor="notices"), 303)


@bp.post("/account/sessions/<int:number>/end")
@require()
def end_session(number: int) -> Answer:
    """One of one's own sessions; ending this one is signing out."""
    with services().database.write() as db:
        ended = staff.end(db, signed_in(), number, now=services().clock())
    if not ended:
        return staff_page("unknown.html", sentence="There is no such session of yours. It may have ended."), 404
    flash("That session is ended.")
    return redirect(url_for("account.index"), 303)


@bp.route("/password", methods=["GET", "POST"])
@limiter.limit("10 per minute", methods=["POST"])
@require()
def password() -> Answer:
    form = PasswordForm(request.form)
    if request.method == "GET":
        return staff_page("password.html", form=form)
    if form.new.data != form.again.data:
        form.again.errors = ["The two new passwords differ."]
    try:
        staff.check_password(form.new.data or "")
    except StaffError as error:
        form.new.errors = [words.sentence(error)]
    if not form.errors and not is_own_password(form.current.data or ""):
        form.current.errors = [WRONG_PASSWORD]
    if any(field.errors for field in form):
        return staff_page("password.html", form=form), 422
    me = signed_in()
    new = staff.hash_password(form.new.data or "", hasher=services().hasher)
    with services().database.write() as db:
        changed = staff.set_password(db, me.email, new, by=me.id, now=services().clock())
    staff_mail.tell_later(me.email, "Its password was changed.")
    remember(changed)
    flash("Your password is changed, and every other session of yours is ended.")
    return redirect(url_for("staff.home"), 303)


@bp.route("/second-factor", methods=["GET", "POST"])
@limiter.limit("10 per minute", methods=["POST"])
@require(before_second_factor=True)
def second_factor() -> Answer:
    """Set one up; or, where there is one, how many recovery codes are left."""
    me = signed_in()
    if me.has_app:
        return _second_factor_page(ConfirmForm())
    if request.method == "GET" or _NEW_SECRET not in session:
        session[_NEW_SECRET] = factor.new_secret()
        return _set_up_page(TurnOnForm())
    form, secret = TurnOnForm(request.form), str(session[_NEW_SECRET])
    if not is_own_password(form.password.data or ""):
        form.password.errors = [WRONG_PASSWORD]
        return _set_up_page(form), 422
    with services().database.write() as db:
        codes = staff.turn_on_app(
            db,
            me,
            secret,
            form.code.data or "",
            secret_key=services().settings.secret_key,
            now=services().clock(),
        )
        now_me = staff.person(db, me.id)
    if codes is None or now_me is None:
        form.code.errors = ["That is not the code that the app shows now. Is your telephone's clock right?"]
        return _set_up_page(form), 422
    staff_mail.tell_later(me.email, "An authenticator app was set up for it.")
    remember(now_me)
    return staff_page("recovery_codes.html", codes=codes)


@bp.post("/second-factor/removal")
@limiter.limit("10 per minute")
@require()
def remove_app() -> Answer:
    form, demanded = ConfirmForm(request.form), services().settings.second_factor_required
    if not is_own_password(form.password.data or ""):
        form.password.errors = [WRONG_PASSWORD]
        return _second_factor_page(form), 422
    try:
        with services().database.write() as db:
            staff.turn_off_app(db, signed_in(), demanded=demanded, now=services().clock())
    except StaffError as error:
        return _second_factor_page(ConfirmForm(), words.sentence(error)), 422
    staff_mail.tell_later(signed_in().email, "Its authenticator app was turned off.")
    flash("The app is turned off: its codes work no more.")
    return redirect(url_for("account.index"), 303)


@bp.post("/second-factor/recovery-codes")
@limiter.limit("10 per minute")
@require()
def recovery_codes() -> Answer:
    form = ConfirmForm(request.form)
    if not is_own_password(form.password.data or ""):
        form.password.errors = [WRONG_PASSWORD]
        return _second_factor_page(form), 422
    with services().database.write() as db:
        codes = staff.renew_recovery_codes(db, signed_in(), now=services().clock())
    staff_mail.tell_later(signed_in().email, "It got new recovery codes.")
    return staff_page("recovery_codes.html", codes=codes)


@require()
def _password_again() -> Answer:
    return staff_page("password.html", form=PasswordForm())


@require(before_second_factor=True)
def _second_factor_again() -> Answer:
    """With the secret that the app may have read already."""
    if signed_in().has_app:
        return _second_factor_page(ConfirmForm())
    if _NEW_SECRET not in session:
        return redirect(url_for("account.second_factor"), 303)
    return _set_up_page(TurnOnForm())


# For `web/platform/errors.py`.
PAGES: Mapping[str, Callable[..., Answer]] = {
    "account.password": _password_again,
    **dict.fromkeys(("account.second_factor", "account.remove_app", "account.recovery_codes"), _second_factor_again),
}


def _set_up_page(form: TurnOnForm) -> str:
    import segno  # here, since this page alone draws

    secret = str(session[_NEW_SECRET])
    address = factor.address(secret, email=signed_in().email, organisation=services().settings.organisation)
    return staff_page(
        "second_factor_new.html",
        form=form,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        picture=segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff"),
        required=services().settings.second_factor_required,
    )


def _second_factor_page(form: ConfirmForm, problem: str = "") -> str:
    with services().database.read() as db:
        left = staff.recovery_codes_left(db, signed_in())
    return staff_page("second_factor.html", form=form, left=left, problem=problem)
