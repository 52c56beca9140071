"""Whom a campaign writes to: its rules, to add and to take out, and everybody whom they name today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, RadioField, SelectMultipleField, StringField

from actionmail.flows.campaigns import choices as choices_flow
from actionmail.flows.campaigns import editing, reading
from actionmail.flows.campaigns.overview import Flag, overview
from actionmail.flows.campaigns.refusals import ChangeRefused, FormRefused, Overtaken, UnknownCampaign
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.campaign_form import check_campaign, revision
from actionmail.rules.campaigns.targets import CONDITIONS, MAX_LETTERS
from actionmail.web.campaigns import words
from actionmail.web.campaigns.pages import letters_only
from actionmail.web.platform.arguments import LONGEST_REVISION, short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import choices_of, strip
from actionmail.web.staff.access import never_stored, require, staff_page, this_author

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

bp = Blueprint("targets", __name__, url_prefix="/staff/campaigns")
bp.before_request(letters_only)
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]

_LONGEST_SEARCH = 80
_DO = (
    ("add", "Every supporter also writes to them"),
    ("only", "Of their own legislators, supporters write only to them"),
    ("leave out", "Nobody ever writes to them"),
    ("thank", "They get a letter of thanks instead"),
)


_DOES = {
    "only": "Of the supporter's own, only",
    "add": "Also to",
    "leave out": "Never to",
    "thank": "With thanks to",
}
_FLAGS = {
    Flag.MISSING: "no e-mail address",
    Flag.MALFORMED: "malformed e-mail address, not used",
    Flag.SHARED: "shares an e-mail address with somebody",
    Flag.HELD: "held in the send log",
}


class RuleForm(Form):
    """What a new rule says. Its conditions must all hold."""

    do = RadioField("What the rule does", choices=choices_of(_DO), default="add", validate_choice=False)
    chambers = SelectMultipleField("Members of these chambers", validate_choice=False)
    parties = SelectMultipleField("Members of these parties", validate_choice=False)
    committees = SelectMultipleField("Members of these committees", validate_choice=False)
    people = SelectMultipleField("These people", validate_choice=False)
    search = StringField("Find people by name", filters=[strip])

    def rule(self) -> dict[str, Any]:
        """The rule as it is kept with a campaign, not checked yet."""
        typed = {
            "chambers": self.chambers.data,
            "parties": self.parties.data,
            "committees": self.committees.data,
            "people": self.people.data,
        }
        return {"do": self.do.data or "", **{key: typed[key] for key in CONDITIONS if typed[key]}}


@bp.errorhandler(UnknownCampaign)
def _unknown(error: UnknownCampaign) -> Answer:
    return staff_page("campaigns/unknown.html", sentence=words.unknown(error)), 404


@bp.route("/<slug>/rules", methods=["GET", "POST"])
@require(Permission.WRITE_LETTERS)
def rules(slug: str) -> Answer:
    """See the rules and whom they name; try a new one, or add it."""
    form = RuleForm(request.form)
    if request.method == "GET":
        return _page(slug, form)
    campaign = _campaign(slug)
    wanted = [*campaign.targets, form.rule()]
    if request.form.get("go") == "search":
        return _page(slug, form)
    _, faults = check_campaign({"targets": wanted})
    if faults:
        form.do.errors = [
            *form.do.errors,
            *(f"The new rule: {words.sentence(problem)}" for problem in faults["targets"]),
        ]
        return _page(slug, form), 422
    if request.form.get("go") != "add":
        return _page(slug, form, tried=wanted)
    return _save(slug, wanted, form)


@bp.post("/<slug>/rules/removals")
@require(Permission.WRITE_LETTERS)
def take_out(slug: str) -> Answer:
    """Take the rule with this number (from 0) out of the list that was on the page."""
    number = whole_number(request.form, "rule", default=-1)
    return _save(slug, [rule for place, rule in enumerate(_campaign(slug).targets) if place != number], RuleForm())


def _save(slug: str, wanted: list[dict[str, Any]], form: RuleForm) -> Answer:
    try:
        with services().database.write() as db:
            editing.edit(
                db,
                slug,
                {"targets": wanted},
                seen=short_line(request.form, "revision", most=LONGEST_REVISION),
                by=this_author(),
                now=services().clock(),
            )
    except FormRefused as refused:
        sentences: list[str] = []
        for problems in refused.faults.values():
            sentences += map(words.sentence, problems)
        return _page(slug, form, sentences=sentences), 422
    except ChangeRefused as refused:
        return _page(slug, form, sentences=[words.sentence(refused.problem)]), 422
    except Overtaken as error:
        sentence = f"{words.overtaken(error)} The rules below are those that are saved now."
        return _page(slug, form, sentences=[sentence]), 409
    flash("Saved. Below is whom the campaign writes to now.")
    return redirect(url_for("targets.rules", slug=slug), 303)


def _page(
    slug: str, form: RuleForm, *, tried: list[dict[str, Any]] | None = None, sentences: list[str] | None = None
) -> str:
    """The rules as they are saved, and whom they name; with `tried`, whom these would name."""
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
        columns = {"state": campaign.state, "chambers": campaign.chambers, "targets": campaign.targets}
        saved = overview(db, columns)
        preview = overview(db, {**columns, "targets": tried}) if tried is not None else None
        choices = choices_flow.choices(db, campaign.state)
        keys = [key for key in form.people.data or [] if key.isprintable()]
        searched = short_line(request.form, "search", most=_LONGEST_SEARCH).strip()
        people = choices_flow.find_people(db, campaign.state, searched, keys=keys)
    form.chambers.choices = choices_of(choices.chambers)
    form.parties.choices = choices_of(zip(choices.parties, choices.parties, strict=True))
    ticked = form.committees.data or []
    committees = sorted(choices.committees, key=lambda committee: committee.key not in ticked)
    form.committees.choices = choices_of((committee.key, committee.label) for committee in committees)
    form.people.choices = choices_of(people)
    return staff_page(
        "campaigns/rules.html",
        campaign=campaign,
        form=form,
        saved=saved,
        shown=preview or saved,
        is_preview=preview is not None,
        searched=request.form.get("go") == "search",
        revision=revision({"targets": campaign.targets}),
        sentences=sentences or [],
        max_letters=MAX_LETTERS,
        does=_DOES,
        flags=_FLAGS,
    )


def _campaign(slug: str) -> Campaign:
    with services().database.read() as db:
        return reading.campaign_of(db, slug)
