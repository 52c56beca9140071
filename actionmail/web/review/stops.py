"""Stops: what keeps letters from going out, set and lifted by staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from actionmail.flows.delivery import pulses
from actionmail.flows.delivery.stops import Stop
from actionmail.flows.review import send_log, stopping
from actionmail.flows.review.stopping import LONGEST_REASON, Pace, StopProblem, StopRefused
from actionmail.flows.staff import Permission
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import Actor
from actionmail.web.platform.arguments import short_line
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import strip
from actionmail.web.review.waiting_words import waiting_words
from actionmail.web.review.words import actor_words, pause_words, stop_words
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

bp = Blueprint("stops", __name__, url_prefix="/staff/stops")
bp.after_request(never_stored)
bp.add_app_template_global(waiting_words, "waiting_words")

Answer = str | Response | tuple[str, int]

_PROBLEMS: Mapping[StopProblem, str] = {
    StopProblem.NO_REASON: "Say why, in a few words: colleagues will want to know.",
    StopProblem.REASON_TOO_LONG: "Say why in at most {longest} characters; this has {count}.",
    StopProblem.NO_NAME: "Say what is to be stopped.",
    StopProblem.NO_DOMAIN: "Write the part of an address behind the @, such as legis.wisconsin.gov.",
    StopProblem.UNKNOWN_CAMPAIGN: "Choose one of the campaigns.",
    StopProblem.UNKNOWN_LEGISLATOR: "No legislator in office has this in their name.",
    StopProblem.SEVERAL_LEGISLATORS: "{count} legislators have this in their name. Write the whole name.",
}
_OF_REASON = frozenset({StopProblem.NO_REASON, StopProblem.REASON_TOO_LONG})


class StopForm(Form):
    what = RadioField(
        "What is to be stopped?",
        choices=[
            SelectChoice(Scope.ALL.value, "All letters"),
            SelectChoice(Scope.CAMPAIGN.value, "The letters of a campaign"),
            SelectChoice(Scope.DOMAIN.value, "Letters to a mail domain"),
            SelectChoice(Scope.TARGET.value, "Letters to a legislator"),
        ],
        default=Scope.DOMAIN.value,
    )
    campaign = SelectField("Campaign", default="")
    domain = StringField("Mail domain", filters=[strip])
    legislator = StringField("Legislator", filters=[strip])
    reason = StringField("Why?", filters=[strip])

    def named(self, scope: Scope) -> str:
        """What was typed or chosen for this scope."""
        typed = {Scope.CAMPAIGN: self.campaign, Scope.DOMAIN: self.domain, Scope.TARGET: self.legislator}.get(scope)
        return (typed.data or "")[:_LONGEST_NAME] if typed is not None else ""


@bp.get("")
@require(Permission.SEE_MESSAGES)
def listed() -> Answer:
    """What is stopped, slowed or held back. Fields of the form may stand in the address."""
    form = StopForm(request.args)
    if form.what.data not in set(Scope):
        form.what.data = Scope.DOMAIN.value
    return _page(form)


@bp.post("")
@require(Permission.CHANGE_MESSAGES)
def stop() -> Answer:
    form, now = StopForm(request.form), services().clock()
    scope = Scope(form.what.data) if form.what.data in set(Scope) else None
    if scope is None:
        form.what.errors = ["Choose one of these."]
        return _page(form), 422
    by = signed_in().id
    try:
        with services().database.write() as db:
            name = stopping.named(db, scope, form.named(scope))
            reason = form.reason.data or ""
            is_new = stopping.stop(db, scope, name, reason=reason, actor=Actor.staff(by), by=by, now=now)
    except StopRefused as refused:
        fields = {Scope.CAMPAIGN: form.campaign, Scope.DOMAIN: form.domain, Scope.TARGET: form.legislator}
        at = form.reason if refused.code in _OF_REASON else fields[scope]
        at.errors = [_sentence(refused)]
        return _page(form), 422
    flash("Stopped. Workers heed it within moments." if is_new else "It was stopped already; the first reason stands.")
    return redirect(url_for(".listed"), 303)


@bp.post("/lifts")
@require(Permission.CHANGE_MESSAGES)
def lift() -> Answer:
    what, name = request.form.get("what", ""), short_line(request.form, "name", most=_LONGEST_NAME)
    if what not in set(Scope):
        return _page(StopForm(), problem="Nothing was changed: this names no stop."), 422
    reason = request.form.get("reason", "")
    try:
        with services().database.write() as db:
            was_stopped = stopping.lift(db, Scope(what), name, reason=reason, by=signed_in().id, now=services().clock())
    except StopRefused as refused:
        lifted = (what, name) if refused.code in _OF_REASON else ("", "")
        return _page(StopForm(), problem=_sentence(refused), lifted=lifted, reason=reason), 422
    flash("Lifted. What waited behind it goes as its turn comes." if was_stopped else "Nothing stopped it any more.")
    return redirect(url_for(".listed"), 303)


def _page(form: StopForm, *, problem: str = "", lifted: tuple[str, str] = ("", ""), reason: str = "") -> str:
    now = services().clock()
    with services().database.read() as db:
        overview = stopping.overview(db, pulses.pulse(db).limits, now=now)
        campaigns = send_log.campaign_choices(db, "").campaigns
    form.campaign.choices = [SelectChoice("", "Choose one"), *(SelectChoice(slug, name) for slug, name in campaigns)]
    return staff_page(
        "stops.html",
        form=form,
        overview=overview,
        counted=stopping.COUNTED,
        stop_words=stop_words,
        pause_words=pause_words,
        actor_words=actor_words,
        pace_words=_pace_words,
        letters_query=_letters_query,
        problem=problem,
        lifted=lifted,
        reason=reason,
    )


def _sentence(refused: StopRefused) -> str:
    return _PROBLEMS[refused.code].format(count=refused.count, longest=LONGEST_REASON)


def _pace_words(pace: Pace) -> str:
    """ "Letters to Uma Pattern go at 15 an hour, ..." """
    slowdown = pace.slowed
    whom = {
        Scope.ALL: "All letters",
        Scope.CAMPAIGN: f"Letters of {slowdown.title or slowdown.name}",
        Scope.DOMAIN: f"Letters to addresses at {slowdown.name}",
        Scope.TARGET: f"Letters to {slowdown.title or f'legislator {slowdown.name}'}",
    }[slowdown.scope]
    asker = "the mail server" if slowdown.scope is Scope.ALL else "the receiving side"
    period = "an hour" if pace.period >= timedelta(hours=1) else "a minute"
    halved = "once" if slowdown.halvings == 1 else f"{slowdown.halvings} times"
    return (
        f"{whom} go at {pace.limit:g} {period} at most: {asker} asked us to slow down ({halved}). It wears off by "
        "itself, hour by hour."
    )


def _letters_query(stop: Stop) -> dict[str, str]:
    """The letters that a stop covers, as the page of acts on many names them."""
    name = {Scope.TARGET: "legislator", Scope.DOMAIN: "domain", Scope.CAMPAIGN: "campaign"}.get(stop.scope)
    return {name: stop.name} if name else {}


_LONGEST_NAME = 254
