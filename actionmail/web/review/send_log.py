"""The send log: what became of each letter, and what staff may change about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from actionmail.flows.actions import petition_mails, search_index
from actionmail.flows.review import message_changes, message_detail, saved_views, send_log
from actionmail.flows.review.filters import Filter
from actionmail.flows.review.message_changes import Act, MessageChangeRefused, Refusal
from actionmail.flows.staff import Permission
from actionmail.web.platform.arguments import LONGEST_KEY, MOST_MESSAGES, short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import tidy
from actionmail.web.review.log_filters import FilterForm, chips, query_of, set_values
from actionmail.web.review.petition_words import mail_standing
from actionmail.web.review.words import (
    REASON_WORDS,
    STATE_BADGES,
    STATE_WORDS,
    VIEW_FAULTS,
    actor_words,
    refusal_words,
    step_words,
)
from actionmail.web.staff.access import never_stored, reading_database, require, signed_in, staff_page

bp = Blueprint("send_log", __name__, url_prefix="/staff/messages")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]
_LONGEST_QUERY = 4000  # characters
_WITHOUT_WORDS = ", without the words and the number that were looked for: they may name a supporter"

# How a supporter's district became known, after "Wisconsin State Assembly, District 76: ".
METHOD_WORDS: Mapping[str, str] = {
    "zip": "by the ZIP code",
    "zip-guess": "by the ZIP code, whose place is known only roughly",
    "state": "the same for everybody in the state",
    "address": "by the street",
    "boundary": "by the street, on our own map",
    "geocoder": "by the street, as the geocoder says",
    "openstates": "by the street, as Open States says",
}
# What each act does, in the words of its button and of the line under it, and the noun of its URL.
ACTS: Mapping[Act, tuple[str, str, str]] = {
    Act.CANCEL: ("Cancel", "The letter will never be sent.", "cancellations"),
    Act.HOLD: ("Hold", "The letter waits until somebody releases it.", "holds"),
    Act.RELEASE: ("Release", "The letter is sent as soon as its turn comes.", "releases"),
    Act.REQUEUE: ("Try again", "The same letter goes to the same address once more.", "retries"),
    Act.GIVE_UP: ("Give up", "The letter is not sent, and counts as not accepted.", "endings"),
}
_BY_NOUN = {noun: act for act, (_, _, noun) in ACTS.items()}
_PETITION_MAILS = 20  # the newest, above the letters


@bp.get("")
@require(Permission.SEE_MESSAGES)
def log() -> Answer:
    return _log_page(request.args)


def _log_page(typed: MultiDict[str, str], *, name: str = "", problem: str = "") -> Answer:
    """The log as `typed` filters it. With `problem`, `name` is what a view should have been called."""
    form = FilterForm(typed)
    with services().database.read() as db:
        form.choose(send_log.choices(db, short_line(typed, "campaign", most=LONGEST_KEY)))
        views = saved_views.views(db)
        is_valid = form.validate()
    if not is_valid:
        return staff_page("send_log.html", form=form, page=None, views=views, chips=()), 422
    wanted = form.wanted()
    most = send_log.EVERY if typed.get("count") == "all" else send_log.COUNTED
    with reading_database().read() as db:
        page = send_log.page(db, wanted, before=_place("before"), after=_place("after"))
        counts = send_log.counts(db, wanted, most=most)
        unsearchable = search_index.waiting(db) if wanted.words else 0
        is_whole = replace(wanted, campaign="") == Filter() and not (_place("before") or _place("after"))
        mails = petition_mails.listed(db, slug=wanted.campaign, limit=_PETITION_MAILS) if is_whole else []
    values = set_values(form)
    answer = staff_page(
        "send_log.html",
        form=form,
        page=page,
        mails=mails,
        mail_standing=mail_standing,
        counts=counts,
        total=sum(counts.values()),
        most=most,
        is_wide=wanted.is_wide,
        chips=list(chips(form)),
        values=values,
        is_narrowed=bool(values),
        words=STATE_WORDS,
        badges=STATE_BADGES,
        unsearchable=unsearchable,
        most_unsearchable=search_index.COUNTED,
        views=views,
        query=query_of(values),
        view_name=name,
        problem=problem,
        longest_name=saved_views.LONGEST_NAME,
    )
    return (answer, 422) if problem else answer


@bp.post("/views")
@require(Permission.SEE_MESSAGES)
def keep_view() -> Answer:
    """Keep the filters of the page that it was pressed on, under a name."""
    typed = MultiDict(parse_qsl(request.form.get("query", "")[:_LONGEST_QUERY]))
    name = tidy(request.form.get("name"))[: saved_views.LONGEST_NAME + 1]
    form = FilterForm(typed)
    try:
        with services().database.write() as db:
            form.choose(send_log.choices(db, short_line(typed, "campaign", most=LONGEST_KEY)))
            query = query_of(set_values(form)) if form.validate() else ""
            saved_query = saved_views.keep(db, name, query, by=signed_in().id, now=services().clock())
    except saved_views.CannotKeep as error:
        return _log_page(typed, name=name, problem=VIEW_FAULTS[error.fault])
    flash(f"Kept as the view \u201c{name}\u201d{'' if saved_query == query else _WITHOUT_WORDS}.")
    return redirect(f"{url_for('send_log.log')}?{query}", 303)


@bp.post("/views/<int:number>/removals")
@require(Permission.SEE_MESSAGES)
def drop_view(number: int) -> Answer:
    with services().database.write() as db:
        was_there = saved_views.drop(db, number)
    if not was_there:
        abort(404)
    flash("The view is forgotten.")
    return redirect(url_for("send_log.log"), 303)


@bp.get(f"/<int({MOST_MESSAGES}):number>")
@require(Permission.SEE_MESSAGES)
def message(number: int) -> Answer:
    return _message_page(number)


@bp.post(f"/<int({MOST_MESSAGES}):number>/<noun>")
@require(Permission.CHANGE_MESSAGES)
def change(number: int, noun: str) -> Answer:
    act = _BY_NOUN.get(noun)
    if act is None:
        abort(404)
    reason = request.form.get("reason", "")
    try:
        with services().database.write() as db:
            state = message_changes.change(db, number, act, reason=reason, by=signed_in().id, now=services().clock())
    except MessageChangeRefused as refused:
        if refused.code is Refusal.UNKNOWN_MESSAGE:
            abort(404)
        return _message_page(number, reason=reason, problem=refusal_words(refused)), 422
    flash(f"Done. This message is now: {STATE_WORDS[state]}.")
    return redirect(url_for("send_log.message", number=number), 303)


def _place(name: str) -> int | None:
    """The message before or behind which the page begins, where the address names one."""
    return whole_number(request.args, name, default=0, most=MOST_MESSAGES) or None


def _message_page(number: int, *, reason: str = "", problem: str = "") -> str:
    with services().database.write() as db:  # a look is written down
        message = message_detail.look(db, number, by=signed_in().id, now=services().clock())
    if message is None:
        abort(404)
    return staff_page(
        "message.html",
        message=message,
        words=STATE_WORDS,
        reasons=REASON_WORDS,
        actor_words=actor_words,
        step_words=step_words,
        methods=METHOD_WORDS,
        acts=[(*ACTS[act], act) for act in message.acts],
        reason=reason,
        problem=problem,
        longest_reason=message_changes.LONGEST_REASON,
    )
