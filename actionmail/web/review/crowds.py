"""A crowd on one page: how many, where they stand, a button that takes all of them out, and one that puts them back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from actionmail.flows.review import crowd_cleaning
from actionmail.flows.review.crowd_cleaning import Grasp, NoCrowd, Standing
from actionmail.flows.review.out_of_count import LONGEST_REASON, By, CountChanged
from actionmail.flows.staff import Permission
from actionmail.web.platform.arguments import MOST_MESSAGES, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import tidy
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

bp = Blueprint("crowds", __name__, url_prefix="/staff/crowds")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]

GRASP_WORDS: Final[Mapping[Grasp, str]] = {
    Grasp.SOURCE: "All that came by the same link, within a day",
    Grasp.NETWORK: "All from the same network address, within a day",
    Grasp.NEAR: "All from that address and those around it (/24, or /48 of IPv6), within a day",
    Grasp.PARAGRAPH: "All with the same words of their own, within a day",
    Grasp.HELD: "All that wait for you since they came like a flood",
}
STANDING_WORDS: Final[Mapping[Standing, str]] = {
    Standing.COUNTS: "Count",
    Standing.HELD: "Wait for you",
    Standing.UNCONFIRMED: "Wait for their supporters to confirm",
    Standing.OUT: "Taken out of the count",
    Standing.GONE: "Taken back, declined or erased",
}
HELD_WORDS: Final[Mapping[str, str]] = {
    "address": "many from one network address",
    "near": "many from networks beside it",
    "wide": "many from one provider",
    "mailbox": "many from one mailbox",
    "campaign": "many on this campaign",
    "paragraph": "the same own words as many",
    "trap": "a field was filled that nobody sees",
}
_FORGED: Final = "Made by a program"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@bp.get(f"/<grasp>/<int({MOST_MESSAGES}):anchor>")
@require(Permission.SEE_MESSAGES)
def look(grasp: str, anchor: int) -> Answer:
    return _page(_grasp(grasp), anchor)


@bp.post(f"/<grasp>/<int({MOST_MESSAGES}):anchor>/removals")
@require(Permission.CHANGE_MESSAGES)
def take_out(grasp: str, anchor: int) -> Answer:
    reason, which = tidy(request.form.get("reason")), _grasp(grasp)
    if not 0 < len(reason) <= LONGEST_REASON:
        sentence = f"Say why, in at most {LONGEST_REASON} characters: it stays in the audit trail."
        return _page(which, anchor, problem=sentence, reason=reason, status=422)
    by = _by()
    try:
        with services().database.write() as db:
            count = crowd_cleaning.take_out(db, which, anchor, seen=_seen(), reason=reason, by=by)
            slug = crowd_cleaning.campaign_of(db, anchor)
    except NoCrowd:
        abort(404)
    except CountChanged as changed:
        return _page(which, anchor, problem=_changed(changed), reason=reason, status=409)
    flash(f"Done. {count:,} taken out of the count. Their letters that had not left do not go.")
    out = (by.now - _EPOCH) // _MICROSECOND
    return redirect(url_for(".look", grasp=grasp, anchor=anchor, out=out, of=slug), 303)


@bp.post(f"/<grasp>/<int({MOST_MESSAGES}):anchor>/returns")
@require(Permission.CHANGE_MESSAGES)
def put_back(grasp: str, anchor: int) -> Answer:
    out_at = _EPOCH + whole_number(request.form, "out", default=0, most=2**53) * _MICROSECOND
    try:
        with services().database.write() as db:
            slug = crowd_cleaning.campaign_of(db, anchor)
            count = crowd_cleaning.put_back(db, slug, out_at, by=_by())
    except NoCrowd:
        abort(404)
    flash(f"{count:,} put back." if count else "Nothing was changed: they are back already.")
    return redirect(url_for(".look", grasp=_grasp(grasp), anchor=anchor), 303)


@bp.post(f"/<grasp>/<int({MOST_MESSAGES}):anchor>/approvals")
@require(Permission.CHANGE_MESSAGES)
def let_go(grasp: str, anchor: int) -> Answer:
    which = _grasp(grasp)
    try:
        with services().database.write() as db:
            count = crowd_cleaning.let_go(db, which, anchor, seen=_seen(), by=_by())
    except NoCrowd:
        abort(404)
    except CountChanged as changed:
        return _page(which, anchor, problem=_changed(changed), status=409)
    flash(f"Done. {count:,} let go: they count, and their letters go.")
    return redirect(url_for(".look", grasp=which, anchor=anchor), 303)


def _grasp(text: str) -> Grasp:
    if text not in set(Grasp):
        abort(404)
    return Grasp(text)


def _seen() -> int:
    return whole_number(request.form, "seen", default=0, most=MOST_MESSAGES)


def _by() -> By:
    return By(staff=signed_in().id, now=services().clock())


def _changed(changed: CountChanged) -> str:
    return f"Nothing was changed: {changed.count:,} fit now, and another number was shown. Look again, and press."


def _page(grasp: Grasp, anchor: int, *, problem: str = "", reason: str = _FORGED, status: int = 200) -> Answer:
    try:
        with services().database.read() as db:
            crowd = crowd_cleaning.look(db, grasp, anchor)
            others = crowd_cleaning.other_grasps(db, grasp, anchor)
    except NoCrowd:
        abort(404)
    page = staff_page(
        "crowd.html",
        crowd=crowd,
        others=others,
        words=GRASP_WORDS,
        standing_words=STANDING_WORDS,
        held_words=HELD_WORDS,
        out=whole_number(request.args, "out", default=0, most=2**53),
        problem=problem,
        reason=reason,
    )
    return page, status
