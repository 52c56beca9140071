"""Signing in and out, and the page that staff begin from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, PasswordField, StringField

from actionmail.flows import staff
from actionmail.flows.actions import petition_mails
from actionmail.flows.campaigns.reading import outlived
from actionmail.flows.delivery import outlook, waiting
from actionmail.flows.review import bulk_changes, crowd_cleaning, crowds, dashboard, recent_days
from actionmail.flows.roster import reading
from actionmail.rules.districts.states import STATES
from actionmail.web.campaigns.kinds import kind_of
from actionmail.web.campaigns.pages import changes_ahead_or_none
from actionmail.web.platform.context import services
from actionmail.web.platform.security import limiter
from actionmail.web.review.charts import drawn_days
from actionmail.web.review.crowd_words import cleaning_path, crowd_path, crowd_words
from actionmail.web.review.petition_words import mail_standing
from actionmail.web.review.waiting_words import line_words, machinery_words
from actionmail.web.review.words import STATE_WORDS, pause_words
from actionmail.web.roster.alarms import roster_alarms
from actionmail.web.staff.access import (
    WRONG_PASSWORD,
    ConfirmForm,
    current_staff,
    forget,
    half_signed_in,
    is_own_password,
    never_stored,
    remember,
    remember_half,
    require,
    safe_next,
    staff_page,
    this_session,
)
from actionmail.web.staff.passkeys import site

bp = Blueprint("staff", __name__, url_prefix="/staff")
bp.after_request(never_stored)

REFUSED = "That e-mail address and password did not let you in."
REFUSED_CODE = "That code did not let you in. Each code works once, and for about a minute."
Answer = str | Response | tuple[str, int]


class SignInForm(Form):
    email = StringField("E-mail address")
    password = PasswordField("Password")


@bp.get("/sign-in")
def sign_in() -> Answer:
    if current_staff() is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    return _sign_in_page(SignInForm())


@bp.post("/sign-in")
@limiter.limit("10 per minute")
def try_sign_in() -> Answer:
    form = SignInForm(request.form)
    database, now = services().database, services().clock()
    with database.read() as db:
        known = staff.credentials(db, form.email.data or "")
    verdict = staff.verify(known, form.password.data or "", hasher=services().hasher)
    with database.write() as db:
        person = staff.sign_in(db, verdict, now=now)
    if person is None:
        return _sign_in_page(form, sentences=(REFUSED,)), 422
    wish = safe_next(request.form.get("next"))
    if person.has_second_factor:
        remember_half(person)
        return redirect(url_for("staff.code", next=wish), 303)
    remember(person)
    return redirect(wish, 303)


class CodeForm(Form):
    code = StringField("Code", filters=[lambda text: (text or "")[:100].strip()])


@bp.get("/sign-in/code")
def code() -> Answer:
    if half_signed_in() is None:
        return redirect(url_for("staff.sign_in", next=safe_next(request.args.get("next"))), 303)
    return _code_page(safe_next(request.values.get("next")))


@bp.post("/sign-in/code")
@limiter.limit("10 per minute")
def try_code() -> Answer:
    half, wish = half_signed_in(), safe_next(request.form.get("next"))
    if half is None:
        return redirect(url_for("staff.sign_in", next=wish), 303)
    form = CodeForm(request.form)
    with services().database.write() as db:
        person = staff.second_step(
            db, half.id, form.code.data or "", secret_key=services().settings.keys, now=services().clock()
        )
    if person is None:
        return _code_page(wish, sentences=(REFUSED_CODE,)), 422
    remember(person)
    return redirect(wish, 303)


@bp.post("/sign-out")
@require(before_second_factor=True)
def sign_out() -> Answer:
    here, now = this_session(), services().clock()
    with services().database.write() as db:
        if request.form.get("everywhere"):
            staff.sign_out_everywhere(db, here.person, by=here.person.id, now=now)
        else:
            staff.end(db, here.person, here.session_id, now=now)
    forget()
    return redirect(url_for("staff.sign_in"), 303)


@bp.get("/confirmation")
@require(before_second_factor=True)
def confirmation() -> Answer:
    """Before accounts or passkeys are changed: is it still the one who signed in?"""
    return _confirmation_page(ConfirmForm())


@bp.post("/confirmation")
@limiter.limit("10 per minute")
@require(before_second_factor=True)
def confirm() -> Answer:
    form = ConfirmForm(request.form)
    if not is_own_password(form.password.data or ""):
        form.password.errors = [WRONG_PASSWORD]
        return _confirmation_page(form), 422
    with services().database.write() as db:
        staff.confirmed(db, this_session().session_id, now=services().clock())
    return redirect(safe_next(request.form.get("next")), 303)


@bp.get("/")
@require()
def home() -> Answer:
    """What is live, what needs attention, what became of today's letters."""
    now = services().clock()
    with services().database.read() as db:
        as_of = reading.roster_as_of(db)
        overview = dashboard.dashboard(db, now=now)
        late = outlived(db, today=now.date())
        mails = petition_mails.undecided(db, since=now - dashboard.RECENT)
        turnovers = changes_ahead_or_none(db)
        alarms = roster_alarms(db, now=now) if as_of else []
        recent = recent_days.recent_days(db, now=now)
        machinery = waiting.machinery(db, now=now)
        ahead = outlook.outlook(db, now=now)
        corrected = bulk_changes.corrected(db, now=now)
        crowded = crowds.crowds(db, now=now)
        held = crowd_cleaning.held(db)
    return staff_page(
        "home.html",
        alarm=" ".join(alarms),
        machinery=machinery_words(machinery, now),
        pulse=machinery.pulse,
        ahead=ahead,
        corrected=corrected,
        crowds=crowded,
        crowd_words=crowd_words,
        crowd_path=crowd_path,
        cleaning_path=cleaning_path,
        held_crowds=held,
        line_words=line_words,
        has_roster=as_of is not None,
        overview=overview,
        kind_of=kind_of,
        outlived=late,
        mails=mails,
        mail_standing=mail_standing,
        turnovers=turnovers,
        counted=outlook.COUNTED,
        states=STATES,
        words=STATE_WORDS,
        pause_words=pause_words,
        **drawn_days(recent),
    )


@require(before_second_factor=True)
def _confirmation_again() -> Answer:
    return _confirmation_page(ConfirmForm())


# The forms that are shown again where a post to them could not be looked at: without passwords and codes.
PAGES: Mapping[str, Callable[..., Answer]] = {
    "staff.try_sign_in": lambda: _sign_in_page(SignInForm(request.form)),
    "staff.try_code": lambda: code() if half_signed_in() else redirect(url_for("staff.sign_in"), 303),
    "staff.confirm": _confirmation_again,
}


def _code_page(wish: str, sentences: tuple[str, ...] = ()) -> str:
    return staff_page(
        "code.html",
        form=CodeForm(),
        sentences=sentences,
        next=wish,
        half=half_signed_in(),
        failures=staff.MAX_FAILURES,
        minutes=staff.LOCKOUT // timedelta(minutes=1),
    )


def _confirmation_page(form: ConfirmForm) -> str:
    return staff_page(
        "confirmation.html",
        form=form,
        next=safe_next(request.values.get("next")),
        minutes=staff.FRESH // timedelta(minutes=1),
    )


def _sign_in_page(form: SignInForm, sentences: tuple[str, ...] = ()) -> str:
    return staff_page(
        "sign_in.html",
        form=form,
        sentences=sentences,
        next=safe_next(request.values.get("next")),
        passkeys=site() is not None,
        failures=staff.MAX_FAILURES,
        minutes=staff.LOCKOUT // timedelta(minutes=1),
    )
