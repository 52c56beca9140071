"""Correcting what stands of an organisation under a statement, and its logo, by the link of its receipt.

The logo has a page of its own, after signing: a browser keeps no file that was chosen when another field was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FileField, Form, StringField

from actionmail.flows.actions import logos, organisations
from actionmail.flows.actions import receipt as receipts
from actionmail.flows.campaigns.refusals import FormRefused
from actionmail.rules.campaigns.pictures import ENDINGS, MAX_UPLOAD
from actionmail.rules.speech import lazy
from actionmail.web.campaigns.forms import show
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import one_line
from actionmail.web.platform.security import POST_LIMIT, csrf, limiter
from actionmail.web.platform.uploads import TOO_LARGE, BodyTooLarge, posted_file
from actionmail.web.supporter.again import posted_form
from actionmail.web.supporter.kinds.statement import OrganisationFields
from actionmail.web.supporter.pictures import alone
from actionmail.web.supporter.receipts import secret

bp = Blueprint("organisations", __name__)

_GONE = lazy("This cannot be corrected: it was withdrawn or erased.")
_ACCEPTED = lazy("JPEG, PNG, WebP or GIF, of at most 20 MB.")  # as `uploads.ACCEPTED` says to staff
_LOGO_SECONDS = 600  # that others may show a logo after it was withdrawn


class LogoForm(Form):
    """In the order of the page, in which its summary tells what is wrong."""

    upload = FileField(lazy("Logo"), description=_ACCEPTED)
    alternative = StringField(lazy("What the logo shows"), filters=[one_line])


@bp.get("/receipts/<token>/organisation")
def correction(token: str) -> ResponseReturnValue:
    """What stands, to be changed."""
    with services().database.read() as db:
        details = organisations.is_correctable(db, token)
    if details is None:
        return _to_receipt(token)
    return _page(token, OrganisationFields(data=dict(details)))


@bp.post("/receipts/<token>/organisation")
@limiter.limit(POST_LIMIT)
def correct(token: str) -> ResponseReturnValue:
    """Change it; what is typed stays where that cannot be done."""
    form = OrganisationFields()
    if not form.validate():
        return _page(token, form, status=400)
    try:
        with services().database.write() as db:
            organisations.correct(db, token, form.typed())
    except organisations.CannotCorrect:
        return _page(token, form, status=409, sentences=[str(_GONE)])
    return _to_receipt(token)


@bp.get("/receipts/<token>/logo")
def logo(token: str) -> ResponseReturnValue:
    """The logo that there is, to be replaced, told in other words, or taken away."""
    with services().database.read() as db:
        is_known = organisations.is_correctable(db, token) is not None
        stored = logos.under_receipt(db, token)
    if not is_known:
        return _to_receipt(token)
    return _logo_page(token, LogoForm(data={"alternative": stored.alternative if stored else ""}))


@bp.post("/receipts/<token>/logo")
@limiter.limit(POST_LIMIT)
def keep_logo(token: str) -> ResponseReturnValue:
    """Make a logo of what was uploaded; nothing is read of whoever has no receipt."""
    with services().database.read() as db:
        if organisations.is_correctable(db, token) is None:
            return _to_receipt(token)
    try:
        content = posted_file(logos.UPLOAD)
    except BodyTooLarge:
        return _refused(token, LogoForm(), FormRefused({logos.UPLOAD: [TOO_LARGE]}), 413)
    form = LogoForm(request.form)
    try:
        if len(content) > MAX_UPLOAD:
            raise FormRefused({logos.UPLOAD: [TOO_LARGE]})
        prepared = logos.prepare(content, form.alternative.data or "", reencode=services().reencode)
        with services().database.write() as db:
            logos.keep(db, token, prepared)
    except FormRefused as refused:
        return _refused(token, form, refused, 422)
    except organisations.CannotCorrect:
        return _logo_page(token, form, status=409, sentences=[str(_GONE)])
    return _to_receipt(token)


csrf.exempt(keep_logo)  # as for every upload: `posted_file` asks for the token once the form may be parsed


@bp.post("/receipts/<token>/logo/removal")
@limiter.limit(POST_LIMIT)
def take_logo_away(token: str) -> ResponseReturnValue:
    """Show none."""
    try:
        with services().database.write() as db:
            logos.take_away(db, token)
    except organisations.CannotCorrect:
        return _logo_page(token, LogoForm(), status=409, sentences=[str(_GONE)])
    return _to_receipt(token)


@bp.get("/receipts/<token>/logo/<sha256>")
def own_logo(token: str, sha256: str) -> ResponseReturnValue:
    """The logo of this receipt's organisation, whoever may see it besides."""
    with services().database.read() as db:
        stored = logos.own_file(db, token)
    if stored is None or stored.sha256 != sha256:
        abort(404)
    return secret(alone(stored.content, stored.media_type))


@bp.get("/logos/<sha256>.<ending>")
def public_logo(sha256: str, ending: str) -> ResponseReturnValue:
    """A logo of a public list, for as long as it stands there."""
    with services().database.read() as db:
        stored = logos.public_file(db, sha256)
    if stored is None or ENDINGS[stored.media_type] != ending:
        abort(404)
    response = alone(stored.content, stored.media_type)
    response.headers["Cache-Control"] = f"public, max-age={_LOGO_SECONDS}"
    response.set_etag(sha256)
    response.make_conditional(request)
    return response


def again(status: int, sentence: str) -> ResponseReturnValue:
    """The page with what was posted to it and `sentence` on top, for a post that could not be done."""
    token = (request.view_args or {}).get("token", "")
    if request.endpoint == f"{bp.name}.{correct.__name__}":
        return _page(token, OrganisationFields(), status=status, sentences=[sentence])
    return _logo_page(token, LogoForm(posted_form()), status=status, sentences=[sentence])


def _to_receipt(token: str) -> ResponseReturnValue:
    return redirect(url_for("receipts.receipt", token=token), 303)


def _page(
    token: str, form: OrganisationFields, *, status: int = 200, sentences: Iterable[str] = ()
) -> ResponseReturnValue:
    receipt = _receipt(token)
    if receipt is None:
        return secret(make_response(render_template("supporter/receipt_unknown.html"), 404))
    page = render_template(
        "supporter/kinds/statement/correction.html",
        campaign=receipt.campaign,
        form=form,
        token=token,
        sentences=list(sentences),
    )
    return secret(make_response(page, status))


def _refused(token: str, form: LogoForm, refused: FormRefused, status: int) -> ResponseReturnValue:
    show(form, refused)
    return _logo_page(token, form, status=status)


def _logo_page(token: str, form: LogoForm, *, status: int = 200, sentences: Iterable[str] = ()) -> ResponseReturnValue:
    receipt = _receipt(token)
    if receipt is None:
        return secret(make_response(render_template("supporter/receipt_unknown.html"), 404))
    with services().database.read() as db:
        stored = logos.under_receipt(db, token)
    page = render_template(
        "supporter/kinds/statement/logo.html",
        campaign=receipt.campaign,
        signer=receipt.details.get("organisation", ""),
        logo=stored,
        form=form,
        token=token,
        sentences=list(sentences),
    )
    return secret(make_response(page, status))


def _receipt(token: str) -> receipts.Receipt | None:
    with services().database.read() as db:
        return receipts.find(db, token, undo_seconds=services().settings.undo_seconds, now=services().clock())
