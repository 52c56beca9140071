"""A campaign's letters are written: each on a page of its own, with a preview beside it; moved, and taken out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from actionmail.flows.actions import previewing
from actionmail.flows.actions.composing import sample_supporter
from actionmail.flows.campaigns import choices as choices_flow
from actionmail.flows.campaigns import editing, reading, recipients, unsaved_edits
from actionmail.flows.campaigns.refusals import ChangeRefused, FormRefused, Overtaken
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.campaign_form import revision
from actionmail.rules.campaigns.fields import FIELDS
from actionmail.rules.campaigns.matrix import SAMPLES
from actionmail.web.campaigns import words
from actionmail.web.campaigns.editor import PAGES, bp
from actionmail.web.campaigns.forms import differing, show
from actionmail.web.campaigns.letter_forms import NEW_LETTER, LetterForm
from actionmail.web.campaigns.pressing import Answer, Trouble, discarded, save, seen
from actionmail.web.campaigns.unsaved_edits import Unsaved, clear, keep, opened, page_of
from actionmail.web.campaigns.words.letters import FIELDS as FIELD_WORDS
from actionmail.web.platform.arguments import LONGEST_NAME, short_line
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import choices_of
from actionmail.web.staff.access import require, staff_page, this_author

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign
    from actionmail.flows.campaigns.saving import LoadReport


@dataclass(kw_only=True)
class _Visit:
    """One request for a letter's page: `name` is "" for a new letter."""

    campaign: Campaign
    name: str
    form: LetterForm
    begun: dict[str, Any]  # what is saved, as the fields show it
    people: Sequence[tuple[int, str]]
    here: unsaved_edits.EditorPage
    context: dict[str, Any] = field(default_factory=dict)

    def answer(self, **context: Any) -> str:
        return staff_page("campaigns/letter.html", **{**self.context, **context})


def _visit(slug: str, name: str) -> _Visit:
    """Raises UnknownCampaign, UnknownVersion."""
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
        stored = reading.letter_columns_of(campaign, name) if name else {}
        people = reading.legislators(db, campaign)
        offered = choices_flow.choices(db, campaign.state)
    begun = _as_shown(stored or {**NEW_LETTER, "chambers": campaign.chambers})
    here, unsaved, since = page_of(campaign, f"letter:{name}"), Unsaved(), seen()
    if request.method == "POST":
        form = LetterForm(request.form)
    else:
        typed, unsaved, since = opened(campaign, here, revision=revision(stored))
        form = LetterForm(typed) if typed is not None else LetterForm(data=begun)
    form.offer(offered, campaign)
    listed = choices_of((str(number), label) for number, label in people)
    form.legislator.choices = [SelectChoice("", "The first who gets it"), *listed]
    context = {
        "campaign": campaign,
        "form": form,
        "name": name,
        "fields": FIELDS,
        "field_words": FIELD_WORDS,
        "people": people,
        "revision": since,
        "unsaved": unsaved,
    }
    return _Visit(campaign=campaign, name=name, form=form, begun=begun, people=people, here=here, context=context)


def _as_shown(letter: dict[str, Any]) -> dict[str, Any]:
    return {**letter, "subjects": "\n".join(letter["subjects"])}


@bp.route("/campaigns/<slug>/letter", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def letter(slug: str, trouble: Trouble | None = None) -> Answer:
    """The letter that `?letter=` names, or a new one: to write, to preview as typed, to save."""
    visit = _visit(slug, short_line(request.args, "letter", most=LONGEST_NAME))
    if request.method == "GET":
        return visit.answer(**_preview_if_whole(visit))
    if trouble is not None:
        return visit.answer(problem=trouble.sentence), trouble.status
    pressed = request.form.get("go")
    if pressed == "discard":
        return discarded(visit.here)
    if pressed in ("keep", "preview"):
        visit.context["unsaved"] = keep(visit.campaign, visit.here, visit.form, visit.begun)
    if pressed == "keep":
        return visit.answer()
    if pressed == "preview":
        return _previewed(visit)
    return _saved(visit)


PAGES[f"{bp.name}.{letter.__name__}"] = letter


def _previewed(visit: _Visit) -> Answer:
    try:
        shown = _preview(visit)
    except FormRefused as refused:
        show(visit.form, refused)
        return visit.answer(faulty=True), 422
    return visit.answer(**shown, asked=True)


def _saved(visit: _Visit) -> Answer:
    attempt = save(visit.form, lambda db: _write(visit, db))
    if attempt.done is not None:
        added = attempt.done.letters_added
        flash(f"Saved: {', '.join(added)}." if added else "Nothing was different.")
        return redirect(url_for("campaigns.campaign", slug=visit.campaign.slug), 303)
    visit.context["unsaved"] = keep(visit.campaign, visit.here, visit.form, visit.begun)
    if attempt.overtaken is not None:
        stored = dict(attempt.overtaken.stored)
        visit.context["revision"] = revision(stored)
        visit.context["theirs"] = differing(visit.form, _as_shown(stored), _as_shown(visit.form.values()))
    return visit.answer(problem=attempt.problem), attempt.status


def _write(visit: _Visit, db: Session) -> LoadReport:
    typed, slug = visit.form.values(), visit.campaign.slug
    by, now = this_author(), services().clock()
    report = editing.write_letter(db, slug, visit.name, typed, seen=seen(), by=by, now=now)
    clear(db, visit.here)
    return report


def _preview(visit: _Visit) -> dict[str, Any]:
    """The letter as typed, for the legislator chosen, or the first who gets it. Raises FormRefused for its faults."""
    typed = editing.unsaved_letter(editing.checked_letter(visit.campaign, visit.name, visit.form.values()))
    chosen = visit.form.supporter.data or ""
    number = int(chosen) if chosen in map(str, range(len(SAMPLES))) else 0
    with services().database.read() as db:
        get_it = recipients.eligible(db, visit.campaign, typed)
        picked = _picked(visit, get_it)
        asked = previewing.Asked(legislator_id=picked, supporter=sample_supporter(SAMPLES[number]), letter=typed)
        shown = previewing.preview(db, visit.campaign, asked, settings=services().settings, now=services().clock())
    return {"shown": shown, "previewed": True, "stray": picked not in get_it}


def _picked(visit: _Visit, get_it: set[int]) -> int:
    """Whom to show the letter for: 0 where there is nobody."""
    numbers = [number for number, _ in visit.people]
    for number in numbers:
        if str(number) == visit.form.legislator.data:
            return number
    for number in numbers:
        if number in get_it:
            return number
    return numbers[0] if numbers else 0


def _preview_if_whole(visit: _Visit) -> dict[str, Any]:
    """What stands beside a letter when its page is opened: nothing yet while there is no whole letter."""
    try:
        return _preview(visit)
    except FormRefused:
        return {}


@bp.post("/campaigns/<slug>/letters/places")
@require(Permission.WRITE_LETTERS)
def move_letter(slug: str) -> Answer:
    return _change_letters(slug, editing.move_letter)


@bp.post("/campaigns/<slug>/letters/removals")
@require(Permission.WRITE_LETTERS)
def drop_letter(slug: str) -> Answer:
    return _change_letters(slug, editing.drop_letter)


def _change_letters(slug: str, change: Callable[..., LoadReport]) -> Answer:
    name = short_line(request.form, "letter", most=LONGEST_NAME)
    try:
        with services().database.write() as db:
            change(db, slug, name, seen=seen(), by=this_author(), now=services().clock())
    except ChangeRefused as refused:
        flash(f"Nothing was changed. {words.sentence(refused.problem)}")
    except Overtaken as error:
        flash(f"Nothing was changed. {words.overtaken(error)}")
    return redirect(url_for("campaigns.letters", slug=slug), 303)
