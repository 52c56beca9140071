"""One letter goes to the address that its legislator has by now."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from actionmail.flows.delivery.readdressing import Naming
from actionmail.flows.review import message_changes
from actionmail.flows.review.message_changes import OF_REASON, Act, MessageChangeRefused
from actionmail.flows.staff import Permission
from actionmail.web.platform.arguments import MOST_MESSAGES
from actionmail.web.platform.context import services
from actionmail.web.review.words import STATE_WORDS, refusal_words
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

bp = Blueprint("new_address", __name__, url_prefix="/staff/messages")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]


@bp.post(f"/<int({MOST_MESSAGES}):number>/new-address")
@require(Permission.CHANGE_MESSAGES)
def send(number: int) -> Answer:
    settings, reason = services().settings, request.form.get("reason", "")
    naming = Naming(secret=settings.secret_key, domain=settings.mail_domain)
    try:
        with services().database.write() as db:
            state = message_changes.change(
                db, number, Act.READDRESS, reason=reason, by=signed_in().id, now=services().clock(), naming=naming
            )
    except MessageChangeRefused as refused:
        if not _is_there(number):
            abort(404)
        page = staff_page(
            "new_address.html",
            number=number,
            reason=reason,
            problem=refusal_words(refused),
            is_reason=refused.code in OF_REASON,
        )
        return page, 422
    flash(f"Done. This message has the new address, and is now: {STATE_WORDS[state]}.")
    return redirect(url_for("send_log.message", number=number), 303)


def _is_there(number: int) -> bool:
    with services().database.read() as db:
        return number in message_changes.standings(db, [number])
