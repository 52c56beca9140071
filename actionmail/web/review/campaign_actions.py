"""Who took part in a campaign without letters: the list, where they live, and what does not count."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Form, SelectField, StringField
from wtforms.validators import Length

from actionmail.flows.actions import calling, signatures
from actionmail.flows.actions.kinds import kind_of
from actionmail.flows.campaigns import reading, sources
from actionmail.flows.campaigns.refusals import UnknownCampaign
from actionmail.flows.review import campaign_actions
from actionmail.flows.review.campaign_actions import ON_A_PAGE, Standing, Wanted
from actionmail.flows.review.out_of_count import LONGEST_REASON, CountChanged
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.kinds.call.table import KIND as CALL_KIND
from actionmail.rules.districts.states import STATES
from actionmail.web.campaigns import kinds, words
from actionmail.web.platform.arguments import MOST_MESSAGES, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import DayField, choices_of, sought, tidy
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page
from actionmail.web.supporter.call_words import OUTCOMES

bp = Blueprint("campaign_actions", __name__, url_prefix="/staff/campaigns")
bp.after_request(never_stored)

Answer = str | AnyResponse | tuple[str, int]

STANDING_WORDS = {
    Standing.COUNTS: "They count",
    Standing.INVALID: "Taken out of the count",
    Standing.WAITING: "Not confirmed",
    Standing.NOT_APPROVED: "Not approved by staff",
    Standing.TAKEN_BACK: "Taken back by themselves",
}


class FilterForm(Form):
    standing = SelectField(
        "Which",
        choices=choices_of((standing.value, words) for standing, words in STANDING_WORDS.items()),
        default="counts",
    )
    text = StringField("Name, e-mail address or ZIP code", filters=[sought], validators=[Length(max=254)])
    state = SelectField("State", choices=choices_of([("", "Any"), *sorted(STATES.items())]), default="")
    since = DayField("From")
    until = DayField("To")

    def wanted(self) -> Wanted:
        return Wanted(
            standing=Standing(self.standing.data),
            text=self.text.data or "",
            state=self.state.data or "",
            since=self.since.data,
            until=self.until.data,
        )


@bp.errorhandler(UnknownCampaign)
def _unknown(error: UnknownCampaign) -> Answer:
    return staff_page("campaigns/unknown.html", sentence=words.unknown(error)), 404


@bp.get("/<slug>/actions")
@require(Permission.SEE_MESSAGES)
def listed(slug: str) -> Answer:
    return _page(slug)


@bp.get("/<slug>/places")
@require(Permission.SEE_ROSTER)  # numbers by district, for authors and reviewers alike
def places(slug: str) -> Answer:
    """How many, by state and district: nobody's name."""
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
        by_place = signatures.by_place(db, campaign.id)
    return staff_page("campaign_places.html", campaign=campaign, by_place=by_place, states=STATES)


@bp.get("/<slug>/calls")
@require(Permission.SEE_ROSTER)
def calls(slug: str) -> Answer:
    """How calls went, by number and by hour, and what callers would lack."""
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
        if campaign.kind != CALL_KIND.code:
            return staff_page("campaigns/unknown.html", sentence=f'"{slug}" is no campaign of calls.'), 404
        return staff_page(
            "campaign_calls.html",
            campaign=campaign,
            counts=calling.counts(db, campaign),
            outcomes=OUTCOMES,
            has_hours=bool(campaign.details.get("hours")),
            without_phone=calling.without_phone(db, campaign),
        )


@bp.post("/<slug>/actions")
@require(Permission.CHANGE_MESSAGES)
def change(slug: str) -> Answer:
    """Take what the filter shows out of the count, or put it back."""
    form = FilterForm(request.args)
    reason = tidy(request.form.get("reason"))
    if not form.validate():
        return _page(slug, status=422)
    wanted, by, now = form.wanted(), signed_in().id, services().clock()
    takes_out = wanted.standing is Standing.COUNTS
    if takes_out and not 0 < len(reason) <= LONGEST_REASON:
        sentence = f"Say why, in at most {LONGEST_REASON} characters: it stays in the audit trail."
        return _page(slug, status=422, problem=sentence, reason=reason)
    if not takes_out and wanted.standing is not Standing.INVALID:
        return _page(slug, status=422, problem="These cannot be changed: their supporters decide.")
    seen = whole_number(request.form, "seen", default=0, most=MOST_MESSAGES)
    try:
        with services().database.write() as db:
            campaign = reading.campaign_of(db, slug)
            if takes_out:
                done = campaign_actions.invalidate(db, campaign, wanted, seen=seen, reason=reason, by=by, now=now)
            else:
                done = campaign_actions.restore(db, campaign, wanted, seen=seen, by=by, now=now)
    except CountChanged as changed:
        sentence = f"Nothing was changed: {changed.count:,} fit now, and {seen:,} were shown. Look again first."
        return _page(slug, status=409, problem=sentence, reason=reason)
    flash(f"{done:,} {'taken out of the count' if takes_out else 'put back into the count'}.")
    after = {**request.args, "standing": (Standing.INVALID if takes_out else Standing.COUNTS).value}
    return redirect(f"{url_for('.listed', slug=slug)}?{urlencode(after)}", 303)


def _page(slug: str, *, status: int = 200, problem: str = "", reason: str = "") -> Answer:
    form = FilterForm(request.args or None)
    is_good = form.validate()
    wanted = form.wanted() if is_good else Wanted()
    before = whole_number(request.args, "before", default=0, most=MOST_MESSAGES) or None
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
        rows = campaign_actions.listed(db, campaign, wanted, before=before)
        count = campaign_actions.count(db, campaign, wanted)
        by_source = sources.by_source(db, campaign.id)
    older = {**request.args, "before": str(rows[ON_A_PAGE - 1].id)} if len(rows) > ON_A_PAGE else {}
    page = staff_page(
        "campaign_actions.html",
        campaign=campaign,
        kind=kinds.kind_of(campaign.kind),
        is_reviewed=kind_of(campaign.kind).is_reviewed,
        form=form,
        rows=rows[:ON_A_PAGE],
        count=count,
        sources=by_source,
        wanted=wanted,
        older=f"{url_for('.listed', slug=slug)}?{urlencode(older)}" if older else "",
        action=f"{url_for('.change', slug=slug)}?{urlencode({**request.args})}",
        reason=reason,
        problem=problem,
        states=STATES,
    )
    return page, status if is_good else max(status, 422)
