"""Passkeys in the browser: adding and removing one's own, signing in, and showing once more that it is still oneself.

Only a script can ask for a passkey. So each ceremony is a button that posts for a challenge, and a page that holds
what the script needs and a form for its answer; without a script that page says what to do instead.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response
from wtforms import Form, StringField

from actionmail.flows import staff
from actionmail.flows.staff import Person, StaffError
from actionmail.rules.staff import passkeys as rules
from actionmail.rules.staff.devices import device_name
from actionmail.rules.staff.passkeys import Site
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import strip
from actionmail.web.platform.security import limiter
from actionmail.web.staff import staff_mail, words
from actionmail.web.staff.access import (
    half_signed_in,
    never_stored,
    remember,
    require,
    safe_next,
    signed_in,
    staff_page,
    this_session,
)

bp = Blueprint("passkeys", __name__, url_prefix="/staff")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]
_CHALLENGE = "challenge"
NO_SITE = "Passkeys need an address with a host's name and https, and this site has none."
REFUSED = "That passkey did not let you in. It may be unknown here, or the page stood open for too long."


class NameForm(Form):
    name = StringField("Its name", filters=[strip])


@bp.get("/passkeys")
@require(before_second_factor=True, fresh="passkeys.index")
def index() -> Answer:
    return _list_page(NameForm(name=device_name(request.user_agent.string)))


@bp.post("/passkeys/new")
@limiter.limit("20 per minute")
@require(before_second_factor=True, fresh="passkeys.index")
def new() -> Answer:
    """What the browser needs to make one."""
    form, place, me = NameForm(request.form), site(), signed_in()
    if place is None:
        return _list_page(form, NO_SITE), 422
    settings = services().settings
    with services().database.write() as db:
        known = [passkey.credential_id for passkey in staff.passkeys_of(db, me)]
        session[_CHALLENGE] = secret = staff.challenge(db, me, now=services().clock())
    options = rules.options_to_make(
        place,
        secret,
        organisation=settings.organisation,
        email=me.email,
        account=rules.handle(me.id, settings.secret_key),
        known=known,
    )
    return staff_page("passkey_new.html", form=form, options=options)


@bp.post("/passkeys")
@limiter.limit("20 per minute")
@require(before_second_factor=True, fresh="passkeys.index")
def add() -> Answer:
    form, place, me = NameForm(request.form), site(), signed_in()
    if place is None:
        return _list_page(form, NO_SITE), 422
    try:
        with services().database.write() as db:
            codes = staff.add_passkey(
                db, me, form.name.data or "", _challenge(), _answer(), site=place, now=services().clock()
            )
            now_me = staff.person(db, me.id)
    except StaffError as error:
        form.name.errors = [words.sentence(error)]
        return _list_page(form), 422
    staff_mail.tell_later(me.email, "It got a new passkey.")
    if codes and now_me:
        remember(now_me)
        return staff_page("recovery_codes.html", codes=codes)
    flash("The passkey is added.")
    return redirect(url_for("passkeys.index"), 303)


@bp.post("/passkeys/<int:number>/removal")
@require(before_second_factor=True, fresh="passkeys.index")
def remove(number: int) -> Answer:
    demanded = services().settings.second_factor_required
    try:
        with services().database.write() as db:
            done = staff.remove_passkey(db, signed_in(), number, demanded=demanded, now=services().clock())
    except StaffError as error:
        return _list_page(NameForm(), words.sentence(error)), 422
    if not done:
        return staff_page("unknown.html", sentence="There is no such passkey of yours."), 404
    staff_mail.tell_later(signed_in().email, "One of its passkeys was removed.")
    flash("The passkey is removed. It may still be listed on your machine, where it opens nothing here any more.")
    return redirect(url_for("passkeys.index"), 303)


@bp.post("/sign-in/passkey/challenges")
@limiter.limit("20 per minute")
def ask_to_sign_in() -> Answer:
    """Alone, or after the password as the second step: then only that account's own will do."""
    return _use_page(half_signed_in(), url_for("passkeys.sign_in"))


@bp.post("/sign-in/passkey")
@limiter.limit("20 per minute")
def sign_in() -> Answer:
    place, wish = site(), safe_next(request.form.get("next"))
    person = None
    if place is not None:
        half = half_signed_in()
        with services().database.write() as db:
            person = staff.sign_in_by_passkey(
                db,
                _challenge(),
                _answer(),
                half=half,
                site=place,
                secret_key=services().settings.keys,
                now=services().clock(),
            )
    if person is None:
        return staff_page("passkey_refused.html", sentence=REFUSED, next=wish), 422
    remember(person)
    return redirect(wish, 303)


@bp.post("/confirmation/passkey/challenges")
@limiter.limit("20 per minute")
@require(before_second_factor=True)
def ask_to_confirm() -> Answer:
    return _use_page(signed_in(), url_for("passkeys.confirm"))


@bp.post("/confirmation/passkey")
@limiter.limit("20 per minute")
@require(before_second_factor=True)
def confirm() -> Answer:
    place, wish, now = site(), safe_next(request.form.get("next")), services().clock()
    with services().database.write() as db:
        done = place is not None and staff.confirm_by_passkey(
            db,
            signed_in(),
            _challenge(),
            _answer(),
            site=place,
            secret_key=services().settings.keys,
            now=now,
        )
        if done:
            staff.confirmed(db, this_session().session_id, now=now)
    if not done:
        return staff_page("passkey_refused.html", sentence=REFUSED, next=wish), 422
    return redirect(wish, 303)


def site() -> Site | None:
    """What this installation's passkeys are bound to; None where it can have none."""
    return rules.site_of(services().settings.base_url)


def _challenge() -> str:
    return str(session.pop(_CHALLENGE, ""))


def _answer() -> str:
    return request.form.get("answer", "")


def _use_page(person: Person | None, action: str) -> Answer:
    place, wish = site(), safe_next(request.form.get("next"))
    if place is None:
        return staff_page("passkey_refused.html", sentence=NO_SITE, next=wish), 422
    with services().database.write() as db:
        known = [passkey.credential_id for passkey in staff.passkeys_of(db, person)] if person else []
        session[_CHALLENGE] = secret = staff.challenge(db, person, now=services().clock())
    options = rules.options_to_use(place, secret, known=known)
    return staff_page("passkey_use.html", options=options, action=action, next=wish)


def _list_page(form: NameForm, problem: str = "") -> str:
    with services().database.read() as db:
        mine = staff.passkeys_of(db, signed_in())
    return staff_page("passkeys.html", form=form, problem=problem, mine=mine, possible=site() is not None)
