"""The send log: what became of each letter, and what staff may change about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import DateField, Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length, Optional

from actionmail.flows.actions import petition_mails
from actionmail.flows.review import message_changes, message_detail, send_log
from actionmail.flows.review.message_changes import Act, MessageChangeRefused, Refusal
from actionmail.flows.review.send_log import Filter
from actionmail.flows.staff import Permission
from actionmail.rules.delivery.states import State
from actionmail.web.platform.arguments import MOST_MESSAGES, whole_number
from actionmail.web.platform.context import services
from actionmail.web.review.petition_words import mail_standing
from actionmail.web.review.words import REASON_WORDS, STATE_WORDS, actor_words, refusal_words
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

bp = Blueprint("send_log", __name__, url_prefix="/staff/messages")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]

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
_NO_DATE = "Write the day as year-month-day, such as 2026-03-04."


def _tidy(text: str | None) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text or "").split())


class _Day(DateField):
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_NO_DATE) from None


class FilterForm(Form):
    campaign = SelectField("Campaign", default="")
    state = SelectField(
        "State",
        choices=[
            SelectChoice("", "Any"),
            *(SelectChoice(state.value, words.capitalize()) for state, words in STATE_WORDS.items()),
        ],
        default="",
    )
    target = StringField("Legislator", filters=[_tidy], validators=[Length(max=240)])
    since = _Day("From", validators=[Optional()])
    until = _Day("To", validators=[Optional()])
    number = StringField("Message-ID or number", filters=[_tidy], validators=[Length(max=254)])

    def wanted(self) -> Filter:
        return Filter(
            campaign=self.campaign.data or "",
            state=State(self.state.data) if self.state.data else None,
            target=self.target.data or "",
            since=self.since.data,
            until=self.until.data,
            number=self.number.data or "",
        )


@bp.get("")
@require(Permission.SEE_MESSAGES)
def log() -> Answer:
    form = FilterForm(request.args)
    with services().database.read() as db:
        campaigns = send_log.campaigns(db)
        form.campaign.choices = [SelectChoice("", "All"), *(SelectChoice(slug, title) for slug, title in campaigns)]
        if not form.validate():
            return staff_page("send_log.html", form=form, page=None), 422
        wanted = form.wanted()
        before, after = _place("before"), _place("after")
        page = send_log.page(db, wanted, before=before, after=after)
        counts = send_log.counts(db, wanted)
        is_whole = replace(wanted, campaign="") == Filter() and before is None and after is None
        mails = petition_mails.listed(db, slug=wanted.campaign, limit=_PETITION_MAILS) if is_whole else []
    return staff_page(
        "send_log.html",
        form=form,
        page=page,
        mails=mails,
        mail_standing=mail_standing,
        counts=counts,
        counted=send_log.COUNTED if wanted.is_wide else None,
        titles=dict(campaigns),
        words=STATE_WORDS,
        filters={name: value for name, value in request.args.items() if name in form and value},
        is_narrowed=wanted != Filter(),
    )


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
        methods=METHOD_WORDS,
        acts=[(*ACTS[act], act) for act in message.acts],
        reason=reason,
        problem=problem,
        longest_reason=message_changes.LONGEST_REASON,
    )
