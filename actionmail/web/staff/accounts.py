"""Everybody's accounts, for admins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from actionmail.flows import staff
from actionmail.flows.staff import PasswordHash, Permission, Person, Role, StaffError
from actionmail.rules.staff import staff_letters
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import strip
from actionmail.web.platform.security import limiter
from actionmail.web.staff import staff_mail, words
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("accounts", __name__, url_prefix="/staff")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]


class InviteForm(Form):
    email = StringField("E-mail address", filters=[strip])
    role = SelectField("Role", choices=[SelectChoice(role.value, role.value) for role in Role])


@bp.get("/accounts")
@require(Permission.MANAGE_STAFF, fresh="accounts.index")
def index() -> Answer:
    return _accounts_page(InviteForm())


@bp.post("/invitations")
@limiter.limit("20 per minute")
@require(Permission.MANAGE_STAFF, fresh="accounts.index")
def invite() -> Answer:
    """Mail an invitation; where that fails, show the link to be handed over by hand."""
    form, parts = InviteForm(request.form), services()
    if not form.validate():
        return _accounts_page(form), 422
    role = Role(form.role.data)
    try:
        with parts.database.write() as db:
            link = staff.invite(db, form.email.data or "", role, by=signed_in().id, now=parts.clock())
    except StaffError as error:
        form.email.errors = [words.sentence(error)]
        return _accounts_page(form), 422
    address = parts.settings.base_url + link.path
    letter = staff_letters.invitation(
        organisation=parts.settings.organisation, role=role.value, link=address, until=link.expires_at
    )
    if trouble := staff_mail.send(parts, link.email, letter):
        return staff_page("invitation.html", email=link.email, link=address, until=link.expires_at, trouble=trouble)
    flash(f"The mail server took an invitation to {link.email}.")
    return redirect(url_for("accounts.index"), 303)


@bp.post("/invitations/<int:number>/removal")
@require(Permission.MANAGE_STAFF, fresh="accounts.index")
def take_back(number: int) -> Answer:
    with services().database.write() as db:
        done = staff.take_back(db, number, by=signed_in().id, now=services().clock())
    if not done:
        return staff_page("unknown.html", sentence="There is no such invitation. It may have been accepted."), 404
    flash("The invitation is taken back: its link works no more.")
    return redirect(url_for("accounts.index"), 303)


@bp.post("/accounts/<int:number>/<change>")
@require(Permission.MANAGE_STAFF, fresh="accounts.index")
def change(number: int, change: str) -> Answer:
    """Another role, a new password, no second factor, signed out, shut out, let in again: never one's own account."""
    password = staff.new_password() if change == "password" else ""
    new_hash = staff.hash_password(password, hasher=services().hasher) if password else None
    with services().database.write() as db:
        person = staff.person(db, number)
        if person is None or change not in CHANGES:
            return staff_page("unknown.html", sentence="There is no such account."), 404
        if person.id == signed_in().id:
            return _accounts_page(InviteForm(), "You cannot do this to your own account. Ask another admin."), 422
        if change == "role" and request.form.get("role", "") not in list(Role):
            return _accounts_page(InviteForm(), f"Choose a role for {person.email}."), 422
        _make_change(db, person, change, new_hash)
    if change in TOLD:
        staff_mail.tell_later(person.email, TOLD[change])
    if change == "password":
        return staff_page("new_password.html", email=person.email, password=password)
    flash(f"Done: {person.email}. {DONE[change]}")
    return redirect(url_for("accounts.index"), 303)


def _make_change(db: Session, person: Person, change: str, new_hash: PasswordHash | None) -> None:
    me, now = signed_in(), services().clock()
    if new_hash is not None:
        staff.set_password(db, person.email, new_hash, by=me.id, now=now)
    elif change == "role":
        staff.set_role(db, person.email, Role(request.form["role"]), by=me.id, now=now)
    elif change == "second-factor":
        staff.turn_off_second_factor(db, person.email, by=me.id, now=now)
    elif change == "sign-out":
        staff.sign_out_everywhere(db, person, by=me.id, now=now)
    elif change == "disable":
        staff.disable(db, person.email, by=me.id, now=now)
    else:
        staff.enable(db, person.email, by=me.id, now=now)


DONE = {
    "role": "The new role holds from now on.",
    "sign-out": "Every session is ended.",
    "second-factor": "The second factor is off, and every session is ended.",
    "disable": "The account is shut out, and every session is ended.",
    "enable": "The account can sign in again.",
}
TOLD = {
    "role": "An admin changed its role.",
    "password": "An admin gave it a new password.",
    "second-factor": "An admin turned its second factor off.",
}
CHANGES = frozenset({"password", *DONE})


@require(Permission.MANAGE_STAFF, fresh="accounts.index")
def _invite_again() -> Answer:
    return _accounts_page(InviteForm(request.form))


PAGES: Mapping[str, Callable[..., Answer]] = {"accounts.invite": _invite_again}  # for `web/platform/errors.py`


def _accounts_page(form: InviteForm, problem: str = "") -> str:
    now = services().clock()
    with services().database.read() as db:
        return staff_page(
            "accounts.html",
            form=form,
            problem=problem,
            roles=[role.value for role in Role],
            accounts=staff.accounts(db),
            invitations=staff.invitations(db, now=now),
            now=now,
        )
