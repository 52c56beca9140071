"""The link that is mailed to a supporter's address: it shows their letters, and a button sends them.

Opening it changes nothing, since mail scanners follow links.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from actionmail.flows.actions import confirmation, drafts
from actionmail.flows.actions.confirmation import LinkState
from actionmail.flows.privacy import erasure
from actionmail.rules.delivery.reasons import Reason
from actionmail.web.platform.context import services
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter.kinds import kind_of
from actionmail.web.supporter.receipts import secret
from actionmail.web.supporter.words import BEING_SENT

bp = Blueprint("confirmations", __name__)


@bp.get("/confirmations/<token>")
@limiter.limit(POST_LIMIT)
def ask(token: str) -> ResponseReturnValue:
    """The letters that wait, or why none does."""
    return _page(token)


@bp.post("/confirmations/<token>")
@limiter.limit(POST_LIMIT)
def send(token: str) -> ResponseReturnValue:
    """Let them go."""
    with services().database.read() as db:
        before = confirmation.find(db, token, now=services().clock())
    if before is None or before.standing is not LinkState.WAITING:
        return _page(token, 409)
    with services().database.write() as db:
        done = confirmation.confirm(db, token, undo_seconds=services().settings.undo_seconds, now=services().clock())
    if done is None or done.standing is not LinkState.CONFIRMED:
        return _page(token, 409)
    return redirect(url_for("receipts.receipt", token=done.receipt_token), 303)


@bp.get("/confirmations/<token>/denial")
@limiter.limit(POST_LIMIT)
def ask_denial(token: str) -> ResponseReturnValue:
    """Ask once more: erasing cannot be undone."""
    return _page(token, template="supporter/deny.html")


@bp.post("/confirmations/<token>/denial")
@limiter.limit(POST_LIMIT)
def deny(token: str) -> ResponseReturnValue:
    """It was somebody else: nothing is sent, and what they typed is erased."""
    now = services().clock()
    try:
        with services().database.write() as db:
            asked = confirmation.find(db, token, now=now)
            if asked is not None and asked.standing is not LinkState.CONFIRMED:
                erasure.erase(db, asked.receipt_token, now=now, why=Reason.ERASED_NOT_THEIRS)
                drafts.drop_of_address(db, asked.email)
    except erasure.BeingSent:  # confirmed since we looked
        return _page(token, 409, [str(BEING_SENT)])
    if asked is None or asked.standing is LinkState.CONFIRMED:
        return _page(token, 409)
    services().database.empty_log()
    return redirect(url_for(".ask", token=token), 303)


def again(status: int, sentence: str) -> ResponseReturnValue:
    """The link's page with `sentence` on top, for a post to it that could not be done."""
    return _page((request.view_args or {}).get("token", ""), status, [sentence])


def _page(
    token: str, status: int = 200, sentences: Iterable[str] = (), *, template: str = "supporter/confirm.html"
) -> ResponseReturnValue:
    with services().database.read() as db:
        asked = confirmation.find(db, token, now=services().clock())
        shown = kind_of(asked.campaign.kind).shown(db, asked.campaign) if asked else {}
    if asked is None:
        return secret(make_response(render_template("supporter/confirm_unknown.html"), 404))
    can_be_denied = asked.standing not in (LinkState.CONFIRMED, LinkState.ERASED)
    if not can_be_denied:
        template = "supporter/confirm.html"
    kind = kind_of(asked.campaign.kind)
    if not kind.has_steps:
        template = template.replace("supporter/", "supporter/kinds/")
    page = render_template(template, **shown, asked=asked, kind=kind, can_be_denied=can_be_denied, sentences=sentences)
    return secret(make_response(page, status))
