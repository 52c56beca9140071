"""Publishing, scheduling, pausing, closing: each page says first what will happen."""

from __future__ import annotations

from datetime import datetime

from flask import abort, flash, redirect, request, url_for
from wtforms import Form, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from actionmail.flows.campaigns import effects, reading
from actionmail.flows.campaigns.publishing import Choice, StatusChange, Waiting, change_status, changes
from actionmail.flows.campaigns.refusals import ChangeRefused, Overtaken
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.matrix import Matrix
from actionmail.web.campaigns import words
from actionmail.web.campaigns.pages import STATUS_WORDS, Answer, bp
from actionmail.web.platform.arguments import LONGEST_REVISION, short_line
from actionmail.web.platform.context import services
from actionmail.web.staff.access import require, signed_in, staff_page


@bp.get("/<slug>/changes/<change>")
@require(Permission.WRITE_LETTERS)
def ask_change(slug: str, change: str) -> Answer:
    return _change_page(slug, _change(change))


@bp.post("/<slug>/changes/<change>")
@require(Permission.WRITE_LETTERS)
def make_change(slug: str, change: str) -> Answer:
    wanted = _change(change)
    opens_at, opens = None, request.form.get("opens", "").strip()
    if wanted is StatusChange.SCHEDULE:
        try:
            opens_at = datetime.fromisoformat(opens)
        except ValueError:
            return _change_page(slug, wanted, words.SCHEDULE_WHEN, opens=opens), 422
    how = Choice(
        opens_at=opens_at,
        letters=_letters(),
        seen=short_line(request.form, "revision", most=LONGEST_REVISION),
        two_people=services().settings.two_person_publish,
    )
    try:
        with services().database.write() as db:
            done = change_status(db, slug, wanted, by=signed_in().id, now=services().clock(), how=how)
    except Overtaken as error:
        return _change_page(slug, wanted, words.overtaken(error), opens=opens), 409
    except ChangeRefused as refused:
        return _change_page(slug, wanted, words.sentence(refused.problem), matrix=refused.matrix, opens=opens), 422
    flash(f"Done. This campaign is now {STATUS_WORDS[done.status]}.")
    return redirect(url_for("campaigns.campaign", slug=slug), 303)


def _change(word: str) -> StatusChange:
    try:
        return StatusChange(word)
    except ValueError:
        abort(404)


def _letters() -> Waiting:
    try:
        return Waiting(request.form.get("letters", ""))
    except ValueError:
        return Waiting.AS_IT_IS


def _change_page(
    slug: str, change: StatusChange, problem: str = "", *, matrix: Matrix | None = None, opens: str = ""
) -> str:
    """What the change will do, or why it cannot be made."""
    letters = LettersForm(data={"letters": _letters().value})
    effect = to_wait = ""
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
        if change is StatusChange.PUBLISH and StatusChange.SCHEDULE in changes(campaign):
            to_wait = words.page_effect(effects.effect(db, campaign, StatusChange.SCHEDULE))
        try:
            choices = effects.letter_choices(db, campaign, change)
            consequence = effects.effect(db, campaign, change)
        except ChangeRefused as refused:
            problem = problem or words.sentence(refused.problem)
        else:
            effect = words.page_effect(consequence)
            if not choices:
                effect = f"{effect} {words.letters_effect(consequence)}"
            letters.letters.choices = [
                SelectChoice(choice.letters.value, words.letters_effect(choice)) for choice in choices
            ]
        revision = reading.campaign_revision(campaign)
    return staff_page(
        "campaigns/change.html",
        campaign=campaign,
        change=change,
        effect=effect,
        to_wait=to_wait,
        letters=letters,
        older=reading.older(campaign) if change.opens_page else [],
        opens=OpensForm(data={"opens": opens}),
        problem=problem,
        matrix=matrix,
        revision=revision,
    )


class LettersForm(Form):
    letters = RadioField("The letters", choices=[], validate_choice=False)


class OpensForm(Form):
    opens = StringField("Opens", description="Date and time in the campaign's time zone, such as 2027-02-11 09:00.")
