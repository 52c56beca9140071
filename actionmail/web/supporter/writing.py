"""Step 2: your legislators, your letter.

The letters are filled once for a request (`Letters`); what is typed is laid into them and checked before anything is
written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from actionmail.flows.actions import composing, submitting, visits
from actionmail.flows.actions.composing import Recipients, Words
from actionmail.flows.actions.presses import Submission
from actionmail.flows.actions.pressure import Pressed
from actionmail.flows.actions.refusals import ActRefused, CampaignClosed, LetterRefused, MustProve, TargetsChanged
from actionmail.flows.lookup import by_zip
from actionmail.flows.lookup.settling import uncertain
from actionmail.rules.campaigns.filled_letter import MAX_SUBJECT
from actionmail.rules.campaigns.letter_faults import LetterFault, Part
from actionmail.rules.campaigns.targets import adds, rules_of
from actionmail.rules.moments import listed
from actionmail.rules.roster import titles
from actionmail.rules.speech import gettext
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import line_ends, shown_field
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter import checking, mistakes, words
from actionmail.web.supporter import recipients as naming
from actionmail.web.supporter.forms import MAX_BODY, MAX_PERSONAL, letter_form
from actionmail.web.supporter.letters import Letters, digest, letters_of, with_words
from actionmail.web.supporter.settled import not_sure_of, settled_sentences
from actionmail.web.supporter.step import (
    Shut,
    StartOver,
    Step,
    acted,
    bp,
    draft_key,
    in_force,
    letter_step,
    letter_step_of,
    needs_choice,
    save,
)


@bp.get("/campaigns/<slug>/letter")
def letter(slug: str) -> ResponseReturnValue:
    with services().database.ask() as db:
        step = letter_step(db, slug)
    if step.seats is None:
        return redirect(url_for(".choose", slug=slug), 303)
    letters = letters_of(step)
    typed = _words(step.values)
    form = letter_form_of(step, letters, typed)
    form_mistakes = mistakes.told(step.values)
    mistakes.put_at_fields(form, form_mistakes)
    return _letter_page(
        step, _shown(letters, typed), form, status=form_mistakes.status, sentences=form_mistakes.sentences
    )


@bp.post("/campaigns/<slug>/letter")
@limiter.limit(POST_LIMIT)
def send(slug: str) -> ResponseReturnValue:
    key = draft_key(slug)
    with services().database.ask() as db:
        visit = visits.visit(db, slug, key)
        if visit.receipt_token and in_force(slug, visit.version):
            return redirect(url_for("receipts.receipt", token=visit.receipt_token), 303)
        step = letter_step_of(db, slug, key, visit)
    if step.seats is None:
        raise _unsettled(step)
    letters = letters_of(step)
    form = letter_form_of(step, letters, Words())
    is_valid = form.validate()
    go = request.form.get("go", "")
    if go in {"back", "preview"} or languages.asked_in_form():
        return _keep(step, letters, form, go=go, is_valid=is_valid)
    if not form.consent.data:
        if letters.recipients.writable:
            form.consent.errors = [gettext("Tick this box to say that we may send the letter in your name.")]
        else:
            form.consent.errors = [gettext("Tick this box to say that we may keep your letter for you to copy.")]
    if not is_valid:
        return _told(step, letters, form)
    if _is_anothers(step):
        return _told(step, letters, form, 409, str(words.CHANGED_ELSEWHERE))
    try:
        worded = with_words(letters, _words(_typed(form, letters)))
        if form.consent.data:
            return _send(step, worded, form)
        put_at_fields(form, letters, composing.faults(worded.recipients))
    except LetterRefused as refused:
        put_at_fields(form, letters, refused.faults)
    return _told(step, letters, form)


def _unsettled(step: Step) -> StartOver:
    """Of a letter whose supporter has to choose legislators again, since another tab has another address by now, or an
    import brought other lines.

    Their own words are kept for the letter to come; whatever else was typed can be copied.
    """
    save(step, personal=line_ends(request.form.get("personal"))[:MAX_PERSONAL])
    return StartOver(str(words.CHANGED_ELSEWHERE) if _is_anothers(step) else words.refusal(TargetsChanged()))


def _told(step: Step, letters: Letters, form: FlaskForm, status: int = 400, *sentences: str) -> ResponseReturnValue:
    """Keep what was typed, and have the letter's page tell what is wrong; at once, where that is more than is kept."""
    _offer_again(form, letters)
    page, typed = "supporter.letter", _typed(form, letters)
    if mistakes.is_too_long(typed):
        return letter_again(step, letters, form, status, sentences)
    save(step, **typed, mistakes=mistakes.told_by(page, form, status=status, sentences=sentences))
    return mistakes.to_page(page, step.campaign.slug)


def _keep(step: Step, letters: Letters, form: FlaskForm, *, go: str, is_valid: bool) -> ResponseReturnValue:
    """Keep what was typed, and go back, show the previews, or speak another language."""
    if go == "preview" and not is_valid:
        return _told(step, letters, form)
    _offer_again(form, letters)
    save(step, **_typed(form, letters))
    slug = step.campaign.slug
    if lang := languages.asked_in_form():
        return redirect(url_for(".letter", slug=slug, lang=lang), 303)
    if go == "preview":
        return redirect(url_for(".letter", slug=slug, preview=1, _anchor="previews"), 303)
    return redirect(url_for(".choose" if step.place or needs_choice(step.lookup) else ".who", slug=slug), 303)


def _send(step: Step, letters: Letters, form: FlaskForm) -> ResponseReturnValue:
    """Prepare everything, then queue it in one transaction that only writes. Raises LetterRefused before that."""
    settings, now = services().settings, services().clock()
    pressed = checking.pressed(step.key, was_trapped=bool(step.values.get("trapped")))
    submission = submission_of(step, form, letters.recipients, seen=request.form.get("seen", ""), pressed=pressed)
    try:
        prepared = submitting.prepare(step.campaign, letters.recipients, submission, settings=settings, now=now)
        with services().database.put() as db:
            token = submitting.take_action(db, prepared, now=now, settings=settings)
    except CampaignClosed as refused:
        raise Shut(step.campaign, words.refusal(refused)) from None
    except LetterRefused:
        raise
    except MustProve:
        return checking.ask(step.campaign, step.key, **_typed(form, letters))
    except ActRefused as refused:  # the page that tells it has the letters of now
        return _told(step, letters, form, 409, words.refusal(refused))
    acted(step.campaign.slug, token)
    return redirect(url_for("receipts.receipt", token=token), 303)


def submission_of(step: Step, form: FlaskForm, recipients: Recipients, *, seen: str, pressed: Pressed) -> Submission:
    chosen = {chamber: value for chamber, value in step.values.get("seats", {}).items() if chamber in step.lookup.seats}
    asked = uncertain(step.lookup)
    basis = by_zip.basis_kept(step.lookup, asked, [chamber for chamber, _ in step.seats or []])
    return Submission(
        campaign_id=step.campaign.id,
        key=step.key,
        supporter=step.supporter,
        seats=step.seats or [],
        lookup={
            "method": f"{step.lookup.method}+choice" if asked else step.lookup.method,
            "data_version": step.lookup.data_version,
            "districts": [f"{chamber}/{district}" for chamber, district in step.seats or []],
            "chosen": chosen,
            "basis": {chamber: dict(vars(basis_of)) for chamber, basis_of in basis.items()},
            **(step.place["trail"] if step.place else {}),
        },
        seen=seen,
        consent_text=consent_text(form, recipients),
        consent_address=request.remote_addr or "",
        wants_updates=form.updates.data,
        wants_copy=form["copy"].data,
        may_ask=form.ask.data,
        may_quote=form.quote.data,
        source=step.values.get("source", ""),
        language=languages.reading(step.campaign).language.tag,
        pressed=pressed,
    )


def consent_text(form: FlaskForm, recipients: Recipients) -> str:
    """To what somebody agrees, in the words that they read."""
    return f"{_consent(form, recipients)}: {naming.button(recipients)}"


def _is_anothers(step: Step) -> bool:
    """Whether another tab has put somebody else into the draft since the letter was shown."""
    now = _whose(step)
    return request.form.get("whose", now) != now


def _whose(step: Step) -> str:
    """Whose letter the page showed, so that what another tab of this browser changed is not sent unseen."""
    return digest(repr(step.supporter), "")


def put_at_fields(form: FlaskForm, letters: Letters, faults: Iterable[LetterFault]) -> None:
    """Each fault's sentence at the field that it is about."""
    for fault in faults:
        field = _field_of(form, letters, fault)
        sentence = words.letter_fault(fault)
        if sentence not in field.errors:
            field.errors = [*field.errors, sentence]


def _field_of(form: FlaskForm, letters: Letters, fault: LetterFault) -> Any:
    """What staff wrote around the letter stands with its body."""
    if fault.part is Part.PERSONAL:
        return form.personal
    number = next(group.number for group in letters.groups if group.name == fault.letter)
    return form[f"subject_{number}" if fault.part is Part.SUBJECT else f"body_{number}"]


def letter_form_of(step: Step, letters: Letters, typed: Words) -> FlaskForm:
    values: dict[str, Any] = {
        "personal": typed.personal,
        "consent": step.values.get("consent", False),
        "updates": step.values.get("updates", False),
        "copy": step.values.get("copy", False),
        "ask": step.values.get("ask", False),
        "quote": step.values.get("quote", False),
    }
    for group in letters.groups:
        values[f"subject_{group.number}"] = typed.subjects.get(group.name, group.default_subject)
        values[f"body_{group.number}"] = typed.bodies.get(group.name, group.default_body)
    return letter_form(len(letters.groups), values)


def _offer_again(form: FlaskForm, letters: Letters) -> None:
    """Put the campaign's words into what came back empty: some browsers send "" for a text that nobody opened."""
    for group in letters.groups:
        subject, body = form[f"subject_{group.number}"], form[f"body_{group.number}"]
        subject.data = subject.data or group.default_subject
        body.data = body.data if (body.data or "").strip() else group.default_body


def _typed(form: FlaskForm, letters: Letters) -> dict[str, Any]:
    """What was posted, in the draft's form; of the letters only what differs from what stood there unedited."""
    edits: dict[str, dict[str, str]] = {}
    for group in letters.groups:
        subject, body = form[f"subject_{group.number}"].data or "", form[f"body_{group.number}"].data or ""
        bases = (request.form.get(f"base_{group.number}", ""), group.base)
        if digest(subject, body) not in bases:
            edits[group.name] = {"subject": subject, "body": body}
    return {
        "personal": form.personal.data or "",
        "letters": edits,
        "consent": bool(form.consent.data),
        "updates": bool(form.updates.data),
        "copy": bool(form["copy"].data),
        "ask": bool(form.ask.data),
        "quote": bool(form.quote.data),
    }


def _words(values: dict[str, Any]) -> Words:
    edits = values.get("letters", {})
    subjects, bodies = {}, {}
    for name, edit in edits.items():
        subjects[name], bodies[name] = edit["subject"], edit["body"]
    return Words(personal=values.get("personal", ""), subjects=subjects, bodies=bodies)


def _shown(letters: Letters, typed: Words) -> Letters:
    """For previews: with the words, unless there are none, or they cannot stand in a letter."""
    if typed == Words():
        return letters
    try:
        return with_words(letters, typed)
    except LetterRefused:
        return letters


_BOXES = ("consent", "updates", "copy", "ask", "quote")


def _letter_page(
    step: Step, letters: Letters, form: FlaskForm, *, status: int = 200, sentences: Iterable[str] = ()
) -> ResponseReturnValue:
    recipients = letters.recipients
    form.consent.label.text = _consent(form, recipients)
    page = render_template(
        "supporter/letter.html",
        step=step,
        reading=languages.reading(step.campaign),
        groups=letters.groups,
        recipients=recipients,
        settled=settled_sentences(step),
        not_sure=not_sure_of(step),
        as_yours=adds(rules_of(step.campaign.targets)),
        form=form,
        personal=shown_field(form.personal),
        boxes=tuple(shown_field(form[name]) for name in _BOXES),
        draft=step.key,
        whose=_whose(step),
        others=naming.others(recipients),
        passed_over=listed(
            [f"{titles.title(person.state, person.chamber)} {person.name}" for person in recipients.passed_over]
        ),
        button_text=naming.button(recipients),
        max_body=MAX_BODY,
        max_personal=MAX_PERSONAL,
        max_subject=MAX_SUBJECT,
        show_previews="preview" in request.args,
        sentences=sentences,
    )
    return page, status


def letter_again(
    step: Step, letters: Letters, form: FlaskForm, status: int, sentences: Iterable[str] = ()
) -> ResponseReturnValue:
    """The letter's page with what was posted; its previews too, unless the words cannot stand in a letter."""
    _offer_again(form, letters)
    shown = _shown(letters, _words(_typed(form, letters)))
    return _letter_page(step, shown, form, status=status, sentences=sentences)


def _consent(form: FlaskForm, recipients: Recipients) -> str:
    agreed = str(form.consent.label.text) if recipients.writable else gettext("Keep this for me to copy")
    return f"{agreed}. {form.quote.label.text}" if form.quote.data else agreed
