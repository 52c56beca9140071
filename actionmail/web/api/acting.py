"""Acting by a partner's own form, in the browser of a visitor to a website that the campaign lists.

The same forms, checks, consent and limits as on our pages. A partner's page asks for the form, shows the letters, and
sends what was typed; the words that somebody agrees to are ours, and come back with it. No cookie is read or set.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
from flask import Response, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, TextAreaField

from actionmail.flows.actions import browser_work, composing, drafts, submitting, taking
from actionmail.flows.actions.composing import Words
from actionmail.flows.actions.pressure import Pressed
from actionmail.flows.actions.receipt import action_of
from actionmail.flows.actions.refusals import ActRefused, CampaignClosed, LetterRefused, MustProve
from actionmail.flows.campaigns import content
from actionmail.rules.actions.pressure import QUICK, Signs
from actionmail.rules.actions.reviews import Review
from actionmail.rules.campaigns.sharing import source_of
from actionmail.rules.districts.refusals import LookupRefused
from actionmail.web.api import cross_origin
from actionmail.web.api.act_schemas import (
    ChamberQuestion,
    Choice,
    FieldShape,
    FormShape,
    NotTaken,
    ShownLetter,
    ShownLetters,
    Taken,
    Typed,
)
from actionmail.web.api.problems import PROBLEM_JSON, ApiProblem, json_answer
from actionmail.web.api.routes import bp
from actionmail.web.platform.context import services
from actionmail.web.platform.languages import reading
from actionmail.web.platform.lookup_words import refusal_sentence
from actionmail.web.platform.security import POST_LIMIT, csrf, limiter
from actionmail.web.platform.signing import signed_for
from actionmail.web.supporter import taking as simple
from actionmail.web.supporter import words
from actionmail.web.supporter.choosing import Question, questions_of
from actionmail.web.supporter.following import follow
from actionmail.web.supporter.forms import WhoForm, canonical_email, letter_form
from actionmail.web.supporter.kinds import kind_of
from actionmail.web.supporter.letters import Letters, letters_of, with_words
from actionmail.web.supporter.step import StartOver, Step, found_by_zip, in_force, step_in
from actionmail.web.supporter.writing import consent_text, put_at_fields, submission_of

if TYPE_CHECKING:
    from flask_wtf import FlaskForm

    from actionmail.flows.campaigns.in_force import InForce

# No page of ours is needed to post here, and no cookie is looked at: there is nothing to forge.
csrf.exempt(bp)

_TAKEN: Final = ("letter", "petition", "statement")  # kinds whose forms are one of text, boxes and lists
_PURPOSE: Final = "actionmail partner's form"
_HOLDS: Final = timedelta(days=1)
_HIDDEN: Final = ("csrf_token", "asked", "consent", "remember")  # the last is of our own pages
_OWN: Final = frozenset({"name", "email", "asked", "zip", "city", "updates", "consent"})  # told beside `details`
_NO_CSRF: Final = {"csrf": False}
_COUNTED: Final = ("GET", "POST")  # not what a browser asks before by itself


class Refused(Exception):
    """Nothing was taken; all that is told of it."""

    def __init__(self, status: int, sentence: str, *, fields: Mapping[str, str] | None = None, challenge: str = ""):
        super().__init__(sentence)
        self.status, self.sentence = status, sentence
        self.fields, self.challenge = dict(fields or {}), challenge


def _from_a_listed_site(view: Any) -> Any:
    """Only for pages of websites that the campaign lists; the browser of anybody else is told so."""

    @wraps(view)
    def asked(slug: str) -> ResponseReturnValue:
        with services().database.read() as db:
            snapshot = in_force(slug, content.version(db))
        origin = _origin()
        if snapshot is None or origin not in snapshot.campaign.sites:
            raise ApiProblem(403, "This campaign does not list the website that asks: it has to, in its `sites`.")
        g.origin = origin
        if request.method == "OPTIONS":
            return Response(status=204)
        if snapshot.campaign.kind not in _TAKEN:
            raise ApiProblem(409, "What is done on this campaign is not done by a form of others.")
        if not submitting.is_open(snapshot.campaign, services().clock()):
            raise ApiProblem(409, words.refusal(CampaignClosed()))
        answer: ResponseReturnValue = view(snapshot)
        return answer

    asked.is_for_listed_sites = True  # type: ignore[attr-defined]
    return asked


@bp.after_request
def _cross_origin(response: Response) -> Response:
    """Let the partner's page read the answer, also where it was refused before anybody looked who asks."""
    if origin := g.get("origin") or _last_listed():
        response.headers.update(cross_origin.readable_by(origin))
        response.vary.add("Origin")
    return response


def _last_listed() -> str:
    view = current_app.view_functions.get(request.endpoint or "")
    return cross_origin.last_listed(services(), view, request.view_args or {}, _origin())


def _origin() -> str:
    return request.headers.get("Origin", "")


@bp.errorhandler(Refused)
def _not_taken(refused: Refused) -> ResponseReturnValue:
    body = NotTaken(
        type="about:blank",
        title=HTTPStatus(refused.status).phrase,
        status=refused.status,
        detail=refused.sentence,
        error=refused.sentence,
        fields=refused.fields,
        challenge=refused.challenge,
    )
    return Response(msgspec.json.encode(body), refused.status, mimetype=PROBLEM_JSON)


@bp.route("/campaigns/<slug>/form", methods=["GET", "OPTIONS"], provide_automatic_options=False)
@limiter.limit(POST_LIMIT, methods=_COUNTED)
@_from_a_listed_site
def form(snapshot: InForce) -> ResponseReturnValue:
    """What the campaign asks, in which words."""
    campaign, kind = snapshot.campaign, kind_of(snapshot.campaign.kind)
    if not kind.has_steps and (kind.form is None or not kind.asks(campaign)):
        raise ApiProblem(409, "Nothing is taken here by a form at the moment.")
    blank = WhoForm(formdata=None, meta=_NO_CSRF) if kind.has_steps else kind.form(formdata=None, meta=_NO_CSRF)  # type: ignore[misc]
    shape = FormShape(
        kind=campaign.kind,
        token=signed_for(_PURPOSE).dumps([campaign.slug, drafts.new_key()]),
        fields=[_shape(field) for field in blank if field.name not in _HIDDEN],
        consent="" if kind.has_steps else _simple_consent(blank, kind.act),
        privacy=reading(campaign).words["privacy_line"].text,
    )
    return json_answer(shape)


def _asked(question: Question) -> ChamberQuestion:
    choices = [Choice(value=value, label=str(label)) for value, label in (*question.choices, *question.rest)]
    return ChamberQuestion(chamber=question.chamber, legend=str(question.legend), choices=choices)


@bp.route("/campaigns/<slug>/letters", methods=["POST", "OPTIONS"], provide_automatic_options=False)
@limiter.limit(POST_LIMIT, methods=_COUNTED)
@_from_a_listed_site
def shown_letters(snapshot: InForce) -> ResponseReturnValue:
    """The letters of a supporter, or what is asked first. Nothing is kept."""
    if not kind_of(snapshot.campaign.kind).has_steps:
        raise ApiProblem(409, "This campaign writes no letters.")
    typed = _typed()
    step = _step(snapshot, typed, _key(snapshot, typed)[0])
    with services().database.read() as db:
        questions = questions_of(db, step) if step.seats is None else []
    if questions:
        asked = list(map(_asked, questions))
        return json_answer(ShownLetters(questions=asked, letters=[], consent="", consent_with_quote="", seen=""))
    letters = letters_of(step)
    agreed = [_letter_consent(letters, quote=quote) for quote in (False, True)]
    shown = []
    for group in letters.groups:
        first = group.first.filled
        shown.append(
            ShownLetter(
                number=group.number,
                to=[copy.title_name for copy in group.copies],
                subject=group.default_subject,
                opening=first.opening,
                body=group.default_body,
                closing=first.closing,
            )
        )
    seen = letters.recipients.fingerprint
    return json_answer(
        ShownLetters(questions=[], letters=shown, consent=agreed[0], consent_with_quote=agreed[1], seen=seen)
    )


@bp.route("/campaigns/<slug>/actions", methods=["POST", "OPTIONS"], provide_automatic_options=False)
@limiter.limit(POST_LIMIT, methods=_COUNTED)
@_from_a_listed_site
def act(snapshot: InForce) -> ResponseReturnValue:
    """Take the action, once for each form."""
    typed = _typed()
    key, began = _key(snapshot, typed)
    pressed = _pressed(typed, key, began)
    try:
        if kind_of(snapshot.campaign.kind).has_steps:
            token = _send(snapshot, typed, key, pressed)
        else:
            token = _take(snapshot, typed, key, pressed)
    except MustProve:
        secret, now = services().settings.secret_key, services().clock()
        raise Refused(
            403, words.refusal(MustProve()), challenge=browser_work.challenge(key, secret=secret, now=now)
        ) from None
    except LetterRefused:
        raise
    except ActRefused as refused:
        before = str(kind_of(snapshot.campaign.kind).texts.before)
        sentence = words.act_refusal(refused, before)
        raise Refused(409, sentence, fields={refused.field: sentence} if refused.field else {}) from None
    with services().database.read() as db:
        action = action_of(db, token)
    waits = ""
    if action is not None and action.unconfirmed:
        waits = "confirmation"
    elif action is not None and action.review == Review.WAITING:
        waits = "staff"
    follow(token)
    receipt = services().settings.origin + url_for("receipts.receipt", token=token)
    answer = json_answer(Taken(receipt=receipt, waits=waits))
    answer.status_code = 201
    return answer


def _send(snapshot: InForce, typed: Typed, key: str, pressed: Pressed) -> str:
    """The receipt of a letter."""
    with services().database.read() as db:
        key, before = taking.done_by(db, snapshot.campaign.id, key, _address(typed))
    if before is not None:
        return before.receipt_token
    step = _step(snapshot, typed, key)
    if step.seats is None:
        raise Refused(422, "Some chambers are still to be chosen.", fields={"seats": "Choose one of the answers."})
    letters = letters_of(step)
    form = _letter_form(letters, typed)
    if not form.validate():
        raise Refused(422, _MISTAKES, fields=_errors(form))
    if typed.consent != _letter_consent(letters, quote=typed.quote):
        raise Refused(422, _MISTAKES, fields={"consent": _NOT_AGREED})
    subjects, bodies = {}, {}
    for group in letters.groups:
        subjects[group.name] = form[f"subject_{group.number}"].data
        bodies[group.name] = form[f"body_{group.number}"].data
    try:
        worded = with_words(letters, Words(personal=form.personal.data or "", subjects=subjects, bodies=bodies))
        put_at_fields(form, letters, composing.faults(worded.recipients))
    except LetterRefused as refused:
        put_at_fields(form, letters, refused.faults)
    if errors := _errors(form):
        raise Refused(422, _MISTAKES, fields=errors)
    settings, now = services().settings, services().clock()
    submission = submission_of(step, form, worded.recipients, seen=typed.seen, pressed=pressed)
    prepared = submitting.prepare(step.campaign, worded.recipients, submission, settings=settings, now=now)
    with services().database.put() as db:
        return submitting.take_action(db, prepared, now=now, settings=settings)


def _take(snapshot: InForce, typed: Typed, key: str, pressed: Pressed) -> str:
    """The receipt of a simple action."""
    campaign, kind = snapshot.campaign, kind_of(snapshot.campaign.kind)
    if kind.form is None or not kind.asks(campaign):
        raise ApiProblem(409, "Nothing is taken here by a form at the moment.")
    values = {"name": typed.name, "email": typed.email, "asked": typed.asked, "zip": typed.zip, "city": typed.city}
    known = kind.form(formdata=None, meta=_NO_CSRF)
    for name, value in typed.details.items():
        if name not in known or name in _OWN:
            raise Refused(422, _MISTAKES, fields={name[:100]: "This form has no such field."})
        values[name] = ("y" if value else "") if isinstance(value, bool) else value
    values |= {"updates": "y" if typed.updates else "", "consent": "y" if typed.consent else ""}
    form = kind.form(formdata=MultiDict({name: value for name, value in values.items() if value}), meta=_NO_CSRF)
    is_good = form.validate()
    home = simple.home_of(campaign, form)
    errors = _errors(form)
    if typed.consent != _simple_consent(form, kind.act):
        errors["consent"] = _NOT_AGREED
    if not is_good or home is None or errors:
        raise Refused(422, _MISTAKES, fields=errors)
    press = simple.press_of(campaign, form, home, key=key, source=source_of(typed.source), pressed=pressed)
    with services().database.write() as db:
        action = taking.take(db, press, settings=services().settings, now=services().clock())
        return action.receipt_token


def _step(snapshot: InForce, typed: Typed, key: str) -> Step:
    """Where the supporter stands with what they typed."""
    given = {name: getattr(typed, name) for name in ("name", "email", "asked", "zip", "street", "city", "phone")}
    who = WhoForm(formdata=MultiDict(given), meta=_NO_CSRF)
    who.needs_address = snapshot.campaign.asks_street
    if not who.validate():
        raise Refused(422, _MISTAKES, fields=_errors(who))
    values: dict[str, Any] = {"who": {**who.typed(), "state": typed.state}, "source": source_of(typed.source)}
    try:
        found_by_zip(snapshot.campaign, who.zip.data or "", who.street.data or "", typed.state)
        with services().database.read() as db:
            step = step_in(db, snapshot.campaign, key, values, targets=snapshot.targets)
            values = {**step.values, "seats": typed.seats}
            return step_in(db, snapshot.campaign, key, values, targets=snapshot.targets)
    except LookupRefused as refused:
        raise Refused(422, _MISTAKES, fields={"zip": refusal_sentence(refused)}) from None
    except StartOver:
        raise Refused(422, "What was typed cannot stand in a letter.") from None


def _letter_form(letters: Letters, typed: Typed) -> FlaskForm:
    values = {"personal": typed.personal, "consent": "y", "updates": "y" if typed.updates else ""}
    values["quote"] = "y" if typed.quote else ""
    edits = {edit.number: edit for edit in typed.letters}
    for group in letters.groups:
        edit = edits.get(group.number)
        values[f"subject_{group.number}"] = (edit.subject if edit else "") or group.default_subject
        values[f"body_{group.number}"] = (edit.body if edit else "") or group.default_body
    given = MultiDict({name: value for name, value in values.items() if value})
    return letter_form(len(letters.groups), {}, typed=given)


def _letter_consent(letters: Letters, *, quote: bool) -> str:
    form = letter_form(len(letters.groups), {}, typed=MultiDict({"quote": "y"} if quote else {}))
    return consent_text(form, letters.recipients)


def _simple_consent(form: Any, act: object) -> str:
    return f"{form.consent.label.text}: {act}"


def _pressed(typed: Typed, key: str, began: datetime) -> Pressed:
    is_done = browser_work.is_done(typed.work, key, secret=services().settings.keys)
    signs = Signs(is_trapped=bool(typed.homepage.strip()), is_quick=datetime.now(UTC) - began < QUICK)
    return Pressed(signs=signs, work=typed.work if is_done else "", by_mail=typed.by_mail)


def _typed() -> Typed:
    try:
        return msgspec.json.decode(request.get_data(), type=Typed)
    except msgspec.ValidationError as error:
        raise ApiProblem(400, f"This is not what can be sent: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ApiProblem(400, "This is no JSON.") from None


def _key(snapshot: InForce, typed: Typed) -> tuple[str, datetime]:
    """The action's own key, and when its form was asked for."""
    seconds = int(_HOLDS.total_seconds())
    try:
        (slug, key), began = signed_for(_PURPOSE).loads(typed.token, max_age=seconds, return_timestamp=True)
    except (BadData, ValueError, TypeError):
        slug, key, began = "", "", None
    if slug != snapshot.campaign.slug or began is None:
        raise Refused(422, "This form is older than a day, or another campaign's: ask for it again.")
    return key, began


def _address(typed: Typed) -> str:
    """As an action has it; as it was typed where that is no address, which its field says later."""
    try:
        return canonical_email(typed.email)
    except ValueError:
        return typed.email


def _errors(form: FlaskForm) -> dict[str, str]:
    return {field.name: str(field.errors[0]) for field in form if field.errors}


def _shape(field: Any) -> FieldShape:
    of_type = "text"
    for shape, name in ((BooleanField, "checkbox"), (SelectField, "select"), (TextAreaField, "textarea")):
        if isinstance(field, shape):
            of_type = name
    options = [[str(value), str(label)] for value, label, *_ in field.iter_choices()] if of_type == "select" else []
    return FieldShape(name=field.name, label=str(field.label.text), type=of_type, options=options)


_MISTAKES: Final = "Some fields are not right yet: their sentences say what."
_NOT_AGREED: Final = "The words that are to be agreed to have to come back as they were given."
