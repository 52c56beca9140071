"""Step 2: your legislators, your letter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from actionmail.flows.actions import drafts, submitting
from actionmail.flows.campaigns import reading
from actionmail.flows.lookup import by_zip
from actionmail.rules.campaigns import letter_language
from actionmail.rules.districts.zip_districts import and_join
from actionmail.rules.roster import titles
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter import recipients
from actionmail.web.supporter.forms import MAX_BODY, MAX_PERSONAL, letter_form
from actionmail.web.supporter.step import Shut, StartOver, Step, bp, draft_key, needs_choice, step_of, uncertain

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, kw_only=True)
class Group:
    """The legislators who get the same letter; it is edited once. `number` is that of its fields."""

    number: int
    name: str
    copies: tuple[submitting.Copy, ...]

    @property
    def first(self) -> submitting.Copy:
        return self.copies[0]

    @property
    def heading(self) -> str:
        return recipients.heading(self.copies)

    @property
    def previews(self) -> list[submitting.Copy]:
        return recipients.to_preview(self.copies)

    @property
    def base(self) -> str:
        """What the letter said before anybody edited it, so that an edit is told from a letter that staff changed."""
        return _digest(self.first.default_subject, self.first.default_body)


@bp.get("/campaigns/<slug>/letter")
def letter(slug: str) -> ResponseReturnValue:
    with services().database.read() as db:
        step = step_of(db, slug)
        if step.seats is None:
            return redirect(url_for(".choose", slug=slug), 303)
        words = _words(step.values)
        groups, found = _groups_if_possible(db, step, words)
    return _letter_page(step, groups, found, letter_form_of(step, groups, words))


@bp.post("/campaigns/<slug>/letter")
@limiter.limit(POST_LIMIT)
def send(slug: str) -> ResponseReturnValue:
    go = request.form.get("go", "")
    with services().database.read() as db:
        if token := _receipt_of(db, slug):
            return redirect(url_for("receipts.receipt", token=token), 303)
        step = step_of(db, slug)
        if step.seats is None:
            raise StartOver
        groups, found = groups_of(db, step, submitting.Words())
    form = letter_form_of(step, groups, submitting.Words())
    is_valid = form.validate()
    if go in {"back", "preview"}:
        with services().database.write() as db:
            values = {**step.values, **_typed(form, groups)}
            drafts.save(db, step.key, campaign_id=step.campaign.id, values=values, now=services().clock())
        if go == "preview" and not is_valid:
            return letter_again(step, form, groups, 400)
        if go == "preview":
            return redirect(url_for(".letter", slug=slug, preview=1, _anchor="previews"), 303)
        return redirect(url_for(".choose" if step.place or needs_choice(step.found) else ".who", slug=slug), 303)
    if not form.consent.data:
        may = "may send the letter in your name" if found.writable else "may keep your letter for you to copy"
        form.consent.errors = [f"Tick this box to say that we {may}."]
    if not is_valid or not _may_go(step, form, groups):
        return letter_again(step, form, groups, 400)
    try:
        with services().database.write() as db:
            action = submitting.take_action(
                db, _submission(step, form, groups, found), now=services().clock(), settings=services().settings
            )
            token = action.receipt_token
    except submitting.CampaignClosed as refused:
        raise Shut(step.campaign, str(refused)) from None
    except submitting.ActRefused as refused:
        return letter_again(step, form, groups, 409, [str(refused)])
    session.get("drafts", {}).pop(slug, None)
    session.modified = True
    return redirect(url_for("receipts.receipt", token=token), 303)


def _submission(
    step: Step, form: FlaskForm, groups: list[Group], found: submitting.Recipients
) -> submitting.Submission:
    chosen = {chamber: value for chamber, value in step.values.get("seats", {}).items() if chamber in step.found.seats}
    asked = uncertain(step.found)
    basis = by_zip.basis_kept(step.found, asked, [chamber for chamber, _ in step.seats or []])
    return submitting.Submission(
        campaign_id=step.campaign.id,
        key=step.key,
        supporter=step.supporter,
        seats=step.seats or [],
        lookup={
            "method": f"{step.found.method}+choice" if asked else step.found.method,
            "data_version": step.found.data_version,
            "districts": [f"{chamber}/{district}" for chamber, district in step.seats or []],
            "chosen": chosen,
            "basis": {chamber: asdict(one) for chamber, one in basis.items()},
            **(step.place["trail"] if step.place else {}),
        },
        words=_words(_typed(form, groups)),
        seen=request.form.get("seen", ""),
        consent_text=f"{_consent(form, found)}: {recipients.button(found)}",
        consent_address=request.remote_addr or "",
        wants_updates=form.updates.data,
        language=languages.reading(step.campaign).language.tag,
    )


def _may_go(step: Step, form: FlaskForm, groups: list[Group]) -> bool:
    """Whether every filled letter is without faults; puts the sentences at the fields that they are about."""
    words = _words(_typed(form, groups))
    with services().database.read() as db:
        filled, _ = groups_of(db, step, words)
    for group in filled:
        for sentence in letter_language.faults(group.first.filled):
            if sentence.startswith("The subject"):
                field = form[f"subject_{group.number}"]
            elif sentence in letter_language.faults(_only(group.first.filled)):
                field = form[f"body_{group.number}"]
            else:
                field = form.personal
            if sentence not in field.errors:
                field.errors = [*field.errors, sentence]
    return not form.errors


def _only(filled: letter_language.FilledLetter) -> letter_language.FilledLetter:
    """The letter without the supporter's own paragraph."""
    text = "\n\n".join(filter(None, [filled.opening, filled.body, filled.closing]))
    return letter_language.FilledLetter(
        subject=filled.subject,
        text=text,
        opening=filled.opening,
        personal="",
        body=filled.body,
        closing=filled.closing,
        blanks=filled.blanks,
    )


def groups_of(db: Session, step: Step, words: submitting.Words) -> tuple[list[Group], submitting.Recipients]:
    found = submitting.recipients(db, step.campaign, step.seats or [], step.supporter, words, key=step.key)
    by_letter: dict[str, list[submitting.Copy]] = {}
    for copy in found.copies:
        by_letter.setdefault(copy.letter.name, []).append(copy)
    groups = [
        Group(number=number, name=name, copies=tuple(copies))
        for number, (name, copies) in enumerate(by_letter.items(), 1)
    ]
    return groups, found


def _groups_if_possible(db: Session, step: Step, words: submitting.Words) -> tuple[list[Group], submitting.Recipients]:
    try:
        return groups_of(db, step, words)
    except letter_language.LetterError:
        return groups_of(db, step, submitting.Words())


def letter_form_of(step: Step, groups: list[Group], words: submitting.Words) -> FlaskForm:
    values: dict[str, Any] = {
        "personal": words.personal,
        "consent": step.values.get("consent", False),
        "updates": step.values.get("updates", False),
    }
    for group in groups:
        values[f"subject_{group.number}"] = words.subjects.get(group.name, group.first.default_subject)
        values[f"body_{group.number}"] = words.bodies.get(group.name, group.first.default_body)
    return letter_form([(group.first.default_subject, group.first.default_body) for group in groups], values)


def _typed(form: FlaskForm, groups: list[Group]) -> dict[str, Any]:
    """What was posted, in the draft's form; of the letters only what differs from what stood there unedited."""
    edits: dict[str, dict[str, str]] = {}
    for group in groups:
        subject, body = form[f"subject_{group.number}"].data or "", form[f"body_{group.number}"].data or ""
        bases = (request.form.get(f"base_{group.number}", ""), group.base)
        if _digest(subject, body) not in bases:
            edits[group.name] = {"subject": subject, "body": body}
    return {
        "personal": form.personal.data or "",
        "letters": edits,
        "consent": bool(form.consent.data),
        "updates": bool(form.updates.data),
    }


def _words(values: dict[str, Any]) -> submitting.Words:
    edits = values.get("letters", {})
    return submitting.Words(
        personal=values.get("personal", ""),
        subjects={name: edit["subject"] for name, edit in edits.items()},
        bodies={name: edit["body"] for name, edit in edits.items()},
    )


def _digest(subject: str, body: str) -> str:
    return sha256(f"{' '.join(subject.split())}\0{body.strip()}".encode("utf-8", "replace")).hexdigest()[:16]


def _letter_page(
    step: Step,
    groups: list[Group],
    found: submitting.Recipients,
    form: FlaskForm,
    *,
    status: int = 200,
    sentences: Iterable[str] = (),
) -> ResponseReturnValue:
    form.consent.label.text = _consent(form, found)
    page = render_template(
        "supporter/letter.html",
        step=step,
        reading=languages.reading(step.campaign),
        groups=groups,
        found=found,
        was_chosen=needs_choice(step.found),
        form=form,
        draft=step.key,
        others=recipients.others(found),
        passed_over=and_join([f"{titles.title(one.state, one.chamber)} {one.name}" for one in found.passed_over]),
        button_text=recipients.button(found),
        max_body=MAX_BODY,
        max_personal=MAX_PERSONAL,
        max_subject=letter_language.MAX_SUBJECT,
        show_previews="preview" in request.args,
        sentences=sentences,
    )
    return page, status


def letter_again(
    step: Step, form: FlaskForm, groups: list[Group], status: int, sentences: Iterable[str] = ()
) -> ResponseReturnValue:
    """The letter's page with what was posted; its previews too, unless the words cannot stand in a letter."""
    with services().database.read() as db:
        shown, found = _groups_if_possible(db, step, _words(_typed(form, groups)))
    return _letter_page(step, shown, found, form, status=status, sentences=sentences)


def _consent(form: FlaskForm, found: submitting.Recipients) -> str:
    return str(form.consent.label.text) if found.writable else "Keep this for me to copy"


def _receipt_of(db: Session, slug: str) -> str | None:
    campaign = reading.campaign_page(db, slug)
    return submitting.receipt_token(db, campaign_id=campaign.id, key=draft_key(slug)) if campaign else None
