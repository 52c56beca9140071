"""The supporter's three steps: who, which legislators (where the ZIP code does not tell), which letter.

What they type is kept as a draft under a random key, which the session and the pages carry; the key later makes a
double click one action. Every page can be shown again with what was posted to it: `again`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from actionmail.flows import act, address, author, directory, draft, forget, lookup
from actionmail.rules import letters, page_text, titles
from actionmail.rules.districts import and_join, is_settled
from actionmail.rules.targets import adds, rules_of
from actionmail.web import languages, recipients
from actionmail.web.context import services
from actionmail.web.forms import (
    MAX_BODY,
    MAX_PERSONAL,
    UNSURE,
    AddressForm,
    WhoForm,
    canonical_email,
    choose_form,
    letter_form,
)
from actionmail.web.security import POST_LIMIT, limiter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

bp = Blueprint("supporter", __name__)

_REMEMBERED = 8  # drafts of as many campaigns find room in one cookie
_NOT_TYPED = {"csrf_token", "draft", "go", "seen", "revision"}


@bp.app_template_filter("chamber_name")
def chamber_name(chamber: str, state: str) -> str:
    return titles.chamber_name(state, chamber)


bp.add_app_template_filter(page_text.as_html, "page_text")


@bp.app_template_filter("district")
def district(legislator: Any) -> str:
    return titles.district_label(legislator.chamber, legislator.district)


@bp.before_request
def open_what_is_due() -> None:
    """A scheduled campaign opens with its first visitor, where no worker has opened it yet."""
    if request.endpoint != f"{bp.name}.home" and "slug" not in (request.view_args or {}):
        return
    now = services().clock()
    with services().database.read() as db:
        is_due = author.is_due(db, now=now)
    if is_due:
        with services().database.write() as db:
            author.open_due(db, now=now)


@bp.get("/")
def home() -> ResponseReturnValue:
    """The campaigns that can be acted on now."""
    now = services().clock()
    with services().database.read() as db:
        campaigns = [campaign for campaign in author.live_campaigns(db) if act.is_open(campaign, now)]
    return render_template("supporter/home.html", campaigns=campaigns)


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What is kept, why and for how long."""
    settings = services().settings
    return render_template(
        "supporter/privacy.html",
        asks_geocoder=services().geocode is not None,
        asks_open_states=bool(settings.openstates_key and settings.openstates_url),
    )


# Step 1: why, and who are you


@bp.get("/campaigns/<slug>")
def who(slug: str) -> ResponseReturnValue:
    with services().database.read() as db:
        campaign = _open_campaign(db, slug)
        values = draft.load(db, _key(slug), campaign_id=campaign.id) or {}
    return _who_page(campaign, WhoForm(data=values.get("who", {})))


@bp.post("/campaigns/<slug>")
@limiter.limit(POST_LIMIT)
def keep_who(slug: str) -> ResponseReturnValue:
    with services().database.read() as db:
        campaign = _open_campaign(db, slug)
    form = WhoForm()
    found = _districts(campaign, form) if form.validate() else None
    if found is None:
        return _who_page(campaign, form, status=400)
    with services().database.write() as db:
        forget.purge_drafts(db, now=services().clock())
        key = _key(slug)
        if not key or act.receipt_token(db, campaign_id=campaign.id, key=key):
            key = draft.new_key()
        values = draft.load(db, key, campaign_id=campaign.id) or {}
        if values.get("who", {}).get("zip") != form.zip.data:
            values.pop("seats", None)  # the answers belonged to another ZIP code
            values.pop("place", None)
        values["who"] = form.typed()
        draft.save(db, key, campaign_id=campaign.id, values=values, now=services().clock())
    _remember(slug, key)
    return redirect(url_for(".choose" if _needs_choice(found) else ".letter", slug=slug), 303)


def _districts(campaign: Campaign, form: WhoForm) -> lookup.Found | None:
    try:
        return _found(campaign, form.zip.data or "")
    except lookup.LookupRefused as refused:
        form.zip.errors = [str(refused)]
        return None


def _who_page(
    campaign: Campaign, form: WhoForm, *, status: int = 200, sentences: Iterable[str] = ()
) -> ResponseReturnValue:
    with services().database.read() as db:
        count = act.actions_so_far(db, campaign.id)
    page = render_template(
        "supporter/who.html",
        campaign=campaign,
        reading=languages.reading(campaign),
        form=form,
        count=count,
        draft=_key(campaign.slug),
        sentences=sentences,
    )
    return page, status


# Between the steps, where the ZIP code does not tell: which of these are yours?


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where a supporter stands after step 1. `seats` is None while they still have to choose."""

    campaign: Campaign
    key: str
    values: dict[str, Any]
    supporter: act.Supporter
    found: lookup.Found
    seats: list[tuple[str, str]] | None

    @property
    def place(self) -> dict[str, Any] | None:
        """What their street told, as it is kept: no street in it."""
        return _place(self.values)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One chamber in which several districts, or a guessed one, are possible. `choices` are (value, label)."""

    chamber: str
    legend: str
    choices: list[tuple[str, str]]
    notes: dict[str, str]


@bp.get("/campaigns/<slug>/legislators")
def choose(slug: str) -> ResponseReturnValue:
    with services().database.read() as db:
        step = _step(db, slug)
        questions = _questions(db, step)
        holders = _holders(db, step) if step.place and not questions else []
    if not questions and not step.place:
        return redirect(url_for(".letter", slug=slug), 303)
    if not questions:
        return render_template(
            "supporter/found.html",
            step=step,
            reading=languages.reading(step.campaign),
            holders=holders,
            draft=step.key,
        )
    return _choose_page(step, questions, _choose_form(step, questions))


@bp.post("/campaigns/<slug>/legislators")
@limiter.limit(POST_LIMIT)
def keep_choice(slug: str) -> ResponseReturnValue:
    go = request.form.get("go", "")
    with services().database.read() as db:
        step = _step(db, slug)
        questions = _questions(db, step)
    if go in {"address", "names"}:
        return _by_address(step, questions) if go == "address" else _by_name(step)
    form = _choose_form(step, questions)
    if go != "back" and not form.validate():
        return _choose_page(step, questions, form, status=400)
    chosen = {question.chamber: form[question.chamber].data or "" for question in questions}
    if go != "back" and not _seats(step.found, chosen) and not adds(rules_of(step.campaign.targets)):
        contact = services().settings.contact_address
        sentence = "Choose at least one legislator: without one, nobody can be written to."
        sentence += f" We help you find yours if you write to {contact}." if contact else ""
        return _choose_page(step, questions, form, status=400, sentences=[sentence])
    _save(step, {**step.values, "seats": {**step.values.get("seats", {}), **chosen}})
    return redirect(url_for(".who" if go == "back" else ".letter", slug=slug), 303)


def _by_address(step: Step, questions: list[Question]) -> ResponseReturnValue:
    """Look the street up. It is neither kept nor put into the letter; what it told is."""
    form = AddressForm()
    geocode = services().geocode
    sentences: list[str] = []
    if form.validate() and geocode is not None:
        try:
            located = address.find_address(
                geocode,
                services().atlas,
                services().districts,
                address.Address(
                    street=" ".join((form.street.data or "").split()),
                    city=" ".join((form.city.data or "").split()),
                    state=step.campaign.state,
                    zip=step.found.zip,
                ),
                state=step.campaign.state,
                chambers=step.campaign.chambers,
            )
        except lookup.LookupRefused as refused:
            form.street.errors = [str(refused)]
        except address.GeocoderUnavailable:
            sentences = ["We cannot look streets up at the moment. Please choose your legislators by name, below."]
        except lookup.DatasetError as error:
            current_app.logger.error("Boundaries: %s", error)
            sentences = ["Our map cannot be used at the moment. Please choose your legislators by name, below."]
        else:
            place = {
                "told": located.told,
                "basis": {chamber: asdict(basis) for chamber, basis in located.found.basis.items()},
                "data_version": located.found.data_version,
                "explanation": located.found.explanation,
                "trail": located.trail,
            }
            _save(step, {**step.values, "place": place, "seats": {}})
            return redirect(url_for(".choose", slug=step.campaign.slug), 303)
    elif geocode is None:
        sentences = ["Streets cannot be looked up here. Please choose your legislators by name."]
    page = _choose_form(step, questions)
    return _choose_page(step, questions, page, address_form=form, status=400, sentences=sentences)


def _by_name(step: Step) -> ResponseReturnValue:
    """Forget what the street told: the supporter knows better."""
    _save(step, {**step.values, "place": None, "seats": {}})
    return redirect(url_for(".choose", slug=step.campaign.slug), 303)


def _save(step: Step, values: dict[str, Any]) -> None:
    with services().database.write() as db:
        draft.save(db, step.key, campaign_id=step.campaign.id, values=values, now=services().clock())


@dataclass(frozen=True, kw_only=True)
class Holders:
    """Who sits in one chamber's district, and a map of it where its boundary is known."""

    chamber: str
    name: str
    people: str
    drawing: Any


def _holders(db: Session, step: Step) -> list[Holders]:
    state = step.campaign.state
    found = []
    for chamber, districts in step.found.seats.items():
        seats = [(chamber, one.district) for one in districts]
        names = [
            f"{titles.title(state, chamber)} {one.name}" if one.status == "sitting" else "a vacant seat"
            for one in directory.legislators_for(db, state, seats)
        ]
        try:
            drawing = services().atlas.drawing(state, chamber, districts[0].district) if districts else None
        except lookup.DatasetError as error:
            current_app.logger.error("Boundaries: %s", error)
            drawing = None
        found.append(
            Holders(
                chamber=chamber,
                name=titles.chamber_name(state, chamber),
                people=and_join(names) or "a seat whose holder we do not know",
                drawing=drawing,
            )
        )
    return found


def _needs_choice(found: lookup.Found) -> bool:
    return bool(_uncertain(found))


def _uncertain(found: lookup.Found) -> list[str]:
    return [chamber for chamber in found.seats if found.options(chamber) and not _is_certain(found, chamber)]


def _questions(db: Session, step: Step) -> list[Question]:
    return [_question(db, step, chamber) for chamber in _uncertain(step.found)]


def _question(db: Session, step: Step, chamber: str) -> Question:
    state = step.campaign.state
    choices, notes = [], {}
    options = step.found.options(chamber)
    for option in options:
        value = _value(option)
        holders = directory.legislators_for(db, state, [(one.chamber, one.district) for one in option])
        names = [
            f"{titles.title(state, chamber)} {holder.name}" if holder.status == "sitting" else "a vacant seat"
            for holder in holders
        ]
        choices.append((value, and_join(names) or "A seat whose holder we do not know"))
        parties = dict.fromkeys(holder.party for holder in holders if holder.party)
        districts = and_join([titles.district_label(chamber, one.district) for one in option])
        notes[value] = ", ".join(filter(None, [districts, and_join(list(parties))]))
    choices.append((UNSURE, "I am not sure"))
    name = titles.chamber_name(state, chamber)
    as_yours = " as their constituent" if adds(rules_of(step.campaign.targets)) else ""
    notes[UNSURE] = f"Nobody in the {name} gets a letter from you{as_yours}."
    legend = f"Who represents you in the {name}?" if len(options) > 1 else f"{name}: is this your legislator?"
    if len(options) == 1:
        choices[0] = (choices[0][0], f"Yes, {choices[0][1]}")
    return Question(chamber=chamber, legend=legend, choices=choices, notes=notes)


def _value(option: Iterable[Any]) -> str:
    return "+".join(one.district for one in option)


def _is_certain(found: lookup.Found, chamber: str) -> bool:
    """One alternative that is no guess. Where a part of the ZIP code lies in another state, nothing is certain."""
    others_settled = all(len(found.options(other)) == 1 for other in found.seats)
    is_beyond = not found.is_certain and found.method == "zip" and others_settled and all(found.seats.values())
    return is_settled(found.seats[chamber]) and not is_beyond


def _seats(found: lookup.Found, chosen: dict[str, str]) -> list[tuple[str, str]] | None:
    """The supporter's seats: what is certain, and what they chose; None while an answer is missing."""
    seats = []
    for chamber in found.seats:
        options = {_value(option): option for option in found.options(chamber)}
        if not options or (chosen.get(chamber) == UNSURE and not _is_certain(found, chamber)):
            continue
        value = next(iter(options)) if _is_certain(found, chamber) else chosen.get(chamber)
        if value not in options:
            return None
        seats += [(one.chamber, one.district) for one in options[value]]
    return seats


def _choose_form(step: Step, questions: list[Question]) -> FlaskForm:
    return choose_form([(q.chamber, q.legend, q.choices) for q in questions], step.values.get("seats", {}))


def _choose_page(
    step: Step,
    questions: list[Question],
    form: FlaskForm,
    *,
    address_form: AddressForm | None = None,
    status: int = 200,
    sentences: Iterable[str] = (),
) -> ResponseReturnValue:
    if address_form is None and services().geocode is not None and not step.place:
        typed = step.values["who"]
        address_form = AddressForm(data={"street": typed["street"], "city": typed["city"]})
    page = render_template(
        "supporter/choose.html",
        step=step,
        reading=languages.reading(step.campaign),
        questions=questions,
        form=form,
        address_form=address_form,
        draft=step.key,
        sentences=sentences,
    )
    return page, status


# Step 2: your legislators, your letter


@dataclass(frozen=True, kw_only=True)
class Group:
    """The legislators who get the same letter; it is edited once. `number` is that of its fields."""

    number: int
    name: str
    copies: tuple[act.Copy, ...]

    @property
    def first(self) -> act.Copy:
        return self.copies[0]

    @property
    def heading(self) -> str:
        return recipients.heading(self.copies)

    @property
    def previews(self) -> list[act.Copy]:
        return recipients.to_preview(self.copies)

    @property
    def base(self) -> str:
        """What the letter said before anybody edited it, so that an edit is told from a letter that staff changed."""
        return _digest(self.first.default_subject, self.first.default_body)


@bp.get("/campaigns/<slug>/letter")
def letter(slug: str) -> ResponseReturnValue:
    with services().database.read() as db:
        step = _step(db, slug)
        if step.seats is None:
            return redirect(url_for(".choose", slug=slug), 303)
        words = _words(step.values)
        groups, found = _groups_if_possible(db, step, words)
    return _letter_page(step, groups, found, _letter_form(step, groups, words))


@bp.post("/campaigns/<slug>/letter")
@limiter.limit(POST_LIMIT)
def send(slug: str) -> ResponseReturnValue:
    go = request.form.get("go", "")
    with services().database.read() as db:
        if token := _receipt_of(db, slug):
            return redirect(url_for("receipts.receipt", token=token), 303)
        step = _step(db, slug)
        if step.seats is None:
            raise StartOver
        groups, found = _groups(db, step, act.Words())
    form = _letter_form(step, groups, act.Words())
    is_valid = form.validate()
    if go in {"back", "preview"}:
        with services().database.write() as db:
            values = {**step.values, **_typed(form, groups)}
            draft.save(db, step.key, campaign_id=step.campaign.id, values=values, now=services().clock())
        if go == "preview" and not is_valid:
            return _letter_again(step, form, groups, 400)
        if go == "preview":
            return redirect(url_for(".letter", slug=slug, preview=1, _anchor="previews"), 303)
        return redirect(url_for(".choose" if step.place or _needs_choice(step.found) else ".who", slug=slug), 303)
    if not form.consent.data:
        may = "may send the letter in your name" if found.writable else "may keep your letter for you to copy"
        form.consent.errors = [f"Tick this box to say that we {may}."]
    if not is_valid or not _may_go(step, form, groups):
        return _letter_again(step, form, groups, 400)
    try:
        with services().database.write() as db:
            action = act.take_action(
                db, _submission(step, form, groups, found), now=services().clock(), settings=services().settings
            )
            token = action.receipt_token
    except act.CampaignClosed as refused:
        raise Shut(step.campaign, str(refused)) from None
    except act.ActRefused as refused:
        return _letter_again(step, form, groups, 409, [str(refused)])
    session.get("drafts", {}).pop(slug, None)
    session.modified = True
    return redirect(url_for("receipts.receipt", token=token), 303)


def _submission(step: Step, form: FlaskForm, groups: list[Group], found: act.Recipients) -> act.Submission:
    chosen = {chamber: value for chamber, value in step.values.get("seats", {}).items() if chamber in step.found.seats}
    asked = _uncertain(step.found)
    basis = lookup.basis_kept(step.found, asked, [chamber for chamber, _ in step.seats or []])
    return act.Submission(
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
        filled, _ = _groups(db, step, words)
    for group in filled:
        for sentence in letters.faults(group.first.filled):
            if sentence.startswith("The subject"):
                field = form[f"subject_{group.number}"]
            elif sentence in letters.faults(_only(group.first.filled)):
                field = form[f"body_{group.number}"]
            else:
                field = form.personal
            if sentence not in field.errors:
                field.errors = [*field.errors, sentence]
    return not form.errors


def _only(filled: letters.FilledLetter) -> letters.FilledLetter:
    """The letter without the supporter's own paragraph."""
    text = "\n\n".join(filter(None, [filled.opening, filled.body, filled.closing]))
    return letters.FilledLetter(
        subject=filled.subject,
        text=text,
        opening=filled.opening,
        personal="",
        body=filled.body,
        closing=filled.closing,
        blanks=filled.blanks,
    )


def _groups(db: Session, step: Step, words: act.Words) -> tuple[list[Group], act.Recipients]:
    found = act.recipients(db, step.campaign, step.seats or [], step.supporter, words, key=step.key)
    by_letter: dict[str, list[act.Copy]] = {}
    for copy in found.copies:
        by_letter.setdefault(copy.letter.name, []).append(copy)
    groups = [
        Group(number=number, name=name, copies=tuple(copies))
        for number, (name, copies) in enumerate(by_letter.items(), 1)
    ]
    return groups, found


def _letter_form(step: Step, groups: list[Group], words: act.Words) -> FlaskForm:
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


def _words(values: dict[str, Any]) -> act.Words:
    edits = values.get("letters", {})
    return act.Words(
        personal=values.get("personal", ""),
        subjects={name: edit["subject"] for name, edit in edits.items()},
        bodies={name: edit["body"] for name, edit in edits.items()},
    )


def _digest(subject: str, body: str) -> str:
    return sha256(f"{' '.join(subject.split())}\0{body.strip()}".encode("utf-8", "replace")).hexdigest()[:16]


def _letter_page(
    step: Step,
    groups: list[Group],
    found: act.Recipients,
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
        was_chosen=_needs_choice(step.found),
        form=form,
        draft=step.key,
        others=recipients.others(found),
        passed_over=and_join([f"{titles.title(one.state, one.chamber)} {one.name}" for one in found.passed_over]),
        button_text=recipients.button(found),
        max_body=MAX_BODY,
        max_personal=MAX_PERSONAL,
        max_subject=letters.MAX_SUBJECT,
        show_previews="preview" in request.args,
        sentences=sentences,
    )
    return page, status


def _consent(form: FlaskForm, found: act.Recipients) -> str:
    return str(form.consent.label.text) if found.writable else "Keep this for me to copy"


# Showing a page again, and what to do where there is none to show


class Shut(Exception):
    """The campaign takes no letters; `sentence` says what that means for what was just posted."""

    def __init__(self, campaign: Campaign, sentence: str = "") -> None:
        super().__init__(sentence)
        self.campaign = campaign
        self.sentence = sentence


class StartOver(Exception):
    """What the supporter typed in step 1 is not kept any more."""


def again(status: int, sentence: str) -> ResponseReturnValue:
    """The page that was posted to, with everything typed and `sentence` on top. For posts to this blueprint."""
    slug = (request.view_args or {}).get("slug", "")
    try:
        with services().database.read() as db:
            campaign = _open_campaign(db, slug)
            if request.endpoint == "supporter.keep_who":
                return _who_page(campaign, WhoForm(), status=status, sentences=[sentence])
            step = _step(db, slug)
            questions = _questions(db, step)
            groups, _ = _groups(db, step, act.Words())
        if request.endpoint == "supporter.keep_choice":
            return _choose_page(step, questions, _choose_form(step, questions), status=status, sentences=[sentence])
        form = _letter_form(step, groups, act.Words())
        return _letter_again(step, form, groups, status, [sentence])
    except Shut as shut:
        return shut_page(shut)
    except StartOver:
        return start_over(StartOver())


def _letter_again(
    step: Step, form: FlaskForm, groups: list[Group], status: int, sentences: Iterable[str] = ()
) -> ResponseReturnValue:
    """The letter's page with what was posted; its previews too, unless the words cannot stand in a letter."""
    with services().database.read() as db:
        shown, found = _groups_if_possible(db, step, _words(_typed(form, groups)))
    return _letter_page(step, shown, found, form, status=status, sentences=sentences)


def _groups_if_possible(db: Session, step: Step, words: act.Words) -> tuple[list[Group], act.Recipients]:
    try:
        return _groups(db, step, words)
    except letters.LetterError:
        return _groups(db, step, act.Words())


@bp.errorhandler(Shut)
def shut_page(shut: Shut) -> ResponseReturnValue:
    """A campaign that is closed or paused: its own page, with what was typed where that could not be sent."""
    is_post = request.method == "POST"
    page = render_template(
        "supporter/shut.html",
        campaign=shut.campaign,
        reading=languages.reading(shut.campaign),
        sentence=shut.sentence,
        kept=kept(),
    )
    return page, 409 if is_post else 200


@bp.errorhandler(StartOver)
def start_over(error: StartOver) -> ResponseReturnValue:
    """Back to step 1; what was posted stays readable, to be copied."""
    slug = (request.view_args or {})["slug"]
    if request.method == "GET":
        return redirect(url_for(".who", slug=slug), 303)
    return render_template("supporter/start_over.html", slug=slug, kept=kept()), 409


def kept() -> list[str]:
    """The texts that were posted, longest first."""
    texts = [value for name, value in request.form.items() if name not in _NOT_TYPED and not name.startswith("base_")]
    return sorted((text for text in texts if text.strip() and text != "y"), key=len, reverse=True)


def _open_campaign(db: Session, slug: str) -> Campaign:
    """Raises Shut where the campaign takes no letters, and NotFound where there is none."""
    campaign = author.campaign_page(db, slug)
    if campaign is None:
        abort(make_response(render_template("supporter/unknown.html"), 404))
    if not act.is_open(campaign, services().clock()):
        raise Shut(campaign)
    return campaign


def _step(db: Session, slug: str) -> Step:
    """Where the supporter stands. Raises StartOver where their draft is gone, Shut with their campaign."""
    campaign = _open_campaign(db, slug)
    key = _key(slug)
    values = draft.load(db, key, campaign_id=campaign.id)
    if values is None or "who" not in values:
        raise StartOver
    typed = values["who"]
    try:
        found = _found(campaign, typed["zip"])
    except lookup.LookupRefused:  # another district table than at step 1
        raise StartOver from None
    if place := _place(values):
        found = address.restore(
            found,
            place["told"],
            basis=place["basis"],
            data_version=place["data_version"],
            explanation=place["explanation"],
        )
    supporter = act.Supporter(
        name=" ".join(typed["name"].split()),
        email=canonical_email(typed["email"]),
        zip=found.zip,
        street=" ".join(typed["street"].split()),
        city=" ".join(typed["city"].split()),
        phone=" ".join(typed["phone"].split()),
    )
    seats = _seats(found, values.get("seats", {}))
    return Step(campaign=campaign, key=key, values=values, supporter=supporter, found=found, seats=seats)


def _place(values: dict[str, Any]) -> dict[str, Any] | None:
    """What the street told. A draft of an older version lacks what it rests on: then the street is asked for again."""
    place: dict[str, Any] | None = values.get("place")
    return place if place and "basis" in place else None


def _found(campaign: Campaign, zip_text: str) -> lookup.Found:
    return lookup.find_seats(services().districts, zip_text, state=campaign.state, chambers=campaign.chambers)


def _receipt_of(db: Session, slug: str) -> str | None:
    campaign = author.campaign_page(db, slug)
    return act.receipt_token(db, campaign_id=campaign.id, key=_key(slug)) if campaign else None


def _key(slug: str) -> str:
    """The draft that this request is about: the page's own, else the session's, else ""."""
    key = request.form.get("draft") or session.get("drafts", {}).get(slug, "")
    return key if re.fullmatch(r"[A-Za-z0-9_-]{20,43}", key) else ""


def _remember(slug: str, key: str) -> None:
    others = [item for item in session.get("drafts", {}).items() if item[0] != slug]
    session["drafts"] = dict([*others[1 - _REMEMBERED :], (slug, key)])
