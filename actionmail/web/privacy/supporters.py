"""One supporter: found, looked at, their receipt mailed again, all that is kept of them handed out or erased.

What is looked for is posted, so that nobody's name or address stands in an address of a page, a history or a log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, abort, flash, redirect, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, Form, RadioField, StringField
from wtforms.validators import Length

from actionmail.flows.privacy import receipt_link, supporter_export, supporters
from actionmail.flows.privacy.erasure import BeingSent
from actionmail.flows.privacy.receipt_link import NotMailed
from actionmail.flows.privacy.supporter_erasure import Erasing, SupporterChanged, erase_supporter, prospect
from actionmail.flows.privacy.supporter_record import look
from actionmail.flows.privacy.supporters import Hit
from actionmail.flows.staff import Permission
from actionmail.rules.staff.audit_codes import ErasureReason, SoughtBy
from actionmail.web.campaigns.kinds import kind_of
from actionmail.web.platform.arguments import LONGEST_REVISION, MOST_MESSAGES, short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import choices_of, sought
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.privacy import words
from actionmail.web.review.send_log import METHOD_WORDS
from actionmail.web.review.words import STATE_WORDS
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page
from actionmail.web.supporter.forms import canonical_email

bp = Blueprint("supporters", __name__, url_prefix="/staff/supporters")
bp.after_request(never_stored)

Answer = str | AnyResponse | tuple[str, int]
_NUMBER = f"<int({MOST_MESSAGES}):number>"
_LONGEST = 320  # of what is looked for: an address, or a link


class FindForm(Form):
    text = StringField(
        "E-mail address, part of a name, or the link of a receipt",
        filters=[sought],
        validators=[Length(max=_LONGEST, message=f"At most {_LONGEST} characters.")],
    )


class ErasureForm(Form):
    reason = RadioField(
        "Why?",
        choices=choices_of((reason.value, text) for reason, text in words.REASONS.items()),
        validate_choice=False,
    )
    ends = BooleanField("Take what stands without them down too")


@bp.get("")
@require(Permission.SEE_MESSAGES)
def index() -> Answer:
    return staff_page("supporters.html", form=FindForm(), hits=None)


@bp.post("")
@limiter.limit(POST_LIMIT)
@require(Permission.SEE_MESSAGES)
def find() -> Answer:
    """Whoever fits; where there is only one, their page."""
    form = FindForm(request.form)
    text = form.text.data or ""
    if not form.validate() or not text:
        form.text.errors = form.text.errors or ["Type something to look for."]
        return staff_page("supporters.html", form=form, hits=None), 422
    if "@" in text and "/" not in text:
        return _by_address(form, text)
    with services().database.read() as db:
        number = supporters.by_receipt(db, text)
    if number is not None:
        return redirect(url_for(".supporter", number=number), 303)
    if "/receipts/" in text:
        form.text.errors = [words.NO_RECEIPT]
        return staff_page("supporters.html", form=form, hits=None), 422
    before = whole_number(request.form, "before", default=0, most=MOST_MESSAGES) or None
    with services().database.read() as db:
        hits = supporters.by_name(db, text, before=before)
    return _listed(form, hits, SoughtBy.NAME)


def _by_address(form: FindForm, text: str) -> Answer:
    try:
        address = canonical_email(text)
    except ValueError as error:
        form.text.errors = [str(error)]
        return staff_page("supporters.html", form=form, hits=None), 422
    with services().database.read() as db:
        hits = supporters.by_address(db, address)
    if hits:
        return redirect(url_for(".supporter", number=hits[0].number), 303)
    return _listed(form, hits, SoughtBy.ADDRESS)


def _listed(form: FindForm, hits: Sequence[Hit], sought_by: SoughtBy) -> Answer:
    shown = hits[: supporters.ON_A_PAGE]
    with services().database.write() as db:  # a look is written down
        supporters.note_search(db, sought_by, len(shown), by=signed_in().id, now=services().clock())
    older = shown[-1].number if len(hits) > supporters.ON_A_PAGE else 0
    return staff_page("supporters.html", form=form, hits=shown, older=older, nobody=words.NOBODY)


@bp.get(f"/{_NUMBER}")
@require(Permission.SEE_MESSAGES)
def supporter(number: int) -> Answer:
    return _page(number)


@bp.post(f"/{_NUMBER}/receipt-mail")
@limiter.limit(POST_LIMIT)
@require(Permission.CHANGE_MESSAGES)
def mail_receipt(number: int) -> Answer:
    """Mail the link of this action's receipt to its own address."""
    settings, by, now = services().settings, signed_in().id, services().clock()
    try:
        with services().database.write() as db:
            receipt_link.mail_receipt(db, number, settings=settings, by=by, now=now)
    except NotMailed as refused:
        return _page(number, problem=words.not_mailed(refused), status=409)
    flash("The link of the receipt is on its way to the address on file.")
    return redirect(url_for(".supporter", number=number), 303)


@bp.post(f"/{_NUMBER}/export")
@limiter.limit(POST_LIMIT)
@require(Permission.SEE_MESSAGES)
def export(number: int) -> Answer:
    """All that is kept of them, as JSON, sent an action at a time."""
    with services().database.write() as db:
        is_there = supporter_export.note_export(db, number, by=signed_in().id, now=services().clock())
    if not is_there:
        abort(404)
    response = Response(stream_with_context(_document(number)), content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="supporter-{number}.json"'
    return response


def _document(number: int) -> Iterator[bytes]:
    with services().database.snapshot() as db:
        secret, now = services().settings.keys.oldest, services().clock()
        yield from supporter_export.export(db, number, secret=secret, now=now)


@bp.get(f"/{_NUMBER}/erasure")
@require(Permission.CHANGE_MESSAGES)
def second_look(number: int) -> Answer:
    """What goes and what stays, before anything does."""
    return _erasure_page(number, ErasureForm())


@bp.post(f"/{_NUMBER}/erasure")
@limiter.limit(POST_LIMIT)
@require(Permission.CHANGE_MESSAGES)
def erase(number: int) -> Answer:
    form = ErasureForm(request.form)
    try:
        how = Erasing(reason=ErasureReason(form.reason.data), is_ended=bool(form.ends.data))
    except ValueError:
        form.reason.errors = [words.NO_REASON]
        return _erasure_page(number, form, status=422)
    seen = short_line(request.form, "seen", most=LONGEST_REVISION)
    try:
        with services().database.write() as db:
            done = erase_supporter(db, number, seen=seen, how=how, by=signed_in().id, now=services().clock())
    except SupporterChanged:
        return _erasure_page(number, form, problem=words.CHANGED, status=409)
    except BeingSent as error:
        return _erasure_page(number, form, problem=words.being_sent(error), status=409)
    flash(words.erased(done))
    if not services().database.empty_log():
        flash(words.LOG_NOT_EMPTIED)
    return redirect(url_for(".index"), 303)


def _page(number: int, *, problem: str = "", status: int = 200) -> Answer:
    before = whole_number(request.args, "before", default=0, most=MOST_MESSAGES) or None
    with services().database.write() as db:  # a look is written down
        record = look(db, number, by=signed_in().id, now=services().clock(), before=before)
    if record is None:
        abort(404)
    page = staff_page(
        "supporter.html",
        supporter=record,
        kind_of=kind_of,
        words=words,
        states=STATE_WORDS,
        methods=METHOD_WORDS,
        problem=problem,
    )
    return page, status


def _erasure_page(number: int, form: ErasureForm, *, problem: str = "", status: int = 200) -> Answer:
    with services().database.read() as db:
        erasure = prospect(db, number)
    if erasure is None:
        abort(404)
    return staff_page("supporter_erasure.html", erasure=erasure, form=form, problem=problem), status
