"""Choosing a password by a link: an invitation, or because the old one is forgotten.

Opening a link shows a form and uses nothing up, since mail scanners follow links. Whoever asks for a reset is told the
same, whether the address has an account or not, and in the same time: all of the looking is done later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, PasswordField, StringField

from actionmail.flows import staff
from actionmail.flows.staff import StaffError
from actionmail.web.platform.context import services
from actionmail.web.platform.security import limiter
from actionmail.web.staff import staff_mail, words
from actionmail.web.staff.access import forget, never_stored, staff_page

bp = Blueprint("links", __name__, url_prefix="/staff")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]


class AskForm(Form):
    email = StringField("E-mail address", filters=[lambda text: (text or "")[:300].strip()])


class ChooseForm(Form):
    new = PasswordField("New password")
    again = PasswordField("New password again")

    def is_good(self) -> bool:
        """Whether both are the same, and long enough; else the fields say what is wrong."""
        if self.new.data != self.again.data:
            self.again.errors = ["The two new passwords differ."]
        try:
            staff.check_password(self.new.data or "")
        except StaffError as error:
            self.new.errors = [words.sentence(error)]
        return not self.new.errors and not self.again.errors


@bp.get("/resets")
def ask() -> Answer:
    return _ask_page(AskForm())


@bp.post("/resets")
@limiter.limit("5 per minute")
def try_ask() -> Answer:
    form = AskForm(request.form)
    if services().hand_over is None:
        return _ask_page(form)
    if not form.email.data:
        form.email.errors = ["Enter your e-mail address."]
        return _ask_page(form), 422
    staff_mail.reset_later(form.email.data)
    return staff_page("reset_asked.html", email=form.email.data, most=staff.RESETS_AT_ONCE)


@bp.get("/resets/<secret>")
@limiter.limit("30 per minute")
def reset(secret: str) -> Answer:
    return _reset_page(secret, ChooseForm())


@bp.post("/resets/<secret>")
@limiter.limit("10 per minute")
def try_reset(secret: str) -> Answer:
    form = ChooseForm(request.form)
    with services().database.read() as db:
        holds = staff.whose_reset(db, secret, now=services().clock()) is not None
    if not holds or not form.is_good():
        return _reset_page(secret, form)
    new = staff.hash_password(form.new.data or "", hasher=services().hasher)
    with services().database.write() as db:
        person = staff.reset(db, secret, new, now=services().clock())
    if person is None:
        return _no_good()
    staff_mail.tell_later(person.email, "Its password was replaced by a link that was mailed to you.")
    return _to_sign_in("Your password is changed, and every session of yours is ended. Sign in with the new one.")


@bp.get("/invitations/<secret>")
@limiter.limit("30 per minute")
def invitation(secret: str) -> Answer:
    return _invitation_page(secret, ChooseForm())


@bp.post("/invitations/<secret>")
@limiter.limit("10 per minute")
def accept(secret: str) -> Answer:
    form = ChooseForm(request.form)
    with services().database.read() as db:
        holds = staff.invitation(db, secret, now=services().clock()) is not None
    if not holds or not form.is_good():
        return _invitation_page(secret, form)
    new = staff.hash_password(form.new.data or "", hasher=services().hasher)
    try:
        with services().database.write() as db:
            person = staff.accept(db, secret, new, now=services().clock())
    except StaffError as error:
        form.new.errors = [words.sentence(error)]
        return _invitation_page(secret, form)
    if person is None:
        return _no_good()
    return _to_sign_in("Your account is made. Sign in with your address and your password.")


# For `web/platform/errors.py`.
PAGES: Mapping[str, Callable[..., Answer]] = {
    "links.try_ask": lambda: _ask_page(AskForm(request.form)),
    "links.try_reset": lambda secret: _reset_page(secret, ChooseForm()),
    "links.accept": lambda secret: _invitation_page(secret, ChooseForm()),
}


def _ask_page(form: AskForm) -> str:
    return staff_page("reset_ask.html", form=form, can_mail=services().hand_over is not None)


def _reset_page(secret: str, form: ChooseForm) -> Answer:
    with services().database.read() as db:
        person = staff.whose_reset(db, secret, now=services().clock())
    if person is None:
        return _no_good()
    page = staff_page("choose_password.html", form=form, email=person.email, role="")
    return (page, 422) if form.errors else page


def _invitation_page(secret: str, form: ChooseForm) -> Answer:
    with services().database.read() as db:
        invitation = staff.invitation(db, secret, now=services().clock())
    if invitation is None:
        return _no_good()
    page = staff_page("choose_password.html", form=form, email=invitation.email, role=invitation.role.value)
    return (page, 422) if form.errors else page


def _no_good() -> Answer:
    return staff_page("link_ended.html"), 404


def _to_sign_in(sentence: str) -> Answer:
    forget()
    flash(sentence)
    return redirect(url_for("staff.sign_in"), 303)
