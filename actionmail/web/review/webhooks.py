"""The addresses that other programs are told at, for admins."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.widgets import CheckboxInput

from actionmail.flows.review import webhook_sending, webhooks
from actionmail.flows.staff import Permission
from actionmail.rules.staff.webhooks import (
    CHOOSABLE,
    GIVE_UP,
    HookAnswer,
    HookEvent,
    HookFault,
    HookRefused,
    HookTrouble,
)
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import strip
from actionmail.web.platform.security import limiter
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

bp = Blueprint("webhooks", __name__, url_prefix="/staff/webhooks")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]
_EVENTS: Mapping[HookEvent, str] = {
    HookEvent.LETTER_BOUNCED: "a letter came back",
    HookEvent.LETTER_HELD: "a letter is held until staff decide",
    HookEvent.STOP_OPENED: "letters are stopped: to somebody, for a campaign, or at all",
    HookEvent.CROWD_NOTICED: "many actions came at once by one link or from one network, or with the same paragraph",
    HookEvent.ACTION_CONFIRMED: "a supporter confirmed by mail that an action is theirs",
}
_FAULTS: Mapping[HookFault, tuple[str, str]] = {
    HookFault.NO_URL: ("url", "Write an address such as https://example.org/hooks, without a name or a password."),
    HookFault.NOT_HTTPS: ("url", "The address has to begin with https://, unless it is on this machine itself."),
    HookFault.PRIVATE: ("url", "This is an address of a private network. Webhooks go to public ones."),
    HookFault.NO_EVENTS: ("events", "Choose at least one thing that it is told."),
}
_TROUBLE: Mapping[HookTrouble, str] = {
    HookTrouble.TIMED_OUT: "no answer in time",
    HookTrouble.UNREACHABLE: "it could not be reached",
    HookTrouble.PRIVATE_HOST: "its name leads into a private network, where nothing is sent",
    HookTrouble.NO_SECRET: "its secret cannot be read with this installation's key: end it and add it anew",
}


class HookForm(Form):
    url = StringField("Address", filters=[strip])
    events = SelectMultipleField(
        "What it is told",
        choices=[SelectChoice(event.value, f"{event.value}: {_EVENTS[event]}") for event in CHOOSABLE],
        option_widget=CheckboxInput(),
    )


@bp.get("")
@require(Permission.MANAGE_STAFF, fresh="webhooks.index")
def index() -> Answer:
    return _page(HookForm())


@bp.post("")
@limiter.limit("20 per minute")
@require(Permission.MANAGE_STAFF, fresh="webhooks.index")
def add() -> Answer:
    """Add an address; this answer is the only place that ever shows its secret."""
    form, parts = HookForm(request.form), services()
    if not form.validate():
        form.events.errors = [_FAULTS[HookFault.NO_EVENTS][1]]
        return _page(form), 422
    events = [HookEvent(code) for code in form.events.data or []]
    try:
        with parts.database.write() as db:
            secret = webhooks.add_hook(
                db,
                form.url.data or "",
                events,
                secret_key=parts.settings.secret_key,
                by=signed_in().id,
                now=parts.clock(),
            )
    except HookRefused as refused:
        field, sentence = _FAULTS[refused.fault]
        form[field].errors = [sentence]
        return _page(form), 422
    return staff_page("webhook_new.html", secret=secret, url=form.url.data)


@bp.post("/<int:number>/test")
@limiter.limit("20 per minute")
@require(Permission.MANAGE_STAFF, fresh="webhooks.index")
def test(number: int) -> Answer:
    with services().database.write() as db:
        done = webhooks.ask_for_test(db, number, now=services().clock())
    if not done:
        return _unknown()
    flash("A test is on its way: a worker sends it within half a minute. Load this page again to see the answer.")
    return redirect(url_for("webhooks.index"), 303)


@bp.post("/<int:number>/end")
@require(Permission.MANAGE_STAFF, fresh="webhooks.index")
def end(number: int) -> Answer:
    with services().database.write() as db:
        done = webhooks.end_hook(db, number, by=signed_in().id, now=services().clock())
    if not done:
        return _unknown()
    flash("The webhook is ended: nothing more goes there.")
    return redirect(url_for("webhooks.index"), 303)


@require(Permission.MANAGE_STAFF, fresh="webhooks.index")
def _add_again() -> Answer:
    return _page(HookForm(request.form))


PAGES: Mapping[str, Callable[..., Answer]] = {"webhooks.add": _add_again}  # for `web/platform/errors.py`


def answer_words(answer: HookAnswer) -> str:
    """What came of a try."""
    if answer.trouble is not HookTrouble.NONE:
        return _TROUBLE[answer.trouble]
    return f"taken ({answer.status})" if answer.is_taken else f"refused with {answer.status}"


def _unknown() -> Answer:
    return staff_page("unknown.html", sentence="There is no such webhook. It may be ended already."), 404


def _page(form: HookForm) -> str:
    with services().database.read() as db:
        hooks = webhooks.hooks(db)
    return staff_page(
        "webhooks.html",
        form=form,
        hooks=hooks,
        answer_words=answer_words,
        kept_days=webhook_sending.KEPT.days,
        give_up=GIVE_UP.days,
    )
