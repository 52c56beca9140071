"""Campaigns are written: details, page, targets and letters, each on a page of its own.

Every page carries the revision of what it showed. Where somebody saved the same page meanwhile, nothing is saved: both
texts are shown, and pressing again replaces theirs. Nothing typed is lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, request, url_for
from msgspec import Struct
from wtforms import Form

from actionmail.flows.campaigns import editing, reading, unsaved_edits
from actionmail.flows.campaigns.refusals import FormRefused, UnknownCampaign, UnknownVersion
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.campaign_form import (
    Faults,
    check_campaign,
    check_details,
    check_translation,
    revision,
)
from actionmail.rules.campaigns.kinds import kind_of as rules_of
from actionmail.rules.campaigns.translations import Language, languages, not_installed
from actionmail.rules.replacing import replace
from actionmail.web.campaigns import kinds, words
from actionmail.web.campaigns.forms import (
    CopyForm,
    DetailsForm,
    DraftForm,
    LetterDetailsForm,
    LookForm,
    PageForm,
    PostForm,
    TargetsForm,
    TranslationForm,
    as_shown,
    as_typed,
    details_typed,
    differing,
    look_typed,
    offer,
    post_typed,
    show,
)
from actionmail.web.campaigns.pages import letters_only
from actionmail.web.campaigns.pressing import Answer, Attempt, Trouble, discarded, save, seen
from actionmail.web.campaigns.rows import is_row_button, rearranged
from actionmail.web.campaigns.unsaved_edits import Unsaved, clear, keep, opened, page_of
from actionmail.web.platform.context import services
from actionmail.web.staff.access import require, staff_page, this_author

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign
    from actionmail.flows.campaigns.saving import LoadReport
    from actionmail.web.campaigns.kinds.kind import Kind

# Not `never_stored` as other staff pages are: nothing of a supporter stands here, and with it the browser's back button
# would lose what was typed where a page could not take it.
bp = Blueprint("editor", __name__, url_prefix="/staff")
bp.before_request(letters_only)


@bp.errorhandler(UnknownCampaign)
@bp.errorhandler(UnknownVersion)
def _unknown(error: UnknownCampaign | UnknownVersion) -> Answer:
    return staff_page("campaigns/unknown.html", sentence=words.unknown(error)), 404


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
            slug = editing.draft(db, form.values(), by=this_author(), now=services().clock()).slug
    except FormRefused as refused:
        show(form, refused)
        return staff_page("campaigns/draft.html", form=form), 422
    flash("Done. This campaign is a draft: nobody sees it. Next: the page's text, then the letters.")
    return redirect(url_for("campaigns.campaign", slug=slug), 303)


class _Section(Struct, frozen=True, kw_only=True):
    """One page of the editor: of the campaign's own columns, of its words in another `language`, or of what only its
    `kind` knows.
    """

    path: str
    form: type[Form]
    heading: str
    hint: str
    values: Callable[[Form], dict[str, Any]] = as_typed
    language: Language | None = None
    kind: Kind | None = None


_DETAILS = _Section(
    path="details",
    form=DetailsForm,
    heading="Details",
    hint="The deadline and the goal may stay empty.",
    values=details_typed,
)
_LETTER_DETAILS = replace(_DETAILS, form=LetterDetailsForm)
_PAGE = _Section(path="page", form=PageForm, heading="The page's text", hint="What supporters read before they write.")
_POST = _Section(
    path="post",
    form=PostForm,
    heading="In the news",
    hint="How the campaign stands on the list of all posts, and what comes after it.",
    values=post_typed,
)
_LOOK = _Section(
    path="look",
    form=LookForm,
    heading="Thanks and look",
    hint="How the receipt begins, and what the campaign's pages have of their own over the look of the organisation.",
    values=look_typed,
)
_TARGETS = _Section(
    path="targets", form=TargetsForm, heading="Chambers", hint="Who sits there is looked up when somebody writes."
)


def _translation_section(language: Language, campaign: Campaign) -> _Section:
    kind = kinds.kind_of(campaign.kind)
    words: dict[str, Any] = {name: getattr(kind.form, name) for name in rules_of(campaign.kind).words}
    words |= kind.word_fields(campaign.details)
    return _Section(
        path=f"translations/{language.tag}",
        form=type("TranslationForm", (TranslationForm,), words),
        heading=f"The page in {language.name}",
        hint="Each field may stay empty: supporters then read the campaign's own words.",
        language=language,
    )


@bp.route("/campaigns/<slug>/details", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def details(slug: str, trouble: Trouble | None = None) -> Answer:
    with services().database.read() as db:
        writes_letters = rules_of(reading.campaign_of(db, slug).kind).writes_letters
    return _edit(slug, _LETTER_DETAILS if writes_letters else _DETAILS, trouble)


@bp.route("/campaigns/<slug>/page", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def page(slug: str, trouble: Trouble | None = None) -> Answer:
    return _edit(slug, _PAGE, trouble)


@bp.route("/campaigns/<slug>/post", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def post(slug: str, trouble: Trouble | None = None) -> Answer:
    return _edit(slug, _POST, trouble)


@bp.route("/campaigns/<slug>/look", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def look(slug: str, trouble: Trouble | None = None) -> Answer:
    return _edit(slug, _LOOK, trouble)


@bp.route("/campaigns/<slug>/kind", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def kind(slug: str, trouble: Trouble | None = None) -> Answer:
    """What only the campaign's kind knows."""
    with services().database.read() as db:
        of_kind = kinds.kind_of(reading.campaign_of(db, slug).kind)
    if of_kind.form is None:
        return staff_page(
            "campaigns/unknown.html", sentence="A campaign of this kind has nothing more to fill in."
        ), 404
    section = _Section(
        path="kind",
        form=of_kind.form,
        heading=of_kind.heading,
        hint=of_kind.hint,
        values=of_kind.typed,
        kind=of_kind,
    )
    return _edit(slug, section, trouble)


@bp.get("/campaigns/<slug>/translations")
@require(Permission.WRITE_LETTERS)
def translations(slug: str) -> Answer:
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
    return staff_page(
        "campaigns/translations.html",
        campaign=campaign,
        translated=reading.translated(campaign),
        not_installed=not_installed(campaign.translations),
    )


@bp.route("/campaigns/<slug>/translations/<tag>", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def translation(slug: str, tag: str, trouble: Trouble | None = None) -> Answer:
    language = languages().get(tag)
    if language is None:
        return staff_page("campaigns/unknown.html", sentence="No page is translated into this language."), 404
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
    return _edit(slug, _translation_section(language, campaign), trouble)


@bp.route("/campaigns/<slug>/targets", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def targets(slug: str, trouble: Trouble | None = None) -> Answer:
    return _edit(slug, _TARGETS, trouble)


@dataclass(kw_only=True)
class _Visit:
    """One request for a page of this kind: what is saved there now, and what the template is given."""

    section: _Section
    campaign: Campaign
    here: unsaved_edits.EditorPage
    shown: dict[str, Any]
    current: str  # the revision of what is saved
    context: dict[str, Any] = field(default_factory=dict)

    def answer(self, **context: Any) -> str:
        return staff_page("campaigns/edit.html", **{"revision": seen(), **self.context, **context})


def _visit(slug: str, section: _Section) -> _Visit:
    """Raises UnknownCampaign."""
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
    context: dict[str, Any] = {
        "campaign": campaign,
        "heading": section.heading,
        "hint": section.hint,
        "unsaved": Unsaved(),
    }
    language = section.language
    if section.kind is not None:
        stored = reading.details_of(campaign)
        current = revision(stored)
    elif language is None:
        stored = reading.columns_of(campaign, list(section.form()._fields))
        current = revision(stored)
    else:
        stored = reading.translation_of(campaign, language.tag)
        current = reading.translation_revision(campaign, language.tag)
        context.update(
            language=language,
            own=reading.words_of(campaign),
            changed=reading.changed_since(campaign, language.tag),
            fitting=request.form.getlist("fits"),
        )
    shown, here = _shown(section, campaign, stored), page_of(campaign, section.path)
    return _Visit(section=section, campaign=campaign, here=here, shown=shown, current=current, context=context)


def _shown(section: _Section, campaign: Campaign, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is saved, as the fields show it."""
    return section.kind.shown(stored) if section.kind else as_shown(campaign, stored)


def _edit(slug: str, section: _Section, trouble: Trouble | None) -> Answer:
    """Show the page, or do what was pressed on it."""
    visit = _visit(slug, section)
    if request.method == "GET":
        return _open(visit)
    form = section.form(request.form)
    offer(form, visit.campaign)
    visit.context["form"] = form
    if trouble is not None:
        return visit.answer(problem=trouble.sentence), trouble.status
    pressed = request.form.get("go", "")
    if is_row_button(pressed):
        visit.context["form"] = rearranged(form, pressed)
        return visit.answer()
    if pressed == "discard":
        return discarded(visit.here)
    if pressed in ("keep", "preview"):
        visit.context["unsaved"] = keep(visit.campaign, visit.here, form, visit.shown)
    if pressed == "keep":
        return visit.answer()
    if pressed == "preview":
        return _previewed(visit, form)
    return _saved(visit, form)


def _open(visit: _Visit) -> Answer:
    """The page with what is saved, or with what its reader typed there before and did not save."""
    typed, visit.context["unsaved"], begun = opened(visit.campaign, visit.here, revision=visit.current)
    form = visit.section.form(typed) if typed is not None else visit.section.form(data=visit.shown)
    offer(form, visit.campaign)
    is_whole = typed is None and bool(visit.shown.get("summary"))
    return visit.answer(form=form, revision=begun, previewed=is_whole)


def _previewed(visit: _Visit, form: Form) -> Answer:
    """The page with what was typed beside it, as supporters would see it; 422 where it has faults."""
    try:
        typed = visit.section.values(form)
        faults = _faults(visit, typed)
    except FormRefused as refused:
        faults = refused.faults
    if not faults:
        return visit.answer(previewed=True, asked=True, faulty=False)
    show(form, FormRefused(faults))
    return visit.answer(previewed=False, asked=False, faulty=True), 422


def _faults(visit: _Visit, typed: Mapping[str, Any]) -> Faults:
    """What is wrong with what was typed, by field."""
    campaign = visit.campaign
    if visit.section.kind:
        return check_details(campaign.kind, typed)[1]
    if visit.section.language:
        return check_translation(campaign.kind, typed, details=campaign.details)[1]
    return check_campaign(typed, timezone=campaign.timezone, kind=campaign.kind)[1]


def _saved(visit: _Visit, form: Form) -> Answer:
    attempt = save(form, lambda db: _write(visit, form, db))
    if attempt.done is not None:
        flash("Saved." if attempt.done.outcome != "unchanged" else "Nothing was different, so nothing was saved.")
        there = ".translations" if visit.section.language else "campaigns.campaign"
        return redirect(url_for(there, slug=visit.campaign.slug), 303)
    visit.context["unsaved"] = keep(visit.campaign, visit.here, form, visit.shown)
    return visit.answer(problem=attempt.problem, **_theirs(visit, form, attempt)), attempt.status


def _theirs(visit: _Visit, form: Form, attempt: Attempt) -> dict[str, Any]:
    """What a colleague saved meanwhile, and its revision: pressing again replaces that."""
    if attempt.overtaken is None:
        return {"theirs": []}
    stored = attempt.overtaken.stored
    return {
        "theirs": differing(form, _shown(visit.section, visit.campaign, stored), form.data),
        "revision": visit.current if visit.section.language else revision(stored),
    }


def _write(visit: _Visit, form: Form, db: Session) -> LoadReport:
    typed, slug = visit.section.values(form), visit.campaign.slug
    by, now = this_author(), services().clock()
    if visit.section.language:
        fitting = [name for name in request.form.getlist("fits") if name in typed]
        words_typed = editing.Translation(tag=visit.section.language.tag, words=typed, fitting=fitting)
        report = editing.translate(db, slug, words_typed, seen=seen(), by=by, now=now)
    elif visit.section.kind:
        report = editing.edit_details(db, slug, typed, seen=seen(), by=by, now=now)
    else:
        report = editing.edit(db, slug, typed, seen=seen(), by=by, now=now)
    clear(db, visit.here)
    return report


@bp.route("/campaigns/<slug>/copies", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def copy(slug: str, trouble: Trouble | None = None) -> Answer:
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
    form = CopyForm(request.form) if request.method == "POST" else CopyForm(data={"title": campaign.title})
    if request.method == "GET":
        return staff_page("campaigns/copy.html", campaign=campaign, form=form)
    if trouble is not None:
        return staff_page("campaigns/copy.html", campaign=campaign, form=form, problem=trouble.sentence), trouble.status
    try:
        with services().database.write() as db:
            typed = {"slug": form.slug.data, "title": form.title.data}
            new = editing.duplicate(db, slug, typed, by=this_author(), now=services().clock()).slug
    except FormRefused as refused:
        show(form, refused)
        return staff_page("campaigns/copy.html", campaign=campaign, form=form), 422
    flash("Done. The copy is a draft, without a deadline.")
    return redirect(url_for("campaigns.campaign", slug=new), 303)


# The pages that can be shown again with what was posted to them; nothing is saved then. `letters` adds its own.
PAGES: dict[str, Callable[..., Answer]] = {
    f"{bp.name}.{view.__name__}": view for view in (draft, details, page, post, look, kind, translation, targets, copy)
}


def again(status: int, sentence: str) -> Answer:
    """The page that was posted to, with everything typed and `sentence` on top. Raises SignedOut."""
    view = PAGES[request.endpoint or ""]
    return view(**(request.view_args or {}), trouble=Trouble(status=status, sentence=sentence))
