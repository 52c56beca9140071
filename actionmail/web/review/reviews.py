"""Letters that wait for staff to read them: what was changed in each, and whether it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from actionmail.flows.review import letter_reviews
from actionmail.flows.review.letter_reviews import LONGEST_REASON, ON_A_PAGE, Refusal, Reviewer, ReviewRefused
from actionmail.flows.staff import Permission
from actionmail.web.platform.arguments import LONGEST_KEY, MOST_MESSAGES, short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

bp = Blueprint("reviews", __name__, url_prefix="/staff/reviews")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]

_REFUSALS: Final[Mapping[Refusal, str]] = {
    Refusal.GONE: (
        "Nothing was decided: these letters do not wait any more. A colleague decided, their supporter took them back, "
        "or their time is over."
    ),
    Refusal.CHANGED: "Nothing was decided: these letters are not those that you saw. Look at them again.",
    Refusal.NO_REASON: "Say why, in a few words: the supporter is told.",
    Refusal.REASON_TOO_LONG: f"Say why in at most {LONGEST_REASON} characters.",
    Refusal.DEADLINE_PASSED: "The campaign's deadline has passed: the letters would come too late.",
}


@bp.get("")
@require(Permission.CHANGE_MESSAGES)
def listed() -> Answer:
    return _page(whole_number(request.args, "after", default=0, most=MOST_MESSAGES))


@bp.post(f"/<int({MOST_MESSAGES}):number>/approvals")
@require(Permission.CHANGE_MESSAGES)
def approve(number: int) -> Answer:
    after = whole_number(request.form, "after", default=0, most=MOST_MESSAGES)
    try:
        with services().database.write() as db:
            count = letter_reviews.approve(db, number, seen=_seen(), by=_reviewer())
    except ReviewRefused as error:
        return _refused(error.refusal, after, number)
    flash(f"Approved: {count} letter{'' if count == 1 else 's'} will be sent.")
    return redirect(url_for(".listed", after=after or None), 303)


@bp.post(f"/<int({MOST_MESSAGES}):number>/rejections")
@require(Permission.CHANGE_MESSAGES)
def reject(number: int) -> Answer:
    after = whole_number(request.form, "after", default=0, most=MOST_MESSAGES)
    reason = request.form.get("reason", "")
    try:
        with services().database.write() as db:
            letter_reviews.reject(db, number, reason=reason, seen=_seen(), by=_reviewer(), settings=services().settings)
    except ReviewRefused as error:
        return _refused(error.refusal, after, number, reason=reason, is_rejection=True)
    flash("Rejected: nothing is sent, and the supporter gets a mail with your reason.")
    return redirect(url_for(".listed", after=after or None), 303)


def _seen() -> str:
    return short_line(request.form, "seen", most=LONGEST_KEY)


def _reviewer() -> Reviewer:
    return Reviewer(staff=signed_in().id, now=services().clock())


def _refused(refusal: Refusal, after: int, number: int, *, reason: str = "", is_rejection: bool = False) -> Answer:
    if refusal is Refusal.UNKNOWN:
        abort(404)
    is_reason = refusal in (Refusal.NO_REASON, Refusal.REASON_TOO_LONG)
    tried = {"number": number, "reason": reason, "is_rejection": is_rejection, "is_reason": is_reason}
    return _page(after, problem=_REFUSALS[refusal], **tried)


def _page(after: int, *, problem: str = "", **tried: object) -> Answer:
    """With `problem`, what was tried with the letters of an action, for the form in which that was."""
    with services().database.read() as db:
        waiting = letter_reviews.waiting(db, after=after)
        count = letter_reviews.count(db)
    page = staff_page(
        "reviews.html",
        waiting=waiting[:ON_A_PAGE],
        more=waiting[ON_A_PAGE - 1].number if len(waiting) > ON_A_PAGE else None,
        after=after,
        count=count,
        counted=letter_reviews.COUNTED,
        problem=problem,
        longest_reason=LONGEST_REASON,
        **tried,
    )
    return (page, 422) if problem else page
