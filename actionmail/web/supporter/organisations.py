"""Correcting what stands of an organisation under a statement, by the link of its receipt."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from actionmail.flows.actions import organisations
from actionmail.flows.actions import receipt as receipts
from actionmail.web.platform.context import services
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter.kinds.statement import OrganisationFields
from actionmail.web.supporter.receipts import secret

bp = Blueprint("organisations", __name__)

_GONE = "This cannot be corrected: it was withdrawn or erased."


@bp.get("/receipts/<token>/organisation")
def correction(token: str) -> ResponseReturnValue:
    """What stands, to be changed."""
    with services().database.read() as db:
        details = organisations.is_correctable(db, token)
    if details is None:
        return redirect(url_for("receipts.receipt", token=token), 303)
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
        return _page(token, form, status=409, sentences=[_GONE])
    return redirect(url_for("receipts.receipt", token=token), 303)


def again(status: int, sentence: str) -> ResponseReturnValue:
    """The page with what was posted to it and `sentence` on top, for a post that could not be done."""
    return _page((request.view_args or {}).get("token", ""), OrganisationFields(), status=status, sentences=[sentence])


def _page(
    token: str, form: OrganisationFields, *, status: int = 200, sentences: Iterable[str] = ()
) -> ResponseReturnValue:
    with services().database.read() as db:
        receipt = receipts.find(db, token, undo_seconds=services().settings.undo_seconds, now=services().clock())
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
