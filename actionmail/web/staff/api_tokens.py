"""Tokens with which programs read, for admins."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.widgets import CheckboxInput

from actionmail.flows import staff
from actionmail.flows.staff import Permission, StaffError
from actionmail.rules.staff.api_scopes import ApiScope, last_moment
from actionmail.rules.staff.problems import Problem
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import strip
from actionmail.web.platform.security import limiter
from actionmail.web.staff import words
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

bp = Blueprint("api_tokens", __name__, url_prefix="/staff/api-tokens")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]


class TokenForm(Form):
    name = StringField("Which program will use it", filters=[strip])
    scopes = SelectMultipleField(
        "What it may read",
        choices=[SelectChoice(scope.value, sentence) for scope, sentence in words.SCOPES.items()],
        option_widget=CheckboxInput(),
    )
    until = StringField("Last day", filters=[strip])


@bp.get("")
@require(Permission.MANAGE_STAFF, fresh="api_tokens.index")
def index() -> Answer:
    return _page(TokenForm())


@bp.post("")
@limiter.limit("20 per minute")
@require(Permission.MANAGE_STAFF, fresh="api_tokens.index")
def make() -> Answer:
    """Make a token; this answer is the only place that ever shows it."""
    form, now = TokenForm(request.form), services().clock()
    if not form.validate():
        form.scopes.errors = [words.sentence(StaffError(Problem.TOKEN_SCOPES))]
        return _page(form), 422
    try:
        expires_at = last_moment(form.until.data or "")
    except ValueError:
        form.until.errors = ["Write a day, such as 2026-12-31, or leave it empty."]
        return _page(form), 422
    scopes = [ApiScope(code) for code in form.scopes.data or []]
    try:
        with services().database.write() as db:
            secret, _ = staff.make_token(
                db, form.name.data or "", scopes, expires_at=expires_at, by=signed_in().id, now=now
            )
    except StaffError as error:
        form[_FIELDS[error.problem]].errors = [words.sentence(error)]
        return _page(form), 422
    return staff_page("api_token_new.html", secret=secret, name=form.name.data)


@bp.post("/<int:number>/revocation")
@require(Permission.MANAGE_STAFF, fresh="api_tokens.index")
def revoke(number: int) -> Answer:
    with services().database.write() as db:
        done = staff.revoke_token(db, number, by=signed_in().id, now=services().clock())
    if not done:
        return staff_page("unknown.html", sentence="There is no such token. It may be revoked already."), 404
    flash("The token is revoked: it opens nothing any more.")
    return redirect(url_for("api_tokens.index"), 303)


@require(Permission.MANAGE_STAFF, fresh="api_tokens.index")
def _make_again() -> Answer:
    return _page(TokenForm(request.form))


PAGES: Mapping[str, Callable[..., Answer]] = {"api_tokens.make": _make_again}  # for `web/platform/errors.py`
_FIELDS: Mapping[Problem, str] = {
    Problem.TOKEN_NAME: "name",
    Problem.TOKEN_SCOPES: "scopes",
    Problem.TOKEN_EXPIRY: "until",
}


def _page(form: TokenForm) -> str:
    now = services().clock()
    with services().database.read() as db:
        tokens = staff.tokens(db)
    return staff_page("api_tokens.html", form=form, tokens=tokens, now=now, scopes=words.SCOPES)
