"""Campaigns are written: details, page, targets and letters, each on a page of its own.

Every page carries the revision of what it showed. Where somebody saved the same page meanwhile, nothing is saved: both
texts are shown, and pressing again replaces theirs. Nothing typed is lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from actionmail.flows import campaigns
from actionmail.flows.actions import previewing
from actionmail.flows.actions.composing import sample_supporter
from actionmail.flows.campaigns import (
    ChangeRefused,
    FormRefused,
    Overtaken,
    UnknownCampaign,
    UnknownVersion,
    unsaved_edits,
)
from actionmail.flows.campaigns import recipients as targets_flow
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns import letter_language as letter_rules
from actionmail.rules.campaigns.campaign_form import check_campaign, check_translation, revision
from actionmail.rules.campaigns.matrix import MAX_BODY, SAMPLES
from actionmail.rules.campaigns.translations import LANGUAGES, Language
from actionmail.rules.roster import titles
from actionmail.web.campaigns.audience import AudienceFields
from actionmail.web.campaigns.unsaved_edits import Unsaved, clear, discard, keep, opened, page_of
from actionmail.web.platform.arguments import LONGEST_NAME, LONGEST_REVISION, short_line
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import line_ends, strip
from actionmail.web.staff.access import require, staff_page, this_author

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign
    from actionmail.flows.campaigns import LoadReport

# Not `never_stored` as other staff pages are: nothing of a supporter stands here, and with it the browser's back button
# would lose what was typed where a page could not take it.
bp = Blueprint("editor", __name__, url_prefix="/staff")

Answer = str | Response | tuple[str, int]

ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "America/Detroit",
    "America/Indiana/Indianapolis",
    "America/Boise",
)
SAMPLE_WORDS = ("gave street and city", "gave only a ZIP code", "has a very long name and address")


@bp.errorhandler(UnknownCampaign)
@bp.errorhandler(UnknownVersion)
def _unknown(error: LookupError) -> Answer:
    return staff_page("campaigns/unknown.html", sentence=str(error)), 404


def _line(label: str, hint: str = "") -> StringField:
    return StringField(label, filters=[strip], description=hint)


def _area(label: str, hint: str = "", rows: int = 6) -> TextAreaField:
    return TextAreaField(label, filters=[line_ends], description=hint, render_kw={"rows": rows})


def _choices(pairs: Sequence[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


_POSITIONS = _choices((("support", "Support the bill"), ("oppose", "Oppose the bill")))


_CONFIRM = _choices(
    (
        ("off", "Nobody: a letter goes out whoever typed the address."),
        ("new", "Whoever never confirmed here before: an address is asked until it said yes once."),
        ("always", "Everybody, each time: not even somebody who knows your address can write in your name."),
    )
)


class _Bill(Form):
    title = _line("Title of the campaign", "The headline of its page.")
    session = _line("Legislative session", "Such as 2027-2028.")
    bill = _line("Number of the bill", "Such as SB 1161.")
    bill_title = _line("The bill in plain words", "What it does, in one line.")
    position = RadioField("Your position", choices=_POSITIONS, validate_choice=False)
    organisation = _line("Who runs the campaign", "The organisation's name, as it stands on the page.")
    timezone = SelectField("Time zone", choices=_choices([(zone, zone) for zone in ZONES]), validate_choice=False)


class DraftForm(_Bill):
    slug = _line(
        "Its part of the page's address", "Small letters, digits and hyphens, such as sb1161. It never changes."
    )
    state = SelectField(
        "State",
        choices=_choices([("", "Choose a state"), *sorted(titles.STATES.items(), key=lambda state: state[1])]),
        validate_choice=False,
        description="It never changes.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fields = {name: self._fields[name] for name in dict.fromkeys(("title", "slug", "state", *self._fields))}

    def values(self) -> dict[str, Any]:
        return {**{name: field.data for name, field in self._fields.items()}, "position": self.position.data or ""}


class DetailsForm(_Bill):
    stage = _line("Where the bill stands (optional)", "Such as: Senate Public Safety Committee.")
    deadline = _line("Deadline (optional)", "Date and time in the campaign's time zone, such as 2027-02-11 09:00.")
    deadline_label = _line("The deadline in words (optional)", "Such as: Hearing on 11 February, 9:00.")
    goal = _line("How many letters you hope for (optional)")
    confirm = RadioField(
        "Who has to confirm their letter by mail?",
        choices=_CONFIRM,
        validate_choice=False,
        description=(
            "Until they do, nothing of theirs is sent or counted. After 7 days, or at the deadline, it ends unsent."
        ),
    )


class PageForm(Form):
    summary = _area("What the page says", "An empty line begins a paragraph.", 14)
    notice = _area("A notice above everything (optional)", "Plain text.", 3)
    privacy_line = _area("What becomes of supporters' data", "Plain text.", 4)


class TranslationForm(Form):
    title = _line("Title of the campaign")
    bill_title = _line("The bill in plain words", "A full stop follows it on the page.")
    stage = _line("Where the bill stands")
    deadline_label = _line("The deadline in words")
    summary = _area("What the page says", "An empty line begins a paragraph.", 14)
    notice = _area("The notice above everything", "Plain text.", 3)
    privacy_line = _area("What becomes of supporters' data", "Plain text.", 4)


class TargetsForm(Form):
    chambers = SelectMultipleField("Supporters write to their own members of", validate_choice=False)


class LetterForm(AudienceFields):
    name = _line("Your name for this letter", "Only staff see it. Its versions are kept under it.")
    language = _line("Language", "A language tag: en, es, hmn, zh-Hans.")
    subjects = _area(
        "Subjects",
        f"One on each line, used in turn, of at most {letter_rules.MAX_SUBJECT} characters. Supporters can change it.",
        4,
    )
    opening = _area("Opening", "The greeting. Supporters cannot change it; their own words come right behind it.", 2)
    body = _area("Body", f"The reasons, at most {MAX_BODY:,} characters. Supporters can change it.", 16)
    closing = _area("Closing", "Thanks and signature. It must contain {{ supporter_name }}.", 5)
    legislator = SelectField("Preview for", choices=[], validate_choice=False)
    supporter = SelectField(
        "from a made-up supporter who",
        choices=_choices([(str(number), words) for number, words in enumerate(SAMPLE_WORDS)]),
        validate_choice=False,
    )

    def values(self) -> dict[str, Any]:
        """A letter's columns. A closing's or opening's empty last lines say nothing."""
        return {
            "name": self.name.data,
            **self.audience(),
            "language": self.language.data,
            "subjects": [line.strip() for line in (self.subjects.data or "").split("\n") if line.strip()],
            **{part: (self[part].data or "").strip("\n") for part in ("opening", "body", "closing")},
        }


class CopyForm(Form):
    slug = _line("The copy's part of the page's address", "Small letters, digits and hyphens, such as sb1161-senate.")
    title = _line("The copy's title")


_NEW_LETTER: Mapping[str, Any] = {
    "name": "",
    "language": "en",
    "subjects": [],
    "opening": "{{ salutation }}",
    "body": "",
    "closing": "Thank you for your time.\n\nSincerely,\n{{ supporter_name }}\n{{ address }}",
}


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why nothing is to be done with what was posted, but to show it again."""

    status: int
    sentence: str


@bp.route("/drafts", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def draft(trouble: Trouble | None = None) -> Answer:
    form = DraftForm(request.form)
    if trouble is not None:
        return staff_page("campaigns/draft.html", form=form, problem=trouble.sentence), trouble.status
    if request.method == "GET":
        form.organisation.data = services().settings.organisation
        return staff_page("campaigns/draft.html", form=form)
    try:
        with services().database.write() as db:
            slug = campaigns.draft(db, form.values(), by=this_author(), now=services().clock()).slug
    except FormRefused as refused:
        _show(form, refused)
        return staff_page("campaigns/draft.html", form=form), 422
    flash("Done. This campaign is a draft: nobody sees it. Next: the page's text, then the letters.")
    return redirect(url_for("campaigns.campaign", slug=slug), 303)


@bp.route("/campaigns/<slug>/details", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def details(slug: str, trouble: Trouble | None = None) -> Answer:
    def values(form: Form, campaign: Campaign) -> dict[str, Any]:
        typed = {name: field.data for name, field in form._fields.items()}
        return {
            **typed,
            "position": typed["position"] or "",
            "confirm": typed["confirm"] or "",
            "deadline": _instant(form, typed["deadline"]),
            "goal": _number(form, typed["goal"]),
        }

    return _edit(slug, DetailsForm, values, "Details", "The deadline and the goal may stay empty.", trouble)


@bp.route("/campaigns/<slug>/page", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def page(slug: str, trouble: Trouble | None = None) -> Answer:
    return _edit(slug, PageForm, _as_typed, "The page's text", "What supporters read before they write.", trouble)


@bp.get("/campaigns/<slug>/translations")
@require(Permission.WRITE_LETTERS)
def translations(slug: str) -> Answer:
    with services().database.read() as db:
        campaign = campaigns.campaign_of(db, slug)
    return staff_page("campaigns/translations.html", campaign=campaign, translated=campaigns.translated(campaign))


@bp.route("/campaigns/<slug>/translations/<tag>", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def translation(slug: str, tag: str, trouble: Trouble | None = None) -> Answer:
    language = LANGUAGES.get(tag)
    if language is None:
        return staff_page("campaigns/unknown.html", sentence="No page is translated into this language."), 404
    hint = "Each field may stay empty: supporters then read the campaign's own words."
    return _edit(slug, TranslationForm, _as_typed, f"The page in {language.name}", hint, trouble, language=language)


@bp.route("/campaigns/<slug>/targets", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def targets(slug: str, trouble: Trouble | None = None) -> Answer:
    return _edit(slug, TargetsForm, _as_typed, "Chambers", "Who sits there is looked up when somebody writes.", trouble)


def _as_typed(form: Form, campaign: Campaign) -> dict[str, Any]:
    return {name: field.data or ([] if name == "chambers" else "") for name, field in form._fields.items()}


def _edit(
    slug: str,
    kind: type[Form],
    values: Callable[[Form, Campaign], dict[str, Any]],
    heading: str,
    hint: str,
    trouble: Trouble | None,
    *,
    language: Language | None = None,
) -> Answer:
    """One page of the campaign's own columns, or of its words in another `language`: show it, or save it."""
    with services().database.read() as db:
        campaign = campaigns.campaign_of(db, slug)
    stored = (
        campaigns.translation_of(campaign, language.tag)
        if language
        else campaigns.columns_of(campaign, list(kind()._fields))
    )
    current = campaigns.translation_revision(campaign, language.tag) if language else revision(stored)
    shown, here = _shown(campaign, stored), page_of(campaign, request.path.partition(f"/campaigns/{slug}/")[2])
    context: dict[str, Any] = {"campaign": campaign, "heading": heading, "hint": hint, "unsaved": Unsaved()}
    if language:
        context.update(
            language=language,
            own=campaigns.words_of(campaign),
            changed=campaigns.changed_since(campaign, language.tag),
            fitting=request.form.getlist("fits"),
        )
    if request.method == "GET":
        typed, context["unsaved"], seen = opened(campaign, here, revision=current)
        form = kind(typed) if typed is not None else kind(data=shown)
        _offer(form, campaign)
        whole = typed is None and bool(shown.get("summary"))
        return staff_page("campaigns/edit.html", **context, form=form, revision=seen, previewed=whole)
    form = kind(request.form)
    _offer(form, campaign)
    context["form"] = form
    if trouble is not None:
        return staff_page("campaigns/edit.html", **context, problem=trouble.sentence, revision=_seen()), trouble.status
    if request.form.get("go") == "discard":
        return _discard(here)
    if request.form.get("go") in ("keep", "preview"):
        context["unsaved"] = keep(campaign, here, form, shown)
    if request.form.get("go") == "keep":
        return staff_page("campaigns/edit.html", **context, revision=_seen())
    if request.form.get("go") == "preview":
        as_typed = values(form, campaign)
        _, faults = check_translation(as_typed) if language else check_campaign(as_typed, timezone=campaign.timezone)
        _show(form, FormRefused(faults))
        well = not faults
        page = staff_page(
            "campaigns/edit.html", **context, revision=_seen(), previewed=well, asked=well, faulty=not well
        )
        return page if well else (page, 422)

    def save(db: Session) -> LoadReport:
        typed = values(form, campaign)
        if any(field.errors for field in form):
            raise FormRefused({})
        how: Any = {"seen": _seen(), "by": this_author(), "now": services().clock()}
        if language:
            fitting = [name for name in request.form.getlist("fits") if name in typed]
            report = campaigns.translate(db, slug, language.tag, typed, fitting=fitting, **how)
        else:
            report = campaigns.edit(db, slug, typed, **how)
        clear(db, here)
        return report

    done, problem, overtaken = _save(form, save)
    if done is not None:
        flash("Saved." if done.outcome != "unchanged" else "Nothing was different, so nothing was saved.")
        return redirect(url_for(".translations" if language else "campaigns.campaign", slug=slug), 303)
    context["unsaved"] = keep(campaign, here, form, shown)
    return staff_page(
        "campaigns/edit.html",
        **context,
        problem=problem,
        theirs=_theirs(form, _shown(campaign, overtaken.stored), form.data) if overtaken else [],
        revision=(current if language else revision(overtaken.stored)) if overtaken else _seen(),
    ), 409 if overtaken else 422  # fmt: skip


@bp.route("/campaigns/<slug>/letter", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def letter(slug: str, trouble: Trouble | None = None) -> Answer:
    """The letter that `?letter=` names, or a new one: to write, to preview as typed, to save."""
    name = short_line(request.args, "letter", most=LONGEST_NAME)
    with services().database.read() as db:
        campaign = campaigns.campaign_of(db, slug)
        stored = campaigns.letter_columns_of(campaign, name) if name else {}
        people = campaigns.legislators(db, campaign)
        choices = targets_flow.choices(db, campaign.state)
    begun = stored or {**_NEW_LETTER, "chambers": campaign.chambers}
    begun = {**begun, "subjects": "\n".join(begun["subjects"])}
    here, unsaved, seen = page_of(campaign, f"letter:{name}"), Unsaved(), _seen()
    if request.method == "POST":
        form = LetterForm(request.form)
    else:
        kept, unsaved, seen = opened(campaign, here, revision=revision(stored))
        form = LetterForm(kept) if kept is not None else LetterForm(data=begun)
    form.offer(choices, campaign)
    form.legislator.choices = [
        SelectChoice("", "The first who gets it"),
        *(SelectChoice(str(number), label) for number, label in people),
    ]
    context = {
        "campaign": campaign,
        "form": form,
        "name": name,
        "fields": letter_rules.FIELDS,
        "people": people,
        "revision": seen,
        "unsaved": unsaved,
    }
    if request.method == "GET":
        return staff_page("campaigns/letter.html", **context, **_preview_if_whole(campaign, name, form, people))
    if trouble is not None:
        return staff_page("campaigns/letter.html", **context, problem=trouble.sentence), trouble.status
    if request.form.get("go") == "discard":
        return _discard(here)
    if request.form.get("go") in ("keep", "preview"):
        context["unsaved"] = keep(campaign, here, form, begun)
    if request.form.get("go") == "keep":
        return staff_page("campaigns/letter.html", **context)
    if request.form.get("go") == "preview":
        try:
            shown = _preview(campaign, name, form, people)
        except FormRefused as refused:
            _show(form, refused)
            return staff_page("campaigns/letter.html", **context, faulty=True), 422
        return staff_page("campaigns/letter.html", **context, **shown, asked=True)

    def save(db: Session) -> LoadReport:
        report = campaigns.write_letter(
            db, slug, name, form.values(), seen=_seen(), by=this_author(), now=services().clock()
        )  # fmt: skip
        clear(db, here)
        return report

    done, problem, overtaken = _save(form, save)
    if done is not None:
        flash(f"Saved: {', '.join(done.letters_added)}." if done.letters_added else "Nothing was different.")
        return redirect(url_for("campaigns.campaign", slug=slug), 303)
    context["unsaved"] = keep(campaign, here, form, begun)
    if overtaken:
        context["revision"] = revision(overtaken.stored)
        shown = {**overtaken.stored, "subjects": "\n".join(overtaken.stored["subjects"])}
        typed = {**form.values(), "subjects": "\n".join(form.values()["subjects"])}
        context["theirs"] = _theirs(form, shown, typed)
    return staff_page("campaigns/letter.html", **context, problem=problem), 409 if overtaken else 422


def _preview(campaign: Campaign, name: str, form: LetterForm, people: Sequence[tuple[int, str]]) -> dict[str, Any]:
    """The letter as typed, for the legislator chosen, or the first who gets it; `FormRefused` where it has faults."""
    columns = campaigns.checked_letter(campaign, name, form.values())
    sample = SAMPLES[int(form.supporter.data)] if form.supporter.data in map(str, range(len(SAMPLES))) else SAMPLES[0]
    letter = campaigns.unsaved_letter(columns)
    with services().database.read() as db:
        get_it = targets_flow.eligible(db, campaign, letter)
        first = next((number for number, _ in people if number in get_it), people[0][0] if people else 0)
        picked = next((number for number, _ in people if str(number) == form.legislator.data), first)
        asked = previewing.Asked(legislator_id=picked, supporter=sample_supporter(sample), letter=letter)
        shown = previewing.preview(db, campaign, asked, settings=services().settings, now=services().clock())
    return {"shown": shown, "previewed": True, "stray": picked not in get_it}


def _preview_if_whole(
    campaign: Campaign, name: str, form: LetterForm, people: Sequence[tuple[int, str]]
) -> dict[str, Any]:
    """What stands beside a letter when its page is opened: nothing yet while there is no whole letter."""
    try:
        return _preview(campaign, name, form, people)
    except FormRefused:
        return {}


@bp.post("/campaigns/<slug>/letters/places")
@require(Permission.WRITE_LETTERS)
def move_letter(slug: str) -> Answer:
    return _change_letters(slug, campaigns.move_letter)


@bp.post("/campaigns/<slug>/letters/removals")
@require(Permission.WRITE_LETTERS)
def drop_letter(slug: str) -> Answer:
    return _change_letters(slug, campaigns.drop_letter)


def _change_letters(slug: str, change: Callable[..., LoadReport]) -> Answer:
    try:
        with services().database.write() as db:
            change(
                db,
                slug,
                short_line(request.form, "letter", most=LONGEST_NAME),
                by=this_author(),
                now=services().clock(),
            )
    except ChangeRefused as refused:
        flash(f"Nothing was changed. {refused}")
    return redirect(url_for("campaigns.campaign", slug=slug), 303)


@bp.route("/campaigns/<slug>/copies", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def copy(slug: str, trouble: Trouble | None = None) -> Answer:
    with services().database.read() as db:
        campaign = campaigns.campaign_of(db, slug)
    form = CopyForm(request.form) if request.method == "POST" else CopyForm(data={"title": campaign.title})
    if request.method == "GET":
        return staff_page("campaigns/copy.html", campaign=campaign, form=form)
    if trouble is not None:
        return staff_page("campaigns/copy.html", campaign=campaign, form=form, problem=trouble.sentence), trouble.status
    try:
        with services().database.write() as db:
            typed = {"slug": form.slug.data, "title": form.title.data}
            new = campaigns.duplicate(db, slug, typed, by=this_author(), now=services().clock()).slug
    except FormRefused as refused:
        _show(form, refused)
        return staff_page("campaigns/copy.html", campaign=campaign, form=form), 422
    flash("Done. The copy is a draft, without a deadline.")
    return redirect(url_for("campaigns.campaign", slug=new), 303)


# The pages that can be shown again with what was posted to them; nothing is saved then.
PAGES: Mapping[str, Callable[..., Answer]] = {
    f"{bp.name}.{view.__name__}": view for view in (draft, details, page, translation, targets, letter, copy)
}


def again(status: int, sentence: str) -> Answer:
    """The page that was posted to, with everything typed and `sentence` on top. Raises SignedOut."""
    view = PAGES[request.endpoint or ""]
    return view(**(request.view_args or {}), trouble=Trouble(status=status, sentence=sentence))


def _save(form: Form, save: Callable[[Session], LoadReport]) -> tuple[LoadReport | None, str, Overtaken | None]:
    """What was saved; or None, with the sentence why where no field has it, and what overtook it."""
    try:
        with services().database.write() as db:
            return save(db), "", None
    except FormRefused as refused:
        _show(form, refused)
        return None, "", None
    except ChangeRefused as error:
        return None, str(error), None
    except Overtaken as error:
        return None, f"{error} Compare both below. Save again to replace what is saved now.", error


def _show(form: Form, refused: FormRefused) -> None:
    """Put each sentence to its field, with the field's name, since the summary tells it too."""
    for key, sentences in refused.faults.items():
        field = form[key]
        said = ["Choose one."] if isinstance(field, SelectField) and not field.data else sentences
        field.errors = [*field.errors, *(f"{field.label.text.removesuffix(' (optional)')}: {one}" for one in said)]


def _offer(form: Form, campaign: Campaign) -> None:
    """The choices that depend on the campaign."""
    if "chambers" in form:
        one = campaign.state in titles.ONE_CHAMBER
        offered = ("legislature",) if one else ("upper", "lower")
        chambers: Any = form["chambers"]
        chambers.choices = _choices([(one, titles.chamber_name(campaign.state, one)) for one in offered])
    if "timezone" in form and campaign.timezone not in ZONES:
        zone_field: Any = form["timezone"]
        zone_field.choices = _choices([(zone, zone) for zone in (campaign.timezone, *ZONES)])


def _shown(campaign: Campaign, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is saved, as the fields show it."""
    shown = dict(stored)
    if deadline := shown.get("deadline"):
        shown["deadline"] = deadline.astimezone(ZoneInfo(campaign.timezone)).strftime("%Y-%m-%d %H:%M")
    if goal := shown.get("goal"):
        shown["goal"] = str(goal)
    return shown


def _theirs(form: Form, stored: Mapping[str, Any], typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and saved text of every field that was typed differently."""
    differing = [name for name, value in stored.items() if (value or "") != (typed[name] or "")]
    return [
        (form[name].label.text, ", ".join(stored[name]) if isinstance(stored[name], list) else str(stored[name] or ""))
        for name in differing
    ]


def _instant(form: Form, text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        form["deadline"].errors = ["Deadline: enter a date and a time, such as 2027-02-11 09:00."]
        return None


def _number(form: Form, text: str) -> int | None:
    digits = text.replace(",", "")
    if digits and not (digits.isdecimal() and digits.isascii() and len(digits) < 10):
        form["goal"].errors = ["Goal: enter a number, such as 1000."]
        return None
    return int(digits) if digits else None


def _discard(here: unsaved_edits.Page) -> Answer:
    discard(here)
    flash("Your unsaved changes are discarded. This is what is saved.")
    return redirect(request.full_path.rstrip("?"), 303)


def _seen() -> str:
    return short_line(request.form, "revision", most=LONGEST_REVISION)
